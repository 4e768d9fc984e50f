"""Training questions: each with the passage that answers it, in its article, and passages that do not."""

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Span = tuple[int, int]
WRITTEN = Path(__file__).with_name("written")
TENTH = 10  # of the records there every tenth is held out, for checkpoints and calibration


@dataclass(frozen=True)
class Document:
    """An article: its paragraphs joined by newlines. `name`: of its set, and its number there."""

    name: str
    title: str
    language: str
    text: str
    paragraphs: tuple[Span, ...]


@dataclass
class Question:
    """A question and its answer's span in `document.text`, or None where that paragraph does not answer it.

    `wrong`: passages without the answer as (document, span), the closest first. `also`: other people's answers that
    share words with the first; those that share none are mistakes as often as not.
    """

    text: str
    language: str
    document: Document
    paragraph: int
    answer: Span | None
    wrong: list[tuple[Document, Span]] = field(default_factory=list)
    also: tuple[Span, ...] = ()


def read_squad(path: Path, name: str, language: str, articles: slice = slice(None)) -> Iterator[Question]:
    """The questions of a SQuAD 1.1 file whose answers stand where the file says."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        data: Any = json.load(file)["data"]
    for place, article in list(enumerate(data))[articles]:
        contexts = [paragraph["context"].replace("\n", " ") for paragraph in article["paragraphs"]]
        spans: list[Span] = []
        for context in contexts:
            start = spans[-1][1] + 1 if spans else 0
            spans.append((start, start + len(context)))
        title = article["title"].replace("_", " ")
        document = Document(f"{name}:{place}", title, language, "\n".join(contexts), tuple(spans))
        for number, paragraph in enumerate(article["paragraphs"]):
            for asked in paragraph["qas"]:
                found = [
                    (start, start + len(answer["text"]))
                    for answer in asked["answers"]
                    for start in [spans[number][0] + answer["answer_start"]]
                    if answer["text"].strip()
                    and document.text[start : start + len(answer["text"])] == answer["text"].replace("\n", " ")
                ]
                if found:
                    (start, end), *others = found
                    also = tuple(other for other in others if other[0] < end and start < other[1])
                    yield Question(asked["question"].strip(), language, document, number, (start, end), also=also)


def read_written(path: Path, known: Iterable[Document]) -> Iterator[list[Question]]:
    """The records of a file of `training/written`, each the questions about one paragraph.

    That stands in the record, or is named by its `key`: the set, the article's number and the paragraph's, of the
    documents that are known; records about others are left out. Answers are told by their words, which stand in the
    paragraph exactly once.

    Raises:
        ValueError: a record whose answer does not, with the line's number.
    """
    documents = {document.name: document for document in known}
    with path.open(encoding="utf-8") as file:
        for line, record in enumerate(map(json.loads, file), 1):
            if "key" in record:
                name, _, number = record["key"].rpartition(":")
                if name not in documents:
                    continue
                document, paragraph = documents[name], int(number)
            else:
                text = record["text"]
                document = Document(f"{path.stem}:{line}", record["title"], record["language"], text, ((0, len(text)),))
                paragraph = 0
            try:
                yield [
                    Question(asked["question"], asked["language"], document, paragraph,
                             whole_words(document, paragraph, asked["answer"]))
                    for asked in record["questions"]
                ]  # fmt: skip
            except ValueError as error:
                raise ValueError(f"{path}, line {line}: {error}") from None


def whole_words(document: Document, paragraph: int, words: str | None) -> Span | None:
    """Where they stand in the paragraph, which must be once."""
    if words is None:
        return None
    start, end = document.paragraphs[paragraph]
    found = [*re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", document.text[start:end])]
    if len(found) != 1:
        raise ValueError(f"{words!r} stands {len(found)} times in the paragraph; it must stand there once")
    return start + found[0].start(), start + found[0].end()
