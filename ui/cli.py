"""The command `groundwire`. Nothing heavy is imported before a command needs it: `--help` is quick."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, ParamSpec

import typer

from ui import schemas
from ui.options import DEFAULT_DB, AsJson, Db, Language, Section, Since, Source, Until, filters_from
from ui.terminal import (
    DONE,
    FAILED,
    KEPT,
    NOTHING_FOUND,
    Adding,
    output,
    preparation,
    print_json,
    run,
    say,
    speak_utf8,
    typed,
)

if TYPE_CHECKING:
    from index.archive import Archive
    from index.types import AddReport

app = typer.Typer(
    help="Answers questions from your articles, and quotes the exact words that say so.",
    epilog="\b\nExample:\n  groundwire add news/\n  groundwire ask 'where will the summit be held?'",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help: four times as fast, and the same in a pipe
    pretty_exceptions_enable=False,
)

Parameters = ParamSpec("Parameters")
Command = Callable[Parameters, int]
Words = Annotated[list[str], typer.Argument(metavar="QUESTION", help="In any language; quotes may be left out.")]


def command(*examples: str, hidden: bool = False) -> Callable[[Command[Parameters]], Command[Parameters]]:
    """Makes a function a command: what it returns is the exit code, what it raises becomes one line."""

    def register(function: Command[Parameters]) -> Command[Parameters]:
        @wraps(function)
        def ended(*args: Parameters.args, **kwargs: Parameters.kwargs) -> int:
            raise typer.Exit(run(lambda: function(*args, **kwargs), as_json=bool(kwargs.get("as_json"))))

        shown = "\n".join(["\b", f"Example{'s' * (len(examples) > 1)}:", *(f"  {example}" for example in examples)])
        app.command(epilog=shown if examples else None, hidden=hidden)(ended)
        return ended

    return register


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", help="Show the version.", is_eager=True)] = False,
) -> None:
    if version:
        from importlib.metadata import version as version_of

        print(f"groundwire {version_of('groundwire')}")
        raise typer.Exit


@contextmanager
def opened(db: str) -> "Iterator[Archive]":
    """An archive that is there: to read from a new one would only leave an empty file behind."""
    from index.archive import Archive
    from index.errors import ArchiveError

    if not _may_exist(db):
        raise ArchiveError(f"there is no archive {db}; create it with: groundwire add PATH --db {db}")
    with preparation() as report, Archive.open(db, report=report) as archive:
        yield archive


def _may_exist(db: str) -> bool:
    return "://" in db or Path(db).expanduser().exists()


def _say_if_empty(archive: "Archive", db: str) -> bool:
    empty = archive.stats().articles == 0
    if empty:
        say(f"groundwire: {db} holds no articles yet; add some with: groundwire add PATH --db {db}")
    return empty


@command("groundwire add news/ more/today.jsonl.gz", "groundwire add articles/ --db french.db")
def add(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files and folders of articles.")],
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME_OR_FOLDER", help="For a new archive: a sentence-transformers model."),
    ] = None,
    db: Db = DEFAULT_DB,
    as_json: AsJson = False,
) -> int:
    """Add articles, or new versions of them; those already there are skipped."""
    report = _add(paths, db, model)
    for rejection in report.rejected:
        say(f"rejected {rejection.origin}: {rejection.reason}")
    if as_json:
        print_json(schemas.report_as_json(report))
    else:
        from ui import show

        show.added(output(), report, db)
    return DONE if report.added + report.updated + report.unchanged else FAILED


def _add(paths: list[Path], db: str, model: str | None) -> "AddReport":
    from index.archive import Archive
    from index.embed import load_embedder
    from index.load import load_articles

    articles = load_articles(*paths)
    if model is not None and Path(model).expanduser().is_dir():
        # The archive will look for it again, from wherever it is opened.
        model = str(Path(model).expanduser().resolve())
    adding = Adding()
    try:
        with preparation() as prepared:
            # First the model: without it no archive is begun.
            embedder = model if _may_exist(db) else load_embedder(model, prepared)
            archive = Archive.open(db, embedder, prepared)
            _ = archive.embedder
        with archive, adding.shown():
            return archive.add(adding.each(articles), adding.stored)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"{KEPT} ({adding}); the same command goes on with the rest") from None


@command(
    "groundwire ask where will the summit be held?",
    "groundwire ask 'où se tiendra le sommet ?' --since 2025-10-01 --json",
)
def ask(
    question: Words,
    limit: Annotated[int, typer.Option(min=1, max=20, help="The most quotations.")] = 3,
    language: Language = None,
    source: Source = None,
    section: Section = None,
    since: Since = None,
    until: Until = None,
    db: Db = DEFAULT_DB,
    as_json: AsJson = False,
) -> int:
    """Answer a question with quotations from the articles."""
    filters = filters_from(language, source, section, since, until)
    with opened(db) as archive:
        from qa.assistant import Assistant

        answer = Assistant(archive).ask(typed(" ".join(question)), filters=filters, limit=limit)
        empty = not answer.found and _say_if_empty(archive, db)
    if as_json:
        print_json(schemas.answer_as_json(answer))
    elif not empty:
        from ui import show

        show.answer(output(), answer)
    return DONE if answer.found else NOTHING_FOUND


@command("groundwire search Tomahawk", "groundwire search 'energy prices' --by words --language en")
def search(
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help="Words, or a question.")],
    by: Annotated[Literal["fused", "vectors", "words"], typer.Option(help="What ranks them.")] = "fused",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The most passages.")] = 10,
    language: Language = None,
    source: Source = None,
    section: Section = None,
    since: Since = None,
    until: Until = None,
    db: Db = DEFAULT_DB,
    as_json: AsJson = False,
) -> int:
    """Show the passages nearest to some words, without answering."""
    filters = filters_from(language, source, section, since, until)
    words = typed(" ".join(query))
    with opened(db) as archive:
        hits = archive.search(words, limit, by, filters)
        found = [(hit, archive.get(hit.passage.article_id)) for hit in hits]
        empty = not found and _say_if_empty(archive, db)
    if as_json:
        print_json(schemas.hits_as_json(words, found))
    elif found:
        from ui import show

        show.hits(output(), words, found)
    elif not empty:
        say("groundwire: no passage was found")
    return DONE if found else NOTHING_FOUND


@command("groundwire list --source 'Epoch Times' --limit 10")
def list_(
    limit: Annotated[int, typer.Option(min=1, help="The most articles.")] = 50,
    language: Language = None,
    source: Source = None,
    section: Section = None,
    since: Since = None,
    until: Until = None,
    db: Db = DEFAULT_DB,
    as_json: AsJson = False,
) -> int:
    """List the articles, the newest first."""
