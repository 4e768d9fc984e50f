"""A server with answers made by hand, and the real pages: `python -m tests.browser.served KIND FOLDER PORT`.

KIND is "waiting" (one article; "slow" questions wait for FOLDER/go), "empty" (no article), or "hostile" (articles of
markup; a question that holds a number is answered from so many of them on).
"""

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from qa.assistant import Assistant
from qa.types import Answer, Turn
from tests.browser.payloads import ARTICLES, BATCH, marked
from tests.ui.answers import ARTICLE, FOUND, AnsweringFrom, archive_with, excerpt_of
from tests.ui.served import Waiting
from ui.app import serve
from ui.settings import read_settings


class Quoting(AnsweringFrom):
    """Quotes the articles in their order, BATCH at a time; below "none" as related reading."""

    def ask(self, question: str, *, history: Sequence[Turn] = (), **_settings: Any) -> Answer:
        number = int(found[0]) if (found := re.search(r"\d+", question)) else 0
        articles = [*ARTICLES[number:], *ARTICLES][:BATCH]
        excerpts = tuple(excerpt_of(each, 0, len(each.text), marked(each)) for each in articles)
        start, end = excerpts[0].highlights[0]
        about = history[-1].question if history else None
        answer = replace(FOUND, question=question, text=f"{articles[0].text[start:end]} [1]", about=about)
        if "none" in question:
            return replace(answer, found=False, text="", certain=False, related=excerpts, excerpts=())
        return replace(answer, excerpts=excerpts)


def waiting(folder: Path) -> Assistant:
    assistant = Waiting(archive_with(folder / "news.db", ARTICLE))
    assistant.folder = folder
    return assistant


def empty(folder: Path) -> Assistant:
    return AnsweringFrom(archive_with(folder / "news.db"))


def hostile(folder: Path) -> Assistant:
    return Quoting(archive_with(folder / "news.db", *ARTICLES))


KINDS: dict[str, Callable[[Path], Assistant]] = {"waiting": waiting, "empty": empty, "hostile": hostile}


def main() -> None:
    kind, folder, port = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    serve(KINDS[kind](folder), read_settings(port=port))


if __name__ == "__main__":
    main()
