"""An archive of the sample article, made once with the real model, and the command itself."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SEEDS = Path(__file__).parents[2] / "seeds"
COMMAND = Path(sys.executable).parent / "groundwire"

Finished = subprocess.CompletedProcess[str]
Groundwire = Callable[..., Finished]


def run(*words: str | Path, stdin: str = "", **environment: str) -> Finished:
    """Run the installed command in a process of its own, not in a terminal."""
    return subprocess.run(
        [COMMAND, *words],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        env=without_settings() | environment,
        timeout=120,
        check=False,
    )


def without_settings() -> dict[str, str]:
    """The environment without whatever would change what the command prints."""
    unwanted = ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS")
    settings = {name for name in os.environ if name.startswith("GROUNDWIRE_") and name != "GROUNDWIRE_CACHE"}
    return {name: value for name, value in os.environ.items() if name not in {*unwanted, *settings}}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For reading only: all tests share it."""
    path = tmp_path_factory.mktemp("archive") / "news.db"
    added = run("add", SEEDS, "--db", path)
    assert added.returncode == 0, added.stderr
    assert added.stdout == f"added 1, updated 0, unchanged 0; 9 new passages in {path}\n"
    return path


@pytest.fixture
def groundwire(db: Path) -> Groundwire:
    """The command, with that archive unless it is given another."""

    def with_archive(*words: str | Path, stdin: str = "", **environment: str) -> Finished:
        return run(*words, stdin=stdin, **({"GROUNDWIRE_DB": str(db)} | environment))

    return with_archive
