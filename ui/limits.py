"""How much is let in: requests a minute for each name, and questions at a time."""

import asyncio
import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from index.wanted import unless
from ui.problems import Refusal

Result = TypeVar("Result")

# Names that are remembered; beyond it those longest unseen are forgotten.
MOST_NAMES = 100_000
RETRY_QUEUE_SECONDS = 5
NEWEST_WEIGHT = 0.1  # of the newest answer in the average of how long they take
# Whoever must expect a longer part of the longest wait is refused: averages err, and nobody is to wait in vain.
EXPECTED_PART = 0.5


class Rate:
    """So many requests a minute for each name, all of them at once if need be (a token bucket)."""

    def __init__(self, per_minute: int, whose: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`whose`: what a name is, for the message, such as "your address"."""
        self.per_minute = per_minute
        self.whose = whose
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> None:
        """Count a request; Refusal 429 with the seconds to wait where it is one too many."""
        now = self._clock()
        left, since = self._left.pop(name, (float(self.per_minute), now))
        left = min(self.per_minute, left + (now - since) * self.per_minute / 60)
        allowed = left >= 1
        self._left[name] = (left - allowed, now)
        while len(self._left) > MOST_NAMES:
            self._left.popitem(last=False)
        if not allowed:
            wait = max(1, math.ceil((1 - left) * 60 / self.per_minute))
            raise Refusal(
                429,
                "TooManyRequests",
                f"more than {self.per_minute} requests a minute from {self.whose}; wait {wait} s",
                retry_after=wait,
            )


def address_of(host: str) -> str:
    """What counts as one address: of IPv6 a household has 2⁶⁴."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return host
    if address.ipv4_mapped:  # as a socket for both kinds tells it: all of IPv4 lies in one such network
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)


class Queue:
    """So many pieces of work at a time and so many in line; whoever comes beyond is refused at once.

    So is whoever would have to wait too long, by how long work has taken lately.
    """

    def __init__(
        self, at_once: int, waiting: int, longest_wait: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.at_once = at_once
        self.most_waiting = waiting
        self.longest_wait = longest_wait
        self.running = 0
        self.usual = 0.0  # seconds that work takes, on a running average; nothing is known at first
        self._clock = clock
        self._line: OrderedDict[asyncio.Future[None], None] = OrderedDict()
        # The works begun: asyncio itself holds tasks weakly.
        self._works: set[asyncio.Task[object]] = set()

    @property
    def waiting(self) -> int:
        return len(self._line)

    @property
    def expected_wait(self) -> float:
        """Seconds in line for whoever comes now."""
        return (self.waiting + 1) * self.usual / self.at_once if self.running >= self.at_once else 0.0

    @property
    def is_full(self) -> bool:
        too_many = self.running >= self.at_once and self.waiting >= self.most_waiting
        return too_many or self.expected_wait > self.longest_wait * EXPECTED_PART

    def refuse_if_full(self) -> None:
        """Refusal 503 where nobody more can be taken."""
        if self.is_full:
            raise Refusal(
                503,
                "Busy",
                f"{self.running} questions are being answered and {self.waiting} wait; try again in a moment",
                retry_after=RETRY_QUEUE_SECONDS,
            )

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do the work in a thread when its turn comes.

        Who is cancelled while in line leaves it. Work that has begun is told that nobody wants it, and ends at its
        next step (`index/wanted.py`); until then it keeps its place, so that no more than `at_once` are ever at work.
        """
        self.refuse_if_full()
        await self._turn()
        began = self._clock()
        gone = threading.Event()
        with unless(gone.is_set):  # the task takes what holds in here along
            task = asyncio.ensure_future(asyncio.to_thread(work))
        self._works.add(task)
        task.add_done_callback(lambda ended: self._ended(ended, began))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            gone.set()
            raise

    async def _turn(self) -> None:
        if self.running < self.at_once:
            self.running += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line[turn] = None
        try:
            async with asyncio.timeout(self.longest_wait):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._next()  # it came in the very moment of leaving
            if isinstance(error, TimeoutError):
                raise Refusal(
                    503,
                    "Busy",
                    f"the question has waited for {self.longest_wait:g} s; try again in a moment",
                    retry_after=RETRY_QUEUE_SECONDS,
                ) from None
            raise
        finally:
            self._line.pop(turn, None)

    def _ended(self, task: "asyncio.Task[Result]", began: float) -> None:
        self._works.discard(task)
        # Looked at also where nobody waits for it any more; what failed says nothing of how long work takes.
        if not task.cancelled() and not task.exception():
            took = self._clock() - began
            self.usual += (took - self.usual) * (NEWEST_WEIGHT if self.usual else 1)
        self._next()

    def _next(self) -> None:
        """Hand the free place to the first in line that still waits."""
        while self._line:
            turn, _ = self._line.popitem(last=False)
            if not turn.done():
                turn.set_result(None)
                return
        self.running -= 1
