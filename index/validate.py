"""What every article must fulfil before it may be stored, whichever way it came."""

import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from index.language import UNDETERMINED
from index.types import Article

# In characters; the text may be of any length.
LONGEST = {"id": 500} | dict.fromkeys(("title", "url", "source", "author", "section", "language"), 2000)
OPTIONAL = frozenset(field.name for field in fields(Article) if field.default is None)

# Controls but \n and \t, and lone surrogates. Not U+0080 to U+009F: those are what is left of a euro sign
# that went through the wrong encoding, in articles that are sound otherwise.
NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
# No blanks, nothing invisible, nothing that could end an attribute or a tag.
WEB_ADDRESS = re.compile(r"(?i)https?://[^\s\x00-\x20\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069<>\"\\]+")
LANGUAGE = re.compile(rf"[a-z]{{2}}|{UNDETERMINED}")


def problem_with(offered: object) -> str | None:
    """Why this is no article that can be stored and how to mend it, or None where it is one; never raises."""
    if not isinstance(offered, Article):
        return f"expected an Article, found {shown(offered)}"
    problems = (problem_with_field(field.name, getattr(offered, field.name)) for field in fields(Article))
    return next(filter(None, problems), None)


def problem_with_field(field: str, value: object) -> str | None:
    """Why an article cannot have this as that field, or None where it can."""
    if value is None and field in OPTIONAL:
        return None
    return next(_problems_of_moment(value) if field == "published" else _problems_of_words(field, value), None)


def problem_with_characters(text: str) -> str | None:
    """Where the first character stands that no text may hold, or None where there is none."""
    bad = NOT_TEXT.search(text)
    if bad is None:
        return None
    line = text.count("\n", 0, bad.start()) + 1
    character = bad.start() - text.rfind("\n", 0, bad.start())
    what = f"line {line}, character {character} is U+{ord(bad[0]):04X}, which is not text"
    return f"{what}: take it out, or mend what wrote it"


def is_web_address(url: str) -> bool:
    """Whether it is an http or https address with a host."""
    if not WEB_ADDRESS.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # raises where the port is no number
    except ValueError:
        return False
    return bool(host)


def origin_of(offered: object) -> str:
    """What to call something that was offered as an article: its id, or what stands in its place."""
    if not isinstance(offered, Article):
        return shown(offered)
    return shown(offered.id) if problem_with_field("id", offered.id) else offered.id


def shown(value: object) -> str:
    """The value where that is short by nature, cut; else only its type."""
    if isinstance(value, str):
        return repr(value[:100]) + "…" * (len(value) > 100)
    # The repr of nested YAML aliases can fill the memory, that of a long integer raises.
    short = value is None or isinstance(value, float | date) or (isinstance(value, int) and value.bit_length() < 100)
    return repr(value) if short else f"a {type(value).__name__}"


def _problems_of_words(field: str, value: object) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{field}: expected words, found {shown(value)}"
        return
    if problem := problem_with_characters(value):
        yield f"{field}: {problem}"
    if field in ("id", "text") and not value.strip():
        yield f"its {field} is empty"
    if len(value) > (longest := LONGEST.get(field, len(value))):
        yield f"{field}: has {len(value)} characters; {longest} are the most it may have"
    if field == "url" and not is_web_address(value):
        yield f"url: expected an address such as https://example.org/news/1, found {shown(value)}"
    if field == "language" and not LANGUAGE.fullmatch(value):
        yield f"language: expected a code such as fr (ISO 639-1), or {UNDETERMINED}, found {shown(value)}"


def _problems_of_moment(value: object) -> Iterator[str]:
    if not _is_kept(value):
        right = "datetime(2025, 10, 17, tzinfo=UTC)"
        yield f"published: expected a datetime with its offset from UTC, such as {right}, found {shown(value)}"


def _is_kept(moment: object) -> bool:
    """Whether it comes back from the archive as it went in: no pandas NaT, no nanoseconds, no naive one."""
    if not isinstance(moment, datetime):
        return False
    try:
        written = moment.isoformat()
        kept = datetime.fromisoformat(written)
        kept.astimezone(UTC)  # raises in the first and the last hours of the calendar
    except Exception:  # a tzinfo may be anybody's code
        return False
    return kept.tzinfo is not None and kept.isoformat() == written
