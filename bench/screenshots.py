"""The pictures of the pages in docs/images: `python -m bench.screenshots`.

Serves the sample article as `make run` does, asks as a reader would, and keeps each picture small. Look at them before
they are committed.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import chromium
from tests.browser.servers import Server
from tests.browser.talking import ask, widget_answer
from tests.browser.visitor import PATIENCE, settle
from tests.ui.conftest import SEEDS, run

IMAGES = Path(__file__).parents[1] / "docs" / "images"
LARGEST = 150_000  # bytes
MOST_COLOURS, FEWEST_COLOURS = 256, 16
BUBBLE = "groundwire-chat:not([mode])"
QUESTION = "where will the summit be held?"
TWO_TURNS = ("Où se tiendra le sommet ?", "et quand ?")
WIDE = {"viewport": {"width": 820, "height": 810}, "device_scale_factor": 1.5}
TALL = {"viewport": {"width": 820, "height": 1100}, "device_scale_factor": 1.25}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}


def asks(*questions: str, top: bool = False) -> Callable[[Page], None]:
    """Ask these one after the other, in the chat; the picture begins at the `top` of the page, or at the last turn."""

    def act(page: Page) -> None:
        for question in questions:
            ask(page, question)
        page.evaluate("top => { document.activeElement.blur(); if (top) scrollTo(0, 0); }", top)

    return act


def greets(page: Page) -> None:
    expect(page.locator("#suggestions button").first).to_be_visible()


def opens_archive(page: Page) -> None:
    href = ask(page, QUESTION).locator("a.gw-archive").first.get_attribute("href")
    assert href
    page.goto(href)


def asks_widget(page: Page) -> None:
    page.locator(f"{BUBBLE} .bubble").click()
    widget_answer(page, QUESTION, BUBBLE)


@dataclass(frozen=True)
class Picture:
    """What is done on which page, and in what kind of browser."""

    name: str
    act: Callable[[Page], None]
    path: str = "/"
    options: dict[str, Any] = field(default_factory=lambda: WIDE)


PICTURES = (
    Picture("welcome", greets),
    Picture("chat", asks(QUESTION, top=True)),
    Picture("chat-dark", asks(QUESTION, top=True), options={**WIDE, "color_scheme": "dark"}),
    Picture("chat-phone", asks(QUESTION), options=PHONE),
    Picture("chat-silent", asks("What is the capital of Australia?", top=True)),
    Picture("chat-followup", asks(*TWO_TURNS, top=True), options={**TALL, "locale": "fr-FR"}),
    Picture("article", opens_archive),
    Picture("widget", asks_widget, "/demo", {"viewport": {"width": 1180, "height": 800}, "device_scale_factor": 1}),
)


@contextmanager
def serving() -> Iterator[Server]:
    """A server of the sample article."""
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "news.db"
        added = run("add", SEEDS, "--db", db)
        assert added.returncode == 0, added.stderr
        server = Server.of_archive(db, Path(folder))
        try:
            yield server.start()
        finally:
            server.stop()


def taken(browser: Browser, server: Server, picture: Picture) -> bytes:
    """The picture, as a PNG of true colours."""
    context = browser.new_context(**({"locale": "en-GB", "reduced_motion": "reduce"} | picture.options))
    context.set_default_timeout(PATIENCE)
    try:
        page = context.new_page()
        page.goto(server.url + picture.path)
        picture.act(page)
        settle(page)
        return page.screenshot(animations="disabled")
    finally:
        context.close()


def small(png: bytes) -> bytes:
    """The same with as many colours as fit into LARGEST bytes: a page has few."""
    image = Image.open(BytesIO(png)).convert("RGB")
    colours = MOST_COLOURS
    while colours >= FEWEST_COLOURS:
        written = BytesIO()
        image.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
        if written.tell() <= LARGEST:
            return written.getvalue()
        colours //= 2
    raise SystemExit(f"a picture of {image.size} does not fit into {LARGEST} bytes; make its window smaller")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    words.add_argument("names", nargs="*", help="only these: " + ", ".join(each.name for each in PICTURES))
    words.add_argument("--to", type=Path, default=IMAGES, help="folder of the pictures")
    chosen = words.parse_args()
    if unknown := set(chosen.names) - {each.name for each in PICTURES}:
        words.error(f"there is no picture {', '.join(sorted(unknown))}")
    chosen.to.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE)
    with serving() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.found(), args=chromium.ARGUMENTS)
        for picture in PICTURES:
            if not chosen.names or picture.name in chosen.names:
                content = small(taken(browser, server, picture))
                (chosen.to / f"{picture.name}.png").write_bytes(content)
                print(f"{picture.name}.png: {len(content) / 1000:.0f} kB")
        browser.close()


if __name__ == "__main__":
    main()
