"""The command `eval`: on the sample's archive, with a reader whose findings are known."""

import builtins
import io
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import qa.evaluate
import qa.readers
from index import Archive
from qa.expected import load_questions
from qa.types import Candidate, Evidence
from tests.ui.conftest import SEEDS, Groundwire, run
from ui.cli import app
from ui.terminal import counting

DOCUMENT = Path(__file__).parents[2] / "docs" / "evaluating.md"
RIGHT, WRONG = "Budapest, en Hongrie", "Truth Social"
QUESTIONS: list[dict[str, Any]] = [
    {"id": "right", "question": "Où se tiendra le sommet ?", "answers": [RIGHT], "language": "fr", "kind": "where"},
    {"id": "wrong", "question": "Wo war das Gespräch?", "answers": ["[b]Alaska[/b]", "Fox"], "language": "de"},
    {"id": "silent", "question": "Who is the mayor of Budapest?", "language": "en", "kind": "who"},
    {"id": "missed", "question": "Where will they meet?", "answers": [RIGHT], "language": "en", "kind": "where"},
]
FINDINGS = {"Où": (RIGHT, 0.9), "Wo": (WRONG, 0.8), "Who": (RIGHT, 0.1), "Where": (RIGHT, 0.4)}


@dataclass
class KnownReader:
    """A Reader that finds what is written above."""

    answers_from: float = 0.5
    certain_from: float = 0.75
    most: int = 100  # questions, before somebody presses Ctrl-C
    asked: list[str] = field(default_factory=list)

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[list[Evidence]]:
        self.asked.append(question)
        if len(self.asked) > self.most:
            raise KeyboardInterrupt
        words, probability = FINDINGS[question.split(maxsplit=1)[0]]
        starts = [(each.article.text.find(words, each.passage.start, each.passage.end), each) for each in candidates]
        return [[Evidence(at, at + len(words), probability)] if at >= 0 else [] for at, _ in starts]


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> KnownReader:
    known = KnownReader()

    def named(name: str, *_embedder_and_report: object) -> KnownReader:
        assert name in {"bundled", "known"}
        return known

    monkeypatch.setattr(qa.readers, "reader_named", named)
    monkeypatch.delenv("GROUNDWIRE_READER", raising=False)
    return known


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in QUESTIONS), encoding="utf-8")
    return path


def invoke(*words: str | int | Path) -> Result:
    return CliRunner().invoke(app, ["eval", *map(str, words)], prog_name="groundwire")


def labels(table: str) -> list[str]:
    """The names of the figures in what was printed."""
    return [line[:26].rstrip() for line in table.split("\n\n")[1].splitlines()]


def test_the_table(db: Path, questions: Path, reader: KnownReader) -> None:
    finished = invoke(questions, "--db", db, "--reader", "known")
    assert (finished.exit_code, finished.stderr) == (0, "")
    counts, figures, speed, languages, kinds = finished.stdout.split("\n\n")
    assert counts == "4 questions, 3 of them answerable; 2 answered"
    assert "excerpt@1                   33.3%  the first quotation holds an expected answer" in figures.splitlines()
    assert "precision                   50.0%  of 2 answers given, those that are right" in figures.splitlines()
    assert "abstention precision        50.0%  of 2 silences, the right ones" in figures.splitlines()
    assert "abstention recall          100.0%  of 1 unanswerable, the silences" in figures.splitlines()
    assert "AUROC                       1.000  answerable above" in figures
    assert "citation integrity         100.0%  of " in figures
    assert [line.split()[0] for line in speed.splitlines()] == ["ms", "retrieve", "read", "cite", "whole"]
    assert [line.split()[0] for line in languages.splitlines()] == ["language", "German", "English", "French"]
    assert [line.split()[:2] for line in kinds.splitlines()] == [["kind", "questions"], ["where", "2"], ["who", "1"]]
    assert len({len(line) for line in (*languages.splitlines(), *kinds.splitlines())}) <= 2
    # The first is asked once more, so that nobody's time holds what is loaded once.
    assert reader.asked == [QUESTIONS[0]["question"], *(each["question"] for each in QUESTIONS)]


