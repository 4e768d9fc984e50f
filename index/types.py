"""Plain data that every step of the pipeline passes on; imports nothing heavy."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import BadFilter

Vectors = NDArray[np.float32]
FoundBy = Literal["vectors", "words", "fused"]


@dataclass(frozen=True)
class Article:
    """One version of an article, as published; a correction is a new version, never an edit.

    `text` has its paragraphs separated by newlines; every offset anywhere counts its Unicode code
    points. `published` carries its offset from UTC. `language` is an ISO 639-1 code.
    """

    id: str
    text: str
    title: str = ""
    url: str | None = None
    source: str | None = None
    author: str | None = None
    section: str | None = None
    published: datetime | None = None
    language: str = "und"

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over every field but the id, in hexadecimal: two versions differ when it differs."""
        published = self.published.isoformat() if self.published else None
        fields = [self.text, self.title, self.url, self.source, self.author, self.section]
        canonical = json.dumps([*fields, published, self.language], ensure_ascii=True)
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one article: `text` is always `article.text[start:end]`."""

    id: int
    article_id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found; scores of different `by` are not comparable, ranks are.

    `similarity` is the cosine of the query's vector and the passage's; None where words alone were looked at.
    """

    passage: Passage
    score: float
    by: FoundBy
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles may be found; `since` and `until` are inclusive bounds on `published`.

    A day counts whole, and a moment without an offset is taken as UTC. Raises BadFilter where a bound is neither.
    """

    language: str | None = None
    source: str | None = None
    section: str | None = None
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        for name, bound in (("since", self.since), ("until", self.until)):
            if not isinstance(bound, date | None):
                raise BadFilter(f"{name}: expected a date or a datetime, such as date(2025, 10, 17), found {bound!r}")

    @property
    def first(self) -> datetime | None:
        return _moment(self.since, time.min)

    @property
    def last(self) -> datetime | None:
        return _moment(self.until, time.max)

    def __bool__(self) -> bool:
        return self != EVERYTHING


def _moment(bound: date | None, of_the_day: time) -> datetime | None:
    if isinstance(bound, datetime):
        return bound if bound.tzinfo else bound.replace(tzinfo=UTC)
    return datetime.combine(bound, of_the_day, UTC) if bound else None


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Rejection:
    """Something offered for adding that could not be taken, where it came from, and why."""

    origin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an `add` has come: articles seen, and passages embedded and stored for good."""

    articles: int
    passages: int


@dataclass
class AddReport:
    """What one `add` did, as counts of articles, with everything it had to reject."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    passages: int = 0
    rejected: list[Rejection] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stats:
    """What an archive holds; sizes in bytes, dates as published."""

    articles: int
    passages: int
    versions: int
    revision: int
    model: str
    dimension: int
    vector_index: str
    languages: dict[str, int]
    sources: dict[str, int]
    oldest: datetime | None
    newest: datetime | None
    bytes_on_disk: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `check` looked at: which part, whether it is sound, and what was seen."""

    part: str
    ok: bool
    detail: str


class Embedder(Protocol):
    """Turns texts into unit vectors; whatever has these members can serve an archive."""

    @property
    def name(self) -> str:
        """Which model this is; an archive refuses vectors of another one."""

    @property
    def dimension(self) -> int: ...

    @property
    def max_tokens(self) -> int:
        """The longest passage the model reads, in its own tokens, prompts already taken off."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each text, without prompts and special tokens."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Shape: (len(texts), dimension), float32, every row of length 1."""

    def embed_query(self, text: str) -> Vectors:
        """Shape: (dimension,), float32, of length 1."""
