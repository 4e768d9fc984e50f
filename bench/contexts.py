"""What is worth telling the reader beside a passage: `python -m bench.contexts --data FOLDER`.

Questions that the reader was not trained on, against an archive of SQuAD's and PIAF's training parts, each read
with less or more around its passages. Right is where the surest answer is.
"""

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.calibration import best, held_out, read
from bench.data import parser, table
from index.archive import Archive
from index.sentences import sentences
from qa import read as reading
from qa.calibrate import WEIGHTS
from qa.read import SpanReader
from qa.types import Candidate


def nothing(_candidate: Candidate) -> str:
    return ""


def title_and_first_sentence(candidate: Candidate) -> str:
    article = candidate.article
    first = next(sentences(article.text, article.language), None)
    said = [article.text[slice(*first)]] if first and first[1] <= candidate.passage.start else []
    return "\n".join([article.title, *said])


def sentence_before(candidate: Candidate) -> str:
    article = candidate.article
    before = [span for span in sentences(article.text, article.language) if span[1] <= candidate.passage.start]
    return "\n".join([article.title, *(article.text[slice(*span)] for span in before[-1:])])


def title_first_and_before(candidate: Candidate) -> str:
    known, before = title_and_first_sentence(candidate), sentence_before(candidate)
    return "\n".join(dict.fromkeys([*known.split("\n"), *before.split("\n")]))


CONTEXTS: dict[str, Callable[[Candidate], str]] = {
    "nothing": nothing,
    "title": reading.title,
    "title, article's first sentence": title_and_first_sentence,
    "title, sentence before": sentence_before,
    "title, first sentence, sentence before": title_first_and_before,
}


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--questions", type=int, default=300)
    options = arguments.parse_args()
    known, unseen, asked = held_out(options.data)
    asked = random.Random(0).sample(asked, min(options.questions, len(asked)))
    weights = np.array(list(WEIGHTS.values()))
    rows = []
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "contexts.db") as archive:
        archive.add([*known, *unseen])
        for name, context in CONTEXTS.items():
            _, right = best(read(archive, SpanReader(context_of=context), asked), weights)
            rows.append([name, f"{100 * np.mean(right):.1f}"])
            print(" | ".join(rows[-1]), flush=True)
    print("\n" + table(["told beside the passage", f"surest answer right, of {len(asked)}"], rows))


if __name__ == "__main__":
    main()
