"""The options that several commands share, and the filters made of them."""

import re
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from index.types import Filters

DEFAULT_DB = "groundwire.db"
DEFAULT_READER = "bundled"
RIGHT_DATE = "2025-10-17 or 2025-10-17T19:09:00+02:00"

Db = Annotated[str, typer.Option("--db", envvar="GROUNDWIRE_DB", metavar="FILE", help="The archive.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Reader = Annotated[
    str,
    typer.Option(
        "--reader",
        envvar="GROUNDWIRE_READER",
        metavar="NAME",
        help="What reads: bundled, sentence, or a question-answering model of transformers by name or folder.",
    ),
]
Language = Annotated[str | None, typer.Option(metavar="CODE", help="Only articles in this language, such as fr.")]
Source = Annotated[str | None, typer.Option(metavar="NAME", help="Only articles from this source.")]
Section = Annotated[str | None, typer.Option(metavar="NAME", help="Only articles from this section.")]
Since = Annotated[str | None, typer.Option(metavar="DATE", help="Only articles from then on, such as 2025-10-17.")]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="Only articles up to then; a day counts whole.")]


def filters_from(
    language: str | None,
    source: str | None,
    section: str | None,
    since: str | None,
    until: str | None,
    sign: str = "--",
) -> "Filters":
    """The filters that these options describe; BadFilter where one of them makes no sense.

    `sign`: what stands before the name of an option, where an error names it.
    """
    from index.errors import BadFilter
    from index.types import Filters

    first = _moment(f"{sign}since", since, time.min)
    last = _moment(f"{sign}until", until, time.max)
    if first and last and first > last:
        raise BadFilter(f"{sign}since {since} is after {sign}until {until}: no article is from both; exchange them")
    return Filters(_code(f"{sign}language", language), source, section, first, last)


def _code(option: str, language: str | None) -> str | None:
    """`fr`, also from `FR` and `fr-CA`: articles are stored under the bare code."""
    from index.errors import BadFilter

    if language is None:
        return None
    if found := re.fullmatch(r"([a-z]{2}|und)([-_]\w+)*", language.strip().lower()):
        return found[1]
    raise BadFilter(f"{option}: expected a code of two letters such as fr, found {language!r}")


def _moment(option: str, value: str | None, of_the_day: time) -> datetime | None:
    """A day stands for its first or its last moment; what has no offset is in UTC."""
    from index.errors import BadFilter

    if value is None:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value.strip()):
            return datetime.combine(datetime.fromisoformat(value.strip()), of_the_day, UTC)
        if not re.match(r"\s*\d{4}-?\d\d-?\d\d[T ]", value):
            raise ValueError
        moment = datetime.fromisoformat(value.strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        moment.astimezone(UTC)  # the first and the last hours of the calendar cannot be
    except (ValueError, OverflowError):
        raise BadFilter(f"{option}: expected a date such as {RIGHT_DATE}, found {value!r}") from None
    return moment
