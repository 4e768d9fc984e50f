"""What a reader does on the chat page and in the widget, and host pages that have the widget."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.servers import Server, Site

ELEMENT = "groundwire-chat"
DEEP_FOCUS = """() => {
    let element = document.activeElement;
    while (element.shadowRoot && element.shadowRoot.activeElement) element = element.shadowRoot.activeElement;
    return element;
}"""
# What the facts of the strictest publisher allow: the widget's script, and asking.
STRICT = "default-src 'none'; script-src {0}/widget.js; connect-src {0}; style-src 'self'; img-src data:; {1}"
TRUSTED = "require-trusted-types-for 'script'"


def ask(page: Page, question: str) -> Locator:
    """Type it and press Enter; the turn, when it has its answer (or says why not)."""
    count = page.locator(".turn").count()
    page.locator("#question").fill(question)
    page.locator("#question").press("Enter")
    turn = page.locator(".turn").nth(count)
    expect(turn.locator(".tools, .problem")).to_be_visible()
    return turn


def sent(request: Request) -> dict[str, Any]:
    """What was sent with a question."""
    body: dict[str, Any] = json.loads(request.post_data or "")
    return body


def coded(kept: object) -> str:
    """As it stands in a link to an answer."""
    return base64.urlsafe_b64encode(json.dumps(kept).encode()).decode().rstrip("=")


def widget_answer(page: Page, question: str, widget: str = ELEMENT) -> Locator:
    """Type it into the open widget; its turn, when the widget has told the page of an answer or of an error."""
    page.evaluate(
        """name => {
            const widget = document.querySelector(name);
            window.told = Promise.race(["answer", "error"].map(
                name => new Promise(done => widget.addEventListener(name, () => done(name), { once: true }))));
        }""",
        widget,
    )
    box = page.locator(f"{widget} textarea")
    box.fill(question)
    box.press("Enter")
    page.evaluate("() => window.told")
    return page.locator(f"{widget} .turn").filter(has=page.locator("h3", has_text=question)).last


def printed_line(server: Server) -> str:
    """The line for publishers that the server printed, for this very version of the widget."""
    plain, pinned = re.findall(r"<script .*></script>", server.said.read_text(encoding="utf-8"))
    assert "integrity=" not in plain
    return str(pinned)


def script(server: Server, **options: str) -> str:
    """The widget's script, with options."""
    data = "".join(f' data-{name.replace("_", "-")}="{value}"' for name, value in options.items())
    return f'<script src="{server.url}/widget.js"{data}></script>'


def host_page(
    site: Site, *parts: str, path: str = "/host.html", language: str = "en", headers: Mapping[str, str] | None = None
) -> str:
    """The address of a page of the site that has these parts: the widget's line, an element, a style sheet's link."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,"><title>A newspaper</title>'
    )
    body = (
        '<main><h1>The harbour opens</h1><p>A paragraph with <a href="#more">a link</a>.</p>'
        '<button type="button" id="own">A button of the page</button></main>'
    )
    html = f'<!doctype html><html lang="{language}"><head>{head}</head><body>{body}{"".join(parts)}</body></html>'
    return site.put(path, html, headers)


def focused(page: Page) -> str:
    """What has the focus, in shadow trees too: its id, else its class, else its name and text."""
    described: str = page.evaluate(
        f"() => {{ const e = ({DEEP_FOCUS})(); return e.id || e.className || `${{e.localName}} ${{e.textContent}}`; }}"
    )
    return described


def focus_shows(page: Page) -> bool:
    """Whether a person sees what has the focus: it looks otherwise without it."""
    page.evaluate(f"() => {{ window.focusedBefore = ({DEEP_FOCUS})(); }}")
    with_focus = page.screenshot()
    page.evaluate("() => window.focusedBefore.blur()")
    without = page.screenshot()
    page.evaluate("() => window.focusedBefore.focus({ preventScroll: true })")
    return with_focus != without


def press_until(page: Page, key: str, wanted: str, most: int = 40) -> list[str]:
    """Press it until that has the focus; all that had it on the way."""
    passed: list[str] = []
    while not (focused(page) == wanted or wanted in focused(page).split()):
        assert len(passed) < most, f"{wanted} cannot be reached with {key}: {passed}"
        page.keyboard.press(key)
        passed.append(focused(page))
    return passed
