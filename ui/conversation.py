"""A conversation in the terminal: a question a line, typed or piped."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from ui import show
from ui.terminal import clean, say, typed

if TYPE_CHECKING:
    from qa.types import Answer, Turn

    AnswerTo = Callable[[str, Sequence[Turn]], Answer]

PROMPT = "> "
HELP = """\
Type a question. One that cannot stand alone ("and when?") is taken to be about the last one; the line "about: ..."
shows it.
/alone ask the last question again, on its own
/new   begin a new conversation, and forget this one
/help  show this
/quit  leave; so does Ctrl-D"""


def converse(answer_to: "AnswerTo", console: Console) -> None:
    """Answer questions until there are no more."""
    from index.errors import GroundwireError

    conversation = Conversation(answer_to, console)
    for line in _typed_lines() if sys.stdin.isatty() else _piped_lines():
        if line in ("/quit", "/exit"):
            return
        if line == "/new":
            conversation = Conversation(answer_to, console)
            print("A new conversation.")
        elif line.startswith("/") and line != "/alone":
            print(HELP)
        elif line:
            try:
                if line == "/alone":
                    conversation.ask_alone()
                else:
                    conversation.ask(line)
            except GroundwireError as error:
                say(f"groundwire: {error}")
            except KeyboardInterrupt:
                say("\nstopped; ask something else, or leave with /quit")


class Conversation:
    """What was asked and answered so far."""

    def __init__(self, answer_to: "AnswerTo", console: Console) -> None:
        self.answer_to = answer_to
        self.console = console
        self.typed = ""
        self.turns: list[Turn] = []

    def ask(self, question: str) -> None:
        self.typed = question
        self._answer(question, self.turns)

    def ask_alone(self) -> None:
        """The last question again, as if nothing had been asked before it."""
        if self.typed:
            self._answer(self.typed, ())
        else:
            print("Nothing has been asked yet.")

    def _answer(self, question: str, history: "Sequence[Turn]") -> None:
        found = self.answer_to(question, history)
        self.turns.append(found.turn)
        if found.about:
            self.console.print(Text(f"about: {clean(found.about)}", "dim"))
        show.answer(self.console, found)
        self.console.print()


def _piped_lines() -> Iterator[str]:
    """What is piped in, shown as if it had been typed: answers alone would be hard to tell apart."""
    for line in sys.stdin:
        question = typed(line.strip())
        if question:
            print(f"{PROMPT}{question}", flush=True)
        yield question


def _typed_lines() -> Iterator[str]:
    """What is typed, with line editing; Ctrl-C clears the line, a second one leaves, as Ctrl-D does."""
    with suppress(ImportError):  # not on every system
        import readline  # noqa: F401 - makes input() edit and remember lines
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
