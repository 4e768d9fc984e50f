"""The public sets that the figures are measured on, read from a folder that the user names.

Expected there, each needed only by what measures on it:

- `qa/squad-1.1-dev.json.gz`; `qa/squad-1.1-train-part.json.gz` and `qa/squad-2.0-dev-part.json.gz`, some articles
  of longer files: https://rajpurkar.github.io/SQuAD-explorer/
- `qa/piaf-1.1.json.gz`, in SQuAD's format: https://huggingface.co/datasets/etalab-ia/piaf
- `qa/xquad.LANGUAGE.json.gz`, for en, es, de, ru, ar: https://github.com/google-deepmind/xquad
- `retrieval/xquad-r.LANGUAGE.json.gz`: https://github.com/google-research-datasets/lareqa
- `news/orangesum.jsonl.xz`, articles as lines with `id`, `title`, `text`, `published`, `url`, `language`, made from
  https://github.com/Tixierae/OrangeSum; `news/pages/*.html.gz`, some of them as web pages
- `news/wikinews-fr/*.html.gz`, web pages of https://fr.wikinews.org
- `news/debian-{en,fr}.jsonl.xz`, lines with `id`, `title`, `text`, the same ids in both: https://www.debian.org/News/
- `parallel/news.{en,fr}.gz`, sentences of news, each line the other's translation, such as News Commentary's:
  https://data.statmt.org/news-commentary/
- `followups/mtrag-{questions,rewrite}.jsonl.gz`: https://github.com/IBM/mt-rag-benchmark
"""

import argparse
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.types import Article

DEFAULT_FOLDER = Path("../shared/data")


@dataclass(frozen=True)
class Asked:
    """A question about a paragraph: its number among the set's paragraphs, and the answers' spans in it."""

    id: str
    question: str
    paragraph: int
    answers: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Set:
    """Paragraphs of a SQuAD-format file, as (title, text), and the questions about them."""

    paragraphs: list[tuple[str, str]]
    questions: list[Asked]


def parser(description: str | None) -> argparse.ArgumentParser:
    """A command line that asks where the data is."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--data", type=Path, default=DEFAULT_FOLDER, help="folder of the public sets")
    return made


def read_json(path: Path) -> Any:
    if not path.is_file():
        raise SystemExit(f"there is no {path}; name the folder that holds the sets with --data")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return json.load(file)


def squad(path: Path, articles: slice = slice(None)) -> Set:
    """A file of SQuAD 1.1's format."""
    paragraphs: list[tuple[str, str]] = []
    questions: list[Asked] = []
    for article in read_json(path)["data"][articles]:
        title = article["title"].replace("_", " ")
        for paragraph in article["paragraphs"]:
            for asked in paragraph["qas"]:
                starts = ((answer["answer_start"], answer["text"]) for answer in asked["answers"])
                spans = tuple((start, start + len(text)) for start, text in starts)
                questions.append(Asked(str(asked["id"]), asked["question"], len(paragraphs), spans))
            paragraphs.append((title, paragraph["context"]))
    return Set(paragraphs, questions)


@dataclass(frozen=True)
class AskedOfArticle:
    """A question about a whole article, and the spans in it that annotators gave as its answer, each once."""

    question: str
    article: str
    answers: tuple[tuple[int, int], ...]


def whole_articles(
    path: Path, language: str, articles: slice = slice(None)
) -> tuple[list[Article], list[tuple[str, str, int, int]]]:
    """Articles with their paragraphs joined, and questions as (question, article id, start, end), of the first answer.

    `with_all_answers` keeps the others.
    """
    found, questions = with_all_answers(path, language, articles)
    return found, [(each.question, each.article, *each.answers[0]) for each in questions]


def with_all_answers(
    path: Path, language: str, articles: slice = slice(None)
) -> tuple[list[Article], list[AskedOfArticle]]:
    """Articles with their paragraphs joined, and the questions about them."""
    found: list[Article] = []
    questions: list[AskedOfArticle] = []
    for number, article in enumerate(read_json(path)["data"][articles]):
        text = ""
        identifier = f"{language}-{number}"
        for paragraph in article["paragraphs"]:
            text += "\n" if text else ""
            for asked in paragraph["qas"]:
                starts = ((len(text) + answer["answer_start"], answer["text"]) for answer in asked["answers"])
                spans = dict.fromkeys((start, start + len(said)) for start, said in starts)
                questions.append(AskedOfArticle(asked["question"], identifier, tuple(spans)))
            text += paragraph["context"].replace("\n", " ")
        found.append(Article(identifier, text, article["title"].replace("_", " "), language=language))
    return found, questions


def table(head: list[str], rows: Iterator[list[str]] | list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
