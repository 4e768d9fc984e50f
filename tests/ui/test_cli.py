"""The installed command, as people and scripts run it, on an archive made with the real model."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from index import Archive, Article
from tests.ui.conftest import COMMAND, SEEDS, Groundwire, run, without_settings

ID = "trump-poutine-budapest"
QUESTION = "Combien de missiles la Russie a-t-elle tirés sur l'Ukraine le 16 octobre ?"
UNANSWERABLE = "What is the capital of Australia?"
TEXT = (SEEDS / f"{ID}.txt").read_text(encoding="utf-8")


def test_help_and_version_need_nothing_heavy() -> None:
    heavy = ["numpy", "faiss", "onnxruntime", "tantivy", "apsw", "torch", "index", "qa", "rich.console"]
    code = f"import ui.cli, sys; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert found.stdout.strip() == "[]"
    assert run("--version").stdout.startswith("groundwire ")


@pytest.mark.parametrize("start", [[COMMAND], [sys.executable, "-m", "ui.cli"]])
def test_help_lists_the_commands(start: list[str]) -> None:
    shown = subprocess.run([*start, "--help"], capture_output=True, encoding="utf-8", check=True).stdout
    assert shown.startswith("Usage: groundwire ")
    for name in ("add", "ask", "search", "list", "show", "remove", "stats", "check", "rebuild", "chat", "serve"):
        assert f"\n  {name} " in shown
    assert "prepare" not in shown and "completion" not in shown


def test_asking_prints_the_answer_with_its_quotations(groundwire: Groundwire) -> None:
    asked = groundwire("ask", QUESTION)
    assert (asked.returncode, asked.stderr) == (0, "")
    answer, _, rest = asked.stdout.partition("\n\n")
    assert "37" in answer and "[1]" in answer
    assert rest.startswith("[1] ") and "**" in rest
    quotation, dateline = rest.splitlines()[:2]
    assert quotation.removeprefix("[1] ").replace("**", "") in TEXT
    assert dateline.endswith("… · Epoch Times · 17 Oct 2025 · French")
    assert "\x1b" not in asked.stdout


def test_what_the_articles_do_not_say(groundwire: Groundwire) -> None:
    asked = groundwire("ask", UNANSWERABLE)
    assert (asked.returncode, asked.stderr) == (3, "")
    assert asked.stdout.startswith("The articles do not say.\n\nRelated reading:\n")


def test_quotations_in_json_are_the_words_of_the_article(groundwire: Groundwire) -> None:
    answer = json.loads(groundwire("ask", *QUESTION.split(), "--json").stdout)
    article = json.loads(groundwire("show", ID, "--json").stdout)
    assert answer["found"] and answer["excerpts"]
    for excerpt in answer["excerpts"]:
        assert "".join(piece["text"] for piece in excerpt["pieces"]) == excerpt["text"]
        assert article["text"][excerpt["start"] : excerpt["end"]] == excerpt["text"]
        assert excerpt["article"]["content_hash"] == article["content_hash"]


@pytest.mark.parametrize(
    ("words", "code", "keys"),
    [
        (["ask", UNANSWERABLE], 3, {"question", "found", "text", "excerpts", "related", "confidence"}),
        (["search", "Tomahawk"], 0, {"query", "hits"}),
        (["search", "Tomahawk", "--language", "en"], 3, {"query", "hits"}),
        (["list"], 0, {"articles", "total"}),
        (["list", "--until", "2025-10-16"], 3, {"articles", "total"}),
        (["show", ID], 0, {"id", "title", "text", "published"}),
        (["show", "nothing"], 3, {"error"}),
        (["stats"], 0, {"articles", "passages", "model", "bytes_on_disk", "newest"}),
        (["check"], 0, {"ok", "findings"}),
        (["add", SEEDS], 0, {"added", "updated", "unchanged", "passages", "rejected"}),
        (["remove", "nothing"], 3, {"removed", "unknown"}),
    ],
)
def test_json_is_one_document_in_any_script(
    groundwire: Groundwire, words: list[str | Path], code: int, keys: set[str]
) -> None:
    finished = groundwire(*words, "--json")
    assert finished.returncode == code
    assert keys <= set(json.loads(finished.stdout))
    assert "\\u00" not in finished.stdout


def test_searching_shows_passages_with_where_they_stand(groundwire: Groundwire) -> None:
    for by in ("fused", "words"):
        found = groundwire("search", "Tomahawk", "--by", by, "--limit", "2")
        assert found.returncode == 0
        assert found.stdout.count(f" {by} · {ID} · Epoch Times · 17 Oct 2025 · French") == 2
        assert "  1. " in found.stdout and "Tomahawk" in found.stdout


def test_listing_is_a_line_for_each_article(groundwire: Groundwire) -> None:
    identifier, title, *rest = groundwire("list").stdout.rstrip("\n").split("\t")
    assert (identifier, rest) == (ID, ["Epoch Times", "2025-10-17", "fr"])
    assert title.startswith("Le président")


def test_showing_an_article(groundwire: Groundwire) -> None:
    shown = groundwire("show", ID)
    assert shown.returncode == 0
    assert "Epoch Times · 17 Oct 2025 · French\n" in shown.stdout
    assert shown.stdout.endswith("\n".join(line.rstrip() for line in TEXT.rstrip("\n").split("\n")) + "\n")
    unknown = groundwire("show", "nothing")
    assert (unknown.returncode, unknown.stdout) == (3, "")
    assert unknown.stderr.startswith("groundwire: no article has the id 'nothing'")


def test_figures_and_checks(groundwire: Groundwire) -> None:
    figures = groundwire("stats").stdout
    assert "articles   1\n" in figures and "languages  French 1\n" in figures and " MB\n" in figures
    check = groundwire("check")
    assert check.returncode == 0
    assert all(line.startswith("ok ") for line in check.stdout.splitlines())
    assert groundwire("rebuild").stdout == "rebuilt the indexes of 9 passages\n"


def test_adding_again_changes_nothing(groundwire: Groundwire, db: Path) -> None:
    again = groundwire("add", SEEDS)
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout == f"added 0, updated 0, unchanged 1; 0 new passages in {db}\n"


def test_what_cannot_be_added_is_told_with_the_reason(tmp_path: Path) -> None:
    news = tmp_path / "news"
    news.mkdir()
    (news / "good.txt").write_text("The ministers met in Geneva on Tuesday.", encoding="utf-8")
    (news / "bad.txt").write_bytes(b"caf\xe9")
    some = run("add", news, "--db", tmp_path / "some.db")
    assert some.returncode == 0
    assert some.stdout.startswith("added 1, updated 0, unchanged 0, rejected 1; ")
    assert some.stderr.startswith(f"rejected {news}/bad.txt: byte 0xe9 at offset 3 is not UTF-8")
    none = run("add", news / "bad.txt", "--db", tmp_path / "none.db", "--json")
    assert none.returncode == 1
    assert json.loads(none.stdout)["rejected"][0]["origin"] == f"{news}/bad.txt"
    nowhere = run("add", news / "nowhere", "--db", tmp_path / "nowhere.db")
    assert nowhere.returncode == 1
    assert "check the path" in nowhere.stderr
    assert not (tmp_path / "nowhere.db").exists()


def test_removing_articles(tmp_path: Path) -> None:
    db = tmp_path / "news.db"
    lines = "".join(json.dumps({"id": f"n{number}", "text": f"Article {number}."}) + "\n" for number in range(3))
    (tmp_path / "news.jsonl").write_text(lines, encoding="utf-8")
    assert run("add", tmp_path / "news.jsonl", "--db", db).returncode == 0
    removed = run("remove", "n0", "nothing", "n2", "--db", db)
    assert (removed.returncode, removed.stdout) == (3, "removed 2\n")
    assert removed.stderr.startswith("groundwire: no article has the id 'nothing'")
    assert [line.split("\t")[0] for line in run("list", "--db", db).stdout.splitlines()] == ["n1"]
    assert run("remove", "n1", "--db", db).returncode == 0
    for words in (["ask", QUESTION], ["list"]):
        empty = run(*words, "--db", db)
        assert (empty.returncode, empty.stdout) == (3, "")
        assert empty.stderr == f"groundwire: {db} holds no articles yet; add some with: groundwire add PATH --db {db}\n"


def test_a_missing_archive_is_not_created(tmp_path: Path) -> None:
    for words in (["ask", "x"], ["stats"]):
        finished = run(*words, "--db", tmp_path / "new.db")
        assert (finished.returncode, finished.stdout) == (1, "")
        message = f"there is no archive {tmp_path}/new.db; create it with: groundwire add PATH --db {tmp_path}/new.db"
        assert finished.stderr == f"groundwire: {message}\n"
        assert list(tmp_path.iterdir()) == []


def test_errors_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("no archive at all " * 100, encoding="utf-8")
    finished = run("list", "--db", tmp_path / "notes.db")
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr.startswith("groundwire: ") and finished.stderr.count("\n") == 1


def test_wrong_usage_is_2(groundwire: Groundwire) -> None:
    for words in (["ask"], ["nonsense"], ["search", "x", "--by", "luck"], []):
        assert groundwire(*words).returncode == 2


def test_articles_command_no_terminal(tmp_path: Path) -> None:
    hostile = "[red]not red[/red] \x9b31m :smile: said the minister."
    with Archive.open(tmp_path / "hostile.db") as archive:
        archive.add([Article("[bold]id[/bold]", hostile, title="[blink]Title \x9b2J", language="en")])
    search = ["search", "minister", "--by", "words"]
    for words in (["list"], ["show", "[bold]id[/bold]"], search, [*search, "--json"]):
        shown = run(*words, "--db", tmp_path / "hostile.db", FORCE_COLOR="1", TERM="xterm", COLUMNS="200")
        assert shown.returncode == 0
        assert "[blink]Title" in shown.stdout
        assert "\x9b" not in shown.stdout
        assert "list" in words or "[red]not red[/red]" in shown.stdout


def test_output_is_utf_8_whatever_the_locale(groundwire: Groundwire) -> None:
    settings = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert "Le président américain" in groundwire("list", **settings).stdout
    found = groundwire("search", "Tomahawk", "--by", "words", "--json", **settings)
    assert "« " in json.loads(found.stdout)["hits"][0]["passage"]["text"]


def test_a_reader_that_has_gone_is_no_error(db: Path) -> None:
    for words in (["show", ID], ["show", ID, "--json"]):
        process = subprocess.Popen(
            [COMMAND, *words, "--db", db], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=without_settings()
        )
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert (process.stderr.read(), process.wait(timeout=60)) == (b"", 141)
        process.stderr.close()


def test_preparing_says_where_the_model_is() -> None:
    prepared = run("prepare")
    assert (prepared.returncode, prepared.stderr) == (0, "")
    folder = prepared.stdout.removeprefix("the models are ready in ").rstrip("\n")
    assert len(list(Path(folder).glob("*/model_int8.onnx"))) >= 2, "one embeds, one reads"


def test_a_piped_conversation(groundwire: Groundwire) -> None:
    finished = groundwire("chat", stdin=f"{QUESTION}\n\n/help\n?\n{UNANSWERABLE}\n/quit\nnever asked\n")
    assert finished.returncode == 0
    assert f"> {QUESTION}\n" in finished.stdout and "**" in finished.stdout
    assert "/new " in finished.stdout
    assert f"> {UNANSWERABLE}\nThe articles do not say.\n" in finished.stdout
    assert finished.stderr.startswith("groundwire: the question '?' has no word in it")
    assert "never asked" not in finished.stdout


def test_a_conversation_goes_on_until_a_new_one(groundwire: Groundwire) -> None:
    asked = ["où se tiendra le sommet ?", "et quand ?", "/alone", "/new", "et quand ?", "/new", "/alone"]
    finished = groundwire("chat", stdin="".join(f"{line}\n" for line in asked))
    assert (finished.returncode, finished.stderr) == (0, "")
    first, second, alone, new, forgotten, _, nothing = finished.stdout.split("> ")[1:]
    assert "about:" not in first
    assert second.startswith("et quand ?\nabout: le sommet\n")
    assert "about:" not in alone + forgotten
    assert alone.removeprefix("/alone\n").strip() == forgotten.removeprefix("et quand ?\n").strip()
    assert new == "/new\nA new conversation.\n"
    assert nothing == "/alone\nNothing has been asked yet.\n"
