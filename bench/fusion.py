"""Which constants fuse words and vectors best: `python -m bench.fusion --data FOLDER`.

Chosen on what no table of the README measures: paragraphs of SQuAD's and PIAF's training parts with their questions;
news sentences as queries for their translations, where words find little but names; and every other of Debian's news,
whose vectors hardly differ. MRR in percent, of each ranking by itself and of both with each of the constants.
"""

import gzip
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from bench.data import parser, table
from bench.retrieval import Task, debian, ranks, recall, recall_task, reciprocal_rank
from index import fuse
from index.archive import Archive
from index.types import Article, FoundBy

TRIED = {
    "RANK_OFFSET": (2, 5, 10, 20, 60),
    "LEAST_COVERAGE": (0.08, 0.1, 0.12, 0.15, 0.2, 0.25),
    "FULL_COVERAGE": (0.4, 0.5, 0.6),
    "FULL_WEIGHT": (1.2, 1.6, 2.0),
    "APART": (0.02, 0.03, 0.04),
    "ENOUGH_COVERAGE": (0.08, 0.12, 0.2),
    "UNDECIDED_WEIGHT": (1.6, 2.0, 2.5, 3.0, 4.0),
}


def translations(folder: Path, asked: str, found: str, sentences: int, most: int) -> Task:
    """Sentences of one language as queries; their translations, one an article, are what they should find."""
    lines = {
        language: gzip.decompress((folder / f"news.{language}.gz").read_bytes()).decode("utf-8").splitlines()
        for language in (asked, found)
    }
    articles = [Article(str(number), text, "", language=found) for number, text in enumerate(lines[found][:sentences])]
    picked = random.Random(0).sample(range(len(articles)), most)
    queries = [(lines[asked][number], frozenset({str(number)})) for number in picked]
    return Task(f"news sentences, {asked} → {found}", articles, queries)


@contextmanager
def constant(name: str, value: float) -> Iterator[None]:
    before = getattr(fuse, name)
    setattr(fuse, name, value)
    try:
        yield
    finally:
        setattr(fuse, name, before)


def figures(archive: Archive, task: Task, by: FoundBy) -> str:
    found = ranks(archive, task, by)
    return f"{100 * reciprocal_rank(found):.2f} ({100 * recall(5)(found):.1f}, {100 * recall(20)(found):.1f})"


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--questions", type=int, default=800, help="of each set")
    arguments.add_argument("--sentences", type=int, default=4000, help="of the news, to search")
    options = arguments.parse_args()
    qa = options.data / "qa"
    tasks = [
        recall_task("SQuAD, training part", qa / "squad-1.1-train-part.json.gz", "en", most=options.questions),
        recall_task("PIAF, first 400 articles", qa / "piaf-1.1.json.gz", "fr", slice(0, 400), most=options.questions),
        translations(options.data / "parallel", "en", "fr", options.sentences, options.questions),
        translations(options.data / "parallel", "fr", "en", options.sentences, options.questions),
        debian(options.data / "news", to_choose=True),
    ]
    columns: list[list[str]] = []
    for task in tasks:
        with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "fusion.db") as archive:
            archive.add(task.articles)
            archive.embedder.embed_query = cache(archive.embedder.embed_query)  # type: ignore[method-assign]
            column = [figures(archive, task, "vectors"), figures(archive, task, "words")]
            for name, values in TRIED.items():
                for value in values:
                    with constant(name, value):
                        column.append(figures(archive, task, "fused"))
        columns.append(column)
        print(task.name, *column, sep="\n  ", flush=True)
    names = ["vectors", "words", *(f"{name} {value}" for name, values in TRIED.items() for value in values)]
    rows = [[name, *(column[place] for column in columns)] for place, name in enumerate(names)]
    print("\n" + table(["MRR (recall@5, recall@20)", *(task.name for task in tasks)], rows))


if __name__ == "__main__":
    main()
