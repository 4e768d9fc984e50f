"""What a span reader sees: the question, what the passage alone does not say, and the passage, as tokens.

Laid out as `<s> question </s></s> context </s></s> passage </s>`, without the middle part where there is no
context. Only the passage's tokens can be answers. Training and reading build their inputs here, alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

BEGIN, END = 0, 2  # the ids of <s> and </s>
MAX_TOKENS = 512
MOST_OF_QUESTION = 96  # tokens; longer questions keep their end, where the asking usually stands
MOST_OF_CONTEXT = 96
OVERLAP = 64  # tokens that two windows of one long passage share


@dataclass(frozen=True, slots=True)
class ReaderInput:
    """One window: `tokens[first + i]` is the passage's text between the code points `offsets[i]`."""

    tokens: list[int]
    first: int
    offsets: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text as tokens, each with its span of code points, the space before a word left out."""

    ids: list[int]
    offsets: list[tuple[int, int]]


def encode(tokenizer: Any, texts: Sequence[str]) -> list[Encoded]:
    """`tokenizer`: a `tokenizers.Tokenizer` without truncation."""
    encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return [
        Encoded(encoding.ids, [_without_space(text, *span) for span in encoding.offsets])
        for text, encoding in zip(texts, encodings, strict=True)
    ]


def _without_space(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    return start, end


def windows(question: Encoded, context: Encoded | None, passage: Encoded) -> list[ReaderInput]:
    """The inputs that together hold the whole passage; one, unless it is long."""
    head = [BEGIN, *question.ids[-MOST_OF_QUESTION:], END, END]
    if context and context.ids:
        head += [*context.ids[:MOST_OF_CONTEXT], END, END]
    room = MAX_TOKENS - len(head) - 1
    inputs: list[ReaderInput] = []
    start = 0
    while True:
        part = slice(start, start + room)
        inputs.append(ReaderInput([*head, *passage.ids[part], END], len(head), passage.offsets[part]))
        if start + room >= len(passage.ids):
            return inputs
        start += room - OVERLAP
