"""What may be stored, that the reason for the rest is told and never raised, and that files obey the same."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import BadArticle
from index.fields import article_from
from index.types import Article
from index.validate import LONGEST, is_web_address, origin_of, problem_with

GOOD = Article("a", "The ministers met in Geneva.")
FULL = Article(
    id="i" * LONGEST["id"],
    text="Un. \n\tIt cost 5\x80, a « price » \U0001f469\u200d\U0001f692." * 1000,
    title="t" * LONGEST["title"],
    url="HTTPS://user@Example.org:8080/é?a=b#c",
    source="The Times",
    author="Ann Ex",
    section="News",
    published=datetime(2025, 10, 17, 19, 9, tzinfo=timezone(timedelta(hours=2))),
    language="fr",
)
NAMES = [field.name for field in fields(Article)]


def changed(field: str, value: object) -> Article:
    """A good article but for one field, which may be of any type, as in Python it may."""
    changes: dict[str, Any] = {field: value}
    return replace(GOOD, **changes)


class BrokenZone(tzinfo):
    def utcoffset(self, _moment: datetime | None) -> timedelta:
        raise RuntimeError

    dst = utcoffset

    def tzname(self, _moment: datetime | None) -> str:
        return "broken"


class Nanoseconds(datetime):
    """A pandas Timestamp: more digits than come back."""

    def isoformat(self, sep: str = "T", timespec: str = "auto") -> str:
        return super().isoformat(sep, timespec).replace("+00:00", ".123456789+00:00")


class NotATime(datetime):
    """A pandas NaT: a datetime that is none."""

    def isoformat(self, _sep: str = "T", _timespec: str = "auto") -> str:
        return "NaT"


@pytest.mark.parametrize("article", [GOOD, FULL, changed("source", ""), changed("title", "")])
def test_good_articles_are_taken(article: Article) -> None:
    assert problem_with(article) is None


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("id", "", "its id is empty"),
        ("id", " \n", "its id is empty"),
        ("id", "x" * 501, "id: has 501 characters; 500 are the most it may have"),
        ("id", None, "id: expected words, found None"),
        ("id", 7, "id: expected words, found 7"),
        pytest.param("id", 10**5000, "id: expected words, found a int", id="a long integer"),
        ("text", "\xa0\n", "its text is empty"),
        ("text", b"bytes", "text: expected words, found a bytes"),
        ("text", "One.\nTwo\x1b", "text: line 2, character 4 is U+001B, which is not text: take it out, or mend"),
        ("text", "One.\r\n", "text: line 1, character 5 is U+000D"),
        ("title", None, "title: expected words, found None"),
        ("title", "x" * 2001, "title: has 2001 characters; 2000"),
        ("author", ["Ann"], "author: expected words, found a list"),
        ("section", "half \udc00", "section: line 1, character 6 is U+DC00"),
        ("source", "x" * 2001, "source: has 2001 characters; 2000"),
        ("url", "", "url: expected an address such as https://example.org/news/1, found ''"),
        ("url", "javascript:alert(1)", "found 'javascript:alert(1)'"),
        ("url", "https://example.org/" + "a" * 2000, "url: has 2020 characters"),
        ("language", None, "language: expected words, found None"),
        ("language", "fr-FR", "language: expected a code such as fr (ISO 639-1), or und, found 'fr-FR'"),
        ("language", "FR", "found 'FR'"),
        ("language", "french", "found 'french'"),
        ("language", "fr\n", "found 'fr\\n'"),
        ("published", datetime(2025, 10, 17), "published: expected a datetime with its offset"),  # noqa: DTZ001
        ("published", date(2025, 10, 17), "found datetime.date(2025, 10, 17)"),
        ("published", "2025-10-17", "such as datetime(2025, 10, 17, tzinfo=UTC), found '2025-10-17'"),
        ("published", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=10))), "found datetime.datetime(1, 1, 1"),
        ("published", datetime(2025, 10, 17, tzinfo=BrokenZone()), "expected a datetime"),
        ("published", Nanoseconds(2025, 10, 17, tzinfo=UTC), "found Nanoseconds(2025"),
        ("published", NotATime(2025, 10, 17, tzinfo=UTC), "found NotATime(2025"),
    ],
)
def test_bad_articles_come_back_with_the_reason(field: str, value: object, reason: str) -> None:
    assert reason in str(problem_with(changed(field, value)))


@pytest.mark.parametrize(
    ("offered", "found"), [({"id": "a"}, "a dict"), (None, "None"), ("words", "'words'"), (Article, "a type")]
)
def test_what_is_no_article_comes_back_with_what_it_is(offered: object, found: str) -> None:
    assert problem_with(offered) == f"expected an Article, found {found}"
    assert origin_of(offered) == found


@pytest.mark.parametrize(("identifier", "origin"), [("été/1", "été/1"), ("", "''"), (None, "None"), ("\0", r"'\x00'")])
def test_a_rejection_can_name_where_it_came_from(identifier: object, origin: str) -> None:
    assert origin_of(changed("id", identifier)) == origin


@pytest.mark.parametrize(
    "url",
    [
        "https://",
        "https:///a",
        "https://:80/a",
        "https://@/a",
        "https://[::1",
        "https://example.org:port/",
        "http\u017f://example.org/",
        "ftp://example.org/",
        " https://example.org/",
        "https://example.org/\n",
        "https://example.org/a\u3000b",
        "https://example.org/a\x80",
        "https://example.org/\u202egpj.exe",
        'https://example.org/"onclick="',
    ],
)
def test_what_is_no_web_address(url: str) -> None:
    assert not is_web_address(url)
    assert problem_with(changed("url", url))


@given(st.characters(exclude_categories=[]))
def test_only_controls_and_halves_of_characters_are_refused(character: str) -> None:
    refused = (character < " " and character not in "\n\t") or character == "\x7f" or "\ud800" <= character <= "\udfff"
    for field in ("text", "title"):
        assert (problem_with(changed(field, f"x{character}x")) is not None) == refused


ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=[]))
    | st.binary()
    | st.dates()
    | st.datetimes(timezones=st.none() | st.timezones())
    | st.lists(st.integers())
    | st.just(GOOD)
    | st.sampled_from(["fr-FR", "und", "https://example.org/a", "https://[", "2025-10-17", "\x85", "A\xa0\x80."])
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(NAMES), ANYTHING)
def test_nothing_is_ever_raised(field: str, value: object) -> None:
    for offered in (value, changed(field, value)):
        problem = problem_with(offered)
        assert problem is None or problem.isprintable()
        assert isinstance(origin_of(offered), str)


@settings(max_examples=200, deadline=None)
@given(
    st.fixed_dictionaries(
        {"text": st.just(GOOD.text) | ANYTHING}, optional=dict.fromkeys(set(NAMES) - {"text"}, ANYTHING)
    )
)
def test_what_files_give_is_never_refused_later(given_fields: dict[str, object]) -> None:
    try:
        article = article_from(given_fields, "name")
    except BadArticle:
        return
    assert problem_with(article) is None


@pytest.mark.parametrize("spoil", [lambda good: f"{good}\x0c", lambda good: f"{good}\ud800", lambda _: "x" * 2001])
@pytest.mark.parametrize("field", sorted(LONGEST))
def test_files_are_refused_in_the_same_words(field: str, spoil: Callable[[str], str]) -> None:
    bad = spoil("fr")
    with pytest.raises(BadArticle) as caught:
        article_from({"text": GOOD.text, field: bad}, "name")
    assert str(caught.value) == problem_with(changed(field, bad))
