"""The README's examples are run, in order, in a folder of their own."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SERVES = "groundwire serve"  # runs until it is stopped: tests/ui/served.py and its tests do that


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "seeds", made / "seeds")
    return made


def commands() -> list[str]:
    lines = [line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()]
    return [line for line in lines if line.startswith("groundwire") and line != SERVES]


def test_there_are_examples() -> None:
    assert len(commands()) >= 5 and blocks("python")


def test_the_commands_run(folder: Path) -> None:
    for line in commands():
        words = [sys.executable, "-m", "ui.cli", *shlex.split(line)[1:]]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        if "ask" in words:
            assert "Budapest, en Hongrie" in done.stdout


@pytest.mark.parametrize("code", blocks("python"))
def test_the_python_runs(code: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Budapest, en Hongrie" in done.stdout


def test_every_command_is_told_of() -> None:
    """Each command stands in the README, or in the `--help` that it points to."""
    done = subprocess.run([sys.executable, "-m", "ui.cli", "--help"], capture_output=True, text=True, check=True)
    commands = "add ask search list show remove stats check rebuild eval chat serve"
    for command in commands.split():
        assert re.search(rf"^\s*[│ ]*\s*{command}\b", done.stdout, flags=re.MULTILINE), command


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)\)", README))
def test_links_and_pictures_are_there(target: str) -> None:
    assert (ROOT / target).exists()
