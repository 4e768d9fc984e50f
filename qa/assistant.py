"""The story of an answer: retrieve, read, decide, cite."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from index.archive import Archive
from index.errors import BadInput
from index.language import detect_language
from index.types import EVERYTHING, Filters
from qa.cite import cite
from qa.followup import understood
from qa.question import checked
from qa.read import SpanReader, agree, folded
from qa.retrieve import LONG_AGO, retrieve
from qa.types import Answer, Candidate, Evidence, Excerpt, Reader, Turn

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
            ranked = best_first(candidates, readings)
            confidence = max((evidence.probability for _, evidence in ranked), default=0.0)
            found = bool(ranked) and confidence >= self.reader.answers_from
            if found:
                ranked = worth_showing(ranked, confidence)
            excerpts = tuple(cite(self.archive, ranked, limit, mark=found))
            found = found and bool(excerpts)  # there are none where all articles were removed meanwhile
        return Answer(
            question=typed,
            found=found,
            text=worded(excerpts) if found else "",
            confidence=confidence,
            certain=found and confidence >= self.reader.certain_from,
            excerpts=excerpts if found else (),
            related=() if found else excerpts,
            as_of=max((e.article.published for e in excerpts if e.article.published), default=None),
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


def best_first(candidates: list[Candidate], readings: list[list[Evidence]]) -> list[tuple[Candidate, Evidence]]:
    """All evidence with its candidates: what answers as well as the likeliest, the newest first, then the rest."""
    found = [
        (candidate, evidence) for candidate, reading in zip(candidates, readings, strict=True) for evidence in reading
    ]
    found.sort(key=lambda each: (-each[1].probability, each[0].rank, each[1].start))
    as_good = [each for each in found if each[1].probability >= AS_GOOD * found[0][1].probability]
    newest = sorted(as_good, key=lambda each: each[0].article.published or LONG_AGO, reverse=True)
    return newest + found[len(as_good) :]


def worth_showing(ranked: list[tuple[Candidate, Evidence]], confidence: float) -> list[tuple[Candidate, Evidence]]:
    """Those that are sure enough beside the surest, and those that agree with the first."""

    def words(each: tuple[Candidate, Evidence]) -> str:
        return folded(each[0].article.text[each[1].start : each[1].end])

    said = words(ranked[0])
    return [each for each in ranked if each[1].probability >= WORTH_SHOWING * confidence or agree(words(each), said)]


def worded(excerpts: tuple[Excerpt, ...]) -> str:
    """The words of the first excerpt that answer, and the numbers of all excerpts that agree."""
    spans = [" ".join(piece.text for piece in excerpt.pieces if piece.mark) for excerpt in excerpts]
    numbers = [number for number, span in enumerate(spans, 1) if agree(folded(span), folded(spans[0]))]
    return spans[0] + " " + "".join(f"[{number}]" for number in numbers)


class Stopwatch:
    """Collects how long the steps take, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[step] = time.perf_counter() - began
