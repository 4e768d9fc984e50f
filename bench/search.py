"""How fast a full archive is searched, and what its vector index misses: `python -m bench.search --db FILE`.

Queries are PIAF's questions and titles of the archive's own articles, half each. Recall@10 is against an
exact search over the stored vectors. `--kinds` compares ways of keeping the same vectors by their recall and speed;
`index/vectors.py` says which was chosen.
"""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from bench.data import parser, squad, table
from index.archive import Archive
from index.store import Store
from index.types import FoundBy, Vectors
from index.vectors import Kind, VectorIndex, lists_for

WAYS: tuple[FoundBy, ...] = ("vectors", "words", "fused")
DEPTH = 10
KINDS_TO_COMPARE = (
    Kind("exact", up_to=0, recall=0),
    *(Kind("inverted", up_to=0, recall=0, share=share) for share in (0.1, 0.3, 0.5, 0.7)),
)


def milliseconds(work: Callable[[str], object], queries: Sequence[str]) -> list[float]:
    taken = []
    for query in queries:
        began = time.perf_counter()
        work(query)
        taken.append(1000 * (time.perf_counter() - began))
    return sorted(taken)


def summary(taken: list[float]) -> list[str]:
    return [f"{statistics.median(taken):.1f}", f"{taken[int(0.95 * len(taken))]:.1f}"]


def stored_vectors(database: Path) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Vectors]:
    """Every id and vector as the store holds them."""
    store = Store(database)
    batches = list(store.vectors_since(0))
    store.close()
    ids = np.concatenate([np.array(ids, dtype=np.int64) for ids, _ in batches])
    return ids, np.concatenate([vectors for _, vectors in batches])


def exact_neighbours(ids: Sequence[int], vectors: Vectors, queries: Vectors) -> list[set[int]]:
    best = np.argpartition(-(queries @ vectors.T), DEPTH, axis=1)[:, :DEPTH]
    return [{int(ids[row]) for row in rows} for rows in best]


def recall(index: VectorIndex, queries: Vectors, right: list[set[int]]) -> float:
    found = [{passage for passage, _ in index.search(query, DEPTH)} for query in queries]
    return sum(len(one & other) for one, other in zip(found, right, strict=True)) / (DEPTH * len(right))


def compare_kinds(ids: Sequence[int], vectors: Vectors, queries: Vectors, right: list[set[int]]) -> None:
    rows = []
    for kind in KINDS_TO_COMPARE:
        began = time.perf_counter()
        index = VectorIndex.train(vectors.shape[1], len(ids), vectors[:: max(1, len(ids) // 60_000)], kind)
        index.add([int(each) for each in ids], vectors)
        built = time.perf_counter() - began
        taken = []
        for query in queries:
            began = time.perf_counter()
            index.search(query, 100)
            taken.append(1000 * (time.perf_counter() - began))
        name = kind.name + (f", {kind.share:.0%} of {lists_for(len(ids))} lists" if kind.share < 1 else ", float16")
        rows.append([name, f"{recall(index, queries, right):.4f}", *summary(sorted(taken)), f"{built:.0f}"])
        print(" | ".join(rows[-1]), flush=True)
    print("\n" + table(["kept", "recall@10", "p50 ms", "p95 ms", "built in s"], rows))


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--db", type=Path, required=True, help="an archive, such as bench.ingest makes")
    arguments.add_argument("--queries", type=int, default=400)
    arguments.add_argument("--kinds", action="store_true", help="compare ways of keeping the vectors")
    options = arguments.parse_args()
    questions = [asked.question for asked in squad(options.data / "qa" / "piaf-1.1.json.gz").questions]
    chance = random.Random(0)
    began = time.perf_counter()
    with Archive.open(options.db) as archive:
        opened = time.perf_counter() - began
        titles = [article.title for article in archive.articles()]
        half = options.queries // 2
        queries = chance.sample(questions, half) + chance.sample(titles, half)
        chance.shuffle(queries)
        vectors_of_queries = np.stack([archive.embedder.embed_query(query) for query in queries])
        archive.search(queries[0])
        rows = [[by, *summary(milliseconds(partial(archive.search, by=by), queries))] for by in WAYS]
        rows.append(["embedding the query alone", *summary(milliseconds(archive.embedder.embed_query, queries))])
        stats = archive.stats()
        ids, vectors = stored_vectors(options.db)
        right = exact_neighbours([int(each) for each in ids], vectors, vectors_of_queries)
        found = [{hit.passage.id for hit in archive.search(query, limit=DEPTH, by="vectors")} for query in queries]
    agreed = sum(len(one & other) for one, other in zip(found, right, strict=True)) / (DEPTH * len(right))
    print(f"{stats.articles:,} articles, {stats.passages:,} passages, vector index: {stats.vector_index}")
    print(f"opened in {opened:.2f} s; recall@10 of the vector index against exact search: {agreed:.4f}\n")
    print(table(["search by", "p50 ms", "p95 ms"], rows))
    if options.kinds:
        print()
        compare_kinds([int(each) for each in ids], vectors, vectors_of_queries, right)


if __name__ == "__main__":
    main()
