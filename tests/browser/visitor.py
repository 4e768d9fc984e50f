"""A reader's browser under watch: what it asked of other machines, what failed in it, and what axe finds wrong."""

import json
import math
import re
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Locator, Page, Request

PATIENCE = 40_000  # milliseconds, on a busy machine
OWN_MACHINE = {"127.0.0.1", ""}  # without a host: data:, blob:, about:
# Chrome opens these for itself.
OWN_PAGES = ("chrome-extension:", "chrome:")
COMPLAINTS = {"error", "warning"}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Visitor:
    """Opens browsers that know nothing of each other, and remembers what they did that they should not."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._expected: list[str] = []
        self.contexts: list[BrowserContext] = []
        self.foreign: list[str] = []
        self.dialogs: list[str] = []
        self.complaints: list[str] = []

    def opens(self, url: str, **options: Any) -> Page:
        """The page in a browser of its own; `options` are Playwright's, such as `locale` or `color_scheme`."""
        page = self.browser(**options).new_page()
        page.goto(url)
        return page

    def browser(self, **options: Any) -> BrowserContext:
        context = self._browser.new_context(**({"locale": "en-GB", "timezone_id": "Europe/Paris"} | options))
        context.set_default_timeout(PATIENCE)
        context.on("request", self._requested)
        context.on("page", self._watch)
        self.contexts.append(context)
        return context

    def expects(self, pattern: str) -> None:
        """Something that the browser will rightly complain of, such as a status of 429."""
        self._expected.append(pattern)

    def check(self) -> None:
        """Nothing may have left this machine, and nothing may have failed."""
        assert not self.foreign, self.foreign
        assert not self.dialogs, self.dialogs
        unexpected = [said for said in self.complaints if not any(re.search(each, said) for each in self._expected)]
        assert not unexpected, unexpected

    def close(self) -> None:
        for context in self.contexts:
            context.close()

    def _requested(self, request: Request) -> None:
        if not request.url.startswith(OWN_PAGES) and urlsplit(request.url).hostname not in {*OWN_MACHINE, None}:
            self.foreign.append(request.url)

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", self._said)
        page.on("dialog", self._opened)

    def _opened(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _said(self, message: ConsoleMessage) -> None:
        # A policy that is broken, a file that is missing, a script that failed: Chrome tells all of them here.
        if message.type in COMPLAINTS:
            self.complaints.append(f"{message.location.get('url', '')}: {message.text}")


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with the page as it stands, in its shadow trees too."""
    settle(page)
    page.evaluate(_axe())
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [
        f"{each['id']} ({each['help']}): {json.dumps(node['target'])} {node['html'][:200]} {_details(node)}"
        for each in found
        for node in each["nodes"]
    ]


def settle(page: Page) -> None:
    """Until nothing moves: a text that is still fading in has less contrast than it will have."""
    page.evaluate(
        """() => Promise.race([
            Promise.all(document.getAnimations().map(each => each.finished.catch(() => {}))),
            new Promise(done => setTimeout(done, 2000)),
        ])"""
    )


def luminance(page: Page, element: str = "document.body") -> float:
    """Of the background behind an element, from 0 (black) to 1 (white), as WCAG has it."""
    red, green, blue = page.evaluate(
        f"""() => {{
            let element = {element};
            let colour = "rgba(0, 0, 0, 0)";
            while (element && /^rgba\\(.*, 0\\)$|^transparent$/.test(colour)) {{
                colour = getComputedStyle(element).backgroundColor;
                element = element.parentElement || element.getRootNode().host;
            }}
            const canvas = document.createElement("canvas").getContext("2d");
            canvas.fillStyle = colour;
            canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
        }}"""
    )
    parts: list[float] = [part / 255 for part in (red, green, blue)]
    linear = [part / 12.92 if part <= 0.04045 else math.pow((part + 0.055) / 1.055, 2.4) for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def runs_leftwards(block: Locator) -> bool:
    """Whether what is written in it begins at its right edge and ends before its left one."""
    left, right = block.evaluate(
        """block => {
            const text = document.createRange();
            text.selectNodeContents(block);
            const [around, within] = [block.getBoundingClientRect(), text.getBoundingClientRect()];
            return [within.left - around.left, around.right - within.right];
        }"""
    )
    return bool(left > 20 and right < 5)


def _details(node: dict[str, Any]) -> str:
    checks = [*node["any"], *node["all"], *node["none"]]
    return "; ".join(each["message"] for each in checks)[:300]


@cache
def _axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
