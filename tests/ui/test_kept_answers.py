"""Answers given again: only while the archive is the same, and only to the very same question."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
from ui.settings import Settings

HARBOUR = Article("harbour", "The harbour of Genoa opened on Monday. It has three piers.", "Harbour", language="en")


class Counting(Assistant):
    """Tells how often it had to work."""

    asked = 0

    def ask(self, *given: Any, **more: Any) -> Answer:
        self.asked += 1
        return super().ask(*given, **more)


@contextmanager
def served(tmp_path: Path, most: int) -> Iterator[tuple[Archive, TestClient, Callable[..., int]]]:
    """An archive, a client of its server, and a question to it that tells how often it took work to answer."""
    with Archive.open(tmp_path / "news.db", BagOfWords()) as archive:
        archive.add([HARBOUR])
        assistant = Counting(archive)
        app = create_app(assistant, Settings(answers_kept=most, questions=("When?",)))
        with TestClient(app) as client:
            app.state.service.suggestions._worker.join()  # which asks, too

            def work(question: str = "When did the harbour open?", **more: object) -> int:
                before = assistant.asked
                told = client.post("/api/ask", json={"question": question, **more})
                assert told.status_code == 200 and told.json()["question"] == question
                return assistant.asked - before

            yield archive, client, work


@pytest.mark.parametrize("most", [0, 10])
def test_the_server_answers_again_from_memory_until_an_article_changes(tmp_path: Path, most: int) -> None:
    with served(tmp_path, most) as (archive, client, work):
        assert work() == 1
        assert work() == (0 if most else 1)
        assert work(limit=2) == work(filters={"language": "en"}) == 1
        turn = {"question": "Where is Genoa?", "answer_text": ""}
        assert work(history=[turn]) == work(history=[turn]) == 1, "a conversation's answers are not kept"
        archive.add([Article("harbour", HARBOUR.text.replace("Monday", "Friday"), "Harbour", language="en")])
        assert work() == 1
        figures = client.get("/metrics").text.splitlines()
        assert f'groundwire_answer_seconds_count{{step="read"}} {6.0 if most else 7.0}' in figures
        given = [float(line.split()[-1]) for line in figures if line.startswith("groundwire_answers_total{")]
        assert sum(given) == 7


def test_the_last_asked_stay(tmp_path: Path) -> None:
    with served(tmp_path, 2) as (_, _, work):
        assert [work(f"Where is {name}?") for name in ("Genoa", "Turin", "Genoa", "Milan")] == [1, 1, 0, 1]
        assert [work(f"Where is {name}?") for name in ("Genoa", "Milan", "Turin")] == [0, 0, 1], "Genoa was asked since"
