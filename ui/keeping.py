"""The commands that keep an archive: add, list, show, remove, feedback, stats, check, rebuild."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui import schemas
from ui.command import command, feedback_of, may_exist, opened, say_if_empty
from ui.options import DEFAULT_DB, AsJson, Db, Language, Section, Since, Source, Until, filters_from
from ui.terminal import DONE, FAILED, KEPT, NOTHING_FOUND, Adding, output, preparation, print_json, say, typed

if TYPE_CHECKING:
    from index.types import AddReport

commands = typer.Typer()

MOST = 10_000_000  # of what is listed


@command(commands, "groundwire add news/ more/today.jsonl.gz", "groundwire add articles/ --db french.db")
def add(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files and folders of articles.")],
    *,
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
        with preparation() as report:
            # First the model: without it no archive is begun.
            embedder = model if may_exist(db) else load_embedder(model, report)
            archive = Archive.open(db, embedder, report)
            _ = archive.embedder
        with archive, adding.shown():
            return archive.add(adding.each(articles), adding.stored)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"{KEPT} ({adding}); the same command goes on with the rest") from None


@command(commands, "groundwire list --source 'Epoch Times' --limit 10", name="list")
def list_articles(
    *,
    limit: Annotated[int, typer.Option(min=1, max=MOST, metavar="N", help="The most articles.")] = 50,
    language: Language = None,
    source: Source = None,
    section: Section = None,
    since: Since = None,
    until: Until = None,
    db: Db = DEFAULT_DB,
    as_json: AsJson = False,
) -> int:
    """List the articles, the newest first."""
    filters = filters_from(language, source, section, since, until)
    with opened(db) as archive:
        found = archive.articles(filters)
        listed = list(islice(found, limit))
        total = len(listed) + sum(1 for _ in found) if filters else archive.stats().articles
        empty = not listed and say_if_empty(archive, db)
    if as_json:
        print_json(schemas.articles_as_json(listed, total))
    elif listed:
        from ui import show

        show.articles(output(), listed)
        if total > len(listed):
            say(f"… and {total - len(listed):,} more; --limit {total} lists them too")
    elif not empty:
        say("groundwire: no article passes these filters")
    return DONE if listed else NOTHING_FOUND


@command(commands, "groundwire show trump-poutine-budapest", name="show")
def show_article(
    article_id: Annotated[str, typer.Argument(metavar="ID", help="As `groundwire list` shows it.")],
    *,
    version: Annotated[
        str | None, typer.Option(metavar="HASH", help="An earlier version, by its content_hash.")
    ] = None,
    db: Db = DEFAULT_DB,
    as_json: AsJson = False,
) -> int:
    """Show a whole article."""
    with opened(db) as archive:
        article = archive.get(typed(article_id), version)
    if as_json:
        print_json(schemas.article_as_json(article))
    else:
        from ui import show

        show.article(output(), article)
    return DONE


@command(commands, "groundwire remove trump-poutine-budapest")
def remove(
    article_ids: Annotated[list[str], typer.Argument(metavar="ID", help="As `groundwire list` shows them.")],
    *,
    db: Db = DEFAULT_DB,
    as_json: AsJson = False,
) -> int:
    """Remove articles, with all their versions."""
    from index.errors import NotFound

    removed: list[str] = []
    unknown: list[str] = []
    with opened(db) as archive:
        for article_id in dict.fromkeys(map(typed, article_ids)):
            try:
                archive.remove(article_id)
                removed.append(article_id)
            except NotFound as error:
                unknown.append(article_id)
                say(f"groundwire: {error}")
    if as_json:
        print_json(schemas.removal_as_json(removed, unknown))
    elif removed:
        print(f"removed {len(removed):,}")
    return NOTHING_FOUND if unknown else DONE


@command(commands, "groundwire feedback --json")
def feedback(
    *,
    limit: Annotated[int, typer.Option(min=1, max=MOST, metavar="N", help="The most of it.")] = 50,
    db: Db = DEFAULT_DB,
    as_json: AsJson = False,
) -> int:
    """List what readers said of answers, the newest first."""
    with opened(db) as archive:
        said = list(feedback_of(archive))[::-1]
    if as_json:
        print_json(schemas.feedback_as_json(said[:limit], len(said)))
    elif said:
        from ui import show

        show.feedback(output(), said[:limit])
        if len(said) > limit:
            say(f"… and {len(said) - limit:,} more; --limit {len(said)} lists them too")
    else:
        say("groundwire: no reader has said anything yet")
    return DONE if said else NOTHING_FOUND


@command(commands)
def stats(*, db: Db = DEFAULT_DB, as_json: AsJson = False) -> int:
    """Show how much the archive holds."""
    with opened(db) as archive:
        held = archive.stats()
    if as_json:
        print_json(schemas.stats_as_json(held))
    else:
        from ui import show

        show.stats(output(), held, db)
    return DONE


@command(commands)
def check(*, db: Db = DEFAULT_DB, as_json: AsJson = False) -> int:
    """Look whether all that is stored is what was written."""
    with opened(db) as archive:
        findings = archive.check()
    if as_json:
        print_json(schemas.findings_as_json(findings))
    else:
        from ui import show

        show.findings(output(), findings)
    return DONE if all(finding.ok for finding in findings) else FAILED


@command(commands)
def rebuild(*, db: Db = DEFAULT_DB) -> int:
    """Make the search indexes anew from the stored articles."""
    with opened(db) as archive:
        archive.rebuild()
        print(f"rebuilt the indexes of {archive.stats().passages:,} passages")
    return DONE


@command(commands, hidden=True)
def prepare() -> int:
    """Prepare the bundled models, once; `make setup` does."""
    from index.model import cache_folder
    from index.spans import BundledSpanModel
    from qa.read import WEIGHTS

    with preparation() as report:
        BundledSpanModel(WEIGHTS, report=report)
    print(f"the models are ready in {cache_folder()}")
    return DONE
