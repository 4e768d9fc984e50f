"""F1 on the questions held out from training, public and the project's own: `python -m bench.held_out --data FOLDER`.

By these runs and their means are chosen, and never by the sets of `bench.reading`. The paragraph is given. `--weights`
names one or several to compare.
"""

from pathlib import Path

import numpy as np

from bench.data import Asked, Set, parser, table
from bench.reading import answer, read
from index.spans import BundledSpanModel, SpanModel
from qa.read import WEIGHTS, log_sum
from qa.scoring import auroc, f1
from training.data import Question
from training.train import HELD_OUT, TRAINED_ON, questions_of, written


def paragraph_of(question: Question) -> str:
    return question.document.text[slice(*question.document.paragraphs[question.paragraph])]


def kind_of(question: Question) -> str:
    language = question.document.language
    return language if question.language == language else "across languages"


def figures(model: SpanModel, questions: list[Question]) -> dict[str, float]:
    """F1 by kind of question, and how well the answerable are told from the others."""
    texts = [paragraph_of(question) for question in questions]
    asked = [Asked("", question.text, place, ()) for place, question in enumerate(questions)]
    overlaps: dict[str, list[float]] = {}
    answering: list[float] = []
    windows_of = read(model, Set([("", text) for text in texts], asked), asked)
    for question, text, windows in zip(questions, texts, windows_of, strict=True):
        answering.append(max((log_sum(one.start) + log_sum(one.end)) / 2 - one.none for one in windows))
        if question.answer:
            expected = question.document.text[slice(*question.answer)]
            overlap = f1(answer(windows, text), expected, question.document.language)
            overlaps.setdefault(kind_of(question), []).append(overlap)
    found = {kind: 100 * float(np.mean(each)) for kind, each in sorted(overlaps.items())}
    area = auroc(answering, [question.answer is not None for question in questions])
    return found if area is None else found | {"answerable or not, AUROC": 100 * area}


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--weights", type=Path, nargs="+", default=[WEIGHTS])
    options = arguments.parse_args()
    public = questions_of(options.data, HELD_OUT)
    own = written(questions_of(options.data, TRAINED_ON), held_out=True)
    columns = []
    for path in options.weights:
        model = BundledSpanModel(path)
        sets = {"public": public, "own": own}
        columns.append(
            {f"{name}, {kind}": value for name, each in sets.items() for kind, value in figures(model, each).items()}
        )
    rows = [[kind, *(f"{column[kind]:.1f}" for column in columns)] for kind in columns[0]]
    print(table(["F1 on questions held out", *(str(path) for path in options.weights)], rows))


if __name__ == "__main__":
    main()
