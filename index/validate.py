"""What every article must fulfil before it may be stored, whichever way it came."""

import regex

from index.types import Article

LONGEST_ID = 500
# Not those above U+007F, which are what is left of a euro sign that went through the wrong encoding.
CONTROL = regex.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
FIELDS = ("id", "text", "title", "url", "source", "author", "section", "language")


def problem_with(article: Article) -> str | None:
    """Why the article cannot be stored and how to mend it, or None where it can."""
    for name in FIELDS:
        value = getattr(article, name)
        if value is not None and (problem := _problem_with_text(value, name)):
            return problem
    if not article.id.strip() or len(article.id) > LONGEST_ID:
        return f"its id {article.id[:40]!r} is not of 1 to {LONGEST_ID} characters"
    if not article.text.strip():
        return "its text is empty"
    if article.url is not None and not regex.match(r"https?://\S+$", article.url):
        return f"its url {article.url!r} is not an http or https address"
    if article.published is not None and article.published.utcoffset() is None:
        return f"its date {article.published.isoformat()} has no offset from UTC, such as +00:00"
    return None


def _problem_with_text(value: object, name: str) -> str | None:
    if not isinstance(value, str):
        return f"its {name} is {type(value).__name__}, not text"
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        return f"its {name} holds half a character (a lone surrogate) at position {error.start}"
    if found := CONTROL.search(value):
        return f"its {name} holds the control character {found.group()!r} at position {found.start()}; take it out"
    return None
