"""Fits the sentence reader's weights and says how good it is: `python -m bench.sentence_reader`.

Questions of SQuAD's and PIAF's training parts are asked of archives of their whole articles. From every third
question the passages that hold the answer are taken away, so that nothing answers it. First the weights are
fitted to tell the answer's sentence from the others; then, on the best sentence of each question, the scale
and bias that make its score the probability of being right. Half of the questions are held out.
"""

import random
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.data import parser, whole_articles
from index.archive import Archive
from index.types import EVERYTHING
from qa.read_sentences import FEATURES, SentenceReader
from qa.retrieve import retrieve
from qa.scoring import auroc
from qa.types import Candidate

BY_HAND = ("to come",)
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    """One question: the features of every sentence read, and which sentences hold the answer."""

    features: Numbers
    right: Numbers


def examples(archive: Archive, questions: list[tuple[str, str, int, int]]) -> list[Example]:
    reader = SentenceReader(archive.embedder)
    found: list[Example] = []
    for number, (question, article, start, end) in enumerate(questions):

        def holds(candidate: Candidate, article: str = article, start: int = start, end: int = end) -> bool:
            inside = candidate.passage.start <= start and end <= candidate.passage.end
            return candidate.article.id == article and inside

        candidates = retrieve(archive, question, EVERYTHING)
        if number % 3 == 2:
            kept = [each for each in candidates if not holds(each)]
            candidates = [replace(each, rank=rank) for rank, each in enumerate(kept, 1)]
        right = [
            candidate.article.id == article and left <= start and end <= last
            for candidate in candidates
            for left, last in candidate.sentences
        ]
        if right:
            found.append(Example(reader.features(question, candidates), np.array(right, dtype=float)))
    return found


def logistic(features: Numbers, right: Numbers, ridge: float = 1e-4) -> Numbers:
    """Logistic regression by Newton's method on standardised columns; the first column is the bias."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    mean[0], spread[0] = 0.0, 1.0
    scaled = (features - mean) / spread
    weights = np.zeros(scaled.shape[1])
    for _ in range(30):
        probability = 1 / (1 + np.exp(-scaled @ weights))
        gradient = scaled.T @ (probability - right) / len(right) + ridge * weights
        curvature = (scaled * (probability * (1 - probability))[:, None]).T @ scaled / len(right)
        weights -= np.linalg.solve(curvature + ridge * np.eye(len(weights)), gradient)
    weights /= spread
    weights[0] -= weights[1:] @ mean[1:]
    return weights


def fit(found: list[Example]) -> Numbers:
    names = list(FEATURES)
    fitted = [number for number, name in enumerate(names) if name not in BY_HAND]
    weights = np.array([FEATURES[name] for name in names])
    columns = np.concatenate([each.features for each in found])
    weights[fitted] = logistic(columns[:, fitted], np.concatenate([each.right for each in found]))
    best = [(each.features @ weights).argmax() for each in found]
    top = np.array([each.features[row] @ weights for each, row in zip(found, best, strict=True)])
    right = np.array([each.right[row] for each, row in zip(found, best, strict=True)])
    bias, scale = logistic(np.stack([np.ones(len(top)), top], axis=1), right)
    weights *= scale
    weights[0] += bias
    return weights


def report(found: list[Example], weights: Numbers) -> None:
    probability, right, answerable = [], [], []
    for each in found:
        scores = 1 / (1 + np.exp(-each.features @ weights))
        probability.append(scores.max())
        right.append(each.right[scores.argmax()])
        answerable.append(each.right.any())
    chance, is_right, can = np.array(probability), np.array(right), np.array(answerable)
    print(f"questions {len(found)}, the answer among the sentences read {can.mean():.3f}")
    print(f"the best sentence is right, of these: {is_right[can].mean():.3f}")
    print(f"AUROC of right against wrong: {auroc(probability, (is_right == 1).tolist()) or 0:.3f}")
    for threshold in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6):
        given = chance >= threshold
        if given.any():
            print(f"  threshold {threshold}: answers {given.mean():.2f}, right of these {is_right[given].mean():.2f}")


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--questions", type=int, default=400)
    options = arguments.parse_args()
    found: list[Example] = []
    for file, language, part in (
        ("squad-1.1-train-part.json.gz", "en", slice(None)),
        ("piaf-1.1.json.gz", "fr", slice(0, 400)),
    ):
        articles, questions = whole_articles(options.data / "qa" / file, language, part)
        with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "reader.db") as archive:
            archive.add(articles)
            found += examples(archive, random.Random(0).sample(questions, options.questions))
    random.Random(0).shuffle(found)
    half = len(found) // 2
    print("held-out half:")
    report(found[half:], fit(found[:half]))
    print("\nfitted on all:")
    print(dict(zip(FEATURES, (round(float(weight), 2) for weight in fit(found)), strict=True)))


if __name__ == "__main__":
    main()
