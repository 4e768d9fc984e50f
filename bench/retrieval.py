"""How well the right text is found: `python -m bench.retrieval --data FOLDER`.

Every set goes through an archive as a user would make one. A paragraph counts as found at the rank of the
first of its passages. Vectors, words and both fused are compared on the same questions.
"""

import json
import lzma
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.data import parser, read_json, squad, table
from index.archive import Archive
from index.sentences import sentences
from index.types import Article, FoundBy

WAYS: tuple[FoundBy, ...] = ("vectors", "words", "fused")
DEPTH = 100


@dataclass(frozen=True)
class Task:
    """Articles to search, and queries with the ids of the articles that are right."""

    name: str
    articles: list[Article]
    queries: list[tuple[str, frozenset[str]]]


def recall_task(
    name: str, path: Path, language: str, articles: slice = slice(None), most: int = 0, titled: bool = True
) -> Task:
    """Each paragraph an article of its own; its questions are the queries. XQuAD's titles are all English."""
    found = squad(path, articles)
    texts = [
        Article(str(number), text, title if titled else "", language=language)
        for number, (title, text) in enumerate(found.paragraphs)
    ]
    queries = [(asked.question, frozenset({str(asked.paragraph)})) for asked in found.questions]
    if most and len(queries) > most:
        queries = random.Random(0).sample(queries, most)
    return Task(name, texts, queries)


def crossed(english: Task, other: Task) -> Task:
    """English questions over the other language's paragraphs; XQuAD's are parallel."""
    return Task(f"{other.name}, English questions", other.articles, english.queries)


def answer_sentences(folder: Path, languages: Sequence[str]) -> Task:
    """XQuAD-R: all sentences of all languages together; the answer's sentence is right in each of them."""
    pool: list[Article] = []
    right: dict[str, set[str]] = {}
    asked: dict[str, str] = {}
    for language in languages:
        number = 0
        for article in read_json(folder / f"xquad-r.{language}.json.gz")["data"]:
            for paragraph in article["paragraphs"]:
                context = paragraph["context"]
                breaks = paragraph["sentence_breaks"]
                for start, end in breaks:
                    identifier = f"{language}-{number}"
                    number += 1
                    if context[start:end].strip():
                        pool.append(Article(identifier, context[start:end], "", language=language))
                    for question in paragraph["qas"]:
                        position = question["answers"][0]["answer_start"]
                        if start <= position < end:
                            right.setdefault(question["id"], set()).add(identifier)
                            asked[f"{language} {question['id']}"] = question["question"]
    queries = [(text, frozenset(right[key.split(" ", 1)[1]])) for key, text in asked.items()]
    return Task("XQuAD-R, one pool of five languages", pool, queries)


def debian(folder: Path, to_choose: bool = False) -> Task:
    """Debian's news: the English title and first sentence find the French item of the same id.

    Every other item is asked for; `to_choose`: those between, on which constants may be chosen.
    """

    def items(language: str) -> list[dict[str, str]]:
        with lzma.open(folder / f"debian-{language}.jsonl.xz", "rt", encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    articles = [Article(item["id"], item["text"], item["title"], language="fr") for item in items("fr")]
    known = {article.id for article in articles}
    queries = []
    for item in items("en")[to_choose::2]:
        start, end = next(sentences(item["text"], "en"))
        if item["id"] in known:
            queries.append((f"{item['title']}. {item['text'][start:end]}", frozenset({item["id"]})))
    return Task("Debian news, English head → French item", articles, queries)


def ranks(archive: Archive, task: Task, by: FoundBy) -> list[list[int]]:
    """For each query, the ranks at which right articles come, among distinct articles."""
    found: list[list[int]] = []
    for query, right in task.queries:
        hits = archive.search(query[:2000], limit=DEPTH, by=by)
        order = list(dict.fromkeys(hit.passage.article_id for hit in hits))
        found.append([rank for rank, article in enumerate(order, 1) if article in right])
    return found


def recall(depth: int) -> Callable[[list[list[int]]], float]:
    return lambda found: sum(any(rank <= depth for rank in each) for each in found) / len(found)


def reciprocal_rank(found: list[list[int]]) -> float:
    return sum(1 / each[0] for each in found if each) / len(found)


def average_precision(found: list[list[int]], task: Task) -> float:
    """Mean over the queries; right articles below the depth searched count as never found."""
    total = 0.0
    for each, (_, right) in zip(found, task.queries, strict=True):
        total += sum(place / rank for place, rank in enumerate(each, 1)) / len(right)
    return total / len(found)


def evaluate(task: Task, with_map: bool = False) -> list[list[str]]:
    rows = []
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "retrieval.db") as archive:
        archive.add(task.articles)
        archive.embedder.embed_query = cache(archive.embedder.embed_query)  # type: ignore[method-assign]
        for by in WAYS:
            found = ranks(archive, task, by)
            figures = [recall(depth)(found) for depth in (1, 5, 20)] + [reciprocal_rank(found)]
            figures += [average_precision(found, task)] if with_map else []
            cells = [f"{100 * figure:.1f}" for figure in figures] + ([] if with_map else ["–"])
            rows.append([task.name if by == "vectors" else "", by, *cells])
            print(" | ".join([task.name, *rows[-1][1:]]), flush=True)
    return rows


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--most", type=int, default=0, help="questions of SQuAD to take; 0 for all")
    options = arguments.parse_args()
    qa = options.data / "qa"
    xquad = {
        language: recall_task(f"XQuAD {language}", qa / f"xquad.{language}.json.gz", language, titled=False)
        for language in ("en", "es", "de", "ru", "ar")
    }
    tasks = [
        recall_task("SQuAD 1.1 dev", qa / "squad-1.1-dev.json.gz", "en", most=options.most),
        recall_task("PIAF, last 80 articles", qa / "piaf-1.1.json.gz", "fr", slice(400, None)),
        *xquad.values(),
        *(crossed(xquad["en"], other) for language, other in xquad.items() if language != "en"),
        debian(options.data / "news"),
    ]
    rows = [row for task in tasks for row in evaluate(task)]
    rows += evaluate(answer_sentences(options.data / "retrieval", list(xquad)), with_map=True)
    print("\n" + table(["set", "by", "recall@1", "recall@5", "recall@20", "MRR", "mAP"], rows))


if __name__ == "__main__":
    main()
