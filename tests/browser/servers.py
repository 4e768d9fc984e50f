"""Servers in processes of their own, and a site of another origin, whose pages are the test's own."""

import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import httpx2 as httpx

from tests.ui.conftest import COMMAND, free_port, without_settings

ROOT = Path(__file__).parents[2]
STARTS_WITHIN = 300  # seconds, on a busy machine
UNLIMITED = {"PER_IP": "100000", "PER_SESSION": "100000"}


class Server:
    """One that is started, killed, and started again at the same address."""

    def __init__(self, words: list[str | Path], folder: Path, **settings: str) -> None:
        """`words`: the command, whose last option will be the port; `settings` are named as in the environment."""
        self.words = words
        self.folder = folder
        self.settings = {f"GROUNDWIRE_{name}": value for name, value in (UNLIMITED | settings).items()}
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.said = folder / "said"
        self.process: subprocess.Popen[bytes] | None = None

    @classmethod
    def of_archive(cls, db: Path, folder: Path, **settings: str) -> Self:
        """What `groundwire serve` serves."""
        return cls([COMMAND, "serve", "--db", db, "--port"], folder, **settings)

    @classmethod
    def by_hand(cls, kind: str, folder: Path, **settings: str) -> Self:
        """The same pages over answers made by hand: see `served.py`."""
        return cls([sys.executable, "-m", "tests.browser.served", kind, folder], folder, **settings)

    def start(self) -> Self:
        with self.said.open("ab") as said:
            self.process = subprocess.Popen(
                [*self.words, str(self.port)],
                cwd=ROOT,
                env=without_settings() | self.settings,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + STARTS_WITHIN
        while not self._lives():
            if time.monotonic() > end:
                self.kill()
                raise TimeoutError(f"it does not start: {self.said.read_text()}")
            time.sleep(0.05)
        return self

    def kill(self) -> None:
        """At once, as when the machine loses its power."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is None:
            return
        self.go()
        self.process.terminate()
        self.process.wait(60)
        said = self.said.read_text()
        assert "Traceback" not in said, said

    def hold(self) -> None:
        """Let slow questions wait again."""
        (self.folder / "go").unlink(missing_ok=True)

    def go(self) -> None:
        """Let the slow questions of a "waiting" server be answered."""
        (self.folder / "go").touch()

    def wait_for(self, line: str) -> None:
        """Until a "waiting" server is at work for the question."""
        end = time.monotonic() + 30
        asked = self.folder / "asked"
        while not asked.exists() or line not in asked.read_text().splitlines():
            assert time.monotonic() < end, f"it was never asked {line!r}"
            time.sleep(0.02)

    def use_up(self) -> None:
        """Ask so much that no more is let in from this address for some seconds."""
        while httpx.get(f"{self.url}/api/articles").status_code != 429:
            pass

    def figure(self, name: str) -> float:
        """One line of /metrics; 0 where it is not there yet."""
        lines = httpx.get(f"{self.url}/metrics").text.splitlines()
        return next((float(line.removeprefix(name)) for line in lines if line.startswith(f"{name} ")), 0.0)

    def _lives(self) -> bool:
        assert self.process
        assert self.process.poll() is None, self.said.read_text()
        try:
            return httpx.get(f"{self.url}/api/health").status_code == 200
        except httpx.TransportError:
            return False


class Site:
    """Static pages at an address of their own."""

    def __init__(self) -> None:
        pages: dict[str, tuple[str, dict[str, str]]] = {}

        class Pages(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = pages.get(self.path.partition("?")[0])
                content, headers = found or ("", {})
                kind = {"css": "text/css", "js": "text/javascript"}.get(self.path.rpartition(".")[2], "text/html")
                self.send_response(200 if found else 404)
                for name, value in ({"Content-Type": f"{kind}; charset=utf-8"} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content.encode())

            def log_message(self, *_said: object) -> None:
                pass

        self._pages = pages
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def put(self, path: str, content: str, headers: Mapping[str, str] | None = None) -> str:
        """The page's address."""
        self._pages[path] = content, dict(headers or {})
        return self.url + path

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
