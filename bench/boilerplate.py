"""What is taken for boilerplate on real news: `python -m bench.boilerplate --data FOLDER`.

In the text blocks of news pages as their publishers served them, menus, footers and notices included, every
distinct line that is recognised is printed with its kind: these should all be boilerplate. In the articles of
OrangeSum, from which such lines have been taken out already, hardly anything should be.
"""

import gzip
import json
import lzma
import random
from collections import Counter, defaultdict
from html.parser import HTMLParser
from pathlib import Path

from bench.data import parser
from index.boilerplate import kind_of_boilerplate
from index.sentences import paragraphs

SHOWN = 12


class TextBlocks(HTMLParser):
    """The lines of a page that a reader would see, scripts and styles left out; crude on purpose."""

    INLINE = frozenset(
        ["a", "b", "i", "em", "strong", "span", "sup", "sub", "abbr", "time", "cite", "q", "mark", "small", "u"]
    )
    HIDDEN = frozenset(("script", "style", "noscript", "template"))

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser's signature
        self.hidden += tag in self.HIDDEN
        if tag not in self.INLINE:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        self.hidden = max(0, self.hidden - (tag in self.HIDDEN))
        if tag not in self.INLINE:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.lines[-1] += data


def lines_of(page: Path) -> list[str]:
    blocks = TextBlocks()
    with gzip.open(page, "rt", encoding="utf-8", errors="replace") as file:
        blocks.feed(file.read())
    return [" ".join(line.split()) for line in blocks.lines if line.strip()]


def show(found: dict[str, Counter[str]]) -> None:
    for kind, lines in sorted(found.items()):
        print(f"\n{kind}: {len(lines)} distinct")
        for line, count in lines.most_common(SHOWN):
            print(f"  {count:4}  {line[:110]}")


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--every", type=int, default=4, help="take every n-th article of OrangeSum")
    options = arguments.parse_args()
    for folder in ("pages", "wikinews-fr"):
        pages = sorted((options.data / "news" / folder).glob("*.html.gz"))
        found: dict[str, Counter[str]] = defaultdict(Counter)
        seen = 0
        for page in pages:
            for line in lines_of(page):
                seen += 1
                if kind := kind_of_boilerplate(line):
                    found[kind][line] += 1
        print(
            f"\n== {folder}: {len(pages)} pages, {seen:,} lines, {sum(map(Counter.total, found.values())):,} recognised"
        )
        show(found)
    flagged: dict[str, list[str]] = defaultdict(list)
    paragraphs_seen = 0
    with lzma.open(options.data / "news" / "orangesum.jsonl.xz", "rt", encoding="utf-8") as file:
        for number, line in enumerate(file):
            if number % options.every == 0:
                text = json.loads(line)["text"]
                for span in paragraphs(text):
                    paragraphs_seen += 1
                    if kind := kind_of_boilerplate(text[slice(*span)]):
                        flagged[kind].append(text[slice(*span)])
    counts = {kind: len(texts) for kind, texts in flagged.items()}
    print(f"\n== OrangeSum: {paragraphs_seen:,} paragraphs of news, recognised {counts or 'none'}")
    for kind, texts in flagged.items():
        for text in random.Random(0).sample(texts, min(SHOWN, len(texts))):
            print(f"  {kind}: {text[:110]}")


if __name__ == "__main__":
    main()
