"""How long an answer takes, by how many passages are read for it: `python -m bench.reading_speed --db FILE`.

Questions of the project's own over French news, one after the other, after a warm-up; run it on quiet cores.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

from bench.data import table
from bench.load import QUESTIONS
from index.archive import Archive
from index.types import EVERYTHING
from qa.read import SpanReader
from qa.retrieve import PASSAGES_READ, retrieve

WARM_UPS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db", type=Path, required=True, help="an archive, such as bench.ingest makes")
    parser.add_argument("--passages", type=int, nargs="+", default=[PASSAGES_READ, 10])
    parser.add_argument("--questions", type=int, default=100)
    options = parser.parse_args()
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines][: options.questions]
    reader = SpanReader()
    rows = []
    with Archive.open(options.db) as archive:
        for passages in options.passages:
            retrieving, reading, whole = list[float](), list[float](), list[float]()
            for question in [*questions[:WARM_UPS], *questions]:
                began = time.perf_counter()
                candidates = retrieve(archive, question, EVERYTHING, passages)
                found = time.perf_counter()
                reader.read(question, candidates)
                ended = time.perf_counter()
                retrieving.append(1000 * (found - began))
                reading.append(1000 * (ended - found))
                whole.append(1000 * (ended - began))
            cells = []
            for taken in (retrieving, reading, whole):
                ordered = sorted(taken[WARM_UPS:])
                cells.append(f"{statistics.median(ordered):.0f} / {ordered[int(0.95 * len(ordered))]:.0f}")
            rows.append([str(passages), *cells])
    print(table(["passages read", "retrieving, ms: p50 / p95", "reading", "both"], rows))


if __name__ == "__main__":
    main()