def test_json_tells_everything(db: Path, questions: Path, reader: KnownReader) -> None:
    finished = invoke(questions, "--db", db, "--json", "--failures", 1)
    assert finished.exit_code == 0 and len(reader.asked) == 5
    told = json.loads(finished.stdout)
    assert (told["complete"], told["asked"], told["failures"]) == (True, 4, ["wrong"])
    figures = told["figures"]
    assert {"recall@1", "recall@5", "recall@10", "excerpt@1", "f1", "quotations"} <= set(figures)
    assert (figures["citation_integrity"], figures["auroc"], figures["coverage_at_95_precision"]) == (1.0, 1.0, 0.25)
    assert set(figures["seconds"]["whole"]) == {"p50", "p95"}
    assert {name: each["questions"] for name, each in told["by_language"].items()} == {"de": 1, "en": 2, "fr": 1}
    assert {name: each["excerpt@1"] for name, each in told["by_kind"].items()} == {"where": 0.5, "who": None}
    assert sum(each["count"] for each in told["reliability"]) == 4
    right, _, silent, missed = told["questions"]
    assert (right["id"], right["expected"], right["right"], right["rank"]) == ("right", [RIGHT], True, 1)
    assert right["quotation"]["text"].count(RIGHT) == 1 and right["exact_match"] == right["f1"] == 1.0
    assert (silent["answerable"], silent["found"], silent["right"]) == (False, False, False)
    # Below the threshold, but what it would have said is right.
    assert (missed["found"], missed["right"], missed["f1"], missed["text"]) == (False, True, 0.0, "")


@pytest.mark.usefixtures("reader")
def test_the_worst_are_shown_with_what_was_expected(db: Path, questions: Path) -> None:
    shown = invoke(questions, "--db", db, "--failures", 9).stdout
    worst, missed = shown[shown.index("wrong  Wo war") :].split("\n\n")
    assert "\n  expected    [b]Alaska[/b] | Fox\n  confidence  0.80\n  said        " in worst
    assert f"**{WRONG}**" in worst and "Epoch Times" in worst
    assert missed.startswith("missed  Where will they meet?\n")
    assert missed.endswith("  confidence  0.40\n  said        that the articles do not say\n")


@pytest.mark.usefixtures("reader")
def test_a_sample_is_always_the_same(db: Path, questions: Path) -> None:
    samples = [json.loads(invoke(questions, "--db", db, "--limit", 2, "--json").stdout) for _ in range(2)]
    first, second = ([each["id"] for each in sample["questions"]] for sample in samples)
    assert first == second and len(first) == samples[0]["asked"] == 2
    assert [each["id"] for each in QUESTIONS if each["id"] in first] == first
    assert invoke(questions, "--db", db, "--limit", 0).exit_code == 2


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_interrupted_it_tells_what_was_measured(
    db: Path, questions: Path, reader: KnownReader, words: list[str]
) -> None:
    reader.most = 3
    stopped = invoke(questions, "--db", db, *words)
    assert stopped.exit_code == 130
    assert stopped.stderr == "stopped; the figures are those of the first 2 of 4 questions\n"
    if words:
        told = json.loads(stopped.stdout)
        assert (told["complete"], told["asked"], told["figures"]["questions"]) == (False, 4, 2)
    else:
        assert stopped.stdout.startswith("2 questions, 2 of them answerable; 2 answered\n")


def test_interrupted_before_anything_was_measured(db: Path, questions: Path, reader: KnownReader) -> None:
    reader.most = 0
    stopped = invoke(questions, "--db", db)
    assert (stopped.exit_code, stopped.stdout, stopped.stderr) == (130, "", "stopped\n")


@pytest.mark.usefixtures("reader")
def test_false_quotations_are_1(db: Path, questions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qa.evaluate, "is_intact", lambda _archive, excerpt: excerpt.text.count(WRONG) == 0)
    finished = invoke(questions, "--db", db)
    assert finished.exit_code == 1
    assert "citation integrity         100.0%" not in finished.stdout
    assert finished.stderr.startswith("groundwire: quotations are not what the articles say")


