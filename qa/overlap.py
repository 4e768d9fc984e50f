"""How many of a question's words a text has."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.words import content_stems


def shared_words(question: str, languages: Sequence[str], texts: Sequence[str]) -> NDArray[np.float64]:
    """For each text, the part of the question's words that it has.

    A word counts by how few of these texts hold it: what is in all of them tells none of them apart.
    """
    asked = {language: content_stems(question, language) for language in set(languages)}
    held = [content_stems(text, language) for text, language in zip(texts, languages, strict=True)]
    frequency = Counter(stem for stems in held for stem in stems)

    def weight(stems: set[str]) -> float:
        return sum(math.log(1 + len(texts) / (1 + frequency[stem])) for stem in stems)

    parts = [
        weight(stems & asked[language]) / max(weight(asked[language]), 1e-9)
        for stems, language in zip(held, languages, strict=True)
    ]
    return np.array(parts)
