"""Reads the retrieved passages with the question: which sentence answers, and how sure that is."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.language import detect_language
from index.types import Embedder
from qa.overlap import shared_words
from qa.question import agrees_in_time, times_of
from qa.types import Candidate, Evidence

Features = NDArray[np.float64]

# What tells that a sentence answers, and the weight of each in a logistic regression. Fitted on SQuAD's and
# PIAF's training parts by `python -m bench.sentence_reader`, which also says how good it is.
FEATURES = {
    "bias": -16.22,
    "similarity": 11.22,  # of the sentence to the question, by the embedding model
    "above the mean": 23.29,  # of all sentences read
    "first passages": 3.04,  # 1 / rank of its passage
    "shared words": 3.62,  # the part of the question's words that it has, rare ones counting more
    # Asked about what is to come, it speaks of that, or only of what has been. Such questions are too rare in
    # those sets to be fitted: set by hand, to as much as 0.035 of similarity.
    "to come": 1.2,
}


class SentenceReader:
    """Points at whole sentences, by the embedding model, by shared words, and by the time that is asked about."""

    # `python -m bench.answers` measures both: a reader of whole sentences can seldom be sure across languages.
    answers_from = 0.07
    certain_from = 0.3

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[list[Evidence]]:
        """See `Reader`."""
        sentences = [(number, span) for number, each in enumerate(candidates) for span in each.sentences]
        if not sentences:
            return [[] for _ in candidates]
        weights = np.array(list(FEATURES.values()))
        probabilities = 1 / (1 + np.exp(-self.features(question, candidates) @ weights))
        readings: list[list[Evidence]] = [[] for _ in candidates]
        for (number, (start, end)), probability in zip(sentences, probabilities, strict=True):
            readings[number].append(Evidence(start, end, float(probability)))
        return [sorted(found, key=lambda evidence: -evidence.probability) for found in readings]

    def features(self, question: str, candidates: Sequence[Candidate]) -> Features:
        """Shape: (sentences of all candidates, features)."""
        texts = [each.article.text[slice(*span)] for each in candidates for span in each.sentences]
        owners = [each for each in candidates for _ in each.sentences]
        languages = [owner.article.language for owner in owners]
        similarity = self.embedder.embed_passages(texts) @ self.embedder.embed_query(question)
        about_future = times_of(question, detect_language(question)) == {"to come"}
        columns = [
            np.ones(len(texts)),
            similarity,
            similarity - similarity.mean(),
            np.array([1 / owner.rank for owner in owners]),
            shared_words(question, languages, texts),
            np.array([agrees_in_time(about_future, times_of(*each)) for each in zip(texts, languages, strict=True)]),
        ]
        return np.stack(columns, axis=1).astype(np.float64)
