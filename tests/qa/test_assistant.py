"""Answers from the sample article, with the real model: right, cited, silent where it should be."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from index.archive import Archive
from index.errors import BadInput, BadQuestion
from index.types import Article, Filters
from qa.assistant import Assistant
from qa.types import Answer
from tests.qa.conftest import SEEDS

QUESTIONS: list[dict[str, Any]] = [
    json.loads(line) for line in (SEEDS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module")
def answers(assistant: Assistant) -> dict[str, Answer]:
    return {asked["id"]: assistant.ask(asked["question"]) for asked in QUESTIONS}


def holds(answer: Answer, asked: dict[str, Any]) -> bool:
    """Whether the first quotation holds an expected answer."""
    first = answer.excerpts[0]
    return any(first.start <= span["start"] and span["end"] <= first.end for span in asked["answers"])


def test_questions_are_what_they_claim(sample_archive: Archive) -> None:
    (article,) = sample_archive.articles()
    assert len(QUESTIONS) >= 40
    assert sum(not asked["answerable"] for asked in QUESTIONS) >= 12
    assert (
        len({asked["id"] for asked in QUESTIONS}) == len({asked["question"] for asked in QUESTIONS}) == len(QUESTIONS)
    )
    for asked in QUESTIONS:
        assert bool(asked["answers"]) == asked["answerable"]
        for span in asked["answers"]:
            assert article.text[span["start"] : span["end"]] == span["text"]


@pytest.mark.parametrize("question", ["where will the summit be held?", "où se tiendra le sommet ?"])
def test_the_summit_is_in_budapest(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.found
    assert "Budapest, en Hongrie" in answer.excerpts[0].text
    assert answer.as_of == datetime(2025, 10, 17, tzinfo=UTC)
    assert answer.excerpts[0].article.source == "Epoch Times"
    assert "[1]" in answer.text


def test_every_quotation_is_in_the_article_as_it_says(answers: dict[str, Answer], sample_archive: Archive) -> None:
    for answer in answers.values():
        for excerpt in (*answer.excerpts, *answer.related):
            article = sample_archive.get(excerpt.article.id, excerpt.article.content_hash)
            assert article.text[excerpt.start : excerpt.end] == excerpt.text
            assert "".join(piece.text for piece in excerpt.pieces) == excerpt.text
            assert all(excerpt.start <= start < end <= excerpt.end for start, end in excerpt.highlights)


def test_no_excerpt_comes_twice(answers: dict[str, Answer]) -> None:
    for answer in answers.values():
        texts = [excerpt.text for excerpt in (*answer.excerpts, *answer.related)]
        assert len(texts) == len(set(texts)) <= 3


def test_the_appeal_for_donations_is_never_quoted(answers: dict[str, Answer], sample_archive: Archive) -> None:
    (article,) = sample_archive.articles()
    appeal = article.text.index("Soutenez Epoch Times")
    for answer in answers.values():
        assert all(excerpt.end <= appeal for excerpt in (*answer.excerpts, *answer.related))


def test_answers_are_mostly_right_and_certain_ones_nearly_always(answers: dict[str, Answer]) -> None:
    """Floors a little under what `python -m bench.answers` measures, to notice when something breaks."""
    right = {asked["id"]: answers[asked["id"]].found and holds(answers[asked["id"]], asked) for asked in QUESTIONS}
    assert sum(right.values()) >= 31
    certain = [identifier for identifier, answer in answers.items() if answer.certain]
    assert len(certain) >= 9
    assert sum(right[identifier] for identifier in certain) / len(certain) >= 0.9
    assert sum(answers[asked["id"]].found for asked in QUESTIONS if not asked["answerable"]) <= 3


def test_answers_that_are_not_found_say_nothing(answers: dict[str, Answer]) -> None:
    silent = [answer for answer in answers.values() if not answer.found]
    assert silent
    for answer in silent:
        assert answer.text == "" and answer.excerpts == ()
        assert all(excerpt.highlights == () for excerpt in answer.related)


def test_something_far_away_is_not_answered(answers: dict[str, Answer]) -> None:
    asked = next(asked for asked in QUESTIONS if asked["question"] == "What is the capital of Australia?")
    assert not answers[asked["id"]].found


def test_an_empty_archive_has_nothing_to_say(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Archive.open(tmp_path_factory.mktemp("empty") / "empty.db") as archive:
        answer = Assistant(archive).ask("who won?")
    assert (answer.found, answer.related, answer.confidence) == (False, (), 0.0)


def test_filters_reach_the_search(assistant: Assistant) -> None:
    answer = assistant.ask("where will the summit be held?", filters=Filters(language="en"))
    assert not answer.found and not answer.related


def test_limits_are_kept_and_named(assistant: Assistant) -> None:
    assert len(assistant.ask("Who is Putin?", limit=1).related or [0]) == 1
    with pytest.raises(BadInput, match="1 to 10"):
        assistant.ask("Who is Putin?", limit=0)


@pytest.mark.parametrize("question", ["", "   \n", "?!", "a" * 2001, "what\x00", "half \ud800"])
def test_what_cannot_be_asked_is_said(assistant: Assistant, question: str) -> None:
    with pytest.raises(BadQuestion):
        assistant.ask(question)


def test_asking_does_not_block_the_event_loop(assistant: Assistant) -> None:
    async def both() -> list[Answer]:
        return await asyncio.gather(*(assistant.ask_async(question) for question in ("Who is Rutte?", "who?")))

    first, second = asyncio.run(both())
    assert first.question == "Who is Rutte?" and second.question == "who?"
    assert set(first.timings) == {"retrieve", "read", "cite"}


def test_repeated_paragraphs_are_not_answers(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A line that every article of a source ends with is no news, whatever it says."""
    slogan = "The Daily Example has been printed in Riga every morning since the year 1911."
    topics = ["bridges", "harvests", "football", "trains", "taxes", "schools", "storms", "museums"]
    articles = [
        Article(topic, f"The council talked about {topic} until late in the night.\n{slogan}", source="Example")
        for topic in topics
    ]
    with Archive.open(tmp_path_factory.mktemp("repeated") / "repeated.db") as archive:
        archive.add(articles)
        answer = Assistant(archive).ask("Where is the Daily Example printed?")
    assert all(slogan not in excerpt.text for excerpt in (*answer.excerpts, *answer.related))


def test_a_sentence_longer_than_the_model_reads_can_be_quoted(tmp_path_factory: pytest.TempPathFactory) -> None:
    items = "; ".join(f"item {number} concerns the repair of the pavement in ward {number}" for number in range(60))
    text = f"The council decided that {items}; and that mayor Anna Kowalska will open the new bridge."
    with Archive.open(tmp_path_factory.mktemp("long") / "long.db") as archive:
        archive.add([Article("council", text, language="en")])
        answer = Assistant(archive).ask("Who will open the new bridge?")
    assert answer.found
    assert answer.excerpts[0].text == text


def test_the_same_day_in_other_news_is_no_support(assistant: Assistant) -> None:
    """Of the sample article: drones were launched on the day of the call, too."""
    answer = assistant.ask("When did Trump and Putin talk on the phone?")
    assert answer.text.endswith(" [1]")
    assert not any("drones" in excerpt.text for excerpt in answer.excerpts)
