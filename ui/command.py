"""What every command shares: how it is registered, how it ends, and the archive that it opens."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

import typer
from typer.core import TyperCommand

from ui.terminal import preparation, run, say

if TYPE_CHECKING:
    from index.archive import Archive
    from index.feedback import FeedbackBook
    from qa.assistant import Assistant

Parameters = ParamSpec("Parameters")
Command = Callable[Parameters, int]


def command(
    group: typer.Typer,
    *examples: str,
    name: str | None = None,
    hidden: bool = False,
    kind: type[TyperCommand] = TyperCommand,
) -> Callable[[Command[Parameters]], Command[Parameters]]:
    """Make a function a command: what it returns is the exit code, what it raises becomes one line."""

    def register(function: Command[Parameters]) -> Command[Parameters]:
        @wraps(function)
        def ended(*args: Parameters.args, **kwargs: Parameters.kwargs) -> int:
            raise typer.Exit(run(lambda: function(*args, **kwargs), as_json=bool(kwargs.get("as_json"))))

        # \b keeps the lines as they are.
        heading = ["\b", "Examples:" if len(examples) > 1 else "Example:"]
        epilog = "\n".join([*heading, *(f"  {example}" for example in examples)]) if examples else None
        group.command(name, cls=kind, epilog=epilog, hidden=hidden)(ended)
        return function

    return register


@contextmanager
def opened(db: str) -> "Iterator[Archive]":
    """An archive that is there: to read from a new one would only leave an empty file behind."""
    from index.archive import Archive
    from index.errors import ArchiveError

    if not may_exist(db):
        raise ArchiveError(f"there is no archive {db}; create it with: groundwire add PATH --db {db}")
    with preparation() as report, Archive.open(db, report=report) as archive:
        yield archive


def answering(archive: "Archive", reader: str) -> "Assistant":
    """An assistant with the reader of that name, prepared before the first question."""
    from qa.assistant import Assistant
    from qa.readers import reader_named

    with preparation() as report:
        return Assistant(archive, reader_named(reader, archive.embedder, report))


def feedback_of(archive: "Archive") -> "FeedbackBook":
    """What readers said, in a file beside the archive."""
    from index.feedback import FeedbackBook

    return FeedbackBook(Path(f"{archive.path}.feedback"))


def may_exist(db: str) -> bool:
    return "://" in db or Path(db).expanduser().exists()


def say_if_empty(archive: "Archive", db: str) -> bool:
    """Whether the archive holds nothing at all, which is worth other words than that nothing was found."""
    empty = archive.stats().articles == 0
    if empty:
        say(f"groundwire: {db} holds no articles yet; add some with: groundwire add PATH --db {db}")
    return empty
