"""Reciprocal rank fusion: rankings whose scores cannot be compared are joined by their ranks."""

from collections import defaultdict
from collections.abc import Sequence

# Cormack, Clarke and Büttcher (2009) took 60, for many rankings of uneven quality. Of two good ones the first
# places say more: on questions of SQuAD's and PIAF's training parts 5 ranked better than 10, 20 and 60.
RANK_OFFSET = 5

# How much the words count beside the vectors, by how much of the question they covered: from nothing (a
# question in another language finds only its names) up to more than the vectors. Measured on the same
# questions, and on English sentences against their French translations, where words alone are noise.
LEAST_COVERAGE, FULL_COVERAGE, FULL_WEIGHT = 0.1, 0.5, 1.6


def weight_of_words(coverage: float) -> float:
    """The weight of the lexical ranking against 1 for the vectors, from 0 to FULL_WEIGHT."""
    part = (coverage - LEAST_COVERAGE) / (FULL_COVERAGE - LEAST_COVERAGE)
    return FULL_WEIGHT * min(1.0, max(0.0, part))


def fuse(rankings: Sequence[Sequence[int]], weights: Sequence[float]) -> list[tuple[int, float]]:
    """Ids by the sum of `weight / (RANK_OFFSET + rank)` over the rankings that hold them, best first, ties by id."""
    scores: dict[int, float] = defaultdict(float)
    for ranking, weight in zip(rankings, weights, strict=True):
        if not weight:
            continue
        for rank, found in enumerate(ranking, 1):
            scores[found] += weight / (RANK_OFFSET + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
