"""The story of an answer: retrieve, read, decide, cite."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from index.archive import Archive
from index.errors import BadInput
from index.language import detect_language
from index.types import EVERYTHING, Filters
from qa.cite import cite
from qa.question import checked
from qa.read import SentenceReader
from qa.retrieve import retrieve
from qa.types import Answer, Candidate, Evidence, Excerpt, Reader

# Below the first, the articles do not say; below the second, an answer is shown as uncertain. `python -m
# bench.answers` measures both: a reader of whole sentences can seldom be sure across languages.
LEAST_CONFIDENCE = 0.07
CERTAIN = 0.3
# Further excerpts are worth showing down to this part of the best one's probability.
WORTH_SHOWING = 0.5
MOST_EXCERPTS = 10


class Assistant:
    """Answers questions from an archive, and quotes the words that say so."""

    def __init__(self, archive: Archive, reader: Reader | None = None) -> None:
        self.archive = archive
        self.reader = reader or SentenceReader(archive.embedder)

    def ask(self, question: str, *, filters: Filters = EVERYTHING, limit: int = 3) -> Answer:
        """The answer, with at most `limit` excerpts; BadQuestion where the question cannot be asked."""
        if not 1 <= limit <= MOST_EXCERPTS:
            raise BadInput(f"{limit} excerpts are not possible; ask for 1 to {MOST_EXCERPTS}")
        question = checked(question)
        clock = Stopwatch()
        with clock("retrieve"):
            candidates = retrieve(self.archive, question, filters)
        with clock("read"):
            readings = self.reader.read(question, candidates)
        with clock("cite"):
            ranked = best_first(candidates, readings)
            confidence = ranked[0][1].probability if ranked else 0.0
            found = confidence >= LEAST_CONFIDENCE
            if found:
                ranked = [each for each in ranked if each[1].probability >= WORTH_SHOWING * confidence]
            excerpts = tuple(cite(self.archive, ranked, limit, mark=found))
        return Answer(
            question=question,
            found=found,
            text=worded(excerpts) if found else "",
            confidence=confidence,
            certain=confidence >= CERTAIN,
            excerpts=excerpts if found else (),
            related=() if found else excerpts,
            as_of=max((e.article.published for e in excerpts if e.article.published), default=None),
            language=detect_language(question),
            timings=clock.seconds,
        )

    async def ask_async(self, question: str, *, filters: Filters = EVERYTHING, limit: int = 3) -> Answer:
        """`ask`, without blocking the event loop."""
        return await asyncio.to_thread(self.ask, question, filters=filters, limit=limit)


def best_first(candidates: list[Candidate], readings: list[list[Evidence]]) -> list[tuple[Candidate, Evidence]]:
    """All evidence with its candidates, the likeliest first, equals by the rank of their passage."""
    found = [
        (candidate, evidence) for candidate, reading in zip(candidates, readings, strict=True) for evidence in reading
    ]
    return sorted(found, key=lambda each: (-each[1].probability, each[0].rank, each[1].start))


def worded(excerpts: tuple[Excerpt, ...]) -> str:
    """The words of the first excerpt that answer, and the numbers of all excerpts whose words are the same."""
    spans = [" ".join(piece.text for piece in excerpt.pieces if piece.mark) for excerpt in excerpts]
    numbers = [number for number, span in enumerate(spans, 1) if span.casefold() == spans[0].casefold()]
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
