"""What the pages weigh: `python -m bench.pages --db FILE`.

Opens the chat, and a bare host page on another origin without the widget, with it, and with it opened, each in a
headless Chromium with an empty cache. Bytes transferred count headers, as the browser tells them; decoded bytes are
the bodies unpacked. First paints are of this machine, on loopback. The exit code is 1 where the widget is larger than
it may be.
"""

import argparse
import gzip
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2 as httpx
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench.data import table
from bench.load import HOST, Server
from tests.browser import chromium

LARGEST_RAW = 16_000
LARGEST_GZIP = 6_000
QUIET = 500  # milliseconds without a request: the page is complete
LONGEST_LOAD = 60.0
LONGEST_SUGGESTIONS = 120.0
ELEMENT = "groundwire-chat"
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
HOST_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>A page</title><link rel="icon" href="data:,"></head>
<body>
<h1>Leaders to meet in Budapest</h1>
<p>A bare page of a publisher, to be weighed.</p>
{widget}
</body>
</html>
"""


@dataclass(frozen=True)
class Weight:
    requests: float
    transferred: float
    decoded: float
    painted: float  # first contentful paint, milliseconds


class Traffic:
    """What a page's requests cost, counted as the browser tells it."""

    def __init__(self, session: CDPSession) -> None:
        self.requests = 0
        self.transferred = 0
        self.decoded = 0
        self._open: set[str] = set()
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.dataReceived", self._received)
        session.on("Network.loadingFinished", self._finished)
        session.on("Network.loadingFailed", self._failed)
        session.send("Network.enable")

    @property
    def at_rest(self) -> bool:
        return not self._open

    def _sent(self, told: Any) -> None:
        if not told["request"]["url"].startswith(("http:", "https:")):
            return
        self.requests += 1
        # A redirect goes on under the same name, and is told here alone.
        self.transferred += told.get("redirectResponse", {}).get("encodedDataLength", 0)
        self._open.add(told["requestId"])

    def _received(self, told: Any) -> None:
        if told["requestId"] in self._open:
            self.decoded += told["dataLength"]

    def _finished(self, told: Any) -> None:
        if told["requestId"] in self._open:
            self._open.remove(told["requestId"])
            self.transferred += told["encodedDataLength"]

    def _failed(self, told: Any) -> None:
        self._open.discard(told["requestId"])


def settle(page: Page, traffic: Traffic) -> None:
    """Wait until the page asks for nothing more."""
    end, quiet = time.monotonic() + LONGEST_LOAD, 0
    while quiet < QUIET:
        if time.monotonic() > end:
            raise SystemExit(f"{page.url} did not come to rest in {LONGEST_LOAD:.0f} s")
        before = traffic.requests
        page.wait_for_timeout(100)
        quiet = quiet + 100 if traffic.at_rest and traffic.requests == before else 0


def weigh(browser: Browser, address: str, widget: bool = False, opened: bool = False) -> Weight:
    """One first visit. `widget`: it has to be there; `opened`: and is opened."""
    context = browser.new_context()  # with a cache of its own, which is empty
    try:
        page = context.new_page()
        traffic = Traffic(context.new_cdp_session(page))
        response = page.goto(address)
        if response is None or response.status != 200:
            raise SystemExit(f"{address} was not served: {response and response.status}")
        settle(page, traffic)
        if widget and not page.evaluate(
            "name => !!customElements.get(name) && !!document.querySelector(name)", ELEMENT
        ):
            raise SystemExit(f"{address}: the widget did not start")
        if opened:
            page.evaluate("name => document.querySelector(name).open()", ELEMENT)
            settle(page, traffic)
        painted = page.evaluate(PAINTED)
        if painted is None:
            raise SystemExit(f"{address}: nothing was painted")
        return Weight(traffic.requests, traffic.transferred, traffic.decoded, painted)
    finally:
        context.close()


def median(weights: list[Weight]) -> Weight:
    columns = [[getattr(each, name) for each in weights] for name in Weight.__dataclass_fields__]
    return Weight(*(statistics.median(column) for column in columns))


class Site:
    """A site of a publisher: a few pages, on an origin of its own."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        pages = self.pages

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = pages.get(self.path, "").encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer((HOST, 0), Handler)
        self.origin = f"http://{HOST}:{self.server.server_address[1]}"


@contextmanager
def site() -> Iterator[Site]:
    made = Site()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
        thread.join()


def get(server: Server, path: str) -> httpx.Response:
    """Over a connection of its own: a kept one may be closed just when it is used again."""
    return httpx.get(server.url + path, trust_env=False, timeout=60)


def widget_of(server: Server) -> bytes:
    """The widget as it is served; and the suggestions are made, so that no page comes too early for them."""
    end = time.monotonic() + LONGEST_SUGGESTIONS
    script = get(server, "/widget.js")
    if script.status_code != 200:
        raise SystemExit(f"/widget.js was not served: {script.status_code}")
    while not get(server, "/api/suggestions").json()["complete"]:
        if time.monotonic() > end:
            print(f"the suggestions were not complete in {LONGEST_SUGGESTIONS:.0f} s; weighed without them")
            break
        time.sleep(1)
    return script.content


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db", type=Path, required=True, help="an archive, such as bench.ingest makes")
    parser.add_argument("--runs", type=int, default=5, help="first visits of each page; medians are told")
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("--runs is at least 1")
    with site() as host, Server(options.db, GROUNDWIRE_ALLOWED_ORIGINS=host.origin) as server:
        script = widget_of(server)
        host.pages["/without"] = HOST_PAGE.format(widget="")
        host.pages["/with"] = HOST_PAGE.format(widget=f'<script src="{server.url}/widget.js" async></script>')
        visits: list[tuple[str, str, dict[str, bool]]] = [
            ("chat", f"{server.url}/", {}),
            ("host page without the widget", f"{host.origin}/without", {}),
            ("host page with the widget", f"{host.origin}/with", {"widget": True}),
            ("the same, the widget opened", f"{host.origin}/with", {"widget": True, "opened": True}),
        ]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium.found(), args=chromium.ARGUMENTS)
            weigh(browser, f"{host.origin}/without")  # the very first page pays for the browser's own start
            weights = [
                (name, median([weigh(browser, address, **asked) for _ in range(options.runs)]))
                for name, address, asked in visits
            ]
            browser.close()
    rows = [
        [name, f"{each.requests:g}", f"{each.transferred:,.0f}", f"{each.decoded:,.0f}", f"{each.painted:.0f}"]
        for name, each in weights
    ]
    print(table(["page", "requests", "bytes transferred", "decoded", "first contentful paint, ms"], rows))
    raw, packed = len(script), len(gzip.compress(script, 9, mtime=0))
    print(f"\nwidget.js: {raw:,} bytes of at most {LARGEST_RAW:,}, gzip -9 {packed:,} of at most {LARGEST_GZIP:,}")
    return 1 if raw > LARGEST_RAW or packed > LARGEST_GZIP else 0


if __name__ == "__main__":
    raise SystemExit(main())
