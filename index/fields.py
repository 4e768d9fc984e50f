"""Fields, as files give them → an Article that may be stored, or BadArticle with the reason."""

import hashlib
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from index.errors import BadArticle
from index.language import UNDETERMINED, detect_language, title_from
from index.types import Article
from index.validate import LANGUAGE, LONGEST, problem_with_characters, problem_with_field, shown

__all__ = ["article_from", "with_plain_newlines"]

OF_ITS_OWN = re.compile(r"[/!]|(?=[^=:]*\d)[^=:]*$")  # what stands behind the #: an article that others are not
TRACKING = re.compile(r"(?i)(utm_\w+|at_(medium|campaign)\w*|\w+clk?id|gclsrc|mc_[ce]id|igshid|xtor)(=.*)?")
DATE_WITH_OFFSET = re.compile(r"^(\d{4}-\d\d-\d\d)\s*(Z|[+-]\d\d:?\d\d)$")
DATE = re.compile(r"\d{4}-?\d\d-?\d\d(?:[T\s]|$)")  # fromisoformat takes any sign between day and time
UNPADDED_DATE = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?!\d)")


def article_from(fields: Mapping[str, object], name: str) -> Article:
    """The article that the fields, called as those of Article, describe.

    `name` is its id where it has neither id nor url. Unknown fields are ignored; wrong ones raise BadArticle.
    """
    text = _text(fields.get("text"))
    language = _words(fields, "language", _language_code) or UNDETERMINED
    if language == UNDETERMINED:
        language = detect_language(text)
    url = _words(fields, "url")
    return Article(
        id=_words(fields, "id") or _derived_id(_id_from_address(url) if url else name),
        text=text,
        title=_words(fields, "title") or title_from(text, language),
        url=url,
        source=_words(fields, "source"),
        author=_words(fields, "author"),
        section=_words(fields, "section"),
        published=_moment(fields.get("published")),
        language=language,
    )


def with_plain_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _text(value: object) -> str:
    text = with_plain_newlines(value) if isinstance(value, str) else value
    _refuse(problem_with_field("text", text))
    return str(text)


def _words(fields: Mapping[str, object], field: str, tidy: Callable[[str], str] = str) -> str | None:
    value = fields.get(field)
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not isinstance(value, str) and not is_number:
        raise BadArticle(f"{field}: expected words, found {shown(value)}")
    words = tidy(_one_line(str(value), field))
    if words:
        _refuse(problem_with_field(field, words))
    return words or None


def _language_code(tag: str) -> str:
    """The language of fr-FR, pt_BR or FR; what is no such tag stays as it is, to be refused."""
    code = re.split("[-_]", tag.lower(), maxsplit=1)[0]
    return code if LANGUAGE.fullmatch(code) else tag


def _moment(value: object) -> datetime | None:
    words = value.isoformat() if isinstance(value, date) else value
    if words is None or words == "":
        return None
    try:
        if not isinstance(words, str):
            raise ValueError
        # Clear enough, and common, though not ISO 8601: "2025-7-4", and a blank before the offset.
        words = UNPADDED_DATE.sub(lambda day: f"{day[1]}-{day[2]:0>2}-{day[3]:0>2}", words.strip())
        words = DATE_WITH_OFFSET.sub(r"\1T00:00\2", words)
        if not DATE.match(words):
            raise ValueError
        moment = datetime.fromisoformat(re.sub(r"\s+(?=[+-]|Z$)", "", words))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        _refuse(problem_with_field("published", moment))
    except ValueError:  # which BadArticle is as well
        right = "2025-10-17 or 2025-10-17T19:09:00+02:00"
        raise BadArticle(f"published: expected a date such as {right}, found {shown(value)}") from None
    return moment


def _id_from_address(url: str) -> str:
    """The same for every address under which sites spread one page."""
    parts = urlsplit(url)
    host = str(parts.hostname).removeprefix("www.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    query = "&".join(part for part in parts.query.split("&") if part and not TRACKING.fullmatch(part))
    # Some sites have their pages behind the #, and live blogs their posts (#block-65a1); elsewhere it is a place in one
    # page (#comments), or tells where the reader came from (#xtor=RSS-32).
    behind = f"#{parts.fragment}" if OF_ITS_OWN.match(parts.fragment) else ""
    return host + port + parts.path.rstrip("/") + (query and f"?{query}") + behind


def _derived_id(source: str) -> str:
    identifier = _one_line(source, "the name it would take its id from")
    if len(identifier) > LONGEST["id"]:
        identifier = identifier[: LONGEST["id"] - 65] + "-" + hashlib.sha256(identifier.encode()).hexdigest()
    _refuse(problem_with_field("id", identifier))
    return identifier


def _one_line(text: str, where: str) -> str:
    text = with_plain_newlines(text)
    # Before lines are joined, so that the place is told as it is in the file.
    if problem := problem_with_characters(text):
        raise BadArticle(f"{where}: {problem}")
    return re.sub(r"[ \t\n]+", " ", text).strip()


def _refuse(problem: str | None) -> None:
    if problem:
        raise BadArticle(problem)
