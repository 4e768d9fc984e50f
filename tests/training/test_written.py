"""The project's own training questions, as far as they can be checked without the public sets."""

import json
from pathlib import Path

import pytest

from training.data import TENTH, WRITTEN, read_written
from training.overlap import IN_A_ROW, OWN_TESTS, runs

FILES = sorted(WRITTEN.glob("*.jsonl"))
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_answer_stands_in_its_paragraph_and_no_question_comes_twice(path: Path) -> None:
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    own = [record for record in records if "text" in record]
    assert len(list(read_written(path, []))) == len(own), "reading raises where an answer does not stand there once"
    asked = [question for record in records for question in record["questions"]]
    assert len({question["question"] for question in asked}) == len(asked)
    assert 0.15 < sum(question["answer"] is None for question in asked) / len(asked) < 0.6
    assert all(set(record) == {"title", "language", "text", "questions"} for record in own)
    assert all(set(record) == {"key", "questions"} for record in records if "text" not in record)


def test_there_are_as_many_as_their_description_says() -> None:
    asked = sum(
        len(json.loads(line)["questions"]) for path in FILES for line in path.read_text(encoding="utf-8").splitlines()
    )
    assert f"{asked:,} questions" in (WRITTEN / "README.md").read_text(encoding="utf-8")


def test_no_paragraph_is_held_out_while_another_of_its_title_is_trained_on() -> None:
    for path in FILES:
        titles = [json.loads(line).get("title") for line in path.read_text(encoding="utf-8").splitlines()]
        held_out = titles[TENTH - 1 :: TENTH]
        assert not {title for title in held_out if title and titles.count(title) > 1}


def test_no_question_is_one_of_the_projects_own_tests() -> None:
    tested = {
        run
        for name in OWN_TESTS
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        for run in runs(json.loads(line)["question"])
    }
    for path in FILES:
        for line in path.read_text(encoding="utf-8").splitlines():
            for asked in json.loads(line)["questions"]:
                assert not tested.intersection(runs(asked["question"])), asked["question"]


def test_stretches_of_words() -> None:
    assert list(runs("Where is it?")) == ["where is it"]
    assert len(list(runs("a b c d e f g h i j"))) == 10 - IN_A_ROW + 1
