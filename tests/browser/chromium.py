"""A browser for the tests: `python -m tests.browser.chromium` prints the path of one, and gets one where there is none.

What is installed is taken first; then Debian's package, where this may install packages; then Playwright's download.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

COMMAND = "python -m tests.browser.chromium"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = (
    "/usr/lib/chromium/chromium",
    "/opt/google/chrome/chrome",
    "/snap/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
PACKAGES = ("chromium", "fonts-dejavu-core")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever a page asks for, no name leads anywhere.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


class NoBrowser(Exception):
    """There is none, and none could be had."""


@cache
def found() -> str:
    """The path of a Chromium or Chrome that really runs; NoBrowser where there is none."""
    for path in _candidates():
        if _runs(path):
            return path
    raise NoBrowser(
        f"there is no Chromium or Chrome for the tests; `{COMMAND}` gets one, and so does "
        f"`sudo apt-get install {' '.join(PACKAGES)}` on Debian"
    )


def got() -> str:
    """The path of one, which is installed where there is none; NoBrowser where that fails too."""
    try:
        return found()
    except NoBrowser:
        for install in (_install_package, _download):
            install()
            found.cache_clear()
            try:
                return found()
            except NoBrowser:
                continue
        raise


def _candidates() -> Iterator[str]:
    if chosen := os.environ.get("CHROMIUM"):
        yield chosen
    yield from filter(None, map(shutil.which, NAMES))
    yield from (place for place in PLACES if Path(place).is_file())
    yield from _downloaded()


def _downloaded() -> Iterator[str]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if Path(path).is_file():
        yield path


def _runs(path: str) -> bool:
    """Some names lead to a script that only says what to install."""
    try:
        asked = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0 and "Chrom" in asked.stdout


def _install_package() -> None:
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
        subprocess.run(["apt-get", "-qq", *words], env=environment, stdout=sys.stderr, check=False)


def _download() -> None:
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], stdout=sys.stderr, check=False)


def main() -> None:
    try:
        print(got())
    except NoBrowser as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
