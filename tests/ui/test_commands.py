"""The commands in this process, with an assistant whose answers are known."""

import json
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import index.embed
import qa.assistant
from index import Archive
from index.errors import ModelError
from index.feedback import FeedbackBook
from index.types import Filters, Finding
from qa.types import Answer
from tests.ui.answers import FakeAssistant
from tests.ui.conftest import SEEDS
from ui.cli import app

COMMANDS = ["ask", "search", "chat", "serve", "add", "list", "show", "remove", "feedback", "stats", "check", "rebuild"]
COMMANDS += ["prepare"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What the assistant is asked."""
    monkeypatch.setattr(FakeAssistant, "asked", [], raising=False)
    monkeypatch.setattr(qa.assistant, "Assistant", FakeAssistant)
    return FakeAssistant.asked


def invoke(*words: str | int | Path, stdin: str = "") -> Result:
    return CliRunner().invoke(app, list(map(str, words)), input=stdin, prog_name="groundwire")


def test_an_answer_and_its_exit_codes(db: Path, asked: list[tuple[str, dict[str, Any]]]) -> None:
    found = invoke("ask", "where", "is", "it?", "--db", db, "--limit", 2, "--language", "FR")
    assert (found.exit_code, found.stdout.splitlines()[0]) == (0, "Budapest [1]")
    assert asked == [("where is it?", {"filters": Filters(language="fr"), "limit": 2})]
    assert invoke("ask", "when", "--db", db).exit_code == 3
    wrong = invoke("ask", "", "--db", db)
    assert (wrong.exit_code, wrong.stdout, wrong.stderr) == (1, "", "groundwire: the question is empty\n")
    told = invoke("ask", "", "--db", db, "--json")
    assert json.loads(told.stdout) == {"error": {"kind": "BadQuestion", "message": "the question is empty"}}


def test_a_conversation_keeps_its_filters(db: Path, asked: list[tuple[str, dict[str, Any]]]) -> None:
    talk = invoke("chat", "--db", db, "--source", "Times", stdin="where?\nwhen?\n")
    assert talk.exit_code == 0
    assert [question for question, _ in asked] == ["where?", "when?"]
    assert {settings["filters"] for _, settings in asked} == {Filters(source="Times")}


def test_ctrl_c_while_answering_is_130(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> Answer:
        raise KeyboardInterrupt

    monkeypatch.setattr(qa.assistant.Assistant, "ask", interrupted)
    stopped = invoke("ask", "where?", "--db", db)
    assert (stopped.exit_code, stopped.stdout, stopped.stderr) == (130, "", "stopped\n")
    assert invoke("chat", "--db", db, stdin="where?\n").exit_code == 0


def test_commands_that_read_create_no_archive(tmp_path: Path) -> None:
    for command in ("search x", "list", "show x", "remove x", "feedback", "check", "rebuild", "chat", "serve"):
        failed = invoke(*command.split(), "--db", tmp_path / "new.db")
        assert (failed.exit_code, failed.stdout) == (1, "")
        assert failed.stderr.startswith(f"groundwire: there is no archive {tmp_path}/new.db; create it with: ")
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        (["--language", "fr", "--source", "Epoch Times"], 0),
        (["--since", "2025-10-17", "--until", "2025-10-17"], 0),
        (["--language", "en"], 3),
        (["--section", "Monde"], 3),
        (["--until", "2025-10-16"], 3),
        (["--since", "tomorrow"], 1),
    ],
)
def test_filters(db: Path, filters: list[str], code: int) -> None:
    for words in (["list"], ["search", "Budapest", "--by", "words"], ["list", "--json"]):
        found = invoke(*words, "--db", db, *filters)
        assert found.exit_code == code
        assert bool(found.stderr) == (code == 1 or (code == 3 and "--json" not in words))


def test_damage_is_shown_and_is_1(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    findings = [Finding("database", True, "ok"), Finding("words", False, "3 of 9 passages")]
    monkeypatch.setattr(Archive, "check", lambda _archive: findings)
    checked = invoke("check", "--db", db)
    assert checked.exit_code == 1
    assert checked.stdout.splitlines()[1] == "DAMAGED  words      3 of 9 passages"


def test_a_full_disk_is_one_line(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_archive: Archive) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Archive, "rebuild", full)
    failed = invoke("rebuild", "--db", db)
    assert (failed.exit_code, failed.stderr) == (1, "groundwire: [Errno 28] No space left on device\n")


def test_defects_are_not_hidden(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def defect(_archive: Archive) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Archive, "rebuild", defect)
    assert isinstance(invoke("rebuild", "--db", db).exception, ZeroDivisionError)


def test_serving_hands_over_to_the_app(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[tuple[Path, str, int]] = []
    app = ModuleType("ui.app")
    app.serve = lambda assistant, settings: served.append(  # type: ignore[attr-defined]
        (assistant.archive.path, settings.host, settings.port)
    )
    monkeypatch.setitem(sys.modules, "ui.app", app)
    monkeypatch.setattr("ui.serving.refuse_taken_address", lambda _host, _port: None)
    assert invoke("serve", "--db", db).exit_code == 0
    assert invoke("serve", "--db", db, "--host", "::1", "--port", 80).exit_code == 0
    assert served == [(db, "127.0.0.1", 7860), (db, "::1", 80)]


def test_without_its_model_no_archive_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for: list[str | None] = []

    def missing(name: str | None, _report: object) -> None:
        asked_for.append(name)
        raise ModelError("no such model")

    monkeypatch.setattr(index.embed, "load_embedder", missing)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").mkdir()
    for name in ("some/name", "model"):
        failed = invoke("add", SEEDS, "--db", "new.db", "--model", name)
        assert (failed.exit_code, failed.stderr) == (1, "groundwire: no such model\n")
    # The folder will be looked for again, from wherever the archive is opened.
    assert asked_for == ["some/name", str(tmp_path / "model")]
    assert not (tmp_path / "new.db").exists()


def test_an_archive_keeps_its_model(db: Path) -> None:
    failed = invoke("add", SEEDS, "--db", db, "--model", "another/model")
    assert failed.exit_code == 1
    assert "was made with the model 'multilingual-e5-small-int8', not 'another/model'" in failed.stderr


def test_a_list_says_how_many_more(tmp_path: Path) -> None:
    lines = [json.dumps({"id": f"n{n}", "text": f"Article {n}.", "published": f"2025-10-{n + 1:02}"}) for n in range(4)]
    (tmp_path / "news.jsonl").write_text("\n".join(lines), encoding="utf-8")
    db = tmp_path / "news.db"
    assert invoke("add", tmp_path / "news.jsonl", "--db", db).exit_code == 0
    listed = invoke("list", "--db", db, "--limit", 1)
    assert listed.stdout.startswith("n3\t") and listed.stdout.count("\n") == 1
    assert listed.stderr == "… and 3 more; --limit 4 lists them too\n"
    told = json.loads(invoke("list", "--db", db, "--limit", 1, "--since", "2025-10-02", "--json").stdout)
    assert (len(told["articles"]), told["total"]) == (1, 3)


def test_what_readers_said_can_be_read(db: Path, tmp_path: Path) -> None:
    copy = tmp_path / "news.db"
    shutil.copytree(db.parent, tmp_path, dirs_exist_ok=True)
    silent = invoke("feedback", "--db", copy)
    assert (silent.exit_code, silent.stdout) == (3, "")
    book = FeedbackBook(Path(f"{copy}.feedback"))
    for verdict, comment in (("good", "First."), ("bad", "Not\tthere.\x1b[2J")):
        book.add("4f0c", verdict, question="Where?", comment=comment)  # type: ignore[arg-type]
    newest, oldest = invoke("feedback", "--db", copy).stdout.splitlines()
    assert newest.split("\t")[1:] == ["bad", "Where?", "Not there.\ufffd[2J", "4f0c"]
    assert oldest.split("\t")[1:] == ["good", "Where?", "First.", "4f0c"]
    told = json.loads(invoke("feedback", "--db", copy, "--limit", 1, "--json").stdout)
    assert (told["total"], [each["comment"] for each in told["feedback"]]) == (2, ["Not\tthere.\x1b[2J"])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_one_line_of_help(name: str) -> None:
    shown = invoke(name, "--help")
    assert shown.exit_code == 0
    usage, _, description, after, *_ = shown.stdout.split("\n")
    assert usage.startswith(f"Usage: groundwire {name}")
    assert description.strip().endswith(".") and not after
