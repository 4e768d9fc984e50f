"""Training questions: each with the passage that answers it, in its article, and passages that do not."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Span = tuple[int, int]


@dataclass(frozen=True)
class Document:
    """An article of a SQuAD-format file: its paragraphs joined by newlines."""

    title: str
    language: str
    text: str
    paragraphs: tuple[Span, ...]


@dataclass
class Question:
    """A question, its answer's span in `document.text`, and wrong passages as (document, span), the closest first."""

    text: str
    document: Document
    paragraph: int
    answer: Span
    wrong: list[tuple[Document, Span]] = field(default_factory=list)


def read_squad(path: Path, language: str, articles: slice = slice(None)) -> Iterator[Question]:
    """The questions of a SQuAD 1.1 file whose answers stand where the file says."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        data: Any = json.load(file)["data"]
    for article in data[articles]:
        contexts = [paragraph["context"].replace("\n", " ") for paragraph in article["paragraphs"]]
        spans: list[Span] = []
        for context in contexts:
            start = spans[-1][1] + 1 if spans else 0
            spans.append((start, start + len(context)))
        document = Document(article["title"].replace("_", " "), language, "\n".join(contexts), tuple(spans))
        for number, paragraph in enumerate(article["paragraphs"]):
            for asked in paragraph["qas"]:
                answer = asked["answers"][0]
                start = spans[number][0] + answer["answer_start"]
                end = start + len(answer["text"])
                if answer["text"].strip() and document.text[start:end] == answer["text"].replace("\n", " "):
                    yield Question(asked["question"].strip(), document, number, (start, end))
