"""How many readers a server bears: `python -m bench.load --db FILE`.

Starts a `groundwire serve` of its own and asks it as so many readers at a time do: each asks for an answer as a
stream, reads it for some seconds (drawn from an exponential distribution, so that questions bunch up as those of
independent readers do), and asks the next question, over a new connection. All of them share an address here, so the
limits on requests are set too high to matter. Everything else is as `groundwire serve` has it, or as GROUNDWIRE_… in
the environment says: whom the full queue refuses counts as an error. There are fewer questions than are asked, and
each takes its whole work again; with `--keep` the server keeps its answers, as it does for real readers.

The readers share the machine's cores with the server: what they themselves use is told, and on a server of its own
the figures are a little better. Linux alone tells memory in the way that is read here.
"""

import argparse
import asyncio
import json
import math
import os
import random
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

import httpx2 as httpx

from bench.data import squad, table
from ui.settings import PREFIX, environment_names

QUESTIONS = Path(__file__).parent / "questions" / "french-news.jsonl"
HOST = "127.0.0.1"
# Of addresses and conversations: real readers have each their own.
LIMITS = {"GROUNDWIRE_PER_IP": "1000000", "GROUNDWIRE_PER_SESSION": "1000000"}
SECRETS = ("_KEY", "_KEYS")
LONGEST_START = 300.0  # seconds; the first start on a machine prepares the model
LONGEST_ANSWER = 120.0
WARM_UPS = 5
SHARES = (0.5, 0.95, 0.99)


class Server:
    """A `groundwire serve` on a free loopback port, ready to answer as long as the `with` lasts."""

    def __init__(self, db: Path, **settings: str) -> None:
        """`settings`: by their names in the environment, over those that are there."""
        if not db.is_file():
            raise SystemExit(f"there is no archive {db}; make one with `groundwire add FOLDER --db {db}`")
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not (name.startswith(PREFIX) and name.endswith(SECRETS))
        }
        environment = inherited | settings
        known = {name for name, _ in environment_names()}
        self.settings = {name: environment[name] for name in sorted(known & environment.keys())}
        command = [sys.executable, "-m", "ui.cli", "serve", "--db", str(db), "--host", HOST, "--port", str(self.port)]
        # The empty file stands in for a groundwire.toml that may be in this folder.
        self._command = [*command, "--settings", os.devnull]
        self._environment = environment

    def __enter__(self) -> "Server":
        self.process = subprocess.Popen(self._command, env=self._environment, stdout=subprocess.DEVNULL)
        try:
            self._until_ready()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def check_alive(self) -> None:
        """SystemExit where it has ended."""
        if (code := self.process.poll()) is not None:
            raise SystemExit(f"the server ended with exit code {code}; what it said stands above")

    def _until_ready(self) -> None:
        end = time.monotonic() + LONGEST_START
        with httpx.Client(trust_env=False) as client:  # no proxy between
            while time.monotonic() < end:
                self.check_alive()
                with suppress(httpx.TransportError):
                    if client.get(f"{self.url}/api/health").status_code == 200:
                        return
                time.sleep(0.1)
        raise SystemExit(f"the server was not ready in {LONGEST_START:.0f} s")

    def _stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


# What the server uses


@dataclass(frozen=True)
class Usage:
    """Of a process and all that it started: memory in MB, CPU in seconds."""

    resident: float
    anonymous: float  # resident without pages of files, which the system may take back
    cpu: float


