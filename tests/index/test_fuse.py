"""Rankings joined by rank alone: order, ties, weights, and what must hold for any rankings."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fuse import (
    ALIKE,
    APART,
    FULL_COVERAGE,
    FULL_WEIGHT,
    LEAST_COVERAGE,
    RANK_OFFSET,
    UNDECIDED_WEIGHT,
    fuse,
    weight_of_words,
    where_words_cannot_tell,
)

rankings = st.lists(st.lists(st.integers(0, 30), unique=True, max_size=20), min_size=1, max_size=4)
weights = st.floats(0.01, 10)


def order(*given: list[int], weights: list[float] | None = None) -> list[int]:
    return [found for found, _ in fuse(given, weights or [1.0] * len(given))]


def test_scores_are_sums_of_weighted_reciprocal_ranks() -> None:
    fused = fuse([[7, 8], [8]], [1.0, 0.5])
    assert [found for found, _ in fused] == [8, 7]
    expected = [1 / (RANK_OFFSET + 2) + 0.5 / (RANK_OFFSET + 1), 1 / (RANK_OFFSET + 1)]
    assert [score for _, score in fused] == pytest.approx(expected)


def test_what_both_rankings_hold_comes_before_what_one_holds_at_the_same_rank() -> None:
    assert order([1, 2, 3], [4, 2, 5]) == [2, 1, 4, 3, 5]


def test_ties_go_by_id() -> None:
    assert order([9, 2], [2, 9]) == [2, 9]
    assert order([9], [4], [6]) == [4, 6, 9]


def test_a_ranking_without_weight_is_not_heard() -> None:
    assert order([3, 1], [5, 1], weights=[1.0, 0.0]) == [3, 1]
    assert fuse([[1, 2]], [0.0]) == []


def test_nothing_fused_is_nothing() -> None:
    assert fuse([], []) == fuse([[], []], [1.0, 1.0]) == []
    assert order([], [2, 1]) == [2, 1]


def test_each_ranking_needs_its_weight() -> None:
    with pytest.raises(ValueError, match="shorter"):
        fuse([[1], [2]], [1.0])


@given(rankings, st.integers(0, 30), st.lists(weights, min_size=4, max_size=4))
def test_what_is_first_in_all_rankings_is_first(given: list[list[int]], best: int, weighed: list[float]) -> None:
    led = [[best, *(found for found in ranking if found != best)] for ranking in given]
    assert order(*led, weights=weighed[: len(led)])[0] == best


@given(rankings, st.lists(weights, min_size=4, max_size=4))
def test_everything_is_there_once_and_the_best_comes_first(given: list[list[int]], weighed: list[float]) -> None:
    fused = fuse(given, weighed[: len(given)])
    assert sorted(found for found, _ in fused) == sorted(set().union(*given))
    for (first, higher), (second, lower) in pairwise(fused):
        assert (higher, -first) > (lower, -second)


@given(rankings, weights)
def test_one_ranking_many_times_keeps_its_order(given: list[list[int]], weight: float) -> None:
    assert order(*[given[0]] * 3, weights=[weight] * 3) == given[0]


@given(rankings, st.lists(weights, min_size=4, max_size=4), st.integers(1, 19))
def test_rising_in_one_ranking_never_costs_a_place(given: list[list[int]], weighed: list[float], place: int) -> None:
    ranking = given[0]
    if place >= len(ranking):
        return
    used = weighed[: len(given)]
    risen = [*ranking[: place - 1], ranking[place], ranking[place - 1], *ranking[place + 1 :]]
    before, after = order(*given, weights=used), order(risen, *given[1:], weights=used)
    assert after.index(ranking[place]) <= before.index(ranking[place])


def test_the_weight_of_words_goes_from_nothing_to_the_full_one() -> None:
    assert weight_of_words(0.0, APART) == weight_of_words(LEAST_COVERAGE, APART) == 0.0
    assert weight_of_words((LEAST_COVERAGE + FULL_COVERAGE) / 2, APART) == pytest.approx(FULL_WEIGHT / 2)
    assert weight_of_words(FULL_COVERAGE, APART) == weight_of_words(1.0, APART) == FULL_WEIGHT


def test_words_count_where_vectors_cannot_tell_passages_apart() -> None:
    assert weight_of_words(LEAST_COVERAGE, ALIKE) == weight_of_words(1.0, ALIKE) == UNDECIDED_WEIGHT > FULL_WEIGHT
    assert weight_of_words(0.0, 0.0) == 0.0, "a question without a word in the index says nothing by its words"


shares = st.floats(0, 1)


@given(shares, shares, st.floats(0, 0.2))
def test_more_covered_never_weighs_less(one: float, other: float, spread: float) -> None:
    lesser, greater = sorted([one, other])
    assert 0.0 <= weight_of_words(lesser, spread) <= weight_of_words(greater, spread) <= UNDECIDED_WEIGHT


@given(shares, st.floats(0, 0.2), st.floats(0, 0.2))
def test_the_further_apart_the_vectors_the_less_words_weigh(coverage: float, one: float, other: float) -> None:
    near, far = sorted([one, other])
    assert weight_of_words(coverage, far) <= weight_of_words(coverage, near)


def test_none_keeps_its_place_empty() -> None:
    assert fuse([[None, 4]], [1.0]) == fuse([[9, 4]], [1.0])[1:]


def test_vectors_speak_for_the_languages_that_words_do_not_reach() -> None:
    languages = {1: "en", 2: "fr", 3: "de", 4: "en"}
    assert where_words_cannot_tell([2, 1, 3], [4, 1], languages) == [2, None, 3]
    assert where_words_cannot_tell([2, 1, 3], [4, 1, 2], languages) == [None, None, 3], "words found French too"
    assert where_words_cannot_tell([2, 1], [], languages) == [2, 1]


def test_a_name_found_in_another_language_does_not_count_as_reaching_it() -> None:
    languages = dict.fromkeys(range(20), "en") | {20: "fr", 21: "fr", 22: "fr"}
    words = [*range(18), 20, 21]
    assert where_words_cannot_tell([22, 20, 3], words, languages) == [22, None, None]
