"""Answers given again: only while the archive is the same, and only to the very same question."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from index.archive import Archive
from index.types import Article
from qa.assistant import Assistant
from qa.types import Answer
from tests.conftest import BagOfWords
from ui.app import create_app
from ui.kept_answers import KeptAnswers
from ui.settings import Settings

HARBOUR = Article("harbour", "The harbour of Genoa opened on Monday. It has three piers.", "Harbour", language="en")


def answer(text: str) -> Answer:
    return Answer(text, False, "", 0.0, False, (), (), None, "en")


def test_the_last_asked_stay() -> None:
    kept = KeptAnswers(2)
    for question in ("a", "b"):
        kept.keep(1, question, answer(question))
    assert kept.get(1, "a") == answer("a")
    kept.keep(1, "c", answer("c"))
    assert kept.get(1, "b") is None, "a was asked for since"
    assert kept.get(1, "a") and kept.get(1, "c")


def test_a_change_of_the_archive_forgets_all() -> None:
    kept = KeptAnswers(2)
    kept.keep(1, "a", answer("a"))
    assert kept.get(2, "a") is None
    kept.keep(2, "b", answer("b"))
    assert kept.get(1, "a") is None
    kept.keep(1, "c", answer("an answer that took long"))
    assert kept.get(2, "c") is None and kept.get(2, "b")


def test_none_are_kept_where_none_are_wanted() -> None:
    kept = KeptAnswers(0)
    kept.keep(1, "a", answer("a"))
    assert kept.get(1, "a") is None


class Counting(Assistant):
    """Tells how often it had to work."""

    asked = 0

    def ask(self, *given: Any, **more: Any) -> Answer:
        self.asked += 1
        return super().ask(*given, **more)


@pytest.mark.parametrize("most", [0, 10])
def test_the_server_answers_again_from_memory_until_an_article_changes(tmp_path: Path, most: int) -> None:
    with Archive.open(tmp_path / "news.db", BagOfWords()) as archive:
        archive.add([HARBOUR])
        assistant = Counting(archive)
        with TestClient(create_app(assistant, Settings(answers_kept=most, questions=("When?",)))) as client:

            def work(**more: object) -> int:
                """How often it took work to answer."""
                before = assistant.asked
                told = client.post("/api/ask", json={"question": "When did the harbour open?", **more})
                assert told.status_code == 200 and told.json()["question"] == "When did the harbour open?"
                return assistant.asked - before

            assert work() == 1
            assert work() == (0 if most else 1)
            assert work(limit=2) == work(filters={"language": "en"}) == 1
            turn = {"question": "Where is Genoa?", "answer_text": ""}
            assert work(history=[turn]) == work(history=[turn]) == 1, "a conversation's answers are not kept"
            archive.add([Article("harbour", HARBOUR.text.replace("Monday", "Friday"), "Harbour", language="en")])
            assert work() == 1
            figures = client.get("/metrics").text.splitlines()
            assert f"groundwire_answers_again_total {1.0 if most else 0.0}" in figures
