"""Filters from what people type."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from index.errors import BadFilter
from index.types import EVERYTHING, Filters
from ui.options import filters_from


def since(value: str) -> datetime | None:
    return filters_from(None, None, None, value, None).first


def until(value: str) -> datetime | None:
    return filters_from(None, None, None, None, value).last


def test_without_options_everything_passes() -> None:
    assert filters_from(None, None, None, None, None) == EVERYTHING


def test_words_are_taken_as_they_are() -> None:
    assert filters_from("fr", "Epoch Times", "Monde", None, None) == Filters("fr", "Epoch Times", "Monde")


def test_a_bare_day_counts_whole() -> None:
    assert since("2025-10-17") == datetime(2025, 10, 17, tzinfo=UTC)
    assert until("2025-10-17") == datetime(2025, 10, 17, 23, 59, 59, 999999, tzinfo=UTC)


def test_a_moment_is_in_utc_unless_it_says_otherwise() -> None:
    assert until("2025-10-17T19:09") == datetime(2025, 10, 17, 19, 9, tzinfo=UTC)
    assert since("2025-10-17 19:09:00+02:00") == datetime(2025, 10, 17, 19, 9, tzinfo=timezone(timedelta(hours=2)))
    assert since("2025-10-17T19:09:00Z") == datetime(2025, 10, 17, 19, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong", ["yesterday", "", "17/10/2025", "2025-13-01", "2025-10", "2025-W42", "0001-01-01T00:00+14:00"]
)
def test_a_wrong_date_is_told_with_the_right_form(wrong: str) -> None:
    with pytest.raises(BadFilter, match=r"--since: expected a date such as 2025-10-17 or .* found"):
        since(wrong)


def test_dates_in_the_wrong_order_are_told() -> None:
    with pytest.raises(BadFilter, match="--since 2025-10-18 is after --until 2025-10-17"):
        filters_from(None, None, None, "2025-10-18", "2025-10-17")


@pytest.mark.parametrize(("typed", "code"), [("fr", "fr"), ("FR", "fr"), ("pt-BR", "pt"), ("und", "und")])
def test_languages_are_bare_codes(typed: str, code: str) -> None:
    assert filters_from(typed, None, None, None, None).language == code


def test_a_wrong_language_is_told_with_the_right_form() -> None:
    with pytest.raises(BadFilter, match="--language: expected a code of two letters such as fr, found 'French'"):
        filters_from("French", None, None, None, None)
