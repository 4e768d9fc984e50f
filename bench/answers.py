"""How good answers are on the sample article's questions: `python -m bench.answers --reader NAME`."""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from bench.data import table
from index.archive import Archive
from index.load import load_articles
from qa.assistant import Assistant
from qa.readers import BUNDLED, reader_named

SEEDS = Path(__file__).parents[1] / "seeds"
THRESHOLDS = (0.07, 0.1, 0.15, 0.2, 0.25, 0.3, 0.37, 0.4, 0.5, 0.6, 0.7, 0.8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", default=BUNDLED)
    options = parser.parse_args()
    questions = [json.loads(line) for line in (SEEDS / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    seen: list[tuple[float, bool, bool]] = []
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "sample.db") as archive:
        archive.add(load_articles(SEEDS))
        reader = reader_named(options.reader, archive.embedder)
        reader.answers_from = 0.0  # everything is answered; the thresholds are tried afterwards
        assistant = Assistant(archive, reader)
        assistant.ask(questions[0]["question"])
        for asked in questions:
            began = time.perf_counter()
            answer = assistant.ask(asked["question"])
            seconds.append(time.perf_counter() - began)
            first = answer.excerpts[0]
            right = any(first.start <= span["start"] and span["end"] <= first.end for span in asked["answers"])
            seen.append((answer.confidence, right, asked["answerable"]))
            print(f"{asked['id']} {'right' if right else '-':6}{answer.confidence:.2f}  {asked['question']}")
    answerable = [each for each in seen if each[2]]
    print(f"\nfirst quotation right: {sum(right for _, right, _ in answerable)} of {len(answerable)} answerable")
    print(f"p50 of ask: {1000 * statistics.median(seconds):.0f} ms\n")
    rows = []
    for threshold in THRESHOLDS:
        given = [(right, can) for confidence, right, can in seen if confidence >= threshold]
        correct = sum(right for right, _ in given)
        rows.append([f"{threshold}", f"{len(given)}", f"{correct}", f"{sum(not can for _, can in given)}"])
    head = [
        "threshold",
        f"answered, of {len(seen)}",
        "right",
        f"unanswerable answered, of {len(seen) - len(answerable)}",
    ]
    print(table(head, rows))


if __name__ == "__main__":
    main()
