"""Measures against values worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import scoring


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("The Cat, a dog — and AN owl!", "en", "cat dog — and owl"),  # SQuAD takes out ASCII's punctuation alone
        ("the–end of theatre", "en", "–end of theatre"),
        ("U.S. $5", "en", "us 5"),
        ("¿El perro y los gatos?", "es", "perro y gatos"),
        ("Der Hund, „das“ Haus – des Mannes", "de", "hund haus mannes"),
        ("L’Ukraine et l'été d’Anna", "fr", "ukraine et été anna"),
        ("de la défense du pays, des armes", "fr", "défense pays armes"),
        ("Aujourd'hui, un ami", "fr", "aujourdhui ami"),
        ("الكتاب على الطاولة، وقال", "ar", "كتاب على طاولة وقال"),
        ("ال", "ar", "ال"),
        ("những con mèo", "vi", "con mèo"),
        ("北京2008年", "zh", "北 京 2008 年"),
        ("“Москва” — город", "ru", "москва город"),
        ("the", "ru", "the"),
        ("  two\n words ", "und", "two words"),
    ],
)
def test_words_are_normalised_as_the_language_has_it(text: str, language: str, expected: str) -> None:
    assert scoring.words(text, language) == expected.split()


def test_exact_match_is_of_the_normalised_words() -> None:
    assert scoring.exact_match("in the Budapest.", "In Budapest", "en") == 1.0
    assert scoring.exact_match("Budapest", "in Budapest", "en") == 0.0


@pytest.mark.parametrize(
    ("said", "expected", "language", "value"),
    [
        ("Budapest, Hungary", "Budapest", "en", 2 / 3),  # precision 1/2, recall 1
        ("more than two hours", "two or more hours", "en", 3 / 4),
        ("very very good", "very good good", "en", 2 / 3),  # each word as often as in both
        ("le Bureau ovale", "Bureau ovale", "fr", 1.0),
        ("nothing", "in common", "en", 0.0),
        ("", "Budapest", "en", 0.0),
        ("the", "a", "en", 1.0),  # nothing is left of either, as in SQuAD 2.0
        ("北京市", "北京", "zh", 4 / 5),
    ],
)
def test_f1_of_words(said: str, expected: str, language: str, value: float) -> None:
    assert scoring.f1(said, expected, language) == pytest.approx(value)


@given(st.text(), st.text(), st.sampled_from(["en", "fr", "ar", "zh", "und"]))
def test_f1_is_symmetric_and_1_for_equals(one: str, other: str, language: str) -> None:
    assert scoring.f1(one, one, language) == scoring.exact_match(one, one, language) == 1.0
    assert scoring.f1(one, other, language) == scoring.f1(other, one, language)
    assert 0 <= scoring.exact_match(one, other, language) <= scoring.f1(one, other, language) <= 1


def test_words_stand_in_a_text_whole_and_in_order() -> None:
    assert scoring.stands_in("the 37 missiles", "Russia fired 37 missiles.", "en")
    assert not scoring.stands_in("7 missiles", "Russia fired 37 missiles.", "en")
    assert not scoring.stands_in("missiles 37", "Russia fired 37 missiles.", "en")
    assert scoring.stands_in("L'Ukraine", "les drones de l’Ukraine", "fr")
    assert scoring.stands_in("Emmanuel", "dit qu’Emmanuel viendra", "fr")
    for text in ("in “Hotel Sacher”, he said", "the Hotel Sacher—the oldest", "Hotel Sacher’s rooms", "Hotel Sacher…"):
        assert scoring.stands_in("Hotel Sacher", text, "en"), text
    assert scoring.stands_in("1000", "some 1,000 people", "en") and scoring.stands_in("US", "the U.S. said", "en")
    assert not scoring.stands_in("12", "a 12.5 percent rise", "en")
    # Of "The" nothing is left to compare: it must stand there as it is.
    assert scoring.stands_in("The", "The Who", "en") and not scoring.stands_in("The", "Who", "en")


def test_shares_of_nothing_are_none() -> None:
    assert scoring.share([True, False, False, True]) == 0.5
    assert scoring.share([]) is None
    assert scoring.abstention([], []) == (None, None)
    assert scoring.abstention([False], [True]) == (None, None)
    assert scoring.auroc([0.5], [True]) is None
    assert scoring.coverage_at(0.95, [], []) is None
    assert scoring.calibration_error([], []) is None
    assert scoring.reliability([], []) == []


def test_abstention() -> None:
    silent = [True, True, True, False, False]
    answerable = [False, False, True, False, True]
    assert scoring.abstention(silent, answerable) == (2 / 3, 2 / 3)


def test_auroc_counts_pairs_and_equals_half() -> None:
    # 0.9 is above both negatives, 0.5 above one and level with the other: 3.5 of 4 pairs.
    assert scoring.auroc([0.9, 0.5, 0.5, 0.1], [True, True, False, False]) == 0.875
    assert scoring.auroc([0.1, 0.9], [True, False]) == 0.0


def test_risk_and_coverage_keep_equals_together() -> None:
    coverage, risk = scoring.risk_coverage([0.9, 0.7, 0.7, 0.2], [True, True, False, False])
    assert coverage == pytest.approx([0.25, 0.75, 1.0])
    assert risk == pytest.approx([0.0, 1 / 3, 0.5])


def test_coverage_is_the_largest_that_reaches_the_precision() -> None:
    confidence = list(np.linspace(1, 0, 40))
    # The surest is wrong, then 19 are right: 19 of 20 are 95%, and so is no more.
    right = [False] + [True] * 19 + [False] * 20
    assert scoring.coverage_at(0.95, confidence, right) == 0.5
    assert scoring.coverage_at(0.96, confidence, right) == 0.0
    assert scoring.coverage_at(0.95, [0.5, 0.5], [True, False]) == 0.0
    assert scoring.coverage_at(0.95, [0.5, 0.5], [True, True]) == 1.0


def test_reliability_and_calibration_error() -> None:
    confidence = [0.1, 0.15, 0.95, 1.0]
    right = [False, True, True, True]
    low, high = scoring.reliability(confidence, right)
    assert (low.low, low.high, low.count, low.right) == (0.1, 0.2, 2, 0.5)
    assert (high.low, high.high, high.count, high.right) == (0.9, 1.0, 2, 1.0)
    assert (low.confidence, high.confidence) == pytest.approx((0.125, 0.975))
    assert scoring.calibration_error(confidence, right) == pytest.approx((2 * 0.375 + 2 * 0.025) / 4)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_measures_of_confidence_are_shares(answers: list[tuple[float, bool]]) -> None:
    confidence, right = [each[0] for each in answers], [each[1] for each in answers]
    coverage, risk = scoring.risk_coverage(confidence, right)
    assert coverage[-1] == 1 and risk[-1] == pytest.approx(1 - sum(right) / len(right))
    assert (np.diff(coverage) > 0).all()
    assert sum(each.count for each in scoring.reliability(confidence, right)) == len(answers)
    for value in (scoring.calibration_error(confidence, right), scoring.coverage_at(0.95, confidence, right)):
        assert value is not None and 0 <= value <= 1


def test_percentiles() -> None:
    assert scoring.percentile([1, 2, 3], 50) == 2
    assert scoring.percentile([0, 10], 95) == pytest.approx(9.5)
