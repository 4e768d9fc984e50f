"""The REST API: what each route tells, and that every error is a problem document."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urljoin

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from index.archive import Archive
from index.errors import ArchiveBusy, ArchiveDamaged, ArchiveError
from index.feedback import FeedbackBook
from index.types import Article
from tests.ui.answers import ARTICLE, END, FOUND, START, Defective, archive_with
from ui.app import create_app
from ui.languages import texts
from ui.schemas import answer_as_json
from ui.service import Service
from ui.settings import Settings, SiteKey

KEY = "a-secret-admin-key"
ADMIN = {"Authorization": f"Bearer {KEY}"}
OTHER = Article("other", "Nobody knows the way.\nThe road goes on.", "A road", language="en")

Client = Callable[..., TestClient]


@pytest.fixture
def archive(file: Path) -> Iterator[Archive]:
    with archive_with(file, ARTICLE, OTHER) as opened:
        yield opened


@pytest.fixture
def client(archive: Archive) -> Iterator[Client]:
    """Clients of apps with the settings that are named."""
    clients: list[TestClient] = []

    def made(**settings: Any) -> TestClient:
        app = create_app(Defective(archive), Settings(**settings))
        clients.append(TestClient(app))
        return clients[-1].__enter__()

    yield made
    for each in clients:
        each.__exit__(None, None, None)


def problem(response: Response, status: int, kind: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = response.json()
    assert (told["type"], told["status"], told["kind"]) == ("about:blank", status, kind)
    assert told["title"] and told["detail"]
    return told


def events(response: Response) -> list[tuple[str, dict[str, Any]]]:
    """The events of a stream, each with its document."""
    found: list[tuple[str, dict[str, Any]]] = []
    for block in response.text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


# Asking


def test_the_answer_is_the_one_that_the_command_line_prints(client: Client, archive: Archive) -> None:
    asked = client().post("/api/ask", json={"question": FOUND.question})
    assert asked.status_code == 200
    told = asked.json()
    assert told == json.loads(json.dumps(answer_as_json(FOUND, archive.get)))
    assert told["excerpts"][0]["text"] == ARTICLE.text[START:END]
    assert "".join(piece["text"] for piece in told["excerpts"][0]["pieces"]) == ARTICLE.text[START:END]
    assert told["excerpts"][0]["deep_link"].startswith("https://example.org/summit#:~:text=The%20summit")
    assert asked.headers["cache-control"] == "no-store"


def test_a_stream_holds_sources_then_tokens_then_the_answer(client: Client) -> None:
    streamed = client().post("/api/ask", json={"question": "Where?"}, headers={"Accept": "text/event-stream"})
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert streamed.headers["x-accel-buffering"] == "no"
    found = events(streamed)
    assert [name for name, _ in found] == ["sources", "token", "token", "done"]
    whole = client().post("/api/ask", json={"question": "Where?"}).json()
    assert found[-1][1] == whole
    assert "".join(token["text"] for name, token in found if name == "token") == whole["text"] == "Budapest [1]"
    assert found[0][1]["excerpts"] == whole["excerpts"]


def test_silence_is_a_stream_without_tokens(client: Client) -> None:
    streamed = client().post("/api/ask", json={"question": "When?"}, headers={"Accept": "text/event-stream"})
    assert [name for name, _ in events(streamed)] == ["sources", "done"]
    assert events(streamed)[0][1]["related"]


def test_a_stream_that_fails_ends_once_and_tells_no_insides(client: Client) -> None:
    streamed = client().post("/api/ask", json={"question": "fail"}, headers={"Accept": "text/event-stream"})
    ((name, told),) = events(streamed)
    assert (name, told["status"], told["kind"]) == ("error", 500, "Defect")
    assert "secret" not in streamed.text


def test_a_defect_is_a_problem_that_tells_no_insides(client: Client) -> None:
    failed = client().post("/api/ask", json={"question": "fail"})
    problem(failed, 500, "Defect")
    assert "secret" not in failed.text and "Traceback" not in failed.text


@pytest.mark.parametrize(
    ("accept", "stream"),
    [
        ("text/event-stream", True),
        ("text/event-stream;q=0.9, application/json;q=0.1", True),
        ("application/json, text/event-stream", False),
        ("application/json;q=0.5, text/event-stream; charset=utf-8; q=0.6", True),
        ("text/event-stream;q=0.1, application/json;q=0.9", False),
        ("text/event-stream;q=0", False),
        ("text/event-stream;q=high", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_json_unless_a_stream_is_preferred(client: Client, accept: str, stream: bool) -> None:
    told = client().post("/api/ask", json={"question": "Where?"}, headers={"Accept": accept})
    assert told.headers["content-type"].startswith("text/event-stream") == stream


def test_a_question_is_understood_by_those_before(client: Client) -> None:
    history = [{"question": "Who?", "answer_text": "They [1]"}]
    api = client()
    assert api.post("/api/ask", json={"question": "Where?", "history": history}).json()["about"] == "Who?"
    wrong = api.post("/api/ask", json={"question": "Where?", "history": [{"answer_text": "They"}]})
    assert problem(wrong, 422, "InvalidRequest")["errors"][0]["where"] == "body.history.0.question"


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ({"question": "?!"}, "BadQuestion", "has no word in it"),
        ({"question": "where\x00"}, "BadQuestion", "control character"),
        ({"question": "where " * 100}, "BadQuestion", "has 599 characters, more than 300"),
        ({"question": "w" * 2001}, "InvalidRequest", "body.question"),
        ({"question": "where", "filters": {"since": "soon"}}, "BadFilter", "since: expected a date such as"),
        ({"question": "where", "filters": {"language": "French"}}, "BadFilter", "language: expected a code"),
        ({"question": "where", "limit": 11}, "InvalidRequest", "body.limit: .* 10, found 11"),
        ({"question": "where", "model": "another"}, "InvalidRequest", "body.model: extra inputs are not permitted"),
        ({}, "InvalidRequest", "body.question: field required"),
        ([], "InvalidRequest", "body: "),
    ],
)
def test_what_cannot_be_asked(client: Client, body: object, kind: str, said: str) -> None:
    for accept in ("application/json", "text/event-stream"):
        asked = client(longest_question=300).post("/api/ask", json=body, headers={"Accept": accept})
        assert re.search(said, problem(asked, 422, kind)["detail"])


def test_what_is_no_json(client: Client) -> None:
    api = client()
    broken = api.post("/api/ask", content=b'{"question": ', headers={"Content-Type": "application/json"})
    assert "is no JSON" in problem(broken, 422, "InvalidRequest")["detail"]
    unnamed = api.post("/api/ask", content=b'{"question": "Where?"}')
    assert "Content-Type: application/json" in problem(unnamed, 422, "InvalidRequest")["detail"]
    half = api.post("/api/ask", content=b'{"question": "\\ud800 where"}', headers={"Content-Type": "application/json"})
    problem(half, 422, "InvalidRequest")


def test_what_is_too_large(client: Client) -> None:
    api = client(largest_body=1024)
    problem(api.post("/api/ask", json={"question": "where " * 300}), 413, "ContentTooLarge")
    unannounced = api.post("/api/ask", content=iter([b"x" * 600, b"x" * 600]))
    problem(unannounced, 413, "ContentTooLarge")


# Looking


def test_searching_by_get_and_by_post(client: Client) -> None:
    api = client()
    by_get = api.get("/api/search", params={"query": "Budapest", "by": "words"})
    by_post = api.post("/api/search", json={"query": "Budapest", "by": "words"})
    assert by_get.json() == by_post.json()
    (hit,) = by_get.json()["hits"]
    assert hit["article"]["id"] == "summit" and hit["deep_link"].startswith("https://example.org/summit#:~:text=")
    assert api.get("/api/search", params={"query": "road", "language": "fr"}).json()["hits"] == []
    problem(api.get("/api/search", params={"query": "  "}), 422, "BadQuestion")
    problem(
        api.get("/api/search", params={"query": "a", "since": "2025-02-02", "until": "2025-01-01"}), 422, "BadFilter"
    )


def test_articles_come_a_page_at_a_time(client: Client) -> None:
    api = client()
    first, second = (api.get("/api/articles", params={"limit": 1, "skip": skip}).json() for skip in (0, 1))
    assert [each["articles"][0]["id"] for each in (first, second)] == ["summit", "other"]
    assert first["total"] == second["total"] == 2
    assert "text" not in first["articles"][0]
    assert api.get("/api/articles", params={"skip": 2}).json() == {"articles": [], "total": 2}
    assert api.get("/api/articles", params={"source": "Example Times"}).json()["total"] == 1
    problem(api.get("/api/articles", params={"limit": 101}), 422, "InvalidRequest")


def test_an_article_as_it_is_and_as_it_was(client: Client, archive: Archive) -> None:
    archive.add([Article("a/b c", "One."), Article("a/b c", "Two.")])
    api = client()
    now = api.get("/api/articles/a/b%20c").json()
    assert now["text"] == "Two."
    earlier = Article("a/b c", "One.").content_hash
    assert api.get("/api/articles/a/b c", params={"version": earlier}).json()["text"] == "One."
    problem(api.get("/api/articles/none"), 404, "NotFound")
    problem(api.get("/api/articles/summit", params={"version": "0" * 64}), 404, "NotFound")


@pytest.mark.parametrize("path", ["articles/summit", "articles", "search?query=road", "suggestions"])
def test_what_has_not_changed_is_not_sent_again(client: Client, archive: Archive, path: str) -> None:
    api = client()
    if path == "suggestions":
        made(api)
    first = api.get(f"/api/{path}")
    known = {"If-None-Match": f'"other", {first.headers["etag"]}'}
    again = api.get(f"/api/{path}", headers=known)
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again.headers["cache-control"] == "no-cache"
    archive.add([Article("summit", "Something else.", language="en")])
    assert api.get(f"/api/{path}", headers=known).status_code == 200


@pytest.mark.parametrize("path", ["articles", "search?query=road"])
def test_an_archive_made_anew_and_a_new_version_are_told_again(
    client: Client, archive: Archive, file: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    known = {"If-None-Match": client().get(f"/api/{path}").headers["etag"]}
    with archive_with(file.with_name("anew.db"), ARTICLE, OTHER) as anew:
        assert anew.revision == archive.revision
        with TestClient(create_app(Defective(anew), Settings())) as api:
            assert api.get(f"/api/{path}", headers=known).status_code == 200
    assert client().get(f"/api/{path}", headers=known).status_code == 304, "the same after a new start"
    monkeypatch.setattr("ui.api.versions", lambda: {"groundwire": "another"})
    assert client().get(f"/api/{path}", headers=known).status_code == 200


# Checking and telling back


def test_citations_are_held_against_what_is_stored(client: Client, archive: Archive) -> None:
    archive.add([Article("changed", "One."), Article("changed", "Two.")])
    told = Article("changed", "One.").content_hash

    def cited(article_id: str, content_hash: str, start: int, end: int, text: str) -> dict[str, Any]:
        return {"article_id": article_id, "content_hash": content_hash, "start": start, "end": end, "text": text}

    answer = client().post("/api/ask", json={"question": "Where?"}).json()["excerpts"][0]
    citations = [
        cited("summit", answer["article"]["content_hash"], answer["start"], answer["end"], answer["text"]),
        cited("changed", told, 0, 4, "One."),
        cited("summit", ARTICLE.content_hash, START, END, "The summit will be held in Vienna, they said."),
        cited("summit", ARTICLE.content_hash, 5, 5, ""),
        cited("summit", ARTICLE.content_hash, 0, 2**53, ARTICLE.text),
        cited("summit", "0" * 64, 0, 1, "T"),
        cited("none", ARTICLE.content_hash, 0, 1, "T"),
    ]
    checked = client().post("/api/verify", json={"citations": citations}).json()
    assert checked["true"] is False
    found = [(each["true"], each["current"]) for each in checked["citations"]]
    assert found == [(True, True), (True, False), *[(False, True)] * 3, (False, None), (False, None)]
    reasons = [each["reason"] for each in checked["citations"]]
    assert "changed since" in reasons[1] and "“The summit will be held in Budapest" in reasons[2]
    assert "no part" in reasons[3] and "no version" in reasons[5] and "no article" in reasons[6]
    assert client().post("/api/verify", json={"citations": citations[:1]}).json()["true"] is True


def test_feedback_is_kept_beside_the_archive(client: Client, file: Path) -> None:
    answer = client().post("/api/ask", json={"question": "Where?"}).json()
    body = {"answer": answer["id"], "verdict": "bad", "question": "Where?", "comment": "Not there."}
    assert client().post("/api/feedback", json=body).status_code == 201
    (kept,) = FeedbackBook(Path(f"{file}.feedback"))
    assert (kept.answer, kept.verdict, kept.comment) == (answer["id"], "bad", "Not there.")
    problem(client().post("/api/feedback", json={**body, "verdict": "so so"}), 422, "InvalidRequest")
    problem(client().post("/api/feedback", json={**body, "answer": "1"}), 422, "InvalidRequest")


def made(api: TestClient) -> dict[str, Any]:
    """The suggestions of the archive as the server found it: they are begun before anybody asks for them."""
    service: Service = cast(FastAPI, api.app).state.service
    worker = service.suggestions._worker
    assert worker is not None
    worker.join()
    told: dict[str, Any] = api.get("/api/suggestions").json()
    return told


def test_suggestions_are_questions_that_are_answered(client: Client) -> None:
    told = made(client(questions=("Where is it?", "Who is it?")))
    assert told["complete"] is True
    assert [each["question"] for each in told["suggestions"]] == ["Where is it?"]


# Watching


def test_health_tells_what_the_server_is_made_of(client: Client, archive: Archive) -> None:
    told = client().get("/api/health").json()
    assert (told["live"], told["ready"], told["articles"]) == (True, True, 2)
    assert told["revision"] == archive.revision and told["newest"] == "2025-10-17T09:30:00+00:00"
    assert {"groundwire", "python", "apsw"} <= set(told["versions"])


def test_an_archive_that_cannot_be_read_is_not_ready(
    client: Client, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: object, **__: object) -> None:
        raise ArchiveError("the disk is gone")

    monkeypatch.setattr(archive, "articles", unreadable)
    told = problem(client().get("/api/health"), 503, "NotReady")
    assert "the server lives" in told["detail"]


def test_a_busy_archive_is_told_to_try_again(client: Client, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> None:
        raise ArchiveBusy("another process is writing to /a/place")

    monkeypatch.setattr(archive, "search", busy)
    refused = client().get("/api/search", params={"query": "road"})
    assert "/a/place" not in problem(refused, 503, "ArchiveBusy")["detail"]
    assert refused.headers["retry-after"] == "5"


def test_figures_count_answers_errors_and_requests(client: Client) -> None:
    api = client()
    for question in ("Where?", "When?", "?"):
        api.post("/api/ask", json={"question": question})
    api.get("/api/articles/summit")
    told = api.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=")
    for line in (
        'groundwire_answers_total{outcome="certain"} 1.0',
        'groundwire_answers_total{outcome="none"} 1.0',
        'groundwire_errors_total{kind="BadQuestion"} 1.0',
        'groundwire_request_seconds_count{method="POST",route="/api/ask",status="200"} 2.0',
        'groundwire_answer_seconds_count{step="retrieve"} 2.0',
        "groundwire_questions_waiting 0.0",
    ):
        assert line in told.text, line
    assert 'route="/api/articles/{article_id:path}"' in told.text


# Who may


def test_what_is_not_there_and_what_is_not_done(client: Client) -> None:
    api = client()
    problem(api.get("/api/nothing"), 404, "NotFound")
    problem(api.get("/nothing"), 404, "NotFound")
    for method, path, allowed in [
        ("GET", "/api/ask", "POST"),
        ("HEAD", "/api/ask", "POST"),
        ("POST", "/metrics", "GET, HEAD"),
        ("PUT", "/api/search", "GET, HEAD, POST"),
    ]:
        refused = api.request(method, path)
        assert refused.status_code == 405 and refused.headers["allow"] == allowed
        if method != "HEAD":
            problem(refused, 405, "MethodNotAllowed")


def test_no_articles_are_changed_without_an_admin_key(client: Client) -> None:
    api = client()
    for method in ("PUT", "DELETE"):
        refused = api.request(method, "/api/articles/summit", headers=ADMIN)
        problem(refused, 405, "MethodNotAllowed")
        assert refused.headers["allow"] == "GET, HEAD"
    paths = api.get("/api/openapi.json").json()["paths"]
    assert set(paths["/api/articles/{article_id}"]) == {"get"}
    with_key = client(admin_key=KEY).get("/api/openapi.json").json()["paths"]
    assert set(with_key["/api/articles/{article_id}"]) == {"get", "put", "delete"}


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Bearer ", f"Basic {KEY}", f"Bearer {KEY}x", "Bearer é"])
def test_a_wrong_admin_key(client: Client, archive: Archive, header: str | None) -> None:
    headers = {b"Authorization": header.encode("utf-8")} if header else {}
    refused = client(admin_key=KEY).request("DELETE", "/api/articles/summit", headers=headers)
    problem(refused, 401, "WrongKey")
    assert refused.headers["www-authenticate"] == "Bearer"
    assert archive.get("summit")


def test_putting_and_deleting_an_article(client: Client, archive: Archive) -> None:
    api = client(admin_key=KEY, largest_body=1024)
    body = {"text": "It is sunny. " * 200, "title": "Weather", "language": "en", "published": "2025-01-02"}
    added = api.put("/api/articles/news/weather", json=body, headers=ADMIN)
    assert (added.status_code, added.json()["outcome"]) == (201, "added")
    assert archive.get("news/weather").title == "Weather"
    unchanged = api.put("/api/articles/news/weather", json=body, headers=ADMIN)
    assert (unchanged.status_code, unchanged.json()["outcome"]) == (200, "unchanged")
    updated = api.put("/api/articles/news/weather", json={**body, "text": "Rain."}, headers=ADMIN)
    assert updated.json()["outcome"] == "updated"
    assert updated.json()["article"]["content_hash"] == archive.get("news/weather").content_hash
    assert api.delete("/api/articles/news/weather", headers=ADMIN).status_code == 204
    problem(api.delete("/api/articles/news/weather", headers=ADMIN), 404, "NotFound")
    wrong = api.put("/api/articles/x", json={"text": "Rain.", "url": "nowhere"}, headers=ADMIN)
    assert "url: expected an address" in problem(wrong, 422, "BadArticle")["detail"]


def test_an_article_of_any_id_is_stored_under_that_id(client: Client, archive: Archive) -> None:
    api = client(admin_key=KEY)
    for name in ("été 1", "a//b", "100%", "a?b#c", "example.org/upload"):
        put = api.put(f"/api/articles/{quote(name)}", json={"text": "x"}, headers=ADMIN)
        assert put.json()["article"]["id"] == name and archive.get(name)


def test_pages_of_other_sites_ask_only_where_they_may(client: Client) -> None:
    api = client(allowed_origins=["https://news.example"], public_url="https://ask.example")
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-site-key"}
    allowed = api.options("/api/ask", headers={"Origin": "https://news.example", **preflight})
    assert allowed.headers["access-control-allow-origin"] == "https://news.example"
    assert "access-control-allow-credentials" not in allowed.headers
    for header in ("x-site-key", "x-session-id"):
        assert header in allowed.headers["access-control-allow-headers"].lower()
    refused = api.options("/api/ask", headers={"Origin": "https://evil.example", **preflight})
    assert "access-control-allow-origin" not in refused.headers
    assert "pages of https://evil.example" in problem(refused, 400, "RefusedPreflight")["detail"]

    def asked(origin: str) -> Response:
        return api.post("/api/ask", json={"question": "Where?"}, headers={"Origin": origin})

    for own in ("https://news.example", "http://testserver", "https://ask.example"):
        assert asked(own).status_code == 200
    assert asked("https://news.example").headers["access-control-allow-origin"] == "https://news.example"
    for foreign in ("https://evil.example", "null", "https://news.example.evil.example"):
        problem(asked(foreign), 403, "RefusedOrigin")


def test_a_site_key_holds_for_its_origins_and_has_its_quota(client: Client) -> None:
    blog = SiteKey(key="blog", origins=("https://blog.example",), per_minute=2)
    api = client(site_keys=[blog])

    def asked(key: str | None, origin: str | None) -> Response:
        headers = {"X-Site-Key": key, "Origin": origin}
        given = {name: value for name, value in headers.items() if value}
        return api.post("/api/ask", json={"question": "Where?"}, headers=given)

    problem(asked("blog", "https://evil.example"), 403, "RefusedOrigin")
    problem(asked(None, "https://blog.example"), 403, "RefusedOrigin")
    problem(asked("blag", "https://blog.example"), 403, "UnknownKey")
    assert [asked("blog", "https://blog.example").status_code for _ in range(2)] == [200, 200]
    refused = asked("blog", "https://blog.example")
    assert "from this site" in problem(refused, 429, "TooManyRequests")["detail"]
    assert refused.headers["access-control-allow-origin"] == "https://blog.example"
    assert int(refused.headers["retry-after"]) == refused.json()["retry_after"] > 0
    assert asked(None, None).status_code == 200


def test_too_many_requests_from_an_address_and_in_a_conversation(client: Client) -> None:
    api = client(per_ip=5, per_session=2)
    mine, another = {"X-Session-Id": "mine"}, {"X-Session-Id": "another"}
    codes = [api.get("/api/articles", headers=mine).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert [api.get("/api/articles", headers=another).status_code for _ in range(3)] == [200, 200, 429]
    refused = api.get("/api/articles")
    assert "from your address" in problem(refused, 429, "TooManyRequests")["detail"]
    assert "retry-after" in refused.headers
    assert api.get("/api/health").status_code == 200, "whoever watches is not counted"


def test_pages_are_counted_and_their_files_are_not(client: Client) -> None:
    api = client(per_ip=5)
    for path in ["/api/health", "/metrics", "/widget.js", "/web/chat.js", "/web/chat.css"] * 3:
        assert api.get(path).status_code == 200
    paths = ("/", "/demo", "/article?id=summit", "/none", "/api/articles")
    assert [api.get(path).status_code for path in paths] == [200, 200, 200, 404, 200]
    for path in paths:
        problem(api.get(path), 429, "TooManyRequests")
    assert api.get("/web/chat.js").status_code == 200


def test_what_pages_look_up_by_themselves_takes_nothing_from_questions(client: Client) -> None:
    api = client(per_ip=2, site_keys=(SiteKey(key="blog", origins=("https://blog.example",), per_minute=1),))
    site = {"Origin": "https://blog.example", "X-Site-Key": "blog"}
    for path in ("/api/about", "/api/suggestions"):
        assert api.get(path, headers=site).status_code == 200
    assert api.post("/api/ask", json={"question": "Where?"}, headers=site).status_code == 200
    problem(api.get("/api/about", headers=site), 429, "TooManyRequests")
    problem(api.get("/api/about", headers={"Origin": "https://evil.example"}), 429, "TooManyRequests")
    problem(client().get("/api/about", headers={"Origin": "https://evil.example"}), 403, "RefusedOrigin")


@pytest.mark.parametrize(("accepted", "said"), [("en", "Wait 30 seconds"), ("fr-CH, en;q=0.5", "Attendez 30 secondes")])
def test_who_opened_a_page_reads_the_problem_as_a_page(client: Client, accepted: str, said: str) -> None:
    api = client(per_ip=2)
    browser = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": accepted}
    nowhere = api.get("/none", headers=browser)
    assert nowhere.status_code == 404 and nowhere.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>" in nowhere.text and 'href="./"' in nowhere.text
    wrong = api.get("/article?start=x", headers=browser)
    assert wrong.status_code == 422 and "start" in wrong.text
    refused = api.get("/", headers=browser)
    assert refused.status_code == 429 and refused.headers["retry-after"] == "30"
    assert said in refused.text
    problem(api.get("/", headers={"Accept": "application/json"}), 429, "TooManyRequests")
    problem(api.get("/api/articles", headers=browser), 429, "TooManyRequests")


@pytest.mark.parametrize("path", ["/none", "/demo/", "/article/", "/news/today%2Fx/"])
def test_a_page_of_a_problem_finds_its_style_and_the_way_home(client: Client, path: str) -> None:
    page = client().get(path, headers={"Accept": "text/html"})
    assert page.status_code == 404 and "<h1>" in page.text
    behind_a_proxy = f"https://news.example/ask{path}"
    style, *others = (urljoin(behind_a_proxy, each) for each in re.findall(r'href="([^"]*)"', page.text))
    assert style.startswith("https://news.example/ask/web/chat.css?")
    assert others.count("https://news.example/ask/") == 2


def test_a_failure_is_told_in_the_readers_language(
    client: Client, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object) -> None:
        raise ArchiveDamaged("the file has been cut")

    api = client()
    monkeypatch.setattr(archive, "get", damaged)
    page = api.get("/article?id=summit", headers={"Accept": "text/html", "Accept-Language": "fr"})
    assert page.status_code == 500 and texts()["fr"]["defect"] in page.text


def test_a_conversation_stays_well_within_the_limits(client: Client) -> None:
    api, session = client(), {"X-Session-Id": "mine"}
    api.get("/")
    for _ in range(12):  # a minute of a page that looks whether articles are still being added
        assert api.get("/api/about").status_code == 200
        assert api.get("/api/suggestions").status_code == 200
    for _ in range(15):
        assert api.post("/api/ask", json={"question": "Where?"}, headers=session).status_code == 200


@pytest.mark.parametrize("path", ["/", "/demo", "/article?id=summit", "/widget.js", "/api/health", "/api/articles"])
def test_head_is_get_without_the_body(client: Client, path: str) -> None:
    api = client()
    asked, got = api.head(path), api.get(path)
    assert (asked.status_code, asked.content) == (200, b"")
    assert {**asked.headers} == {**got.headers}
    assert 'method="HEAD"' in api.get("/metrics").text


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        ("gzip, deflate, br", True),
        ("*", True),
        ("br;q=1, GZIP;q=0.1", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("*;q=0", False),
        ("br", False),
        ("", False),
    ],
)
def test_whoever_takes_gzip_gets_it(client: Client, accepted: str, compressed: bool) -> None:
    api = client()
    for path in ("/", "/demo", "/article?id=summit", "/widget.js", "/web/chat.css", "/api/openapi.json"):
        packed, plain = (api.get(path, headers={"Accept-Encoding": each}) for each in (accepted, "identity"))
        assert (packed.headers.get("content-encoding") == "gzip") == compressed, path
        assert packed.content == plain.content, "httpx unpacks it"
        assert int(packed.headers["content-length"]) < len(plain.content) or not compressed
        for each in (packed, plain):
            assert "Accept-Encoding" in each.headers["vary"], path


def test_a_stream_is_not_compressed(client: Client) -> None:
    headers = {"Accept": "text/event-stream", "Accept-Encoding": "gzip"}
    streamed = client().post("/api/ask", json={"question": "Where?"}, headers=headers)
    assert "content-encoding" not in streamed.headers and len(events(streamed)) == 4


@pytest.mark.parametrize("path", ["/widget.js", "/web/chat.js", "/api/articles/summit", "/api/articles"])
def test_an_etag_is_of_both_encodings(client: Client, path: str) -> None:
    api = client()
    tags = {api.get(path, headers={"Accept-Encoding": each}).headers["etag"] for each in ("gzip", "identity")}
    (tag,) = tags
    assert tag.startswith('W/"')
    again = api.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert "Accept-Encoding" in again.headers["vary"]
    assert api.get(path, headers={"If-None-Match": 'W/"other"'}).status_code == 200


def test_browsers_are_told_what_pages_may_do(client: Client) -> None:
    api = client(allowed_origins=["https://news.example"])
    for response in (api.get("/api/health"), api.get("/api/nothing"), api.post("/api/ask", json={})):
        policy = response.headers["content-security-policy"]
        assert policy.endswith("frame-ancestors 'self' https://news.example")
        assert "script-src 'self';" in policy and "default-src 'self'" in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"


def test_the_logo_is_served(client: Client, tmp_path: Path) -> None:
    picture = tmp_path / "logo.svg"
    picture.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert client(logo=picture).get("/logo").headers["content-type"] == "image/svg+xml"
    problem(client().get("/logo"), 404, "NotFound")
