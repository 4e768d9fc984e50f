"""Whether anybody still waits for what is being worked out: where nobody does, work ends at its next step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class NotWanted(Exception):
    """Who asked has gone, and so the work was given up; raised only where `unless` was asked for."""


_is_unwanted: ContextVar[Callable[[], bool] | None] = ContextVar("is_unwanted", default=None)


@contextmanager
def unless(is_unwanted: Callable[[], bool]) -> Iterator[None]:
    """Work begun in the `with`, in other threads too (`asyncio.to_thread`), asks this before each of its steps."""
    token = _is_unwanted.set(is_unwanted)
    try:
        yield
    finally:
        _is_unwanted.reset(token)


def check_wanted() -> None:
    """Before a step that takes its time; NotWanted where nobody waits for it any more."""
    is_unwanted = _is_unwanted.get()
    if is_unwanted is not None and is_unwanted():
        raise NotWanted("nobody waits for the answer any more")
