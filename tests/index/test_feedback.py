"""What readers said, kept beside the archive."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.errors import ArchiveError, NotAnArchive
from index.feedback import FeedbackBook


def test_what_was_said_is_kept(tmp_path: Path) -> None:
    book = FeedbackBook(tmp_path / "news.db.feedback")
    assert list(book) == [] and not book.path.exists()
    book.add("a1", "good")
    book.add("a2", "bad", question="Où ?", comment="No.\nNot there.", revision=7)
    first, second = FeedbackBook(book.path)
    assert (first.answer, first.verdict, first.question, first.comment) == ("a1", "good", None, None)
    assert (second.question, second.comment, second.revision) == ("Où ?", "No.\nNot there.", 7)
    assert first.at <= second.at and second.at.tzinfo is not None


def test_many_may_say_something_at_once(tmp_path: Path) -> None:
    book = FeedbackBook(tmp_path / "news.db.feedback")
    with ThreadPoolExecutor(8) as threads:
        numbers = list(threads.map(lambda number: book.add(str(number), "good"), range(40)))
    assert sorted(numbers) == list(range(1, 41))
    assert len(list(book)) == 40


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="cannot be opened"):
        FeedbackBook(tmp_path / "nowhere" / "news.db.feedback").add("a", "good")
    (tmp_path / "other").write_text("something else " * 100)
    with pytest.raises(NotAnArchive):
        FeedbackBook(tmp_path / "other").add("a", "good")
