"""Reciprocal rank fusion: rankings whose scores cannot be compared are joined by their ranks."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

# Cormack, Clarke and Büttcher (2009) took 60, for many rankings of uneven quality. Of two good ones the first
# places say more: on questions of SQuAD's and PIAF's training parts 5 ranked better than 10, 20 and 60
# (`python -m bench.fusion`).
RANK_OFFSET = 5

# How much the words count beside the vectors. They count for as much of the question as they covered: from
# nothing (a question in another language finds only its names) up to more than the vectors. And they count where
# the vectors cannot tell passages apart, their first ten scoring alike (announcements that differ in a number).
# `python -m bench.fusion` compares them, on questions that no table of the README measures. LEAST_COVERAGE makes no
# difference there from 0.08 to 0.25, 0.3 of MRR at most: 0.15 was first taken looking at XQuAD's Russian paragraphs.
LEAST_COVERAGE, FULL_COVERAGE, FULL_WEIGHT = 0.15, 0.5, 1.6
ALIKE, APART = 0.01, 0.03  # the spread between the first and the tenth score
ENOUGH_COVERAGE, UNDECIDED_WEIGHT = 0.12, 2.0  # where they lie together

# The languages that the words find: at least this part of their first so many passages.
LANGUAGES_FROM, LEAST_SHARE = 20, 0.2


def weight_of_words(coverage: float, spread: float) -> float:
    """The weight of the lexical ranking against 1 for the vectors, from 0 to UNDECIDED_WEIGHT.

    `coverage`: how much of the question its words covered, 0 to 1. `spread`: how far the first vector scores lie
    apart.
    """
    covered = _part(coverage, LEAST_COVERAGE, FULL_COVERAGE)
    undecided = 1 - _part(spread, ALIKE, APART)
    return max(FULL_WEIGHT * covered, UNDECIDED_WEIGHT * undecided * _part(coverage, 0.0, ENOUGH_COVERAGE))


def _part(value: float, low: float, high: float) -> float:
    """How far the value lies from low to high, from 0 to 1."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


def where_words_cannot_tell(
    near: Sequence[int], words: Sequence[int], languages: Mapping[int, str]
) -> list[int | None]:
    """The ranking by vectors, with None in place of passages that the words could have found.

    A question's words find passages of its own language, hardly ever those of others. That words did not find
    such a passage says nothing against it: for these, the vectors speak in the words' stead.
    """
    first = [languages[found] for found in words[:LANGUAGES_FROM]]
    found_in = {language for language, count in Counter(first).items() if count >= LEAST_SHARE * len(first)}
    return [None if languages[found] in found_in or found in words else found for found in near]


def fuse(rankings: Sequence[Sequence[int | None]], weights: Sequence[float]) -> list[tuple[int, float]]:
    """Ids by the sum of `weight / (RANK_OFFSET + rank)` over the rankings that hold them, best first, ties by id.

    None in a ranking keeps its place empty.
    """
    scores: dict[int, float] = defaultdict(float)
    for ranking, weight in zip(rankings, weights, strict=True):
        if not weight:
            continue
        for rank, found in enumerate(ranking, 1):
            if found is not None:
                scores[found] += weight / (RANK_OFFSET + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
