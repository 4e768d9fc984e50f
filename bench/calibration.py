"""Fits the weights of `qa/calibrate.py`, and says how good they are: `python -m bench.calibration --data FOLDER`.

The questions are those of SQuAD's and PIAF's training parts that the reader was not trained on: asked of an
archive of both parts' articles, and once more of one without the articles that answer. The questions about half of
the articles fit the weights that those about the others are measured with, and the other way round; the weights
printed last, to be kept, are fitted on all.
"""

import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

import numpy as np
import regex
from numpy.typing import NDArray

from bench.data import AskedOfArticle, parser, table, with_all_answers
from index.archive import Archive
from index.embed import FastEmbedder
from index.spans import BundledSpanModel
from index.types import EVERYTHING, Article
from qa.calibrate import WEIGHTS, Numbers, sigmoid
from qa.read import WEIGHTS as WEIGHTS_OF_READER
from qa.read import Found, SpanReader
from qa.retrieve import PASSAGES_READ, retrieve, searched
from qa.scoring import auroc, calibration_error, f1
from training.data import WRITTEN, Question, read_written
from training.train import HELD_OUT, TRAINED_ON, questions_of

FILES = {"squad": ("squad-1.1-train-part", "en"), "piaf": ("piaf-1.1", "fr")}
RIDGE = 1e-2
BY_HAND = {"to come"}  # too rare in these questions to be fitted


@dataclass(frozen=True)
class Read:
    """All answers found to one question: their features, shape (answers, features), and which are right."""

    features: Numbers
    right: NDArray[np.bool_]


def held_out(data: Path) -> tuple[list[Article], list[Article], list[AskedOfArticle]]:
    """The articles trained on, those held out, and the questions about the latter."""
    known: list[Article] = []
    unseen: list[Article] = []
    questions: list[AskedOfArticle] = []
    for name, (file, language) in FILES.items():
        articles, asked = with_all_answers(data / "qa" / f"{file}.json.gz", language, slice(HELD_OUT[name].stop))
        known += articles[TRAINED_ON[name]]
        unseen += articles[HELD_OUT[name]]
        late = {article.id for article in articles[HELD_OUT[name]]}
        questions += [each for each in asked if each.article in late]
    return known, unseen, questions


def read(
    archive: Archive,
    reader: SpanReader,
    questions: Sequence[AskedOfArticle],
    passages: int = PASSAGES_READ,
) -> list[Read]:
    """What the reader finds; where the archive does not hold the article asked about, nothing of it is right."""
    made = []
    for number, asked in enumerate(questions, 1):
        candidates = retrieve(archive, asked.question, EVERYTHING, passages)
        rows = [
            (each.scored.features(), is_right(candidate.article, each, asked))
            for candidate, found in zip(candidates, reader.find(asked.question, candidates), strict=True)
            for each in found
        ]
        made.append(Read(np.array([row for row, _ in rows]), np.array([right for _, right in rows])))
        if number % 100 == 0:
            print(f"{number} of {len(questions)} questions read", flush=True)
    return made


def is_right(article: Article, found: Found, asked: AskedOfArticle) -> bool:
    """It overlaps an answer, with F1 above 0.3; or elsewhere in the article it says the same, more than a number."""
    if article.id != asked.article:
        return False

    def says(start: int, end: int) -> bool:
        overlap = f1(found.words, article.text[start:end], article.language)
        if found.span[0] < end and start < found.span[1]:
            return overlap > 0.3
        return overlap > 0.8 and regex.search(r"\p{L}", found.words) is not None

    return any(says(*span) for span in asked.answers)


