"""What the REST API takes and tells, as its OpenAPI document describes it; `schemas.py` fills what is told."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from qa.assistant import MOST_EXCERPTS
from qa.question import LONGEST_QUESTION
from ui.examples import (
    ABOUT,
    ANSWER,
    CHECKED,
    EXCERPT,
    HASH,
    HEAD,
    HEALTH,
    HIT,
    ID,
    QUESTION,
    QUOTATION,
    REFERENCE,
    SENTENCE,
)

LONGEST_NAME = 2000
MOST_TURNS = 20
MOST_CITATIONS = 100

Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Question = Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION, examples=[QUESTION])]
Language = Annotated[str, Field(max_length=20, examples=["fr"])]
Day = Annotated[str, Field(max_length=40, examples=["2025-10-17", "2025-10-17T19:09:00+02:00"])]
Offset = Annotated[int, Field(ge=0, le=2**53)]


class Taken(BaseModel):
    """What clients send: nothing but what is named here, and each of its own kind."""

    model_config = ConfigDict(extra="forbid", strict=True)


# Asking


class FiltersTaken(Taken):
    """Only articles that pass all of these are looked at; a day counts whole."""

    language: Language | None = None
    source: Name | None = None
    section: Name | None = None
    since: Day | None = None
    until: Day | None = None


class TurnTaken(Taken):
    """An earlier turn of the conversation: what the answer told as `asked`, and its `text`."""

    question: Question
    answer_text: str = Field("", max_length=10_000, examples=["Budapest, en Hongrie [1]"])


class Ask(Taken):
    """A question to the articles."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"question": QUESTION},
                {"question": "Où se tiendra le sommet ?", "filters": {"since": "2025-10-01"}, "limit": 1},
            ]
        }
    )

    question: Question
    filters: FiltersTaken = FiltersTaken()
    limit: int = Field(3, ge=1, le=MOST_EXCERPTS, description="The most quotations.")
    history: list[TurnTaken] = Field(
        [], max_length=MOST_TURNS, description="The conversation so far, the oldest first."
    )


class PieceTold(BaseModel):
    """A part of a quotation, and whether it is the answer; joined, the pieces are the text."""

    text: str
    mark: bool


class ReferenceTold(BaseModel):
    """What a citation says of its article; `content_hash` names the very version that is quoted."""

    model_config = ConfigDict(json_schema_extra={"example": REFERENCE})

    id: str
    title: str
    url: str | None
    source: str | None
    section: str | None
    published: str | None
    language: str
    content_hash: str


class QuotationTold(BaseModel):
    """Whole sentences of an article: its text from `start` to `end`, in Unicode code points."""

    model_config = ConfigDict(json_schema_extra={"example": QUOTATION})

    article: ReferenceTold
    start: int
    end: int
    text: str
    pieces: list[PieceTold]
    deep_link: str | None = Field(description="The article at the quoted words, which browsers scroll to and mark.")


class ExcerptTold(QuotationTold):
    """A quotation as it was found, with how well it answers."""

    model_config = ConfigDict(json_schema_extra={"example": EXCERPT})

    score: float


class AnswerTold(BaseModel):
    """What the articles say; `[n]` in the text is the n-th excerpt.

    `asked` is how the question was understood: the same, unless it leaned on an earlier turn, and then `about` says
    what was carried over.
    Where `found` is false, `text` is empty and `related` holds what comes nearest: further reading, never an answer.
    An answer that is not `certain` is to be shown as such. `timings` are in seconds.
    """

    model_config = ConfigDict(json_schema_extra={"example": ANSWER})

    id: str
    question: str
    asked: str
    about: str | None
    found: bool
    text: str
    confidence: float
    certain: bool
    excerpts: list[ExcerptTold]
    related: list[ExcerptTold]
    as_of: str | None
    language: str
    timings: dict[str, float]


# Looking


