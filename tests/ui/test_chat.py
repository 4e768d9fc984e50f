"""The chat page: what it draws is escaped, and a real server serves it."""

import asyncio
import json
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from qa.types import Answer, ArticleReference, Excerpt
from tests.ui.answers import ARTICLE, AnsweringFrom, Defective, archive_with
from tests.ui.conftest import COMMAND, run, without_settings
from ui.app import create_app
from ui.chat import answer_as_html, answered
from ui.service import Service
from ui.settings import Settings

QUESTION = "Combien de missiles la Russie a-t-elle tirés sur l'Ukraine le 16 octobre ?"

HOSTILE = '<img src=x onerror=alert(1)>**bold** $x$ [a](javascript:alert(1)) & "quoted"'


def excerpt(text: str, mark: str, url: str | None = None, title: str = "A title") -> Excerpt:
    start = text.index(mark)
    reference = ArticleReference("a", title, url, "Example", None, datetime(2025, 10, 17, tzinfo=UTC), "fr", "0" * 64)
    return Excerpt(reference, 0, len(text), text, ((start, start + len(mark)),), 0.9)


def answer(*excerpts: Excerpt, found: bool = True, certain: bool = True, language: str = "en") -> Answer:
    text = "Budapest [1]" if found else ""
    return Answer(
        "where?", found, text, 0.9, certain, excerpts if found else (), () if found else excerpts, None, language
    )


def test_the_answer_is_marked_inside_its_sentence() -> None:
    html = answer_as_html(answer(excerpt("They meet in Budapest soon.", "Budapest", "https://example.org/1")))
    assert "They meet in <mark>Budapest</mark> soon." in html
    assert '<a href="https://example.org/1" target="_blank" rel="noopener noreferrer">A title</a>' in html
    assert "17 Oct 2025" in html and "[1] " in html


def test_nothing_from_an_article_is_markup() -> None:
    html = answer_as_html(answer(excerpt(HOSTILE, "bold", title=HOSTILE)))
    assert "<img" not in html
    assert html.count("&lt;img src=x onerror=alert(1)&gt;") == 2


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", 'https://x"onclick="alert(1)'])
def test_only_web_addresses_become_links(url: str) -> None:
    html = answer_as_html(answer(excerpt("They meet in Budapest.", "Budapest", url)))
    assert "javascript:" not in html and "data:" not in html
    assert not re.search(r'<[^>]*"\s*onclick', html)


def test_blank_lines_do_not_let_markdown_in() -> None:
    html = answer_as_html(answer(excerpt("One line.\n\n# Two **lines**.", "line.")))
    assert "\n" not in html


def test_an_uncertain_answer_is_shown_as_such() -> None:
    quotation = excerpt("They meet in Budapest soon.", "Budapest")
    assert "Not certain" in answer_as_html(answer(quotation, certain=False))
    assert "Not certain" not in answer_as_html(answer(quotation))


def test_silence_is_said_in_the_language_of_the_question() -> None:
    nothing = answer(excerpt("They met in Alaska.", "Alaska"), found=False, language="fr")
    assert "Les articles ne le disent pas." in answer_as_html(nothing)
    assert "The articles do not say." in answer_as_html(answer(found=False))


@pytest.fixture
def chat(file: Path) -> Iterator[TestClient]:
    """The whole app, with three requests a minute from an address and two in a conversation."""
    with archive_with(file, ARTICLE) as archive:
        settings = Settings(title="The Harbour", per_ip=3, per_session=2, accent="#123456", greeting="Ahoy.")
        with TestClient(create_app(AnsweringFrom(archive), settings)) as client:
            yield client


def test_the_chat_lives_beside_the_api_and_behind_the_same_protection(chat: TestClient) -> None:
    page = chat.get("/")
    assert page.status_code == 200 and "The Harbour" in page.text
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    config = chat.get("/config").text
    assert "The Harbour" in config and "Ahoy." in config and "#123456" in config
    assert chat.get("/api/health").json()["ready"] is True
    for path in ("/api/nothing", "/api/ask"):
        assert chat.get(path).headers["content-type"] == "application/problem+json"
    assert chat.post("/metrics").status_code == 405
    for path in ("/gradio_api/upload", "/gradio_api/upload/", "/upload"):
        assert chat.post(path, files={"files": b"x"}).json()["kind"] == "NotFound"


