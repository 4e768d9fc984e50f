"""From a reader's scores to the probability that an answer is right.

A logistic regression over the best answer of every sentence read, fitted by `python -m bench.calibration` on
questions that the reader was not trained on, asked of an archive; the model card says how good it is.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

# Each feature with its weight.
WEIGHTS = {
    "bias": -19.41,
    "span": 0.16,  # start and end, and that the passage answers at all; comparable between passages
    "share of all": 3.36,  # its probability among all spans of all passages, 0 to 1
    "first passages": 1.76,  # 1 / rank of its passage in the retrieval
    "agreement": 4.45,  # how sure the reader is of the same words elsewhere, from 0 to 1
    "shared words": 0.69,  # the part of the question's words that the passage and its title have, 0 to 1
    # Asked about what is to come, the sentence speaks of that (1), or only of what has been (-1). Such questions are
    # too rare in those sets to be fitted: set by hand.
    "to come": 2.2,
    "similarity": 16.30,  # the cosine of question and passage
}


@dataclass(frozen=True, slots=True)
class Scored:
    """The raw scores of one answer, logarithms all, and where its passage came in the retrieval.

    `answering`: that the passage holds an answer at all, against that it holds none.
    """

    span: float
    answering: float
    share_of_all: float
    rank: int
    agreement: float
    shared_words: float
    to_come: float
    similarity: float

    def features(self) -> list[float]:
        """In the order of `WEIGHTS`."""
        return [
            1.0,
            self.span + self.answering,
            math.exp(min(0.0, self.share_of_all)),
            1 / self.rank,
            self.agreement,
            self.shared_words,
            self.to_come,
            self.similarity,
        ]


def probability(scored: Scored) -> float:
    """From 0 to 1."""
    total = float(np.dot(scored.features(), list(WEIGHTS.values())))
    return float(sigmoid(np.array(total)))


def sigmoid(values: Numbers) -> Numbers:
    result: Numbers = 0.5 * (1 + np.tanh(values / 2))  # never overflows
    return result
