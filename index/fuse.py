"""Reciprocal rank fusion: rankings whose scores cannot be compared are joined by their ranks."""

from collections import defaultdict
from collections.abc import Sequence

# Cormack, Clarke and Büttcher 2009 found 60 to suit most rankings.
RANK_OFFSET = 60


def fuse(rankings: Sequence[Sequence[int]], weights: Sequence[float]) -> list[tuple[int, float]]:
    """Ids by the sum of `weight / (60 + rank)` over the rankings that hold them, best first, ties by id."""
    scores: dict[int, float] = defaultdict(float)
    for ranking, weight in zip(rankings, weights, strict=True):
        for rank, found in enumerate(ranking, 1):
            scores[found] += weight / (RANK_OFFSET + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