def fit(questions: Sequence[Read]) -> Numbers:
    """Logistic regression by Newton's method, with a little ridge."""
    features = np.concatenate([each.features for each in questions])
    right = np.concatenate([each.right for each in questions]).astype(np.float64)
    weights: Numbers = np.array([WEIGHTS[name] * (name in BY_HAND) for name in WEIGHTS])
    fitted = np.array([name not in BY_HAND for name in WEIGHTS])
    for _ in range(50):
        expected = sigmoid(features @ weights)
        gradient = features[:, fitted].T @ (right - expected) - RIDGE * weights[fitted]
        curvature = (features * (expected * (1 - expected))[:, None])[:, fitted].T @ features[:, fitted]
        curvature += RIDGE * np.eye(len(curvature))
        step = np.linalg.solve(curvature, gradient)
        weights[fitted] += step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def best(questions: Sequence[Read], weights: Numbers) -> tuple[list[float], list[bool]]:
    """For each question, how sure the likeliest answer is, and whether it is right."""
    sure, right = [], []
    for each in questions:
        probabilities = sigmoid(each.features @ weights)
        place = int(probabilities.argmax())
        sure.append(float(probabilities[place]))
        right.append(bool(each.right[place]))
    return sure, right


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--weights", type=Path, default=WEIGHTS_OF_READER)
    arguments.add_argument("--questions", type=int, default=0, help="how many to take; 0 for all")
    arguments.add_argument("--passages", type=int, default=PASSAGES_READ, help="how many are read")
    options = arguments.parse_args()
    known, unseen, questions = held_out(options.data)
    if options.questions:
        questions = random.Random(0).sample(questions, min(options.questions, len(questions)))
    random.Random(1).shuffle(questions)
    reader = SpanReader(BundledSpanModel(options.weights))
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "calibration.db") as archive:
        archive.add(known)
        unanswerable = read(archive, reader, questions, options.passages)
        archive.add(unseen)
        answerable = read(archive, reader, questions, options.passages)
    report(answerable, unanswerable, halves(questions))
    kept = fit([*answerable, *unanswerable])
    right = np.concatenate([each.features[each.right] for each in answerable])
    for name in ("shared words", "similarity"):
        print(f"\n{name} of right answers, on average: {right[:, list(WEIGHTS).index(name)].mean():.2f}")
    own, other = similarities(options.data)
    print(
        f"question and paragraph, similarity in one language {own:.3f}, across languages {other:.3f}: {own - other:.3f}"
    )
    print("\nfitted on all:")
    for name, weight in zip(WEIGHTS, kept, strict=True):
        print(f'    "{name}": {weight:.2f},')


def similarities(data: Path, paragraphs: int = 200) -> tuple[float, float]:
    """The mean cosine of paragraphs with the project's own questions, in their language and in others."""
    documents = {question.document.name: question.document for question in questions_of(data, TRAINED_ON)}
    embedder = FastEmbedder()
    asked: dict[tuple[str, int], list[Question]] = {}
    for name in ("across-languages", "english", "french"):
        for record in read_written(WRITTEN / f"{name}.jsonl", documents.values()):
            asked.setdefault((record[0].document.name, record[0].paragraph), []).extend(record)
    both = [each for each in asked.values() if len({one.language == one.document.language for one in each}) == 2]
    found: dict[bool, list[float]] = {True: [], False: []}
    for each in random.Random(0).sample(both, min(paragraphs, len(both))):
        start, end = each[0].document.paragraphs[each[0].paragraph]
        (vector,) = embedder.embed_passages([each[0].document.text[start:end]])
        for one in each:
            if one.answer:
                cosine = float(embedder.embed_query(searched(one.text)) @ vector)
                found[one.language == one.document.language].append(cosine)
    return float(np.mean(found[True])), float(np.mean(found[False]))


def halves(questions: Sequence[AskedOfArticle]) -> NDArray[np.bool_]:
    """Which questions are about the one half of the articles: what is asked about one article is much alike."""
    articles = sorted({each.article for each in questions})
    random.Random(2).shuffle(articles)
    first, asked = set[str](), [each.article for each in questions]
    for article in articles:
        if sum(each in first for each in asked) + asked.count(article) <= len(asked) / 2:
            first.add(article)
    return np.array([each in first for each in asked])


def report(answerable: Sequence[Read], unanswerable: Sequence[Read], first: NDArray[np.bool_]) -> None:
    """`first`: which questions belong to the one half."""
    sure, right, sure_of_nothing = list[float](), list[bool](), list[float]()
    for half in (first, ~first):
        weights = fit([*compress(answerable, ~half), *compress(unanswerable, ~half)])
        certainties, truths = best(list(compress(answerable, half)), weights)
        sure += certainties
        right += truths
        sure_of_nothing += best(list(compress(unanswerable, half)), weights)[0]
    everything, truth = sure + sure_of_nothing, right + [False] * len(sure_of_nothing)
    print(f"\nlikeliest answer right: {np.mean(right):.3f} of {len(right)} answerable")
    for name, certainties, truths in (
        ("asked with and without the article", everything, truth),
        ("with it alone", sure, right),
    ):
        print(f"{name}: right told from wrong, AUROC {auroc(certainties, truths) or 0:.3f}; ", end="")
        print(f"expected calibration error {calibration_error(certainties, truths) or 0:.3f}")
    print()
    rows = []
    for threshold in (0.1, 0.15, 0.2, 0.25, 0.3, 0.37, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        given = [good for certainty, good in zip(everything, truth, strict=True) if certainty >= threshold]
        silent = np.mean([certainty < threshold for certainty in sure_of_nothing])
        answered = np.mean([certainty >= threshold for certainty in sure])
        rows.append([f"{threshold}", f"{answered:.2f}", f"{np.mean(given) if given else 1:.2f}", f"{silent:.2f}"])
    print(
        table(["threshold", "answerable answered", "right of what is answered", "silent where nothing answers"], rows)
    )


if __name__ == "__main__":
    main()
