"""Excerpts are whole sentences of the stored version, none twice."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.archive import Archive
from index.sentences import sentences
from index.types import Article, Passage
from qa.cite import cite
from qa.types import ArticleReference, Candidate, Evidence, Excerpt
from tests.conftest import BagOfWords

TEXT = "The summit will be held in Budapest, the ministry said on Monday. Yes. Both sides have agreed to it at last."


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "news.db", BagOfWords()) as opened:
        yield opened


def candidate(article: Article) -> Candidate:
    passage = Passage(1, article.id, 0, len(article.text), article.text)
    return Candidate(passage, article, 1, tuple(sentences(article.text, "en")))


def evidence(words: str, text: str = TEXT, probability: float = 0.9) -> Evidence:
    start = text.index(words)
    return Evidence(start, start + len(words), probability)


def test_an_answer_inside_a_sentence_is_quoted_with_all_of_it(archive: Archive) -> None:
    article = Article("a", TEXT, "Summit")
    archive.add([article])
    (excerpt,) = cite(archive, [(candidate(article), evidence("Budapest"))], 3)
    assert excerpt.text == "The summit will be held in Budapest, the ministry said on Monday."
    assert [(piece.text, piece.mark) for piece in excerpt.pieces] == [
        ("The summit will be held in ", False),
        ("Budapest", True),
        (", the ministry said on Monday.", False),
    ]
    assert excerpt.article.content_hash == article.content_hash


def test_a_sentence_that_says_nothing_alone_takes_its_neighbour_along(archive: Archive) -> None:
    article = Article("a", TEXT)
    archive.add([article])
    (excerpt,) = cite(archive, [(candidate(article), evidence("Yes."))], 3)
    assert excerpt.text == TEXT


def test_overlapping_findings_are_quoted_once(archive: Archive) -> None:
    article = Article("a", TEXT)
    archive.add([article])
    found = [(candidate(article), evidence("Budapest")), (candidate(article), evidence("Monday"))]
    assert len(cite(archive, found, 3)) == 1


def test_of_the_same_words_in_two_articles_the_newer_is_quoted(archive: Archive) -> None:
    old = Article("old", TEXT, published=datetime(2024, 1, 1, tzinfo=UTC))
    new = replace(old, id="new", published=datetime(2025, 1, 1, tzinfo=UTC))
    archive.add([old, new])
    found = [(candidate(article), evidence("Budapest")) for article in (old, new)]
    assert [excerpt.article.id for excerpt in cite(archive, found, 3)] == ["new"]


def test_no_more_than_asked_for_in_the_order_given(archive: Archive) -> None:
    articles = [
        Article(f"a{i}", f"Report number {i} says that the summit will be held in town {i} after all.")
        for i in range(5)
    ]
    archive.add(articles)
    found = [(candidate(article), Evidence(0, 6, 0.5)) for article in reversed(articles)]
    assert [excerpt.article.id for excerpt in cite(archive, found, 3)] == ["a4", "a3", "a2"]


def test_a_version_that_is_gone_is_not_quoted(archive: Archive) -> None:
    article = Article("a", TEXT)
    archive.add([article])
    archive.remove("a")
    assert cite(archive, [(candidate(article), evidence("Budapest"))], 1) == []


def test_what_was_read_before_an_update_is_quoted_from_the_version_that_was_read(archive: Archive) -> None:
    article = Article("a", TEXT)
    archive.add([article])
    archive.add([replace(article, text="Something else altogether stands here now, and it is long enough.")])
    (excerpt,) = cite(archive, [(candidate(article), evidence("Budapest"))], 1)
    assert archive.get("a", excerpt.article.content_hash).text[excerpt.start : excerpt.end] == excerpt.text


@given(st.text(min_size=1, max_size=60), st.data())
def test_pieces_joined_are_the_text(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, 1000))
    borders = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True)))
    spans = tuple((offset + a, offset + b) for a, b in zip(borders[::2], borders[1::2], strict=False))
    reference = ArticleReference.of(Article("a", "x"))
    excerpt = Excerpt(reference, offset, offset + len(text), text, spans, 1.0)
    assert "".join(piece.text for piece in excerpt.pieces) == text
    marked = [piece.text for piece in excerpt.pieces if piece.mark]
    assert marked == [text[a - offset : b - offset] for a, b in spans]
