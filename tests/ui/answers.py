"""Answers made by hand, and an assistant that gives them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from index.errors import BadQuestion
from index.types import Article
from qa.types import Answer, ArticleReference, Excerpt

ARTICLE = Article(
    id="summit",
    text="The talks went on. The summit will be held in Budapest, they said. Nobody objected.",
    title="A summit",
    url="https://example.org/summit",
    source="Example Times",
    section="World",
    author="A. Writer",
    published=datetime(2025, 10, 17, 9, 30, tzinfo=UTC),
    language="en",
)
START, END = 19, 66
HIGHLIGHT = (46, 54)


def excerpt_of(article: Article = ARTICLE, start: int = START, end: int = END, *marks: tuple[int, int]) -> Excerpt:
    return Excerpt(ArticleReference.of(article), start, end, article.text[start:end], marks, 0.9)


EXCERPT = excerpt_of(ARTICLE, START, END, HIGHLIGHT)
FOUND = Answer(
    question="Where?",
    found=True,
    text="Budapest [1]",
    confidence=0.9,
    certain=True,
    excerpts=(EXCERPT,),
    related=(),
    as_of=ARTICLE.published,
    language="en",
    timings={"retrieve": 0.01},
)
NOT_FOUND = replace(
    FOUND, found=False, text="", confidence=0.1, certain=False, excerpts=(), related=(EXCERPT,), as_of=None
)


class FakeAssistant:
    """Answers whatever asks "where", and remembers what it was asked."""

    asked: list[tuple[str, dict[str, Any]]]

    def __init__(self, *_archive_and_reader: object) -> None:
        pass

    def ask(self, question: str, **settings: Any) -> Answer:
        if not question:
            raise BadQuestion("the question is empty")
        self.asked.append((question, settings))
        return replace(FOUND if "where" in question else NOT_FOUND, question=question)
