"""Article → passages: runs of whole sentences, close to one length, preferring paragraph borders."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import regex

from index import boilerplate
from index.sentences import GRAPHEME, Span, ends_a_grapheme, paragraphs, sentences_of, trimmed
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


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, or a piece of one that is too long: what a passage is made of."""

    span: Span
    tokens: int
    opens_paragraph: bool


def split(article: Article, count_tokens: CountTokens, max_tokens: int) -> list[Span]:
    """The passages of an article as spans of its text, in order; together they hold every word of it.

    No passage counts more than `max_tokens`, unless it is a single grapheme: those are never cut, however
    many marks are piled on them. Boilerplate never shares a passage with news.
    """
    target = min(TARGET_TOKENS, max_tokens)
    spans: list[Span] = []
    for _, group in groupby(_paragraph_units(article, count_tokens, max_tokens), key=lambda item: item[0]):
        units = [unit for _, paragraph in group for unit in paragraph]
        for passage in _pack(units, target, max_tokens):
            spans.extend(_fitting(article.text, passage, count_tokens, max_tokens))
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
                pieces = list(_cut(text, sentence, tokens, count_tokens, max_tokens))
            units.extend(_Unit(piece, size, not units and i == 0) for i, (piece, size) in enumerate(pieces))
        yield boilerplate.kind_of_boilerplate(text[slice(*span)]) is not None, units


def _cut(text: str, span: Span, tokens: int, count_tokens: CountTokens, max_tokens: int) -> Iterator[tuple[Span, int]]:
    """A sentence longer than a model reads, in pieces that fit, cut where it hurts least."""
    for border in (INNER_SENTENCE, CLAUSE, SPACE):
        ends = [match.end() for match in border.finditer(text, *span)]
        pieces = _pieces(text, span, [end for end in ends if ends_a_grapheme(text, end)])
        if len(pieces) > 1:
            break
    else:
        ends = [match.end() for match in GRAPHEME.finditer(text, *span)]
        pieces = _pieces(text, span, ends[:: max(1, len(ends) * max_tokens // (2 * tokens))])
    counts = count_tokens([text[slice(*piece)] for piece in pieces])
    groups: list[list[tuple[Span, int]]] = []
    room = 0
    for piece, size in zip(pieces, counts, strict=True):
        room -= size + 1
        if not groups or room < 0:
            groups.append([])
            room = max_tokens - size
        groups[-1].append((piece, size))
    wholes = [(group[0][0][0], group[-1][0][1]) for group in groups]
    for group, whole, size in zip(groups, wholes, count_tokens([text[slice(*whole)] for whole in wholes]), strict=True):
        if size <= max_tokens or len(pieces) == 1:
            yield whole, size
        elif len(group) == 1:
            yield from _cut(text, whole, size, count_tokens, max_tokens)
        else:  # pieces that touch may count more together than apart
            yield from group


def _pieces(text: str, span: Span, ends: list[int]) -> list[Span]:
    bounds = [span[0], *(end for end in ends if span[0] < end < span[1]), span[1]]
    pieces = [trimmed(text, start, end) for start, end in pairwise(bounds)]
    return [piece for piece in pieces if piece[0] < piece[1]]


def _pack(units: list[_Unit], target: int, max_tokens: int) -> Iterator[list[_Unit]]:
    """The cheapest way to group the units, by dynamic programming over where passages end."""
    cheapest = [0.0] + [float("inf")] * len(units)
    begins = [0] * (len(units) + 1)
    for end in range(1, len(units) + 1):
        tokens = 0
        for start in range(end - 1, -1, -1):
            tokens += units[start].tokens + (1 if start < end - 1 else 0)
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
        yield units[start:end]


def _fitting(text: str, units: list[_Unit], count_tokens: CountTokens, max_tokens: int) -> Iterator[Span]:
    """The units as one passage; as two where, standing together, they count more than the model reads."""
    span = units[0].span[0], units[-1].span[1]
    is_near_the_limit = sum(unit.tokens for unit in units) > 0.5 * max_tokens
    if len(units) > 1 and is_near_the_limit and count_tokens([text[slice(*span)]])[0] > max_tokens:
        middle = len(units) // 2
        yield from _fitting(text, units[:middle], count_tokens, max_tokens)
        yield from _fitting(text, units[middle:], count_tokens, max_tokens)
    else:
        yield span
