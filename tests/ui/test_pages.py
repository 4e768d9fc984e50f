"""The pages: what they are made of is escaped and their own, and a real server serves them."""

import base64
import gzip
import hashlib
import html
import json
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from index.types import Article
from tests.ui.answers import ARTICLE, AnsweringFrom, archive_with
from tests.ui.conftest import COMMAND, free_port, run, without_settings
from ui.app import create_app, serve
from ui.languages import MONTHS, WEB, day, texts
from ui.pages import paragraphs, pinned_widget_line, preferred, readable_on
from ui.settings import Settings

QUESTION = "Combien de missiles la Russie a-t-elle tirés sur l'Ukraine le 16 octobre ?"
HOSTILE = '<img src=x onerror=alert(1)></script><script>alert(1)</script> & "quoted"'


@pytest.fixture
def pages(file: Path) -> Iterator[TestClient]:
    with archive_with(file, ARTICLE) as archive:
        settings = Settings(
            title="The Harbour", accent="#123456", greeting="Ahoy.", allowed_origins=("https://a.example",)
        )
        with TestClient(create_app(AnsweringFrom(archive), settings)) as client:
            yield client


def address_in(page: str, name: str) -> str:
    """The address that the page loads the file from."""
    return "/" + str(re.findall(rf'(?:src|href)="([^"]*{re.escape(name)}[^"]*)"', page)[0])


def test_the_chat_is_the_publishers_own(pages: TestClient) -> None:
    page = pages.get("/")
    assert page.status_code == 200 and "<h1>The Harbour</h1>" in page.text and "Ahoy." in page.text
    style = pages.get(address_in(page.text, "chat.css"))
    assert "--accent: #123456;" in style.text and "--on-accent: #fff;" in style.text
    known = json.loads(re.findall(r'<script type="application/json" id="known">(.*?)</script>', page.text)[0])
    assert known["about"] == pages.get("/api/about").json()
    assert known["about"]["articles"] == 1 and known["about"]["writing"] is False


def test_no_page_has_a_script_or_a_style_in_it_or_asks_another_host(pages: TestClient) -> None:
    for path in ("/", "/demo", f"/article?id={ARTICLE.id}"):
        page = pages.get(path)
        assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
        policy = page.headers["content-security-policy"]
        assert "unsafe" not in policy and "script-src 'self'" in policy and "style-src 'self'" in policy
        assert "frame-ancestors 'self' https://a.example" in policy
        assert "require-trusted-types-for 'script'" in policy
        for attributes, content in re.findall(r"<script([^>]*)>(.*?)</script>", page.text, re.DOTALL):
            assert not content or 'type="application/json"' in attributes
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page.text)
        assert not re.findall(r"(?:src|srcset)=\"(?:https?:)?//", page.text), "a request to another host"
    sources = [(WEB / name).read_text(encoding="utf-8") for name in ("chat.js", "widget.js", "chat.css", "demo.css")]
    assert not [found for text in sources for found in re.findall(r"(?:url\(|@import|fetch\(.https?:).*", text)]


def test_files_are_kept_for_a_year_under_the_address_that_names_their_content(pages: TestClient) -> None:
    page = pages.get("/").text
    for name in ("chat.js", "chat.css", "widget.js"):
        address = address_in(page, name)
        assert "immutable" in pages.get(address).headers["cache-control"]
        assert "immutable" not in pages.get(address.partition("?")[0]).headers["cache-control"]
        assert "immutable" not in pages.get(address + "0").headers["cache-control"], "another version than asked for"
    assert pages.get("/web/texts.json").status_code == 404 and pages.get("/web/..%2fapp.py").status_code == 404


def test_every_site_may_load_the_widget_and_check_what_it_got(pages: TestClient) -> None:
    loaded = pages.get("/widget.js", headers={"Origin": "https://elsewhere.example"})
    assert loaded.headers["access-control-allow-origin"] == "*"
    assert loaded.headers["content-type"] == "text/javascript; charset=utf-8"
    assert b"#123456" in loaded.content and b"#a3471f" not in loaded.content
    line = pinned_widget_line(Settings(accent="#123456"), "https://news.example")
    digest = base64.b64encode(hashlib.sha384(loaded.content).digest()).decode()
    assert f'integrity="sha384-{digest}"' in line and 'src="https://news.example/widget.js?v=' in line
    raw = (WEB / "widget.js").read_bytes()
    assert len(raw) <= 16_000 and len(gzip.compress(raw, 9)) <= 6_000
    assert int(loaded.headers["content-length"]) <= 6_000 and loaded.headers["content-encoding"] == "gzip"