def test_what_cannot_be_measured_is_one_line(db: Path, questions: Path, tmp_path: Path) -> None:
    nothing = invoke(tmp_path / "nowhere.jsonl", "--db", db)
    assert (nothing.exit_code, nothing.stdout) == (1, "")
    assert (
        nothing.stderr == f"groundwire: {tmp_path}/nowhere.jsonl cannot be read: No such file or directory; check it\n"
    )
    no_archive = invoke(questions, "--db", tmp_path / "new.db")
    assert no_archive.exit_code == 1 and "there is no archive" in no_archive.stderr
    Archive.open(tmp_path / "empty.db").close()
    empty = invoke(questions, "--db", tmp_path / "empty.db", "--json")
    assert empty.exit_code == 3
    assert json.loads(empty.stdout)["error"]["message"].startswith(f"{tmp_path}/empty.db holds no articles yet; add")


@pytest.mark.parametrize(("name", "begins"), [("curves.svg", b"<?xml"), ("curves.PNG", b"\x89PNG")])
@pytest.mark.usefixtures("reader")
def test_plots(db: Path, questions: Path, tmp_path: Path, name: str, begins: bytes) -> None:
    file = tmp_path / name
    drawn: list[bytes] = []
    for _ in range(2):
        assert invoke(questions, "--db", db, "--plot", file).exit_code == 0
        drawn.append(file.read_bytes())
    assert drawn[0] == drawn[1] and drawn[0].startswith(begins)


@pytest.mark.usefixtures("reader")
def test_one_question_can_be_drawn(db: Path, tmp_path: Path) -> None:
    for number, question in enumerate(QUESTIONS):
        path = tmp_path / f"{number}.jsonl"
        path.write_text(json.dumps(question), encoding="utf-8")
        assert invoke(path, "--db", db, "--plot", tmp_path / f"{number}.svg").exit_code == 0


def test_what_cannot_be_drawn_is_said_before_anything_is_asked(
    db: Path, questions: Path, reader: KnownReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = invoke(questions, "--db", db, "--plot", "curves.jpeg")
    assert wrong.stderr == "groundwire: --plot curves.jpeg: expected a name that ends in .svg or .png\n"
    nowhere = invoke(questions, "--db", db, "--plot", tmp_path / "new" / "curves.svg")
    assert f"there is no folder {tmp_path}/new; create it" in nowhere.stderr
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    missing = invoke(questions, "--db", db, "--plot", tmp_path / "curves.svg")
    assert missing.stderr == "groundwire: --plot needs matplotlib: pip install matplotlib\n"
    assert {each.exit_code for each in (wrong, nowhere, missing)} == {1}
    assert reader.asked == []


@pytest.mark.usefixtures("reader")
def test_matplotlib_is_needed_for_plots_alone(db: Path, questions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    def refusing(name: str, *rest: object, **more: object) -> object:
        assert not name.startswith("matplotlib")
        return imported(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", refusing)
    assert invoke(questions, "--db", db).exit_code == 0


def test_progress_is_drawn_for_somebody_who_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def counted(stream: io.StringIO) -> str:
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("TERM", "xterm")
        with counting("asking", 2) as step:
            step()
            step()
        return stream.getvalue()

    assert counted(io.StringIO()) == ""
    assert "asking 2 of 2" in counted(Terminal())


def test_what_the_document_shows_is_what_the_command_prints(groundwire: Groundwire, tmp_path: Path) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    shown = document.partition("```console\n")[2].partition("\n```")[0].partition("\n")[2]
    printed = groundwire("eval", SEEDS / "questions.jsonl", "--limit", "2", "--reader", "sentence").stdout
    assert labels(shown) == labels(printed)
    assert all(f"**{label}**" in document for label in labels(printed))
    for number, block in enumerate(document.split("```json\n")[1:]):
        path = tmp_path / f"{number}.jsonl"
        path.write_text(block.partition("```")[0], encoding="utf-8")
        assert load_questions(path)


def test_help_tells_of_it() -> None:
    assert "\n  eval " in run("--help").stdout
    shown = run("eval", "--help").stdout
    assert "Measure the answers to questions whose answers are known." in shown
    for option in ("--limit", "--failures", "--plot", "--reader", "--db", "--json"):
        assert f"  {option}" in shown
