"""The command that measures: eval."""

import random
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui import schemas
from ui.command import answering, command, opened
from ui.options import DEFAULT_DB, DEFAULT_READER, AsJson, Db, Reader
from ui.terminal import DONE, FAILED, INTERRUPTED, counting, output, print_json, say

if TYPE_CHECKING:
    from index.archive import Archive
    from qa.assistant import Assistant
    from qa.evaluate import Evaluation
    from qa.expected import Expected

SEED = 0  # of the sample, so that it is the same every time

commands = typer.Typer()


@command(
    commands,
    "groundwire eval questions.jsonl --db news.db --failures 10",
    "groundwire eval squad-dev.json.gz --limit 200 --plot curves.svg",
    name="eval",
)
def evaluate_answers(
    questions: Annotated[Path, typer.Argument(metavar="QUESTIONS", help="JSON Lines, or SQuAD's JSON; also .gz.")],
    *,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only so many, drawn by chance, always the same.")
    ] = None,
    failures: Annotated[int, typer.Option(min=0, metavar="N", help="Show the N worst wrong answers.")] = 0,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw risk-coverage and reliability, .svg or .png.")
    ] = None,
    reader: Reader = DEFAULT_READER,
    db: Db = DEFAULT_DB,
    as_json: AsJson = False,
) -> int:
    """Measure the answers to questions whose answers are known."""
    from qa.expected import load_questions
    from ui import plot as plotting

    if plot is not None:
        plotting.check(plot)  # now, and not after all the questions
    expected = _sample(load_questions(questions), limit)
    with opened(db) as archive:
        evaluation = _evaluate(answering(_filled(archive, db), reader), expected)
    if as_json:
        print_json(schemas.evaluation_as_json(evaluation, failures))
    else:
        _show(evaluation, failures)
    if plot is not None:
        plotting.draw(evaluation, plot)  # last: whatever fails here, the figures stand
    return _code(evaluation)


def _sample(questions: "list[Expected]", limit: int | None) -> "list[Expected]":
    """So many of the questions, in the order of the file."""
    if limit is None or limit >= len(questions):
        return questions
    return [questions[number] for number in sorted(random.Random(SEED).sample(range(len(questions)), limit))]


def _filled(archive: "Archive", db: str) -> "Archive":
    """The archive, if it holds anything; every figure of an empty one would mislead."""
    from index.errors import NotFound

    if archive.stats().articles == 0:
        raise NotFound(f"{db} holds no articles yet; add some with: groundwire add PATH --db {db}")
    return archive


def _evaluate(assistant: "Assistant", questions: "list[Expected]") -> "Evaluation":
    """Interrupted, what was measured until then."""
    from qa.evaluate import Evaluation, Measured, evaluate

    rows: list[Measured] = []
    try:
        with counting("asking", len(questions)) as step:

            def measured(row: Measured) -> None:
                rows.append(row)
                step()

            return evaluate(assistant, questions, measured)
    except KeyboardInterrupt:
        if not rows:
            raise
        say(f"stopped; the figures are those of the first {len(rows):,} of {len(questions):,} questions")
        return Evaluation(tuple(rows), len(questions))


def _show(evaluation: "Evaluation", failures: int) -> None:
    from ui import show

    console = output()
    show.evaluation(console, evaluation)
    show.failures(console, evaluation.failures(failures))


def _code(evaluation: "Evaluation") -> int:
    if evaluation.figures.citation_integrity not in (None, 1.0):
        say("groundwire: quotations are not what the articles say; look for damage with `groundwire check`")
        return FAILED
    return DONE if evaluation.complete else INTERRUPTED