def test_the_pages_speak_the_readers_language(pages: TestClient) -> None:
    french = pages.get("/", headers={"Accept-Language": "fr-CA,fr;q=0.9,en;q=0.5"}).text
    assert '<html lang="fr"' in french and texts()["fr"]["explained"] in french
    assert preferred("de, fr;q=0.3, en;q=0.2", ("en", "fr")) == "fr"
    assert preferred("de", ("fr", "en")) == "fr", "the first that is offered"
    assert preferred("fr; q=0, EN-us; q=0.1", ("fr", "en")) == "en"
    assert preferred("", ("xx",)) == "en" and preferred("fr;q=x, en;q=0.1", ("fr", "en")) == "en"


def test_an_article_page_looks_as_its_link_asks(pages: TestClient) -> None:
    place, french = {"id": ARTICLE.id}, {"Accept-Language": "fr"}

    def shown(**look: str) -> str:
        return pages.get("/article", params=place | look, headers=french).text

    assert '<html lang="fr" data-theme="auto">' in shown() and "17 oct. 2025" in shown()
    assert '<html lang="en" data-theme="dark">' in shown(lang="en", theme="dark")
    assert "17 Oct 2025" in shown(lang="en")
    assert '<html lang="fr" data-theme="auto">' in shown(lang="xx", theme='"><b>')
    missing = pages.get("/article", params={"id": "nobody", "lang": "en", "theme": "light"}, headers=french)
    assert '<html lang="en" data-theme="light">' in missing.text and missing.status_code == 404


def test_days_are_written_in_every_language_of_the_pages() -> None:
    assert MONTHS.keys() >= texts().keys() and {len(each.split()) for each in MONTHS.values()} == {12}
    assert day(ARTICLE.published, "fr") == "17 oct. 2025"
    assert (day(ARTICLE.published, "xx"), day(None, "fr")) == ("2025-10-17", "")


def test_the_publishers_tagline_is_told(file: Path) -> None:
    with archive_with(file, ARTICLE) as archive:
        settings = Settings(tagline="All that we print.")
        with TestClient(create_app(AnsweringFrom(archive), settings)) as client:
            assert client.get("/api/about").json()["tagline"] == "All that we print."
            assert "All that we print." in client.get("/").text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(), ['On your pages: <script src="http://127.0.0.1:7860/widget.js" async>', "Or this version alone"]),
        (Settings(host="::1"), ['On your pages: <script src="http://[::1]:7860/widget.js"', "Or this version alone"]),
        (Settings(host="0.0.0.0"), ["On your pages: set public_url"]),
        (Settings(host="::"), ["On your pages: set public_url"]),
        (
            Settings(host="0.0.0.0", public_url="https://ask.example.org"),
            ['On your pages: <script src="https://ask.example.org/widget.js"', "Or this version alone"],
        ),
    ],
)
def test_the_line_for_other_pages_is_printed_where_they_can_use_it(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], settings: Settings, said: list[str]
) -> None:
    monkeypatch.setattr("uvicorn.run", lambda *_, **__: None)
    with archive_with(file, ARTICLE) as archive:
        serve(AnsweringFrom(archive), settings)
    printed = capsys.readouterr().out.splitlines()[1:]
    assert len(printed) == len(said)
    assert all(line.startswith(start) for line, start in zip(printed, said, strict=True)), printed


def test_every_language_says_everything() -> None:
    for language, said in texts().items():
        assert said.keys() == texts()["en"].keys(), language
        for key, text in said.items():
            assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", texts()["en"][key])), (
                language,
                key,
            )


def test_a_stored_article_is_shown_with_the_quoted_words_marked(pages: TestClient) -> None:
    start = ARTICLE.text.index("Budapest")
    place: dict[str, str | int] = {"id": ARTICLE.id, "start": start, "end": start + len("Budapest")}
    page = pages.get("/article", params=place).text
    assert '<mark id="quoted" tabindex="-1">Budapest</mark>' in page
    whole = re.sub(r"<[^>]+>", "", page)
    assert all(html.escape(line, quote=True) in whole.replace("&#39;", "&#x27;") for line in ARTICLE.text.split("\n"))
    assert "<mark" not in pages.get("/article", params={"id": ARTICLE.id}).text
    assert pages.get("/article", params=place | {"end": 10**9}).status_code == 200


def test_a_quotation_over_two_paragraphs_is_marked_in_both() -> None:
    made = list(paragraphs("One two.\n\nThree four.\nFive.", 4, 15))
    assert [(each.before, each.quoted, each.after, each.first) for each in made] == [
        ("One ", "two.", "", True),
        ("", "Three", " four.", False),
        ("", "", "Five.", False),
    ]


