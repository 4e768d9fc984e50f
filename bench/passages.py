"""Which length of passage finds answers best: `python -m bench.passages`.

Whole articles of SQuAD's and PIAF's training parts are split at several lengths. For each, how often a
passage that holds the whole answer is among the first, when the same amount of text counts of each: about
1,000 tokens.
"""

import random
import tempfile
from pathlib import Path

from bench.data import parser, table, whole_articles
from index import split
from index.archive import Archive
from index.types import Article
from qa.retrieve import searched

TARGETS = (120, 180, 240)
TOKENS = 1000


def found_within(archive: Archive, questions: list[tuple[str, str, int, int]], depth: int) -> tuple[float, float]:
    """The part of the questions whose answer stands in the first passage, and in the first `depth`."""
    first = within = 0
    for question, article, start, end in questions:
        hits = [hit.passage for hit in archive.search(searched(question), limit=depth)]
        right = [hit.article_id == article and hit.start <= start and end <= hit.end for hit in hits]
        first += right[:1] == [True]
        within += any(right)
    return first / len(questions), within / len(questions)


def measure(articles: list[Article], questions: list[tuple[str, str, int, int]], target: int) -> list[str]:
    split.TARGET_TOKENS = target
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "passages.db") as archive:
        passages = archive.add(articles).passages
        words = sum(len(article.text.split()) for article in articles) / passages
        depth = max(1, round(TOKENS / target))
        first, within = found_within(archive, questions, depth)
    return [str(target), f"{words:.0f}", str(passages), f"{first:.3f}", f"{within:.3f} (@{depth})"]


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--questions", type=int, default=600)
    options = arguments.parse_args()
    for name, file, language, part in (
        ("SQuAD, training part", "squad-1.1-train-part.json.gz", "en", slice(None)),
        ("PIAF, first 400 articles", "piaf-1.1.json.gz", "fr", slice(0, 400)),
    ):
        articles, questions = whole_articles(options.data / "qa" / file, language, part)
        sample = random.Random(0).sample(questions, options.questions)
        rows = [measure(articles, sample, target) for target in TARGETS]
        print(f"\n{name}, {len(sample)} questions\n")
        print(table(["target tokens", "words", "passages", "answer in the first", "answer in 1,000 tokens"], rows))


if __name__ == "__main__":
    main()
