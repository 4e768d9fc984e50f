"""The terminal: streams, progress bars, and how a command ends."""

import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, TypeVar

from ui import schemas

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bar

    from index.types import Progress

DONE, FAILED, NOTHING_FOUND, INTERRUPTED, PIPE_CLOSED = 0, 1, 3, 130, 141
KEPT = "stopped; what was added is kept"

# Controls but the line feed and the tab, and what makes a terminal write backwards. One mark each, so that a
# quotation shows that something stood there.
NOT_SHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff]")

Item = TypeVar("Item")


def clean(text: str) -> str:
    """The text without anything that a terminal would take for a command."""
    return NOT_SHOWN.sub("\ufffd", text.replace("\r\n", "\n"))


def typed(text: str) -> str:
    """What somebody typed, where bytes that are no UTF-8 are shown for what they are."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def speak_utf8() -> None:
    """Articles are in any language, whatever the locale says."""
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)


def output() -> "Console":
    """Standard output: styled in a terminal, plain text where it is piped or where NO_COLOR is set."""
    from rich.console import Console

    class Output(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich would leave with 1, which here means an error

    plain = bool(os.environ.get("NO_COLOR"))
    return Output(color_system=None if plain else "auto", highlight=False, markup=False, emoji=False)


def say(message: str) -> None:
    """One line to whoever watches, beside what the command prints."""
    print(clean(message), file=sys.stderr, flush=True)


def print_json(document: schemas.Json) -> None:
    print(schemas.as_text(document), flush=True)


# How a command ends


def run(command: Callable[[], int], as_json: bool) -> int:
    """Run a command to its exit code; whatever stops it early becomes one line, and no traceback."""
    try:
        code = command()
        sys.stdout.flush()
        return code
    except KeyboardInterrupt as interruption:
        code, kind, message = INTERRUPTED, "Interrupted", str(interruption) or "stopped"
    except BrokenPipeError:
        _drop_output()
        return PIPE_CLOSED
    except Exception as error:
        code, kind = _code_of(error), type(error).__name__
        message = str(error)
    # Below the handlers: there the stopped work is let go of, and its threads with it.
    if code == INTERRUPTED:
        say(f"\n{message}" if sys.stderr.isatty() else message)
    else:
        say(f"groundwire: {message}")
    if as_json:
        print_json(schemas.error_as_json(kind, message))
    return code


def _code_of(error: Exception) -> int:
    """The exit code for an error that was raised on purpose; any other is a defect, and is raised again."""
    from index.errors import GroundwireError, NotFound

    if isinstance(error, NotFound):
        return NOTHING_FOUND
    if isinstance(error, GroundwireError | OSError):
        return FAILED
    raise error


def _drop_output() -> None:
    """Whoever read the output has gone: let Python's own last flush go nowhere, instead of complaining."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# Progress, on standard error, and only for somebody who watches


@contextmanager
def preparation() -> Iterator[Callable[[str, float], None]]:
    """A report for the one-time preparation of the model, shown from the first time it is called."""
    bar: Bar | None = None
    step = None

    def report(what: str, part: float) -> None:
        nonlocal bar, step
        if bar is None and part < 1:
            bar = _bar("[progress.description]{task.description}", with_bar=True)
            bar.start()
            step = bar.add_task(what, total=1.0)
        if bar is not None and step is not None:
            bar.update(step, description=what, completed=part)
            if part >= 1:
                bar.stop()

    try:
        yield report if sys.stderr.isatty() else (lambda _what, _part: None)
    finally:
        if bar is not None:
            bar.stop()


@contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar of known length; each call of what it gives is one step."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    with _bar("{task.description} {task.completed:.0f} of {task.total:.0f}", with_bar=True) as bar:
        step = bar.add_task(what, total=total)
        yield lambda: bar.advance(step)


class Adding:
    """How far an `add` has come: what was looked at, and what is stored for good."""

    def __init__(self) -> None:
        self.seen = 0
        self.passages = 0
        self._began = time.monotonic()
        self._bar: Bar | None = None

    @contextmanager
    def shown(self) -> Iterator[None]:
        if not sys.stderr.isatty():
            yield
            return
        self._bar = _bar("{task.description}")
        with self._bar:
            self._step = self._bar.add_task(str(self), total=None)
            yield

    def each(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items, counted as they are taken."""
        for item in items:
            self.seen += 1
            self._show()
            yield item

    def stored(self, progress: "Progress") -> None:
        self.passages = progress.passages
        self._show()

    def _show(self) -> None:
        if self._bar is not None:
            self._bar.update(self._step, description=str(self))

    def __str__(self) -> str:
        rate = self.passages / max(time.monotonic() - self._began, 0.001)
        return f"{self.seen:,} articles read, {self.passages:,} passages stored, {rate:.0f} a second"


def _bar(description: str, with_bar: bool = False) -> "Bar":
    from rich.console import Console
    from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns: list[ProgressColumn] = [SpinnerColumn(), TextColumn(description), TimeElapsedColumn()]
    if with_bar:
        columns.insert(2, BarColumn(bar_width=20))
    return Bar(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False)
