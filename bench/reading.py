"""How well the reader points at answers: `python -m bench.reading --data FOLDER`.

The paragraph is given, as in the sets' own scoring; nothing is known beside it. SQuAD 2.0's part says how well
answerable questions are told from others. `--exact` reads in float32, to see what 8 bits cost; `--weights`
takes another training run's.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from bench.data import Asked, Set, parser, squad, table
from index.embed import usable_processors
from index.spans import BundledSpanModel, SpanModel, Window
from qa.read import WEIGHTS, best_pair, whole_words
from qa.scoring import auroc, exact_match, f1

SETS = {
    "SQuAD 1.1 dev": ("squad-1.1-dev", "en", slice(None)),
    **{
        f"XQuAD {language}": (f"xquad.{language}", language, slice(None)) for language in ("en", "es", "de", "ru", "ar")
    },
    "PIAF, last 80 articles": ("piaf-1.1", "fr", slice(400, None)),
}


def answer(windows: list[Window], paragraph: str) -> str:
    """The best words of the paragraph, whether it answers or not."""
    best: tuple[float, tuple[int, int]] = (-np.inf, (0, 0))
    for window in windows:
        first, last, score = best_pair(window.start, window.end)
        best = max(best, (score, (window.offsets[first][0], window.offsets[last][1])))
    start, end = whole_words(paragraph, best[1], (0, len(paragraph)))
    return paragraph[start:end]


def answerable(windows: list[Window]) -> float:
    """The score of the best words: that of "no answer" changes less where a question has a name or a year changed."""
    return max(best_pair(window.start, window.end)[2] for window in windows)


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
    scores = [answerable(windows) for windows in read(model, found, questions)]
    area = auroc(scores, [bool(asked.answers) for asked in questions])
    print("\n" + table(["paragraph given", "questions", "exact match", "F1"], rows))
    print(f"\nSQuAD 2.0 dev part, answerable or not, AUROC: {area or 0:.3f}")


def sample(questions: list[Asked], most: int) -> list[Asked]:
    """Every so many-th, so that each article keeps its share."""
    return questions[:: max(1, -(-len(questions) // most))] if most else questions


if __name__ == "__main__":
    main()
