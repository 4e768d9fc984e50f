"""How much is let in: rates with a clock of their own, and the queue with work that waits."""

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from index.wanted import NotWanted, check_wanted
from ui.limits import MOST_NAMES, Queue, Rate, address_of
from ui.problems import Refusal
from ui.settings import Settings


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_one_too_many_is_refused_with_how_long_to_wait() -> None:
    clock = Clock()
    rate = Rate(6, "your address", clock)
    for _ in range(6):
        rate.take("a")
    with pytest.raises(Refusal, match="more than 6 requests a minute from your address; wait 10 s") as raised:
        rate.take("a")
    assert (raised.value.status, raised.value.retry_after) == (429, 10)
    rate.take("b")
    clock.now = 10.0
    rate.take("a")
    with pytest.raises(Refusal):
        rate.take("a")


def test_who_waits_may_ask_as_often_as_before_and_no_more() -> None:
    clock = Clock()
    rate = Rate(2, "your address", clock)
    rate.take("a")
    clock.now = 3600.0
    for _ in range(2):
        rate.take("a")
    with pytest.raises(Refusal):
        rate.take("a")


def test_names_are_forgotten_before_they_fill_the_memory() -> None:
    rate = Rate(1, "your address", Clock())
    for number in range(MOST_NAMES + 10):
        rate.take(str(number))
    assert len(rate._left) == MOST_NAMES


def test_a_household_is_one_address() -> None:
    assert address_of("2001:db8:1:2:3:4:5:6") == address_of("2001:db8:1:2::9") != address_of("2001:db8:1:3::9")
    assert address_of("192.0.2.1") == address_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert address_of("testclient") == "testclient"


class Work:
    """Work that takes until it is let go."""

    def __init__(self) -> None:
        self.done: list[int] = []
        self.go = threading.Event()

    def numbered(self, number: int) -> Callable[[], int]:
        def work() -> int:
            assert self.go.wait(30)
            self.done.append(number)
            return number

        return work


async def answered(queue: Queue, clock: Clock, seconds: float) -> None:
    """One answer that took so long."""

    def work() -> None:
        clock.now += seconds

    await queue.run(work)


async def begun(queue: Queue, work: Work, count: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.ensure_future(queue.run(work.numbered(number))) for number in range(count)]
    await asyncio.sleep(0)
    return tasks


def test_those_beyond_are_refused_at_once() -> None:
    async def scene() -> None:
        queue, work = Queue(2, 3, 30), Work()
        tasks = await begun(queue, work, 5)
        assert (queue.running, queue.waiting, queue.is_full) == (2, 3, True)
        with pytest.raises(Refusal, match="2 questions are being answered and 3 wait") as raised:
            await queue.run(work.numbered(9))
        assert raised.value.status == 503 and raised.value.retry_after
        work.go.set()
        assert await asyncio.gather(*tasks) == [0, 1, 2, 3, 4]
        assert (queue.running, queue.waiting) == (0, 0)
        assert 9 not in work.done

    asyncio.run(scene())


def test_who_would_wait_too_long_is_refused_at_once() -> None:
    async def scene() -> None:
        clock, work = Clock(), Work()
        queue = Queue(2, 100, 10, clock)
        await answered(queue, clock, 2.0)
        tasks = await begun(queue, work, 7)
        # Two are at work and five wait: the sixth would wait for 6 × 2 s / 2, more than half of 10 s.
        assert (queue.running, queue.waiting, queue.expected_wait) == (2, 5, 6.0)
        with pytest.raises(Refusal, match="2 questions are being answered and 5 wait") as raised:
            await queue.run(work.numbered(9))
        assert raised.value.status == 503
        work.go.set()
        assert await asyncio.gather(*tasks) == [0, 1, 2, 3, 4, 5, 6]

    asyncio.run(scene())


def test_how_long_work_takes_is_a_running_average_of_what_came_to_an_end() -> None:
    async def scene() -> None:
        clock = Clock()
        queue = Queue(1, 5, 10, clock)
        await answered(queue, clock, 1.0)
        await answered(queue, clock, 2.0)
        assert queue.usual == pytest.approx(1.1)
        with pytest.raises(ZeroDivisionError):
            await queue.run(lambda: 1 // 0)
        assert queue.usual == pytest.approx(1.1)
        # After answers that took far too long, whoever need not wait is let in all the same.
        await answered(queue, clock, 1000.0)
        assert not queue.is_full
        await answered(queue, clock, 1.0)

    asyncio.run(scene())


def test_the_load_that_two_cores_bear_is_not_refused_by_default() -> None:
    """Fifty readers at a time, who think for 5 s: with 0.3 s an answer, about 17 are in the server, hardly ever 34."""

    async def scene() -> None:
        chosen, clock, work = Settings(), Clock(), Work()
        queue = Queue(chosen.asks_at_once, chosen.asks_waiting, chosen.longest_wait, clock)
        await answered(queue, clock, 0.3)
        tasks = await begun(queue, work, 34)
        assert (queue.running, queue.waiting) == (2, 32)
        work.go.set()
        assert await asyncio.gather(*tasks) == list(range(34))

    asyncio.run(scene())


def test_who_leaves_the_line_is_not_worked_for() -> None:
    async def scene() -> None:
        queue, work = Queue(1, 3, 30), Work()
        tasks = await begun(queue, work, 3)
        tasks[1].cancel()
        await asyncio.wait({tasks[1]})
        assert (queue.running, queue.waiting) == (1, 1)
        work.go.set()
        assert await tasks[2] == 2
        assert work.done == [0, 2]
        assert (queue.running, queue.waiting) == (0, 0)

    asyncio.run(scene())


def test_work_that_nobody_wants_any_more_keeps_its_place_to_its_end() -> None:
    async def scene() -> None:
        queue, work = Queue(1, 1, 30), Work()
        tasks = await begun(queue, work, 2)
        tasks[0].cancel()
        await asyncio.wait({tasks[0]})
        assert (queue.running, queue.waiting) == (1, 1)
        work.go.set()
        assert await tasks[1] == 1
        assert work.done == [0, 1]

    asyncio.run(scene())


def test_work_that_nobody_wants_any_more_ends_at_its_next_step() -> None:
    begun_at_all, steps = threading.Event(), list[str]()

    def answer() -> None:
        begun_at_all.set()
        for _ in range(3000):
            time.sleep(0.01)
            try:
                check_wanted()
            except NotWanted:
                steps.append("given up")
                raise

    async def scene() -> None:
        queue = Queue(1, 1, 30)
        task = asyncio.create_task(queue.run(answer))
        await asyncio.to_thread(begun_at_all.wait)
        task.cancel()
        await asyncio.wait({task})
        assert await queue.run(lambda: "the next") == "the next"
        assert (steps, queue.running) == (["given up"], 0)
        check_wanted()

    asyncio.run(scene())


def test_a_wait_that_is_too_long_ends() -> None:
    async def scene() -> None:
        queue, work = Queue(1, 1, 0.01), Work()
        tasks = await begun(queue, work, 2)
        with pytest.raises(Refusal, match=r"has waited for 0\.01 s"):
            await tasks[1]
        work.go.set()
        assert await tasks[0] == 0
        assert (queue.running, queue.waiting) == (0, 0)

    asyncio.run(scene())


def test_work_that_fails_frees_its_place() -> None:
    async def scene() -> None:
        queue = Queue(1, 0, 30)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await queue.run(lambda: 1 // 0)
        assert queue.running == 0

    asyncio.run(scene())