def test_an_earlier_version_says_that_it_is_one(file: Path) -> None:
    with archive_with(file, ARTICLE) as archive:
        old = archive.get(ARTICLE.id).content_hash
        archive.add([replace(ARTICLE, text=ARTICLE.text + " It was put off.")])
        with TestClient(create_app(AnsweringFrom(archive), Settings())) as client:
            shown = client.get("/article", params={"id": ARTICLE.id, "version": old}).text
            assert texts()["en"]["earlier"] in shown and "put off" not in shown
            assert texts()["en"]["earlier"] not in client.get("/article", params={"id": ARTICLE.id}).text
            assert client.get("/article", params={"id": ARTICLE.id, "version": "0" * 64}).status_code == 404


def test_an_article_that_is_not_there_is_told_as_a_page(pages: TestClient) -> None:
    missing = pages.get("/article", params={"id": "nobody"})
    assert missing.status_code == 404 and texts()["en"]["missing"] in missing.text


def test_nothing_from_an_article_or_a_setting_is_markup(file: Path) -> None:
    hostile = Article(
        "h", f"{HOSTILE}\n{HOSTILE}", HOSTILE, url='https://example.org/"><b>', source=HOSTILE, language="en"
    )
    with archive_with(file, hostile) as archive:
        settings = Settings(title="</script><b>", greeting=HOSTILE)
        with TestClient(create_app(AnsweringFrom(archive), settings)) as client:
            for page in (client.get("/").text, client.get("/article", params={"id": "h", "start": 3, "end": 20}).text):
                assert "<img" not in page and "<b>" not in page and "<script>alert" not in page


def test_a_quotation_is_told_again_by_its_place(pages: TestClient) -> None:
    answer = pages.post("/api/ask", json={"question": "Where?"}).json()
    (excerpt,) = answer["excerpts"]
    before, mark = excerpt["pieces"][0]["text"], next(each["text"] for each in excerpt["pieces"] if each["mark"])
    first = excerpt["start"] + (0 if excerpt["pieces"][0]["mark"] else len(before))
    place = {"id": excerpt["article"]["id"], "version": excerpt["article"]["content_hash"],
             "start": excerpt["start"], "end": excerpt["end"], "marks": f"{first}-{first + len(mark)}"}  # fmt: skip
    told = pages.get("/api/quotation", params=place)
    assert told.json() == {name: value for name, value in excerpt.items() if name != "score"}
    assert pages.get("/api/quotation", params=place, headers={"If-None-Match": told.headers["etag"]}).status_code == 304
    assert pages.get("/api/quotation", params=place | {"version": "0" * 64}).status_code == 404
    for wrong in ({"end": 10**6}, {"start": place["end"]}, {"marks": "9-1"}, {"marks": "0-999999"}, {"marks": "x"}):
        refused = pages.get("/api/quotation", params=place | wrong)
        assert refused.status_code == 422 and refused.json()["detail"], wrong


@pytest.mark.parametrize(("colour", "best"), [("#a3471f", "#fff"), ("#ffd400", "#000"), ("#000000", "#fff")])
def test_what_stands_on_the_accent_can_be_read(colour: str, best: str) -> None:
    assert readable_on(colour) == best


def test_it_is_told_while_somebody_writes(file: Path) -> None:
    with archive_with(file, ARTICLE) as archive:
        assert not archive.is_being_written
        seen: list[bool] = []

        def look(_: object) -> None:
            with ThreadPoolExecutor(1) as other:
                seen.append(other.submit(lambda: archive.is_being_written).result())

        archive.add([Article("n", "Something new.", "New")], look)
        assert seen and all(seen) and not archive.is_being_written


def test_who_looks_whether_somebody_writes_is_no_writer(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with archive_with(file, ARTICLE) as archive, ThreadPoolExecutor(2) as others:
        acquire = archive._lock.acquire

        def slowly(*given: Any, **more: Any) -> object:
            time.sleep(0.2)
            return acquire(*given, **more)

        monkeypatch.setattr(archive._lock, "acquire", slowly)
        assert list(others.map(lambda _: archive.is_being_written, range(2))) == [False, False]


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
        assert server.stdout.readline().startswith(f'On your pages: <script src="http://127.0.0.1:{port}/widget.js"')
        assert "integrity=" in server.stdout.readline()
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
        assert get(f"http://127.0.0.1:{port}/upload", "POST")[0] == 404
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
