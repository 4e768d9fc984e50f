"""A real server: a queue that refuses rather than hangs, clients that go away, streams over a socket."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.ui.conftest import free_port, without_settings

ROOT = Path(__file__).parents[2]


class Server:
    """A server with one question at a time and one in line; `go` lets slow questions be answered."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        settings = {"GROUNDWIRE_ASKS_AT_ONCE": "1", "GROUNDWIRE_ASKS_WAITING": "1", "GROUNDWIRE_PER_IP": "100000"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.ui.served", folder, str(self.port)],
            cwd=ROOT,
            env=without_settings() | settings,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.until(self.lives)

    def lives(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/health").status_code == 200
        except httpx.TransportError:
            assert self.process.poll() is None
            return False

    def go(self) -> None:
        (self.folder / "go").touch()

    def ask(self, question: str) -> httpx.Response:
        return httpx.post(f"{self.url}/api/ask", json={"question": question}, timeout=60)

    def leaving(self, question: str, accept: str) -> socket.socket:
        """A client that has asked, and may close its socket."""
        body = json.dumps({"question": question})
        head = f"POST /api/ask HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAccept: {accept}\r\n"
        client = socket.create_connection(("127.0.0.1", self.port))
        client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        return client

    def count(self, what: str) -> int:
        """How many questions are `running` or `waiting`."""
        figures = httpx.get(f"{self.url}/metrics", timeout=60).text
        return int(float(figures.split(f"\ngroundwire_questions_{what} ")[1].split("\n")[0]))

    def asked(self) -> list[str]:
        """What was really worked for."""
        return (self.folder / "asked").read_text().splitlines()

    def until(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not true():
            assert time.monotonic() < end, "it did not come to that"
            time.sleep(0.02)

    def until_counted(self, running: int, waiting: int) -> None:
        self.until(lambda: (self.count("running"), self.count("waiting")) == (running, waiting))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    started = Server(tmp_path)
    yield started
    started.process.terminate()
    _, said = started.process.communicate(timeout=30)
    assert "Traceback" not in said and "Exception" not in said, said


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def test_those_beyond_the_queue_are_refused_while_the_others_still_wait(
    server: Server, threads: ThreadPoolExecutor
) -> None:
    first = threads.submit(server.ask, "slow where 1")
    server.until_counted(1, 0)
    second = threads.submit(server.ask, "slow where 2")
    server.until_counted(1, 1)
    for accept in ("application/json", "text/event-stream"):
        refused = httpx.post(f"{server.url}/api/ask", json={"question": "where 3"}, headers={"Accept": accept})
        assert (refused.status_code, refused.json()["kind"]) == (503, "Busy")
        assert int(refused.headers["retry-after"]) > 0
    assert not first.done() and not second.done()
    server.go()
    assert _codes(first, second) == [200, 200]
    assert server.asked() == ["slow where 1", "slow where 2"]


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_nothing_is_done_for_a_client_that_left_the_line(
    server: Server, threads: ThreadPoolExecutor, accept: str
) -> None:
    first = threads.submit(server.ask, "slow where 1")
    server.until_counted(1, 0)
    leaving = server.leaving("where 2", accept)
    server.until_counted(1, 1)
    leaving.close()
    server.until_counted(1, 0)
    third = threads.submit(server.ask, "where 3")
    server.until_counted(1, 1)
    server.go()
    assert _codes(first, third) == [200, 200]
    assert server.asked() == ["slow where 1", "where 3"]


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_an_answer_that_is_being_read_keeps_its_place_when_its_client_leaves(server: Server, accept: str) -> None:
    leaving = server.leaving("slow where 1", accept)
    server.until_counted(1, 0)
    leaving.close()
    if accept == "application/json":
        server.until(lambda: 'status="499"' in httpx.get(f"{server.url}/metrics", timeout=60).text)
    assert server.count("running") == 1
    server.go()
    server.until_counted(0, 0)
    assert server.ask("where 2").status_code == 200


def test_a_stream_over_a_socket_ends_once(server: Server) -> None:
    body = {"question": "where?"}
    with httpx.stream("POST", f"{server.url}/api/ask", json=body, headers={"Accept": "text/event-stream"}) as stream:
        names = [line.removeprefix("event: ") for line in stream.iter_lines() if line.startswith("event: ")]
    assert names == ["sources", "token", "token", "done"]


def _codes(*answers: Future[httpx.Response]) -> list[int]:
    return [answer.result(timeout=60).status_code for answer in answers]
