"""Finding a browser: where there is none, it is said how to get one."""

from pathlib import Path

import pytest

from tests.browser import chromium


@pytest.fixture(autouse=True)
def forgotten() -> None:
    """What was found before is looked for again."""
    chromium.found.cache_clear()


def test_without_a_browser_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "_candidates", lambda: iter(()))
    with pytest.raises(chromium.NoBrowser, match=f"`{chromium.COMMAND}` gets one"):
        chromium.found()


def test_a_name_that_only_says_what_to_install_is_no_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub, other = tmp_path / "chromium-browser", tmp_path / "chrome"
    stub.write_text("#!/bin/sh\necho 'This command requires the chromium snap to be installed.' >&2\nexit 1\n")
    other.write_text("#!/bin/sh\necho 'Chromium 150.0'\n")
    for each in (stub, other):
        each.chmod(0o755)
    monkeypatch.setattr(chromium, "_candidates", lambda: iter([str(tmp_path / "none"), str(stub), str(other)]))
    assert chromium.found() == str(other)
    chromium.found.cache_clear()


def test_what_is_missing_is_installed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there: list[str] = []
    installed = tmp_path / "chromium"
    installed.write_text("#!/bin/sh\necho 'Chromium 150.0'\n")
    installed.chmod(0o755)
    tried: list[str] = []

    def download() -> None:
        tried.append("download")
        there.append(str(installed))

    monkeypatch.setattr(chromium, "_candidates", lambda: iter(there))
    monkeypatch.setattr(chromium, "_install_package", lambda: tried.append("package"))
    monkeypatch.setattr(chromium, "_download", download)
    assert chromium.got() == str(installed)
    assert chromium.got() == str(installed)
    assert tried == ["package", "download"]
    chromium.found.cache_clear()
