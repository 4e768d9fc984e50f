"""The commands that find something out: ask, search, chat."""

from typing import Annotated, Literal

import typer

from ui import schemas
from ui.command import answering, command, opened, say_if_empty
from ui.options import (
    DEFAULT_DB,
    DEFAULT_READER,
    AsJson,
    Db,
    Language,
    Reader,
    Section,
    Since,
    Source,
    Until,
    filters_from,
)
from ui.terminal import DONE, NOTHING_FOUND, output, print_json, say, typed

commands = typer.Typer()


@command(
    commands,
    "groundwire ask 'where will the summit be held?'",
    "groundwire ask 'où se tiendra le sommet ?' --since 2025-10-01 --json",
)
def ask(
    question: Annotated[list[str], typer.Argument(metavar="QUESTION", help="In any language.")],
    *,
    limit: Annotated[int, typer.Option(min=1, max=10, metavar="N", help="The most quotations.")] = 3,
    language: Language = None,
    source: Source = None,
    section: Section = None,
    since: Since = None,
    until: Until = None,
    reader: Reader = DEFAULT_READER,
    db: Db = DEFAULT_DB,
    as_json: AsJson = False,
) -> int:
    """Answer a question with quotations from the articles."""
    filters = filters_from(language, source, section, since, until)
    with opened(db) as archive:
        assistant = answering(archive, reader)
        answer = assistant.ask(typed(" ".join(question)), filters=filters, limit=limit)
        empty = not answer.found and say_if_empty(archive, db)
        told = schemas.answer_as_json(answer, archive.get)
    if as_json:
        print_json(told)
    elif not empty:
        from ui import show

        show.answer(output(), answer)
    return DONE if answer.found else NOTHING_FOUND


@command(commands, "groundwire search Tomahawk", "groundwire search 'energy prices' --by words --language en")
def search(
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help="Words, or a question.")],
    *,
    by: Annotated[Literal["fused", "vectors", "words"], typer.Option(help="What ranks them.")] = "fused",
    limit: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="The most passages.")] = 10,
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
        empty = not found and say_if_empty(archive, db)
    if as_json:
        print_json(schemas.hits_as_json(words, found))
    elif found:
        from ui import show

        show.hits(output(), words, found)
    elif not empty:
        say("groundwire: nothing was found")
    return DONE if found else NOTHING_FOUND


@command(commands, "groundwire chat --language fr", "groundwire chat < questions.txt")
def chat(
    *,
    language: Language = None,
    source: Source = None,
    section: Section = None,
    since: Since = None,
    until: Until = None,
    reader: Reader = DEFAULT_READER,
    db: Db = DEFAULT_DB,
) -> int:
    """Ask in a conversation, in the terminal."""
    from ui.conversation import converse

    filters = filters_from(language, source, section, since, until)
    with opened(db) as archive:
        assistant = answering(archive, reader)
        say_if_empty(archive, db)
        converse(lambda question, turns: assistant.ask(question, history=turns, filters=filters), output())
    return DONE
