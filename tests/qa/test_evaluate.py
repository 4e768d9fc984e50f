"""Every figure, on questions and a reader that are made so that each can be worked out by hand."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index.archive import Archive
from index.errors import BadInput
from index.types import Article, Hit
from qa.assistant import Assistant
from qa.evaluate import Evaluation, Measured, evaluate, is_intact, measure
from qa.expected import Expected, ExpectedAnswer, load_questions
from qa.types import Candidate, Evidence
from tests.conftest import BagOfWords
from tests.qa.conftest import SEEDS

SUMMIT = "The summit will be held in Budapest, the ministry of foreign affairs said on Monday."
PRICE = "A loaf of bread now costs three crowns, more than twice as much as it did last year."
FRENCH = "Le sommet se tiendra à Budapest, a déclaré lundi le ministère des affaires étrangères."
# What the reader finds: for a word of the question, the words and how sure it is of them.
FINDINGS = {
    "held": ("Budapest", 0.9),
    "costs": ("bread now costs three crowns", 0.8),
    "who": ("the ministry", 0.6),
    "why": ("last year", 0.7),
    "when": ("Monday", 0.2),
    "colour": ("crowns", 0.1),
}
BUDAPEST = SUMMIT.index("Budapest")
HELD = Expected("held", "Where is the summit held?", (ExpectedAnswer("Budapest", BUDAPEST, BUDAPEST + 8, "summit"),))
QUESTIONS = [
    replace(HELD, language="en", kind="where"),
    Expected("costs", "What costs three crowns?", (ExpectedAnswer("a loaf of bread"), ExpectedAnswer("bread")), "en"),
    Expected("who", "who said so about the summit?", (ExpectedAnswer("Chancellor"),), "de"),
    Expected("why", "why does bread cost so much?", (), "en"),
    Expected("when", "when was the ministry asked about it?", (ExpectedAnswer("on Monday"),), "de", "when"),
    Expected("colour", "which colour has bread?", (), None, "which"),
]


class PointsAt:
    """A Reader that finds what it is told to, wherever that stands."""

    answers_from = 0.5
    certain_from = 0.75

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[list[Evidence]]:
        words, probability = next(found for word, found in FINDINGS.items() if word in question)
        starts = [(each.article.text.find(words), each) for each in candidates]
        return [[Evidence(at, at + len(words), probability)] if at >= 0 else [] for at, _ in starts]


@pytest.fixture
def archive(file: Path) -> Iterator[Archive]:
    with Archive.open(file, BagOfWords()) as opened:
        opened.add([Article("summit", SUMMIT, language="en"), Article("price", PRICE, language="en")])
        yield opened


@pytest.fixture
def assistant(archive: Archive) -> Assistant:
    return Assistant(archive, PointsAt())


def test_every_figure(assistant: Assistant) -> None:
    seen: list[Measured] = []
    evaluation = evaluate(assistant, QUESTIONS, seen.append)
    assert evaluation.complete and tuple(seen) == evaluation.rows
    figures = evaluation.figures
    assert (figures.questions, figures.answerable, figures.answered) == (6, 4, 4)
    # The chancellor is in no passage.
    assert figures.recall[5] == figures.recall[10] == 0.75
    # Right are "held" and "costs"; of "when" the right quotation is below the threshold.
    assert figures.excerpt_at_1 == 0.5
    # "Budapest" to the letter; of "bread now costs three crowns" one word of five.
    assert figures.exact_match == 0.25
    assert figures.f1 == pytest.approx((1 + 2 / 6 + 0 + 0) / 4)
    assert figures.precision == 0.5
    assert (figures.abstention_precision, figures.abstention_recall) == (0.5, 0.5)
    # The surest two are right, the third is not.
    assert figures.coverage_at_95 == pytest.approx(2 / 6)
    assert figures.calibration_error == pytest.approx((0.1 + 0.2 + 0.6 + 0.7 + 0.8 + 0.1) / 6)
    # Answerable are 0.9, 0.8, 0.6, 0.2 against 0.7 and 0.1: 6 of 8 pairs.
    assert figures.auroc == 0.75
    assert (figures.quotations, figures.citation_integrity) == (6, 1.0)
    assert list(figures.seconds) == ["retrieve", "read", "cite", "whole"]
    assert all(0 < taken.p50 <= taken.p95 for taken in figures.seconds.values())


def test_figures_of_each_language_and_kind(assistant: Assistant) -> None:
    evaluation = evaluate(assistant, QUESTIONS)
    assert {name: figures.questions for name, figures in evaluation.by_language.items()} == {"de": 2, "en": 3}
    assert evaluation.by_language["en"].excerpt_at_1 == 1.0
    assert evaluation.by_language["de"].excerpt_at_1 == 0.0
    assert list(evaluation.by_kind) == ["when", "where", "which"]
    assert evaluation.by_kind["which"].recall == {1: None, 5: None, 10: None}


def test_the_worst_are_sure_and_wrong(assistant: Assistant) -> None:
    evaluation = evaluate(assistant, QUESTIONS)
    assert [row.expected.id for row in evaluation.failures(9)] == ["why", "who", "when"]
    assert len(evaluation.failures(1)) == 1


def test_a_rank_is_of_the_first_passage_that_holds_an_answer(assistant: Assistant) -> None:
    found = [hit.passage.article_id for hit in assistant.archive.search(HELD.question)]
    assert measure(assistant, HELD).rank == found.index("summit") + 1
    elsewhere = replace(HELD, answers=(ExpectedAnswer("crowns"), ExpectedAnswer("Budapest", article="price")))
    row = measure(assistant, elsewhere)
    assert row.rank == found.index("price") + 1
    assert not row.right  # it quotes another article than the one that was named


@pytest.mark.parametrize("sign", ["", "¿", "« "])
def test_a_rank_is_of_the_question_as_it_is_searched(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, sign: str
) -> None:
    asked: list[str] = []
    search = assistant.archive.search

    def noted(question: str, *arguments: Any, **named: Any) -> list[Hit]:
        asked.append(question)
        return search(question, *arguments, **named)

    monkeypatch.setattr(assistant.archive, "search", noted)
    measure(assistant, replace(HELD, question=f"{sign}where is the summit held?"))
    assert set(asked) == {f"{sign}Where is the summit held?"} and len(asked) == 2


def test_a_place_without_its_article_is_any_that_holds_the_words_there(assistant: Assistant) -> None:
    placed = replace(HELD, answers=(ExpectedAnswer("Budapest", BUDAPEST, BUDAPEST + 8),))
    assert evaluate(assistant, [placed]).figures.excerpt_at_1 == 1.0


def test_words_are_compared_in_the_language_of_the_article(file: Path) -> None:
    with Archive.open(file, BagOfWords()) as archive:
        archive.add([Article("sommet", FRENCH, language="fr")])
        asked = Expected("held", "Where is it held?", (ExpectedAnswer("de l'Budapest"),), "en")
        row = measure(Assistant(archive, PointsAt()), asked)
    assert (row.rank, row.right, row.exact_match) == (1, True, 1.0)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (ExpectedAnswer("Budapest", article="gipfel"), "held: no article has the id 'gipfel'"),
        (ExpectedAnswer("Vienna", article="summit"), "held: 'summit' does not hold 'Vienna'; is it the right archive"),
        (ExpectedAnswer("Budapest", 0, 8, "summit"), "held: at 0 to 8 of 'summit' stands 'The summ', not 'Budapest'"),
        (ExpectedAnswer("Budapest", 0, 8), "held: no article holds 'Budapest' at 0 to 8, and 1 more like it; is it"),
    ],
)
def test_what_is_misplaced_is_said_before_anything_is_asked(
    assistant: Assistant, answer: ExpectedAnswer, said: str
) -> None:
    asked = replace(HELD, answers=(answer,))
    seen: list[Measured] = []
    with pytest.raises(BadInput, match=said):
        evaluate(assistant, [asked, replace(asked, id="again")], seen.append)
    assert not seen


def test_integrity_is_of_the_version_that_was_quoted(assistant: Assistant) -> None:
    archive = assistant.archive
    (excerpt,) = assistant.ask(HELD.question).excerpts
    archive.add([Article("summit", "It was called off.", language="en")])
    assert is_intact(archive, excerpt)
    assert not is_intact(archive, replace(excerpt, start=excerpt.start + 1, end=excerpt.end + 1))
    assert not is_intact(archive, replace(excerpt, article=replace(excerpt.article, content_hash="0" * 64)))
    archive.remove("summit")
    assert not is_intact(archive, excerpt)


def test_an_empty_archive_answers_nothing(file: Path) -> None:
    with Archive.open(file, BagOfWords()) as archive:
        figures = evaluate(Assistant(archive, PointsAt()), QUESTIONS[3:4]).figures
    assert (figures.answered, figures.abstention_recall, figures.citation_integrity) == (0, 1.0, None)


def test_of_no_questions_there_are_no_figures(assistant: Assistant) -> None:
    figures = evaluate(assistant, []).figures
    assert (figures.questions, figures.f1, figures.coverage_at_95, figures.seconds) == (0, None, None, {})
    assert not Evaluation((), 3).complete


# Files of questions


def written(folder: Path, *lines: object) -> Path:
    path = folder / "questions.jsonl"
    texts = (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


def test_the_sample_questions_can_be_loaded() -> None:
    questions = load_questions(SEEDS / "questions.jsonl")
    assert (len(questions), sum(not each.answerable for each in questions)) == (52, 14)
    assert questions[0] == Expected(
        "q01",
        "where will the summit be held?",
        (ExpectedAnswer("Budapest, en Hongrie", 181, 201), ExpectedAnswer("Budapest, en Hongrie", 830, 850)),
        "en",
        "where",
    )


def test_only_the_question_is_needed(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "\ufeff" + json.dumps({"question": "  Where\nwas it? ", "answers": ["in Geneva", {"text": "Geneva"}]}),
        "",
        {"question": "Who won?"},
        {"question": "Why?", "answers": [{"text": "So", "article": "n1"}], "answerable": True, "id": 7, "more": 1},
    )
    assert load_questions(path) == [
        Expected("questions.jsonl:1", "Where was it?", (ExpectedAnswer("in Geneva"), ExpectedAnswer("Geneva"))),
        Expected("questions.jsonl:3", "Who won?"),
        Expected("7", "Why?", (ExpectedAnswer("So", article="n1"),)),
    ]


def squad(**extra: Any) -> dict[str, Any]:
    answers = [{"text": "France", "answer_start": 9}, {"text": "France", "answer_start": 9}, {"text": "in France"}]
    asked = [
        {"id": "s1", "question": "Where?", "answers": answers, **extra},
        {"id": "s2", "question": "Why?", "answers": [], "is_impossible": True, "plausible_answers": answers},
    ]
    return {"version": "v2.0", "data": [{"title": "T", "paragraphs": [{"context": "It is in France.", "qas": asked}]}]}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("indent", [None, 2])
def test_squad_is_told_by_its_content(tmp_path: Path, packed: bool, indent: int | None) -> None:
    data = json.dumps(squad(), indent=indent).encode()
    path = tmp_path / "any.name"
    path.write_bytes(gzip.compress(data) if packed else data)
    assert load_questions(str(path)) == [
        Expected("s1", "Where?", (ExpectedAnswer("France"), ExpectedAnswer("in France"))),
        Expected("s2", "Why?"),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{not json", "is not JSON: Expecting property name .* at character 2; a line is like {"),
        ("[1]", "expected an object, found a list; a line is like {"),
        ({"answers": []}, 'has no "question"; a line is like {'),
        ({"question": "?!"}, "the question '\\?!' has no word in it"),
        ({"question": 5}, "a question is text, not int"),
        ({"question": "Who?", "answers": "me"}, "\"answers\": expected a list such as .*, found 'me'"),
        ({"question": "Who?", "answers": [3]}, 'answer 1: expected an object such as {"text": .*, found 3'),
        ({"question": "Who?", "answers": ["me", {"start": 1}]}, 'answer 2: "text": expected the words .*, found None'),
        (
            {"question": "Who?", "answers": [{"text": "me", "start": 1}]},
            "whole numbers from 0, or neither; found 1 and",
        ),
        ({"question": "Who?", "answers": [{"text": "me", "start": -1, "end": 1}]}, "whole numbers from 0, or neither"),
        ({"question": "Who?", "answers": [{"text": "me", "start": 1, "end": 4}]}, "1 to 4 are 3 characters, but 'me'"),
        ({"question": "Who?", "answers": [{"text": "me", "article": 4}]}, '"article": expected a word, found 4'),
        ({"question": "Who?", "answerable": True}, '"answerable" is true, but "answers" holds 0; correct one'),
        ({"question": "Who?", "answers": ["me"], "answerable": False}, '"answerable" is false, but "answers" holds 1'),
        ({"question": "Who?", "language": ""}, "\"language\": expected a word, found ''; correct it, or leave it out"),
        ({"question": "Who?", "answer": "me"}, '"answer" is no field of a question; write "answers"'),
        ({"question": "Who?", "answers": ""}, "\"answers\": expected a list such as .*, found ''"),
        ({"question": "Who?", "id": "a"}, "its id 'a' is also that of line 1; give it another"),
    ],
)
def test_a_bad_line_is_named_and_can_be_mended(tmp_path: Path, line: object, said: str) -> None:
    path = written(tmp_path, {"question": "Why?", "id": "a"}, line)
    with pytest.raises(BadInput, match=f"^{path}:2: .*{said}"):
        load_questions(path)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "holds no question; write one on each line, such as {"),
        (b'{"question": "o\xf9 ?"}', "byte 0xf9 at offset 15 is not UTF-8: convert it, for example with `iconv"),
        (b"\x1f\x8b broken", "cannot be read: "),
        (b'{"data": [{"paragraphs": [{}]}]}', "'qas' is missing; a line of JSON Lines is like {"),
        (b'{"data": []}', "holds no question; write one on each line, such as {"),
        (
            json.dumps(squad(answers=[{"text": " "}])).encode(),
            'answer 1: "text": expected the words',
        ),
        (b'{"data": 5}', "is neither JSON Lines nor of SQuAD's form"),
        (json.dumps(squad(question="?")).encode(), "the question 's1': the question '\\?' has no word in it"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "questions"
    path.write_bytes(data)
    with pytest.raises(BadInput, match=f"^{path}.*{said}"):
        load_questions(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere.jsonl cannot be read: No such file or directory; check it"):
        load_questions(tmp_path / "nowhere.jsonl")
