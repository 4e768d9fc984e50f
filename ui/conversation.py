"""A conversation in the terminal: a question a line, typed or piped."""

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from rich.console import Console

from ui import show
from ui.terminal import say, typed

if TYPE_CHECKING:
    from qa.types import Answer

PROMPT = "> "
HELP = """\
Type a question; each is answered on its own.
/new   begin a new conversation
/help  show this
/quit  leave; so does Ctrl-D"""


def converse(answer_to: "Callable[[str], Answer]", console: Console) -> None:
    """Answer questions until there are no more."""
    from index.errors import GroundwireError

    for line in _typed_lines() if sys.stdin.isatty() else _piped_lines():
        if line in ("/quit", "/exit"):
            return
        if line == "/new":
            print("A new conversation.")
        elif line.startswith("/"):
            print(HELP)
        elif line:
            try:
                show.answer(console, answer_to(line))
                console.print()
            except GroundwireError as error:
                say(f"groundwire: {error}")
            except KeyboardInterrupt:
                say("\nstopped; ask something else, or leave with /quit")


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