class Search(Taken):
    """Words, or a question, to which the nearest passages are wanted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"query": "Tomahawk", "by": "words", "limit": 3}]})

    query: Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION, examples=["Tomahawk"])]
    by: Literal["fused", "vectors", "words"] = "fused"
    limit: int = Field(10, ge=1, le=100)
    filters: FiltersTaken = FiltersTaken()


class HeadTold(ReferenceTold):
    """All of an article but its text."""

    model_config = ConfigDict(json_schema_extra={"example": HEAD})

    author: str | None


class ArticleTold(HeadTold):
    """A whole article, in one of its versions."""

    model_config = ConfigDict(json_schema_extra={"example": {**HEAD, "text": SENTENCE}})

    text: str


class ArticlesTold(BaseModel):
    """One page of the articles that pass the filters, the newest first, and how many there are."""

    model_config = ConfigDict(json_schema_extra={"example": {"articles": [HEAD], "total": 36152}})

    articles: list[HeadTold]
    total: int


class PassageTold(BaseModel):
    id: int
    start: int
    end: int
    text: str


class HitTold(BaseModel):
    """A passage that was found; scores of different `by` are not comparable, ranks are."""

    model_config = ConfigDict(json_schema_extra={"example": HIT})

    rank: int
    score: float
    by: Literal["fused", "vectors", "words"]
    article: HeadTold
    passage: PassageTold
    deep_link: str | None


class HitsTold(BaseModel):
    """The passages nearest to the words, the best first."""

    model_config = ConfigDict(json_schema_extra={"example": {"query": QUESTION, "hits": [HIT]}})

    query: str
    hits: list[HitTold]


# Checking


class Citation(Taken):
    """What is said to stand in an article, from `start` to `end` in Unicode code points."""

    article_id: str = Field(min_length=1, max_length=500, examples=[ID])
    content_hash: str = Field(min_length=1, max_length=64, examples=[HASH])
    start: Offset
    end: Offset
    text: str = Field(max_length=10_000, examples=["Budapest"])


class Citations(Taken):
    """Citations to be held against what is stored."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"citations": [{"article_id": ID, "content_hash": HASH, "start": 171, "end": 179, "text": "Budapest"}]}
            ]
        }
    )

    citations: list[Citation] = Field(min_length=1, max_length=MOST_CITATIONS)


class Checked(BaseModel):
    """Whether one citation is true of the stored version, whether that is the current one, and why not."""

    model_config = ConfigDict(json_schema_extra={"example": CHECKED})

    true: bool
    current: bool | None = Field(description="Whether the article still is in that version; null where it is unknown.")
    reason: str


class CheckedAll(BaseModel):
    """One for each citation, in their order."""

    model_config = ConfigDict(json_schema_extra={"example": {"true": True, "citations": [CHECKED]}})

    true: bool = Field(description="Whether all of them are.")
    citations: list[Checked]


# Telling back


class FeedbackTaken(Taken):
    """What a reader says of an answer; nothing is kept but this."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"answer": ANSWER["id"], "verdict": "good"}]})

    answer: str = Field(pattern="^[0-9a-f]{24}$", description="The id of the answer.")
    verdict: Literal["good", "bad"]
    question: Question | None = None
    comment: str | None = Field(None, max_length=2000)


class Kept(BaseModel):
    """That it was kept."""

    model_config = ConfigDict(json_schema_extra={"example": {"kept": True}})

    kept: Literal[True] = True


class SuggestionTold(BaseModel):
    """A question that the articles answer with certainty."""

    model_config = ConfigDict(json_schema_extra={"example": {"question": QUESTION, "language": "en"}})

    question: str
    language: str


class SuggestionsTold(BaseModel):
    """`complete` is false while they are still being made: ask again in some seconds."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "suggestions": [{"question": QUESTION, "language": "en"}],
                "complete": True,
                "revision": 12,
            }
        }
    )

    suggestions: list[SuggestionTold]
    complete: bool
    revision: int


class About(BaseModel):
    """What the archive holds, and how the publisher wants the pages that show it."""

    model_config = ConfigDict(json_schema_extra={"example": ABOUT})

    title: str
    tagline: str = Field(description="In the publisher's words, shown before the number of articles; may be empty.")
    greeting: str
    articles: int
    oldest: str | None
    newest: str | None
    languages: dict[str, int] = Field(description="Articles by language, the most first.")
    sources: dict[str, int] = Field(description="Articles by source, the most first.")
    interface: list[str] = Field(description="Languages that the pages are offered in.")
    theme: Literal["auto", "light", "dark"]
    accent: str
    longest_question: int
    revision: int
    writing: bool = Field(description="Whether articles are being added or removed now.")


class Health(BaseModel):
    """That the server lives and can answer, and what it is made of."""

    model_config = ConfigDict(json_schema_extra={"example": HEALTH})

    live: Literal[True] = True
    ready: Literal[True] = True
    version: str
    versions: dict[str, str]
    revision: int = Field(description="Of the archive.")
    articles: int
    newest: str | None


class ArticleTaken(Taken):
    """An article to be stored; what is left out is made from the text, as `groundwire add` does."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"text": "The summit will be held in Budapest.", "title": "A summit", "language": "en"}]
        }
    )

    text: str = Field(min_length=1)
    title: str | None = None
    url: str | None = None
    source: str | None = None
    author: str | None = None
    section: str | None = None
    published: str | None = Field(None, examples=["2025-10-17T19:09:00+02:00"])
    language: str | None = None


class Stored(BaseModel):
    """What became of an article that was put."""

    model_config = ConfigDict(json_schema_extra={"example": {"outcome": "added", "article": HEAD}})

    outcome: Literal["added", "updated", "unchanged"]
    article: HeadTold
