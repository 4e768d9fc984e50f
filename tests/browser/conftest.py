"""One browser and one server for all of these tests; a reader's own browser, knowing nothing, for each of them.

They last as long as this folder's tests: Playwright keeps an event loop running that others would stumble over.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser import chromium
from tests.browser.news import Newspaper
from tests.browser.servers import Server, Site
from tests.browser.visitor import PATIENCE, Visitor

ServedByHand = Callable[..., Server]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium or Chrome; where there is none, the tests fail and say how to get one."""
    path = chromium.found()
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    """Whatever a test does, nothing may leave this machine, no dialog open, and nothing fail in the page."""
    visitor = Visitor(browser)
    yield visitor
    visitor.close()
    visitor.check()


@pytest.fixture(scope="package")
def site() -> Iterator[Site]:
    """A publisher's site, of another origin than the server, which lets it ask."""
    site = Site()
    yield site
    site.close()


@pytest.fixture(scope="package")
def elsewhere() -> Iterator[Site]:
    """A site that may not ask."""
    site = Site()
    yield site
    site.close()


@pytest.fixture(scope="package")
def newspaper(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Newspaper:
    """The sample article as its publisher has it, on the site, and an archive of it and of an English one."""
    return Newspaper(site, tmp_path_factory.mktemp("newspaper"))


@pytest.fixture(scope="package")
def server(newspaper: Newspaper, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`groundwire serve`, with the real model."""
    folder = tmp_path_factory.mktemp("server")
    server = Server.of_archive(newspaper.db, folder, ALLOWED_ORIGINS=site.url, TITLE="The Harbour Archive").start()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def waiting(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Quick answers made by hand, to whatever asks "where"; to "slow" questions when it is let go."""
    # It waits for each question, also for one that another test has asked.
    settings = {"ALLOWED_ORIGINS": site.url, "ANSWERS_KEPT": "0"}
    server = Server.by_hand("waiting", tmp_path_factory.mktemp("waiting"), **settings).start()
    yield server
    server.stop()


@pytest.fixture
def by_hand(tmp_path: Path) -> Iterator[ServedByHand]:
    """Starts a server of answers made by hand for one test alone: its kind, and its settings."""
    with ExitStack() as stack:

        def start(kind: str, **settings: str) -> Server:
            server = Server.by_hand(kind, tmp_path, **settings)
            stack.callback(server.stop)
            return server.start()

        yield start
