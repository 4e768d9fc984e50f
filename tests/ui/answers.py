"""Answers made by hand, and assistants that give them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.archive import Archive
from index.errors import BadQuestion
from index.types import EVERYTHING, Article, Filters
from qa.assistant import Assistant
from qa.types import Answer, ArticleReference, Excerpt, Turn
from tests.conftest import BagOfWords

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


class AnsweringFrom(Assistant):
    """Answers over an archive that holds ARTICLE: what asks "where"; the rest with silence.

    What was asked before is what the question is about.
    """

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.asked: list[str] = []

    def ask(
        self, question: str, *, history: Sequence[Turn] = (), filters: Filters = EVERYTHING, limit: int = 3
    ) -> Answer:
        self.asked.append(question)
        found = "where" in question.lower() and (filters.language or "en") == "en"
        about = history[-1].question if history else None
        return (
            replace(FOUND, question=question, excerpts=FOUND.excerpts[:limit], about=about)
            if found
            else (replace(NOT_FOUND, question=question, about=about))
        )


class Defective(AnsweringFrom):
    """The same, but that it fails where it is asked to."""

    def ask(self, question: str, **settings: Any) -> Answer:
        if question == "fail":
            raise ZeroDivisionError("a defect, with a secret in its message")
        return super().ask(question, **settings)


def archive_with(path: Path, *articles: Article) -> Archive:
    """An archive that needs no model."""
    archive = Archive.open(path, BagOfWords())
    archive.add(articles)
    return archive
