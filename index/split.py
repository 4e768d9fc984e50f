"""Article → passages: runs of whole sentences, close to one length, preferring paragraph borders."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import regex

from index import boilerplate
from index.sentences import Span, paragraphs, sentences_of, trimmed
from index.types import Article

CountTokens = Callable[[Sequence[str]], list[int]]

# About 130 words of English or French; chosen by `python -m bench.passages`.
TARGET_TOKENS = 180
# What a border inside a paragraph costs, against that of being (length / target - 1) squared off.
CUT_PARAGRAPH = 0.15

# Where a sentence that is too long by itself may be cut, the best first.
INNER_SENTENCE = regex.compile(r"(?<=[.!?…]['’”»\")\]]{0,3})\s+(?=['‘“«\"(\[¿¡]?\s?[\p{Lu}\p{N}])")
CLAUSE = regex.compile(r"(?<=[;:,–—])\s+|(?<=[。！？、，；：])")
SPACE = regex.compile(r"\s+")
GRAPHEME = regex.compile(r"\X")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, or a piece of one that is too long: what a passage is made of."""

    span: Span
    tokens: int
    opens_paragraph: bool


def split(article: Article, count_tokens: CountTokens, max_tokens: int) -> list[Span]:
    """The passages of an article as spans of its text, in order; together they hold every word of it.

    No passage counts more than `max_tokens`. Boilerplate never shares a passage with news.
    """
    target = min(TARGET_TOKENS, max_tokens)
    spans: list[Span] = []
    for _, group in groupby(_paragraph_units(article, count_tokens, max_tokens), key=lambda item: item[0]):
        units = [unit for _, paragraph in group for unit in paragraph]
        spans.extend(_pack(units, target, max_tokens))
    return spans


def _paragraph_units(
    article: Article, count_tokens: CountTokens, max_tokens: int
) -> Iterator[tuple[bool, list[_Unit]]]:
    """Each paragraph as whether it is boilerplate, and its units."""
    text = article.text
    found = [(span, sentences_of(text, span, article.language)) for span in paragraphs(text)]
    counts = iter(count_tokens([text[slice(*sentence)] for _, inside in found for sentence in inside]))
    for span, inside in found:
        units: list[_Unit] = []
        for sentence in inside:
            tokens = next(counts)
            pieces = [(sentence, tokens)]
            if tokens > max_tokens:
                pieces = _cut(text, sentence, count_tokens, max_tokens)
            units.extend(_Unit(piece, size, not units and i == 0) for i, (piece, size) in enumerate(pieces))
        yield boilerplate.kind_of_boilerplate(text[slice(*span)]) is not None, units


def _cut(text: str, span: Span, count_tokens: CountTokens, max_tokens: int) -> list[tuple[Span, int]]:
    """A sentence longer than a model reads, in pieces that fit, cut where it hurts least."""
    for border in (INNER_SENTENCE, CLAUSE, SPACE, GRAPHEME):
        ends = [match.end() for match in border.finditer(text, *span)]
        bounds = [span[0], *(end for end in ends if span[0] < end < span[1]), span[1]]
        pieces = [trimmed(text, start, end) for start, end in pairwise(bounds)]
        pieces = [piece for piece in pieces if piece[0] < piece[1]]
        if len(pieces) > 1:
            break
    counts = count_tokens([text[slice(*piece)] for piece in pieces])
    merged: list[tuple[Span, int]] = []
    for piece, tokens in zip(pieces, counts, strict=True):
        # Pieces counted apart may lose a token by standing together, and gain none but at a joint.
        if merged and merged[-1][1] + tokens + 1 <= max_tokens:
            merged[-1] = ((merged[-1][0][0], piece[1]), merged[-1][1] + tokens + 1)
        elif tokens <= max_tokens or len(pieces) == 1:
            merged.append((piece, tokens))
        else:
            merged.extend(_cut(text, piece, count_tokens, max_tokens))
    return merged


def _pack(units: list[_Unit], target: int, max_tokens: int) -> Iterator[Span]:
    """The cheapest way to group the units, by dynamic programming over where passages end."""
    cheapest = [0.0] + [float("inf")] * len(units)
    begins = [0] * (len(units) + 1)
    for end in range(1, len(units) + 1):
        tokens = 0
        for start in range(end - 1, -1, -1):
            tokens += units[start].tokens + (1 if tokens else 0)
            if tokens > max_tokens and start < end - 1:
                break
            cost = cheapest[start] + (tokens / target - 1) ** 2
            cost += 0.0 if units[start].opens_paragraph else CUT_PARAGRAPH
            if cost < cheapest[end]:
                cheapest[end], begins[end] = cost, start
    borders = [len(units)]
    while borders[-1]:
        borders.append(begins[borders[-1]])
    borders.reverse()
    for start, end in pairwise(borders):
        yield units[start].span[0], units[end - 1].span[1]
