"""Questions that the archive can answer: made from its articles, and each really asked."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from index.archive import Archive
from index.errors import ArchiveError
from index.types import Article
from qa.assistant import Assistant
from qa.types import Answer, ArticleReference, Excerpt
from tests.ui.answers import NOT_FOUND, archive_with
from ui.suggestions import MOST_ASKED, MOST_SHOWN, TEMPLATES, Suggestions, names_in, suggestions

TALKS = Article(
    "talks",
    "The talks went on. At noon Anna Schmidt met Jean de la Tour in Vienna. Later Anna Schmidt flew home. "
    "The Example Times saw Anna Schmidt leave.",
    language="en",
    source="Example Times",
)
START, END = TALKS.text.index("At noon"), TALKS.text.index(" Later")


class Certain(Assistant):
    """Answers what `answers` says something to, from the article's second sentence."""

    def __init__(self, archive: Archive, answers: Callable[[str], str | None]) -> None:
        self.archive = archive
        self.answers = answers
        self.asked: list[str] = []

    def ask(self, question: str, **_: object) -> Answer:
        self.asked.append(question)
        said = self.answers(question)
        if said is None:
            return replace(NOT_FOUND, question=question)
        start = TALKS.text.index(said)
        excerpt = Excerpt(
            ArticleReference.of(TALKS), START, END, TALKS.text[START:END], ((start, start + len(said)),), 0.9
        )  # fmt: skip
        return replace(NOT_FOUND, found=True, certain=True, text=f"{said} [1]", excerpts=(excerpt,))


def finished(known: Suggestions) -> None:
    assert known._worker is not None
    known._worker.join()


def made(assistant: Certain, given: tuple[str, ...] = ()) -> list[str]:
    return [each.question for each in suggestions(assistant, given)]


def test_names_are_those_inside_sentences_the_most_frequent_first() -> None:
    assert names_in(TALKS)[:2] == ["Anna Schmidt", "Jean de la Tour"]
    assert "Example Times" not in names_in(TALKS)


def test_only_what_is_answered_with_certainty_is_suggested(file: Path) -> None:
    with archive_with(file, TALKS) as archive:
        assistant = Certain(archive, lambda question: "Vienna" if "Where will Anna Schmidt" in question else None)
        (found,) = suggestions(assistant)
        assert (found.question, found.language) == ("Where will Anna Schmidt go?", "en")
        assert len(assistant.asked) == len(set(assistant.asked)) <= MOST_ASKED


def test_the_same_answer_is_not_suggested_twice_nor_the_name_itself(file: Path) -> None:
    with archive_with(file, TALKS) as archive:
        assert made(Certain(archive, lambda question: "Vienna" if "Where" in question else None)) == [
            "Where will Anna Schmidt go?"
        ]
        assert made(Certain(archive, lambda question: "Anna Schmidt" if "Anna" in question else None)) == []


def test_several_things_are_suggested_about_one_name_where_there_is_no_other(file: Path) -> None:
    said = {"Where will Anna Schmidt go?": "Vienna", "When did Anna Schmidt speak?": "At noon"}
    with archive_with(file, TALKS) as archive:
        assert made(Certain(archive, said.get)) == list(said)


def test_a_quotation_that_does_not_speak_of_whom_was_asked_about_is_no_answer(file: Path) -> None:
    elsewhere = replace(
        TALKS, id="elsewhere", text="They say that Paul Klee will come. They say that Paul Klee is late."
    )
    with archive_with(file, elsewhere) as archive:
        assert made(Certain(archive, lambda _question: "Vienna")) == []


def test_given_questions_come_first_where_they_are_answered(file: Path) -> None:
    with archive_with(file, TALKS) as archive:
        assistant = Certain(archive, lambda question: "Vienna" if "city" in question else None)
        assert made(assistant, ("Which city?", "Which country?")) == ["Which city?"]
        many = tuple(f"Which city, number {number}?" for number in range(10))
        assert made(assistant, many) == list(many[:MOST_SHOWN])


def test_they_are_made_once_for_each_revision(file: Path) -> None:
    with archive_with(file, TALKS) as archive:
        assistant = Certain(archive, lambda question: "Vienna" if "Where" in question else None)
        known = Suggestions(assistant)
        assert known.now() == ([], False)
        finished(known)
        first, complete = known.now()
        assert [each.question for each in first] == ["Where will Anna Schmidt go?"] and complete
        asked = len(assistant.asked)
        assert known.now() == (first, True) and len(assistant.asked) == asked
        archive.remove("talks")
        assert known.now() == (first, False), "the old ones, while the new ones are made"
        finished(known)
        assert known.now() == ([], True)


def test_when_the_server_stops_no_more_are_asked(file: Path) -> None:
    with archive_with(file, TALKS) as archive:
        assistant = Certain(archive, lambda _question: None)
        known = Suggestions(assistant)
        known.stop()
        assert known.now() == ([], False)
        assert known._worker is None and assistant.asked == []
        assert suggestions(assistant, (), lambda: True) == []


def test_what_fails_is_only_a_line_in_the_log(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_: object) -> None:
        raise ArchiveError("the disk is gone")

    with archive_with(file, TALKS) as archive:
        monkeypatch.setattr(archive, "articles", broken)
        known = Suggestions(Certain(archive, lambda _question: None))
        known.now()
        finished(known)
        assert known.now() == ([], True)
        assert "the disk is gone" in caplog.text


@pytest.mark.parametrize("language", TEMPLATES)
def test_each_language_asks_several_things_of_a_name(language: str) -> None:
    assert len(set(TEMPLATES[language])) == 4
    assert all(template.count("{name}") == 1 and template.endswith("?") for template in TEMPLATES[language])