def test_the_rate_holds_for_the_chat_too(chat: TestClient) -> None:
    def joined() -> Response:
        body = {"data": ["Where?", []], "fn_index": 0, "session_hash": "mine"}
        return chat.post("/gradio_api/queue/join", json=body)

    assert [joined().status_code for _ in range(3)] == [200] * 3
    refused = joined()
    assert (refused.status_code, refused.json()["kind"]) == (429, "TooManyRequests")
    assert "wait" in refused.json()["detail"] and int(refused.headers["retry-after"]) > 0
    assert chat.get("/api/articles").status_code == 429, "one count for both"


def test_the_chat_and_the_api_stand_in_one_line(chat: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = cast(FastAPI, chat.app).state.service.queue
    run_by_queue, loops = queue.run, []

    async def run_in_sight(work: Callable[[], object]) -> object:
        loops.append(asyncio.get_running_loop())
        return await run_by_queue(work)

    monkeypatch.setattr(queue, "run", run_in_sight)
    assert chat.post("/api/ask", json={"question": "Where?"}).json()["found"]
    body = {"data": ["Where?", []], "fn_index": 0, "session_hash": "mine"}
    assert chat.post("/gradio_api/queue/join", json=body).status_code == 200
    shown = chat.get("/gradio_api/queue/data", params={"session_hash": "mine"}).text
    assert "process_completed" in shown and "<mark>Budapest</mark>" in shown
    assert len(loops) == 2 and loops[0] is loops[1], "whoever waits is woken in the loop that they wait in"


def test_what_stands_in_the_way_of_an_answer_is_said_in_words(file: Path) -> None:
    def said(question: str) -> str:
        return asyncio.run(answered(service, question, "192.0.2.1", "mine"))

    with archive_with(file, ARTICLE) as archive:
        service = Service(AnsweringFrom(archive), Settings(per_session=2))
        assert "<mark>Budapest</mark>" in said("Where is it?")
        assert said("<?>") == "<p>the question &#x27;&lt;?&gt;&#x27; has no word in it; ask with words</p>"
        assert "requests a minute from this conversation" in said("Where is it?")


def test_a_defect_tells_no_insides(file: Path) -> None:
    with archive_with(file, ARTICLE) as archive:
        service = Service(Defective(archive), Settings())
        shown = asyncio.run(answered(service, "fail", "192.0.2.1", "mine"))
        assert "the server failed" in shown and "secret" not in shown


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(url: str, method: str = "GET") -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=20) as response:
            return response.status, response.read().decode("utf-8")
    except urllib.error.HTTPError as error:
        return error.code, ""


def test_the_server_serves_and_stops_at_ctrl_c(db: Path) -> None:
    port = free_port()
    server = subprocess.Popen(
        [COMMAND, "serve", "--db", db, "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=without_settings() | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == f"Groundwire answers at http://127.0.0.1:{port} (Ctrl-C stops it)\n"
        deadline = time.monotonic() + 60
        while True:
            try:
                status, page = get(f"http://127.0.0.1:{port}/")
                break
            except urllib.error.URLError:
                assert time.monotonic() < deadline and server.poll() is None
                time.sleep(0.1)
        assert status == 200 and "Groundwire" in page
        assert not re.findall(r"(?:src|href)=\"(?:https?:)?//(?!127\.0\.0\.1)", page), "a request to another host"
        assert get(f"http://127.0.0.1:{port}/gradio_api/upload", "POST")[0] == 404
        asked = httpx2.post(f"http://127.0.0.1:{port}/api/ask", json={"question": QUESTION}, timeout=60).json()
        printed = json.loads(run("ask", QUESTION, "--db", db, "--json").stdout)
        assert {**asked, "timings": {}} == {**printed, "timings": {}}
        assert asked["found"] and asked["excerpts"]
        taken = run("serve", "--db", db, "--port", str(port))
        assert taken.returncode == 1 and "--port" in taken.stderr
        server.send_signal(signal.SIGINT)
        assert server.wait(30) in (0, 130, -signal.SIGINT)
        assert "Traceback" not in server.stdout.read()
    finally:
        server.kill()
        server.wait()


def test_no_page_is_served_from_an_archive_that_is_not_there(tmp_path: Path) -> None:
    missing = run("serve", "--db", tmp_path / "none.db")
    assert missing.returncode == 1 and "groundwire add" in missing.stderr
    assert not list(tmp_path.iterdir())
