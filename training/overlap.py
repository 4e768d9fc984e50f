"""Whether the project's own questions and texts repeat any test: `python -m training.overlap --data FOLDER`.

Words in a row are compared, in every language, with the questions of all sets that figures of answers are measured on,
and with the texts that answer them.
"""

import argparse
import gzip
import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.data import WRITTEN
from training.negatives import normalised

IN_A_ROW = 8
SETS = {
    "squad-1.1-dev": slice(None),
    "squad-2.0-dev-part": slice(None),
    **{f"xquad.{language}": slice(None) for language in ("en", "es", "de", "ru", "ar")},
    "piaf-1.1": slice(400, None),
}
ROOT = Path(__file__).parents[1]
OWN_TESTS = ("seeds/questions.jsonl", "bench/questions/french-news.jsonl")


def runs(text: str) -> Iterator[str]:
    """All its stretches of so many words; a shorter text as it is."""
    said = normalised(text).split()
    for place in range(max(1, len(said) - IN_A_ROW + 1)):
        yield " ".join(said[place : place + IN_A_ROW])


def tests(data: Path) -> set[str]:
    found: set[str] = set()
    for name, part in SETS.items():
        with gzip.open(data / "qa" / f"{name}.json.gz", "rt", encoding="utf-8") as file:
            articles: Any = json.load(file)["data"][part]
        for paragraph in (paragraph for article in articles for paragraph in article["paragraphs"]):
            found.update(runs(paragraph["context"]))
            for asked in paragraph["qas"]:
                found.update(runs(asked["question"]))
    cited: set[str | None] = set()
    for own in OWN_TESTS:
        for line in (ROOT / own).read_text(encoding="utf-8").splitlines():
            asked = json.loads(line)
            found.update(runs(asked["question"]))
            cited.update(answer.get("article") for answer in asked["answers"])
    for sample in (ROOT / "seeds").glob("*.txt"):
        found.update(runs(sample.read_text(encoding="utf-8")))
    with lzma.open(data / "news/orangesum.jsonl.xz", "rt", encoding="utf-8") as news:
        for article in map(json.loads, news):
            if article["id"] in cited:
                found.update(runs(article["text"]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the public sets")
    options = parser.parse_args()
    tested = tests(options.data)
    for path in sorted(WRITTEN.glob("*.jsonl")):
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        questions = [asked for record in records for asked in record["questions"]]
        texts = [asked["question"] for asked in questions] + [record.get("text", "") for record in records]
        shared = sum(any(run in tested for run in runs(text)) for text in texts if text)
        unanswered = sum(asked["answer"] is None for asked in questions)
        print(f"{path.stem}: {len(records)} records, {len(questions)} questions, {unanswered} without an answer; "
              f"{shared} texts or questions repeat {IN_A_ROW} words of a test, or a shorter question")  # fmt: skip


if __name__ == "__main__":
    main()
