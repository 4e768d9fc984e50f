"""The story of an answer: retrieve, read, decide, cite."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from index.archive import Archive
from index.errors import BadInput
from index.language import detect_language
from index.types import EVERYTHING, Filters
from qa.cite import cite
from qa.followup import understood
from qa.question import checked
from qa.read import SpanReader, agree, folded
from qa.retrieve import retrieve
from qa.types import LONG_AGO, Answer, Candidate, Evidence, Excerpt, Reader, Turn

# Further excerpts are worth showing down to this part of the best one's probability, and where they say the same.
WORTH_SHOWING = 0.8
# From this part on they answer as well as the best, and the newest comes first: in a running story it is right.
AS_GOOD = 0.9
MOST_EXCERPTS = 10


class Assistant:
    """Answers questions from an archive, and quotes the words that say so."""

    def __init__(self, archive: Archive, reader: Reader | None = None) -> None:
        self.archive = archive
        self.reader = reader or SpanReader()

    def ask(
        self, question: str, *, history: Sequence[Turn] = (), filters: Filters = EVERYTHING, limit: int = 3
    ) -> Answer:
        """The answer, with at most `limit` excerpts; BadQuestion where the question cannot be asked.

        `history`: the turns before it, the newest last, by which a question that cannot stand alone is completed.
        """
        if not 1 <= limit <= MOST_EXCERPTS:
            raise BadInput(f"{limit} excerpts are not possible; ask for 1 to {MOST_EXCERPTS}")
        typed = checked(question)
        meant = understood(typed, history, detect_language(typed))
        question = meant.question
        clock = Stopwatch()
        with clock("retrieve"):
            candidates = retrieve(self.archive, question, filters)
        with clock("read"):
            readings = self.reader.read(question, candidates)
        with clock("cite"):
            ranked = best_first(candidates, readings, (self.reader.answers_from, self.reader.certain_from))
            confidence = ranked[0][1].probability if ranked else 0.0
            found = bool(ranked) and confidence >= self.reader.answers_from
            if found:
                ranked = worth_showing(ranked, self.reader.answers_from)
            excerpts = tuple(cite(self.archive, ranked, limit, mark=found))
            found = found and bool(excerpts)  # there are none where all articles were removed meanwhile
            saying = agreeing(excerpts) if found else []
        return Answer(
            question=typed,
            found=found,
            text=worded(excerpts, saying) if found else "",
            confidence=confidence,
            certain=found and confidence >= self.reader.certain_from,
            excerpts=excerpts if found else (),
            related=() if found else excerpts,
            as_of=newest_day([excerpts[number - 1] for number in saying] if found else excerpts),
            language=detect_language(question),
            timings=clock.seconds,
            about=meant.about,
            asked=question,
        )

    async def ask_async(
        self, question: str, *, history: Sequence[Turn] = (), filters: Filters = EVERYTHING, limit: int = 3
    ) -> Answer:
        """`ask`, without blocking the event loop."""
        return await asyncio.to_thread(self.ask, question, history=history, filters=filters, limit=limit)


def best_first(
    candidates: list[Candidate], readings: list[list[Evidence]], bounds: Sequence[float]
) -> list[tuple[Candidate, Evidence]]:
    """All evidence with its candidates: what answers as well as the likeliest, the newest first, then the rest.

    `bounds`: probabilities that part what answers as well from what does not, however near.
    """

    def above(evidence: Evidence) -> list[bool]:
        return [evidence.probability >= bound for bound in bounds]

    found = [
        (candidate, evidence) for candidate, reading in zip(candidates, readings, strict=True) for evidence in reading
    ]
    found.sort(key=lambda each: (-each[1].probability, each[0].rank, each[1].start))
    as_good = [
        each
        for each in found
        if each[1].probability >= AS_GOOD * found[0][1].probability and above(each[1]) == above(found[0][1])
    ]
    newest = sorted(as_good, key=lambda each: each[0].article.published or LONG_AGO, reverse=True)
    return newest + found[len(as_good) :]


def worth_showing(ranked: list[tuple[Candidate, Evidence]], answers_from: float) -> list[tuple[Candidate, Evidence]]:
    """The first, and what answers by itself too, if it is sure enough beside the surest or agrees with the first.

    The same number or day in other news is no support, and must not become it by being counted as such.
    """

    def words(each: tuple[Candidate, Evidence]) -> str:
        return folded(each[0].article.text[each[1].start : each[1].end])

    first, *others = ranked
    said, surest = words(first), max(evidence.probability for _, evidence in ranked)
    answering = [each for each in others if unaided(each[1]) >= answers_from]
    sure_enough = WORTH_SHOWING * surest
    return [first, *(each for each in answering if each[1].probability >= sure_enough or agree(words(each), said))]


def unaided(evidence: Evidence) -> float:
    return evidence.probability if evidence.unaided is None else evidence.unaided


def agreeing(excerpts: Sequence[Excerpt]) -> list[int]:
    """The numbers, from 1, of the excerpts whose answer agrees with the first one's, itself among them."""
    said = [folded(marked(excerpt)) for excerpt in excerpts]
    return [number for number, words in enumerate(said, 1) if agree(words, said[0])]


def worded(excerpts: Sequence[Excerpt], saying: Sequence[int]) -> str:
    """The words of the first excerpt that answer, and the numbers of those `saying` so."""
    return marked(excerpts[0]) + " " + "".join(f"[{number}]" for number in saying)


def marked(excerpt: Excerpt) -> str:
    return " ".join(piece.text for piece in excerpt.pieces if piece.mark)


def newest_day(excerpts: Sequence[Excerpt]) -> datetime | None:
    return max((each.article.published for each in excerpts if each.article.published), default=None)


class Stopwatch:
    """Collects how long the steps take, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[step] = time.perf_counter() - began
