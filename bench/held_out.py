"""How well the reader points at answers on questions held out from training: `python -m bench.held_out --data FOLDER`.

Public ones, and the project's own on paragraphs of its own. By these runs and their means are chosen, and never by the
sets of `bench.reading`. The paragraph is given. `--weights` names one or several to compare.
"""

from pathlib import Path

import numpy as np

from bench.data import Asked, Set, parser, table
from bench.reading import answer, read
from index.spans import BundledSpanModel, Window
from qa.read import NEARLY_AS_GOOD, WEIGHTS, answering_of
from qa.scoring import auroc, exact_match, f1
from training.data import Question
from training.train import HELD_OUT, TRAINED_ON, questions_of, written


def paragraph_of(question: Question) -> str:
    return question.document.text[slice(*question.document.paragraphs[question.paragraph])]


def kind_of(question: Question) -> str:
    language = question.document.language
    return language if question.language == language else "across languages"


def figures(questions: list[Question], windows_of: list[list[Window]], nearly: float) -> dict[str, str]:
    """Exact match and F1 by kind of question, and how well the answerable are told from the others."""
    both: dict[str, list[tuple[float, float]]] = {}
    answering: list[float] = []
    for question, windows in zip(questions, windows_of, strict=True):
        answering.append(max(answering_of(window) for window in windows))
        if question.answer:
            language = question.document.language
            said = answer(windows, paragraph_of(question), nearly)
            expected = [question.document.text[slice(*span)] for span in (question.answer, *question.also)]
            pair = max((exact_match(said, one, language), f1(said, one, language)) for one in expected)
            both.setdefault(kind_of(question), []).append(pair)
    found = {kind: "{:.1f} / {:.1f}".format(*100 * np.mean(each, axis=0)) for kind, each in sorted(both.items())}
    area = auroc(answering, [question.answer is not None for question in questions])
    return found if area is None else found | {"answerable or not, AUROC": f"{100 * area:.1f}"}


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--weights", type=Path, nargs="+", default=[WEIGHTS])
    arguments.add_argument("--nearly-as-good", type=float, nargs="+", default=[NEARLY_AS_GOOD], help="see qa/read.py")
    options = arguments.parse_args()
    public = questions_of(options.data, HELD_OUT)
    own = written(questions_of(options.data, TRAINED_ON), held_out=True)
    columns: dict[str, dict[str, str]] = {}
    for path in options.weights:
        model = BundledSpanModel(path)
        for name, questions in {"public": public, "own": own}.items():
            paragraphs = [("", paragraph_of(question)) for question in questions]
            asked = [Asked("", question.text, place, ()) for place, question in enumerate(questions)]
            windows_of = read(model, Set(paragraphs, asked), asked)
            for nearly in options.nearly_as_good:
                found = figures(questions, windows_of, nearly)
                column = columns.setdefault(f"{path}, {nearly:g}", {})
                column.update({f"{name}, {kind}": value for kind, value in found.items()})
    rows = [[kind, *(column[kind] for column in columns.values())] for kind in next(iter(columns.values()))]
    print(table(["exact match / F1", *columns], rows))


if __name__ == "__main__":
    main()
