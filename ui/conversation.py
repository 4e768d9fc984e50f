"""A conversation in the terminal: a question a line, typed or piped."""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from ui import show
from ui.terminal import say, typed

if TYPE_CHECKING:
    from qa.types import Answer, Turn

PROMPT = "> "
HELP = """\
Type a question; it may refer to those before it.
/new   begin a new conversation
/help  show this
/quit  leave; so does Ctrl-D"""

AnswerTo = Callable[[str, "Sequence[Turn]"], "Answer"]


def converse(answer_to: AnswerTo, console: Console) -> None:
    """Answer questions, each with those before it, until there are no more."""
    from index.errors import GroundwireError

    history: list[Turn] = []
    for line in _typed_lines() if sys.stdin.isatty() else _piped_lines():
        if line in ("/quit", "/exit"):
            return
        if line == "/new":
            history.clear()
            print("A new conversation.")
        elif line.startswith("/"):
            print(HELP)
        elif line:
            try:
                _answer(line, answer_to, console, history)
            except GroundwireError as error:
                say(f"groundwire: {error}")
            except KeyboardInterrupt:
                say("\nstopped; ask something else, or leave with /quit")


def _answer(question: str, answer_to: AnswerTo, console: Console, history: "list[Turn]") -> None:
    from qa.types import Turn

    answer = answer_to(question, tuple(history))
    show.answer(console, answer)
    console.print()
    history.append(Turn(question, answer.text))


def _piped_lines() -> Iterator[str]:
    """What is piped in, shown as if it had been typed: answers alone would be hard to tell apart."""
    for line in sys.stdin:
        question = typed(line.strip())
        if question:
            print(f"{PROMPT}{question}", flush=True)
        yield question


def _typed_lines() -> Iterator[str]:
    """What is typed, with line editing; Ctrl-C clears the line, a second one leaves, as Ctrl-D does."""
    try:
        import readline  # noqa: F401 - makes input() edit and remember lines
    except ImportError:  # not on every system
        pass
    interrupted = False
    while True:
        try:
            line = input(PROMPT)
        except EOFError:
            print()
            return
        except KeyboardInterrupt:
            print()
            if interrupted:
                return
            interrupted = True
            continue
        interrupted = False
        yield typed(line.strip())
