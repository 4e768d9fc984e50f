"""Somebody at a terminal: Ctrl-C and Ctrl-D, and what is drawn only for eyes."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from index import Archive
from index.errors import ArchiveError
from tests.ui.conftest import COMMAND, SEEDS, run, without_settings

ARTICLES = 400
# Small batches, so that something has been stored after a second.
ADD = "import index.archive, ui.cli; index.archive.BATCH_PASSAGES = 16; ui.cli.main()"


class Session:
    """The command in a terminal of its own, 80 columns wide."""

    def __init__(self, *words: str | Path, **environment: str) -> None:
        self.ours, theirs = pty.openpty()
        settings = without_settings() | {"TERM": "xterm", "COLUMNS": "80"} | environment
        self.process = subprocess.Popen(
            [COMMAND, *words], stdin=theirs, stdout=theirs, stderr=theirs, env=settings, start_new_session=True
        )
        os.close(theirs)
        self.seen = ""

    def until(self, words: str, count: int = 1, seconds: float = 180) -> None:
        """Read until `words` have been seen `count` times."""
        self._read(lambda: self.seen.count(words) >= count, seconds)
        assert self.seen.count(words) >= count, self.seen

    def ended(self, seconds: float = 180) -> int:
        """Read what is left; the exit code."""
        self._read(lambda: False, seconds)
        return self.process.wait(timeout=seconds)

    def _read(self, enough: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not enough() and time.monotonic() < end:
            if select.select([self.ours], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self.ours, 65536).decode("utf-8", "replace")
                except OSError:  # the other side has closed
                    return

    def types(self, keys: str) -> None:
        os.write(self.ours, keys.encode("utf-8"))

    def interrupts(self) -> None:
        """Once it waits for a key: a signal between the prompt and the reading is kept by Python until the next key."""
        state = Path(f"/proc/{self.process.pid}/stat")  # Linux; elsewhere it is hoped for
        end = time.monotonic() + 10
        while state.is_file() and state.read_text().rpartition(")")[2].split()[0] != "S" and time.monotonic() < end:
            time.sleep(0.05)
        self.process.send_signal(signal.SIGINT)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.ours)


@pytest.fixture
def session() -> Iterator[Callable[..., Session]]:
    opened: list[Session] = []

    def start(*words: str | Path, **environment: str) -> Session:
        opened.append(Session(*words, **environment))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def test_ctrl_c_keeps_what_was_added(tmp_path: Path) -> None:
    news, db = tmp_path / "news.jsonl", tmp_path / "news.db"
    text = "The ministers of the six countries met in Geneva on {} to discuss treaty number {}. " * 6
    lines = (json.dumps({"id": f"n{n}", "text": text.format(*[n] * 12)}) + "\n" for n in range(ARTICLES))
    news.write_text("".join(lines), encoding="utf-8")
    adding = subprocess.Popen(
        [sys.executable, "-c", ADD, "add", news, "--db", db],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env=without_settings(),
    )  # fmt: skip
    end = time.monotonic() + 60
    while time.monotonic() < end and not (db.exists() and db.stat().st_size and stored(db)):
        time.sleep(0.2)
    adding.send_signal(signal.SIGINT)
    printed, said = adding.communicate(timeout=60)
    assert (adding.returncode, printed) == (130, "")
    assert said.startswith("stopped; what was added is kept (") and said.count("\n") == 1
    kept = stored(db)
    assert 0 < kept < ARTICLES
    assert run("check", "--db", db).returncode == 0
    with Archive.open(db) as archive:
        assert archive.search("ministers", limit=1, by="words")
        assert len(list(archive.articles())) == kept


def stored(db: Path) -> int:
    """None as long as the archive is being made."""
    with suppress(ArchiveError), Archive.open(db) as archive:
        return archive.stats().articles
    return 0


def test_progress_is_for_eyes_only(tmp_path: Path, session: Callable[..., Session]) -> None:
    adding = session("add", SEEDS, "--db", tmp_path / "news.db")
    assert adding.ended() == 0
    assert "articles read" in adding.seen and "added 1, updated 0, unchanged 0" in adding.seen


def test_a_terminal_gets_a_table_and_colours_unless_unwanted(db: Path, session: Callable[..., Session]) -> None:
    listed = session("list", "--db", db)
    assert listed.ended() == 0
    assert "language" in listed.seen and "\x1b[2m" in listed.seen and "\t" not in listed.seen
    plain = session("show", "trump-poutine-budapest", "--db", db, NO_COLOR="1")
    assert plain.ended() == 0
    assert "\x1b" not in plain.seen
    assert max(map(len, plain.seen.split("\r\n"))) <= 80


def test_a_conversation_at_the_terminal(db: Path, session: Callable[..., Session]) -> None:
    talk = session("chat", "--db", db)
    talk.until("> ")
    talk.types("half a question")
    talk.until("question")
    talk.interrupts()
    talk.until("> ", 2)
    talk.types("what is the capital of Australia?\n")
    talk.until("do not say")
    talk.until("> ", 3)
    talk.interrupts()
    talk.until("> ", 4)
    talk.interrupts()
    assert talk.ended() == 0
    assert "Traceback" not in talk.seen


def test_ctrl_d_leaves_a_conversation(db: Path, session: Callable[..., Session]) -> None:
    talk = session("chat", "--db", db)
    talk.until("> ")
    talk.types("\x04")
    assert talk.ended() == 0