def usage(process: int) -> Usage:
    resident = anonymous = cpu = 0.0
    for each in family(process):
        with suppress(OSError):  # it has ended meanwhile
            lines = Path(f"/proc/{each}/status").read_text(encoding="utf-8").splitlines()
            status = dict(line.split(":", 1) for line in lines)
            resident += int(status["VmRSS"].split()[0]) / 1024
            anonymous += int(status["RssAnon"].split()[0]) / 1024
            # After the name in brackets, which may hold blanks: its own time, and that of children that have ended.
            fields = Path(f"/proc/{each}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            cpu += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return Usage(resident, anonymous, cpu)


def family(process: int) -> list[int]:
    """A process and its descendants."""
    found = [process]
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            for child in children.read_text(encoding="utf-8").split():
                found += family(int(child))
    return found


# What the readers do


class Questions:
    """Questions in random order, each once as long as there are any; then all of them again, in another order."""

    def __init__(self, questions: Sequence[str], chance: random.Random) -> None:
        self._all = list(dict.fromkeys(questions))
        self._chance = chance
        self._left: list[str] = []
        self.drawn = 0

    @property
    def repeated(self) -> int:
        """How many of those drawn had been drawn before."""
        return max(0, self.drawn - len(self._all))

    def draw(self) -> str:
        if not self._left:
            self._left = self._chance.sample(self._all, len(self._all))
        self.drawn += 1
        return self._left.pop()


@dataclass(frozen=True)
class Seen:
    """A question as its reader saw it; in seconds from when it was sent."""

    error: str = ""
    first_token: float | None = None  # there is none where the articles do not say
    finished: float = 0.0


async def ask(client: httpx.AsyncClient, question: str) -> Seen:
    began = time.perf_counter()
    first, finished = None, 0.0
    event, ends = "", []
    try:
        async with (
            asyncio.timeout(LONGEST_ANSWER),
            client.stream(
                "POST", "/api/ask", json={"question": question}, headers={"Accept": "text/event-stream"}
            ) as response,
        ):
            if response.status_code != 200:
                return Seen(str(response.status_code))
            async for line in response.aiter_lines():
                field, _, value = line.partition(": ")
                if field == "event":
                    event = value
                elif field == "data" and event == "token":
                    first = first or time.perf_counter() - began
                elif field == "data" and event in {"done", "error"}:
                    finished = time.perf_counter() - began
                    ends.append("done" if event == "done" else f"error {json.loads(value).get('kind')}")
    except (httpx.TransportError, TimeoutError) as error:
        return Seen(type(error).__name__)
    if ends != ["done"]:
        return Seen(", ".join(ends) if ends else "stream without an end")
    return Seen("", first, finished)


async def read(
    client: httpx.AsyncClient,
    questions: Questions,
    pause: float,
    think: float,
    until: float,
    chance: random.Random,
) -> list[Seen]:
    """One reader, who comes after `pause` and asks no more after `until`; what is asked is waited for."""
    seen: list[Seen] = []
    await asyncio.sleep(pause)
    while time.monotonic() < until:
        seen.append(await ask(client, questions.draw()))
        # Nobody is waited for who would come back after the end.
        left = until - time.monotonic()
        await asyncio.sleep(max(0.0, min(left, chance.expovariate(1 / think) if think else 0.0)))
    return seen


def connections(server: Server) -> httpx.AsyncClient:
    """A new connection for each question: a kept one may be closed by the server just when it is used again."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    return httpx.AsyncClient(base_url=server.url, timeout=LONGEST_ANSWER, limits=limits, trust_env=False)


async def warm_up(server: Server, questions: Questions) -> None:
    async with connections(server) as client:
        for _ in range(WARM_UPS):
            if error := (await ask(client, questions.draw())).error:
                raise SystemExit(f"a question of the warm-up was not answered: {error}")


# Figures


@dataclass(frozen=True)
class Run:
    """What so many readers at a time saw. Seconds and MB; percentiles are p50, p95, p99."""

    users: int
    seconds: float
    asked: int
    repeated: int
    errors: dict[str, int]
    answered: int
    abstained: int
    first_token: list[float]
    finished: list[float]
    answers_per_second: float
    resident_before: float
    resident_after: float
    resident_growth: float
    anonymous_growth: float
    cpu_per_answer: float
    readers_cpu_per_answer: float


async def run(server: Server, questions: Questions, users: int, seconds: float, think: float, seed: int) -> Run:
    repeated_before = questions.repeated
    before, own_before, began = usage(server.process.pid), time.process_time(), time.monotonic()
    async with connections(server) as client:
        readers = (
            read(
                client,
                questions,
                pause=think * number / users,  # the rate is the same from the first second to the last
                think=think,
                until=began + seconds,
                chance=random.Random(f"{seed} {users} {number}"),
            )
            for number in range(users)
        )
        seen = [each for one in await asyncio.gather(*readers) for each in one]
    took, own = time.monotonic() - began, time.process_time() - own_before
    server.check_alive()
    after = usage(server.process.pid)
    answered = [each for each in seen if not each.error]
    tokens = [each.first_token for each in answered if each.first_token is not None]
    return Run(
        users=users,
        seconds=took,
        asked=len(seen),
        repeated=questions.repeated - repeated_before,
        errors=dict(Counter(each.error for each in seen if each.error)),
        answered=len(answered),
        abstained=len(answered) - len(tokens),
        first_token=percentiles(tokens),
        finished=percentiles([each.finished for each in answered]),
        answers_per_second=len(answered) / took,
        resident_before=before.resident,
        resident_after=after.resident,
        resident_growth=after.resident - before.resident,
        anonymous_growth=after.anonymous - before.anonymous,
        cpu_per_answer=(after.cpu - before.cpu) / max(1, len(answered)),
        readers_cpu_per_answer=own / max(1, len(answered)),
    )


def percentiles(seconds: Sequence[float]) -> list[float]:
    """By nearest rank; none of nothing."""
    ordered = sorted(seconds)
    return [ordered[math.ceil(share * len(ordered)) - 1] for share in SHARES] if ordered else []


def shown(runs: Sequence[Run]) -> str:
    def times(seconds: list[float]) -> str:
        return " / ".join(f"{each:.2f}" for each in seconds) or "-"

    def errors(one: Run) -> str:
        return ", ".join(f"{count} × {name}" for name, count in sorted(one.errors.items())) or "0"

    rows = [
        ["run, s", *(f"{one.seconds:.0f}" for one in runs)],
        ["questions asked", *(f"{one.asked:,}" for one in runs)],
        ["of them asked before", *(f"{one.repeated:,}" for one in runs)],
        ["errors", *map(errors, runs)],
        ["answered, of them with “the articles do not say”", *(f"{one.answered:,}, {one.abstained:,}" for one in runs)],
        ["to the first token where there is one, s: p50 / p95 / p99", *(times(one.first_token) for one in runs)],
        ["to the finished answer, s: p50 / p95 / p99", *(times(one.finished) for one in runs)],
        ["answers/s", *(f"{one.answers_per_second:.2f}" for one in runs)],
        ["server's memory, MB", *(f"{one.resident_before:,.0f} → {one.resident_after:,.0f}" for one in runs)],
        ["growth, MB", *(f"{one.resident_growth:+.1f}" for one in runs)],
        ["growth without pages of files, MB", *(f"{one.anonymous_growth:+.1f}" for one in runs)],
        ["server's CPU, s per answer", *(f"{one.cpu_per_answer:.3f}" for one in runs)],
        ["readers' own CPU, s per answer", *(f"{one.readers_cpu_per_answer:.3f}" for one in runs)],
    ]
    return table(["readers at a time", *(f"{one.users}" for one in runs)], rows)


def read_questions(path: Path) -> list[str]:
    if not path.is_file():
        raise SystemExit(f"there is no file of questions {path}")
    if path.suffix == ".gz":
        return [asked.question for asked in squad(path).questions]
    found = [json.loads(line)["question"] for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    if not found:
        raise SystemExit(f"there is no question in {path}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db", type=Path, required=True, help="an archive, such as bench.ingest makes")
    parser.add_argument(
        "--questions", type=Path, default=QUESTIONS, help="lines with `question`, or a set like SQuAD (.json.gz)"
    )
    parser.add_argument("--users", type=int, nargs="+", default=[1, 10, 50], help="readers at a time, run by run")
    parser.add_argument("--seconds", type=float, default=120, help="how long the most readers ask")
    parser.add_argument("--shorter", type=float, default=30, help="how long fewer readers ask, at most")
    parser.add_argument(
        "--think", type=float, default=5, help="seconds from an answer to the next question, on average"
    )
    parser.add_argument("--keep", action="store_true", help="let the server give answers again that it has given")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")
    options = parser.parse_args()
    if min(options.users) < 1 or min(options.seconds, options.shorter) <= 0 or options.think < 0:
        parser.error("--users, --seconds and --shorter are more than 0, --think is not less")
    questions = Questions(read_questions(options.questions), random.Random(options.seed))
    cores, busy = os.cpu_count(), os.getloadavg()[0]
    runs: list[Run] = []
    kept = {} if options.keep else {"GROUNDWIRE_ANSWERS_KEPT": "0"}
    with Server(options.db, **LIMITS, **kept) as server:
        setting = " ".join(f"{name}={value}" for name, value in server.settings.items())
        print(f"{cores} cores, load before {busy:.1f}; serving with {setting}", file=sys.stderr, flush=True)
        asyncio.run(warm_up(server, questions))
        for users in options.users:
            seconds = options.seconds if users == max(options.users) else min(options.seconds, options.shorter)
            print(f"{users} at a time, for {seconds:g} s", file=sys.stderr, flush=True)
            runs.append(asyncio.run(run(server, questions, users, seconds, options.think, options.seed)))
    if options.json:
        told = {"cores": cores, "load_before": busy, "settings": server.settings, "think": options.think}
        print(json.dumps({**told, "runs": [asdict(one) for one in runs]}, indent=2))
    else:
        print(shown(runs))
    return 1 if any(one.errors for one in runs) else 0


if __name__ == "__main__":
    raise SystemExit(main())
