"""How well the reader points at answers: `python -m bench.reading --data FOLDER`.

The paragraph is given, as in the sets' own scoring; nothing is known beside it. SQuAD 2.0's part says how well
answerable questions are told from others, by the confidence that a reader of answers is told, and by the score of the
best words alone. `--exact` reads in float32, to see what 8 bits cost; `--weights`
takes another training run's.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from bench.data import Asked, Set, parser, squad, table
from index.embed import FastEmbedder, usable_processors
from index.sentences import sentences
from index.spans import BundledSpanModel, SpanModel, Window
from index.types import Article, Passage
from qa.calibrate import probability
from qa.read import NEARLY_AS_GOOD, WEIGHTS, SpanReader, pointed, whole_words
from qa.retrieve import searched
from qa.scoring import auroc, exact_match, f1
from qa.types import Candidate

SETS = {
    "SQuAD 1.1 dev": ("squad-1.1-dev", "en", slice(None)),
    **{
        f"XQuAD {language}": (f"xquad.{language}", language, slice(None)) for language in ("en", "es", "de", "ru", "ar")
    },
    "PIAF, last 80 articles": ("piaf-1.1", "fr", slice(400, None)),
}


def answer(windows: list[Window], paragraph: str, nearly: float = NEARLY_AS_GOOD) -> str:
    """The best words of the paragraph, whether it answers or not."""
    best: tuple[float, tuple[int, int]] = (-np.inf, (0, 0))
    for window in windows:
        words, score = pointed(paragraph, window.offsets, window.start, window.end, nearly)
        best = max(best, (score, words))
    start, end = whole_words(paragraph, best[1], (0, len(paragraph)))
    return paragraph[start:end]


def answerable(model: SpanModel, found: Set, questions: list[Asked]) -> list[tuple[float, float]]:
    """For each question, (the confidence in the surest answer, the score of the best words alone).

    English only. The paragraph is all that was retrieved: the first passage, with nothing that could agree.
    """
    embedder, reader = FastEmbedder(), SpanReader(model)
    texts = [text for _, text in found.paragraphs]
    meanings = embedder.embed_passages(texts)

    def one(asked: Asked) -> tuple[float, float]:
        text = texts[asked.paragraph]
        similarity = float(embedder.embed_query(searched(asked.question)) @ meanings[asked.paragraph])
        article = Article("paragraph", text, language="en")
        spans = tuple(sentences(text, "en"))
        candidate = Candidate(Passage(0, article.id, 0, len(text), text), article, 1, spans, similarity)
        (answers,) = reader.find(asked.question, [candidate])
        return max(probability(each.scored) for each in answers), max(each.scored.span for each in answers)

    with ThreadPoolExecutor(usable_processors()) as workers:
        return list(workers.map(one, questions))


def read(model: SpanModel, found: Set, questions: list[Asked]) -> list[list[Window]]:
    """The windows of each question's paragraph."""

    def one(asked: Asked) -> list[Window]:
        return model.score(asked.question, [("", found.paragraphs[asked.paragraph][1])])[0]

    with ThreadPoolExecutor(usable_processors()) as workers:
        return list(workers.map(one, questions))


def evaluate(model: SpanModel, found: Set, questions: list[Asked], language: str) -> tuple[float, float]:
    """(exact match, F1), in percent."""
    exact = total = 0.0
    for asked, windows in zip(questions, read(model, found, questions), strict=True):
        paragraph = found.paragraphs[asked.paragraph][1]
        said = answer(windows, paragraph)
        expected = [paragraph[slice(*span)] for span in asked.answers]
        exact += max(exact_match(said, each, language) for each in expected)
        total += max(f1(said, each, language) for each in expected)
    return 100 * exact / len(questions), 100 * total / len(questions)


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--weights", type=Path, default=WEIGHTS)
    arguments.add_argument("--exact", action="store_true", help="float32 instead of 8 bits")
    arguments.add_argument("--most", type=int, default=0, help="questions of each set to take; 0 for all")
    options = arguments.parse_args()
    model = BundledSpanModel(options.weights, exact=options.exact)
    qa = options.data / "qa"
    rows = []
    for name, (file, language, part) in SETS.items():
        found = squad(qa / f"{file}.json.gz", part)
        questions = sample(found.questions, options.most)
        began = time.perf_counter()
        exact, overlap = evaluate(model, found, questions, language)
        rate = len(questions) / (time.perf_counter() - began)
        rows.append([name, str(len(questions)), f"{exact:.1f}", f"{overlap:.1f}"])
        print(" | ".join(rows[-1]), f"({rate:.0f} a second)", flush=True)
    found = squad(qa / "squad-2.0-dev-part.json.gz")
    questions = sample(found.questions, options.most)
    are_answered = [bool(asked.answers) for asked in questions]
    scored = zip(*answerable(model, found, questions), strict=True)
    areas = [auroc(list(scores), are_answered) or 0 for scores in scored]
    print("\n" + table(["paragraph given", "questions", "exact match", "F1"], rows))
    print(f"\nSQuAD 2.0 dev part, answerable or not, AUROC by the confidence: {areas[0]:.3f}")
    print(f"by the score of the best words alone: {areas[1]:.3f}")


def sample(questions: list[Asked], most: int) -> list[Asked]:
    """Every so many-th, so that each article keeps its share."""
    return questions[:: max(1, -(-len(questions) // most))] if most else questions


if __name__ == "__main__":
    main()
