"""A small newspaper: its articles on a site, and an archive of them."""

import json
from html import escape
from pathlib import Path

from tests.browser.servers import Site
from tests.ui.conftest import SEEDS, run

TITLE = "Le président américain Donald Trump a déclaré"  # so it begins: the article has none but its first words
QUESTION = "where will the summit be held?"
ANSWER = "Budapest, en Hongrie"
FERRY = """\
The new night ferry between Rostock and Trelleborg starts on 4 May, the port authority said on Monday.
A single ticket will cost 35 euros, and bicycles travel free of charge.
Captain Ingrid Larsen will steer the first crossing, which takes six hours.
"""
# Tall, so that a browser has to scroll; and its own colour for what an address has it highlight.
HIGHLIGHT = (255, 0, 255)
LOOK = f"body{{margin:80vh 2em;font:24px/2 serif}}::target-text{{background:rgb{HIGHLIGHT}}}"


class Newspaper:
    def __init__(self, site: Site, folder: Path) -> None:
        text = (SEEDS / "trump-poutine-budapest.txt").read_text(encoding="utf-8")
        self.address = site.put("/2025/budapest.html", page(TITLE, text))
        self.db = folder / "news.db"
        articles = [
            {
                "id": "budapest",
                "text": text,
                "url": self.address,
                "source": "Epoch Times",
                "published": "2025-10-17T19:09:00+02:00",
                "language": "fr",
            },
            {
                "id": "ferry",
                "title": "A night ferry to Sweden",
                "text": FERRY,
                "source": "Harbour Gazette",
                "published": "2024-03-04T08:00:00+01:00",
                "language": "en",
            },
        ]
        lines = [json.dumps(article, ensure_ascii=False) for article in articles]
        (folder / "news.jsonl").write_text("\n".join(lines), encoding="utf-8")
        added = run("add", folder / "news.jsonl", "--db", self.db)
        assert added.returncode == 0, added.stderr


def page(title: str, text: str) -> str:
    """An article as a plain page."""
    paragraphs = "".join(f"<p>{escape(line)}</p>\n" for line in text.splitlines() if line.strip())
    return (
        f'<!doctype html><html lang="fr"><meta charset="utf-8"><link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>{LOOK}</style><h1>{escape(title)}</h1>\n{paragraphs}</html>"
    )
