"""How fast an archive is filled and opened: `python -m bench.ingest --data FOLDER --db FILE`.

Ingests the 36,152 articles of OrangeSum with the command a user would type, while its peak memory is
watched; and embeds a sample of the very passages with sentence-transformers on torch float32, in the same
run, in turns with the default engine.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.data import parser, table
from index.archive import Archive
from index.embed import FastEmbedder, TransformerEmbedder
from index.types import Embedder

SAMPLE = 640
ROUNDS = 4


def ingest(source: Path, database: Path) -> tuple[float, float, int]:
    """Seconds, peak memory in MB, and passages of one `groundwire add`."""
    command = [sys.executable, "-m", "ui.cli", "add", str(source), "--db", str(database), "--json"]
    began = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - began
    # Of the children waited for, the largest: this is the only one so far.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    report = json.loads(done.stdout)
    print({key: value for key, value in report.items() if key != "rejected"}, f"{len(report['rejected'])} rejected")
    return seconds, peak, int(report["passages"])


def compare(archive: Archive) -> tuple[float, float]:
    """Passages per second of the default engine and of sentence-transformers, over the same passages in turns."""
    articles = list(archive.articles())
    sample = random.Random(0).sample(articles, min(len(articles), 400))
    hits = [passage for article in sample for passage in archive.passages_of(article.id)]
    texts = [passage.text for passage in random.Random(1).sample(hits, min(SAMPLE, len(hits)))]
    fast = FastEmbedder()
    slow = TransformerEmbedder(str(fast.folder))
    seconds: dict[Embedder, float] = {fast: 0.0, slow: 0.0}
    for engine in seconds:
        engine.embed_passages(texts[:4])
    for number in range(ROUNDS):
        for engine in seconds:
            began = time.perf_counter()
            engine.embed_passages(texts[number::ROUNDS])
            seconds[engine] += time.perf_counter() - began
    return len(texts) / seconds[fast], len(texts) / seconds[slow]


def opening(database: Path) -> float:
    """Seconds from nothing to an open archive, in a process of its own, imports included."""
    code = f"from index import Archive; Archive.open({str(database)!r}).close()"
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - began


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--db", type=Path, help="where the archive is kept; a temporary file by default")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = options.db or Path(folder) / "orangesum.db"
        seconds, peak, passages = ingest(options.data / "news" / "orangesum.jsonl.xz", database)
        opened = min(opening(database) for _ in range(3))
        with Archive.open(database) as archive:
            stats = archive.stats()
            fast, slow = compare(archive)
        rows = [
            ["articles", f"{stats.articles:,}"],
            ["passages", f"{stats.passages:,}"],
            ["ingested in", f"{seconds / 60:.1f} min ({passages / seconds:.1f} passages/s, everything included)"],
            ["peak memory", f"{peak:,.0f} MB"],
            ["vector index", stats.vector_index],
            ["on disk", f"{stats.bytes_on_disk / 1e6:,.0f} MB"],
            ["opened in (new process, imports included)", f"{opened:.2f} s"],
            ["embedding, default engine", f"{fast:.1f} passages/s"],
            ["embedding, sentence-transformers, torch float32", f"{slow:.1f} passages/s"],
            ["ratio", f"{fast / slow:.2f}"],
        ]
        print(table(["figure", "measured"], rows))


if __name__ == "__main__":
    main()
