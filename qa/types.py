"""Plain data of questions and answers; imports nothing heavy."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from index.types import Article, Passage

LONG_AGO = datetime.min.replace(tzinfo=UTC)  # where an article has no date


@dataclass(frozen=True, slots=True)
class ArticleReference:
    """What a citation says of its article; `content_hash` names the very version that is quoted."""

    id: str
    title: str
    url: str | None
    source: str | None
    section: str | None
    published: datetime | None
    language: str
    content_hash: str

    @classmethod
    def of(cls, article: Article) -> "ArticleReference":
        return cls(
            article.id, article.title, article.url, article.source, article.section,
            article.published, article.language, article.content_hash,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a quotation, and whether it is the answer: what clients draw, instead of slicing by offsets."""

    text: str
    mark: bool


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Whole sentences of an article around an answer: `text` is always `article.text[start:end]`.

    `highlights` are the answer's spans as offsets into the article, in order and apart from each other.
    """

    article: ArticleReference
    start: int
    end: int
    text: str
    highlights: tuple[tuple[int, int], ...]
    score: float

    @property
    def pieces(self) -> list[Piece]:
        """The text cut at the borders of the highlights; joined, the pieces are the text again."""
        pieces: list[Piece] = []
        position = self.start
        for start, end in (*self.highlights, (self.end, self.end)):
            for left, right, mark in ((position, start, False), (start, end, True)):
                if left < right:
                    pieces.append(Piece(self.text[left - self.start : right - self.start], mark))
            position = end
        return pieces


@dataclass(frozen=True, slots=True)
class Answer:
    """What the articles say to a question, or that they do not say.

    `[n]` in `text` is `excerpts[n - 1]`. Where `found` is false, `text` is empty, `excerpts` too, and
    `related` holds the nearest excerpts, which are further reading and never an answer. `confidence` is
    the probability, 0 to 1, of being right; an answer that is not `certain` is to be shown as such. `as_of`
    is the newest date of the articles that `text` names; `timings` are in seconds, by step.

    `question` is what was typed, `asked` what it was understood to ask: the same, unless it was about the turn before,
    and then `about` says what was carried over.
    """

    question: str
    found: bool
    text: str
    confidence: float
    certain: bool
    excerpts: tuple[Excerpt, ...]
    related: tuple[Excerpt, ...]
    as_of: datetime | None
    language: str
    timings: dict[str, float] = field(default_factory=dict, compare=False)
    about: str | None = None
    asked: str = ""

    @property
    def turn(self) -> "Turn":
        """What the next question of the conversation may lean on."""
        return Turn(self.asked or self.question, self.text)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of a conversation as it was understood, and the text that answered it, "" where nothing did."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A retrieved passage with its article, and its sentences that may be quoted: boilerplate is left out.

    `sentences` are spans of the article's text, in order; `rank` is the passage's place among those retrieved and kept,
    from 1; `similarity` its cosine with the question, or None where that was not by the bundled model.
    """

    passage: Passage
    article: Article
    rank: int
    sentences: tuple[tuple[int, int], ...]
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where in an article an answer stands (code points), and the probability, 0 to 1, that it answers.

    `unaided`: that probability if no other passage said the same; None where the reader does not ask the others.
    """

    start: int
    end: int
    probability: float
    unaided: float | None = None


class Reader(Protocol):
    """Reads retrieved passages with the question; whether it points at sentences or at words is its own choice.

    Below a probability of `answers_from` it has found no answer; below `certain_from` an uncertain one.
    """

    answers_from: float
    certain_from: float

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[list[Evidence]]:
        """For each candidate, in the same order, what in its sentences answers, the likeliest first.

        Probabilities compare between the candidates of one question. A list may be empty.
        """
