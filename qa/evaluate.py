"""How good the answers are on questions whose answers are known: every figure, and what each question came to."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from index.archive import Archive
from index.errors import BadInput, NotFound
from index.types import Hit
from index.validate import shown
from qa import scoring
from qa.assistant import Assistant
from qa.expected import Expected, ExpectedAnswer
from qa.retrieve import searched
from qa.types import Answer, Excerpt

RANKS = (1, 5, 10)  # the k of recall@k
PRECISION = 0.95  # at which coverage is told
WHOLE = "whole"  # the name of all steps together


@dataclass(frozen=True, slots=True)
class Measured:
    """What one question came to.

    `rank` is the first found passage that holds an expected answer, None where none of the first ten does. `right`
    says whether the best quotation holds one, be it shown as an answer or, below the threshold, as related reading.
    """

    expected: Expected
    answer: Answer
    rank: int | None
    right: bool
    exact_match: float
    f1: float
    quotations: int
    intact: int
    seconds: float

    @property
    def excerpt_at_1(self) -> bool:
        """Whether the first quotation of an answer that was given holds an expected answer."""
        return self.answer.found and self.right

    @property
    def as_expected(self) -> bool:
        return self.excerpt_at_1 if self.expected.answerable else not self.answer.found


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Seconds that half of the questions took at most, and 95 in 100."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Every figure of some questions: shares from 0 to 1, None where there is nothing to be a share of.

    Of all questions: coverage, calibration, AUROC. Of the answerable: recall, excerpt@1, exact match, F1. Of the
    answers given: precision. `seconds` are by step, and the whole.
    """

    questions: int
    answerable: int
    answered: int
    recall: dict[int, float | None]
    excerpt_at_1: float | None
    exact_match: float | None
    f1: float | None
    precision: float | None
    abstention_precision: float | None
    abstention_recall: float | None
    coverage_at_95: float | None
    calibration_error: float | None
    auroc: float | None
    quotations: int
    citation_integrity: float | None
    seconds: dict[str, Percentiles]


@dataclass(frozen=True)
class Evaluation:
    """What the questions came to, one by one and together; `asked` of them were to be measured."""

    rows: tuple[Measured, ...]
    asked: int

    @property
    def complete(self) -> bool:
        return len(self.rows) == self.asked

    @cached_property
    def figures(self) -> Figures:
        return figures_of(self.rows)

    @cached_property
    def by_language(self) -> dict[str, Figures]:
        """The figures of each language that questions name; those that name none are in no group."""
        return _grouped((row.expected.language, row) for row in self.rows)

    @cached_property
    def by_kind(self) -> dict[str, Figures]:
        return _grouped((row.expected.kind, row) for row in self.rows)

    @property
    def confidence(self) -> list[float]:
        return [row.answer.confidence for row in self.rows]

    @property
    def right(self) -> list[bool]:
        return [row.right for row in self.rows]

    def failures(self, limit: int) -> list[Measured]:
        """The worst: wrong answers, the surest first, then silences where there was an answer, the nearest first."""
        wrong = [row for row in self.rows if not row.as_expected]
        return sorted(wrong, key=lambda row: (not row.answer.found, -row.answer.confidence))[:limit]


OnMeasured = Callable[[Measured], None]


# Measuring


def evaluate(
    assistant: Assistant, questions: Sequence[Expected], progress: OnMeasured = lambda _row: None
) -> Evaluation:
    """Ask every question; `progress` hears of each as it is measured. BadInput where expected answers are misplaced."""
    check_places(assistant.archive, questions)
    if questions:
        assistant.ask(questions[0].question)  # whatever is loaded first is not the question's own time
    rows: list[Measured] = []
    for expected in questions:
        rows.append(measure(assistant, expected))
        progress(rows[-1])
    return Evaluation(tuple(rows), len(questions))


def measure(assistant: Assistant, expected: Expected) -> Measured:
    """Ask one question, and hold what is said against what was expected."""
    archive = assistant.archive
    began = time.perf_counter()
    answer = assistant.ask(expected.question)
    seconds = time.perf_counter() - began
    quotations = (*answer.excerpts, *answer.related)
    best = quotations[0] if quotations else None
    return Measured(
        expected=expected,
        answer=answer,
        rank=_rank(archive, expected, archive.search(searched(expected.question), limit=max(RANKS))),
        right=best is not None and _holds(expected, best.article.id, best.article.language, best.start, best.text),
        exact_match=_best(scoring.exact_match, answer, expected),
        f1=_best(scoring.f1, answer, expected),
        quotations=len(quotations),
        intact=sum(is_intact(archive, each) for each in quotations),
        seconds=seconds,
    )


def _rank(archive: Archive, expected: Expected, hits: Sequence[Hit]) -> int | None:
    for rank, hit in enumerate(hits if expected.answerable else (), 1):
        passage = hit.passage
        with suppress(NotFound):  # removed since the search
            language = archive.get(passage.article_id).language
            if _holds(expected, passage.article_id, language, passage.start, passage.text):
                return rank
    return None


def _holds(expected: Expected, article: str, language: str, start: int, text: str) -> bool:
    """Whether a stretch of an article, which begins there at `start`, holds one of the expected answers."""
    return any(_holds_answer(answer, article, language, start, text) for answer in expected.answers)


def _holds_answer(answer: ExpectedAnswer, article: str, language: str, start: int, text: str) -> bool:
    if answer.article not in (None, article):
        return False
    if answer.start is None or answer.end is None:
        return scoring.stands_in(answer.text, text, language)
    # Without its article, the place alone could be any article's.
    return answer.start >= start and text[answer.start - start : answer.end - start] == answer.text


def _best(score: Callable[[str, str, str], float], answer: Answer, expected: Expected) -> float:
    """The marked words of the first excerpt against whichever expected answer they are nearest to."""
    if not answer.excerpts:
        return 0.0
    first = answer.excerpts[0]
    said = " ".join(piece.text for piece in first.pieces if piece.mark)
    # Both are words of articles, whatever language asks.
    return max((score(said, each.text, first.article.language) for each in expected.answers), default=0.0)


def is_intact(archive: Archive, excerpt: Excerpt) -> bool:
    """Whether the very version that is quoted holds these words where the excerpt says."""
    try:
        stored = archive.get(excerpt.article.id, excerpt.article.content_hash)
    except NotFound:
        return False
    return stored.text[excerpt.start : excerpt.end] == excerpt.text


def figures_of(rows: Sequence[Measured]) -> Figures:
    """The figures of these questions together."""
    answerable = [row for row in rows if row.expected.answerable]
    given = [row for row in rows if row.answer.found]
    confidence, right = [row.answer.confidence for row in rows], [row.right for row in rows]
    can = [row.expected.answerable for row in rows]
    precision, recall = scoring.abstention([not row.answer.found for row in rows], can)
    quotations = sum(row.quotations for row in rows)
    return Figures(
        questions=len(rows),
        answerable=len(answerable),
        answered=len(given),
        recall={k: scoring.share(row.rank is not None and row.rank <= k for row in answerable) for k in RANKS},
        excerpt_at_1=scoring.share(row.excerpt_at_1 for row in answerable),
        exact_match=scoring.share(row.exact_match for row in answerable),
        f1=scoring.share(row.f1 for row in answerable),
        precision=scoring.share(row.right for row in given),
        abstention_precision=precision,
        abstention_recall=recall,
        coverage_at_95=scoring.coverage_at(PRECISION, confidence, right),
        calibration_error=scoring.calibration_error(confidence, right),
        auroc=scoring.auroc(confidence, can),
        quotations=quotations,
        citation_integrity=sum(row.intact for row in rows) / quotations if quotations else None,
        seconds=_seconds(rows),
    )


def _seconds(rows: Sequence[Measured]) -> dict[str, Percentiles]:
    taken: dict[str, list[float]] = {}
    for row in rows:
        for step, seconds in (*row.answer.timings.items(), (WHOLE, row.seconds)):
            taken.setdefault(step, []).append(seconds)
    # The whole comes last, whichever steps some questions had.
    steps = sorted(taken, key=lambda step: step == WHOLE)
    return {
        step: Percentiles(scoring.percentile(taken[step], 50), scoring.percentile(taken[step], 95)) for step in steps
    }


def _grouped(named: Iterable[tuple[str | None, Measured]]) -> dict[str, Figures]:
    groups: dict[str, list[Measured]] = {}
    for name, row in named:
        if name is not None:
            groups.setdefault(name, []).append(row)
    return {name: figures_of(groups[name]) for name in sorted(groups)}


# Whether what is expected is there


def check_places(archive: Archive, questions: Sequence[Expected]) -> None:
    """BadInput for an expected answer that does not stand where it should: it could only be missed."""
    placed = [(expected.id, answer) for expected in questions for answer in expected.answers]
    for name, answer in placed:
        if answer.article is not None:
            _check_named(archive, name, answer)
    anywhere = [each for each in placed if each[1].article is None and each[1].start is not None]
    for article in archive.articles() if anywhere else ():
        anywhere = [each for each in anywhere if article.text[each[1].start : each[1].end] != each[1].text]
        if not anywhere:
            return
    if anywhere:
        name, answer = anywhere[0]
        more = f", and {len(anywhere) - 1:,} more like it" if len(anywhere) > 1 else ""
        raise BadInput(f"{name}: no article holds {shown(answer.text)} at {answer.start} to {answer.end}{more}; {MEND}")


MEND = "is it the right archive? Offsets count code points from 0; without start and end, the words alone count"


def _check_named(archive: Archive, name: str, answer: ExpectedAnswer) -> None:
    try:
        article = archive.get(str(answer.article))
    except NotFound as problem:
        raise BadInput(f"{name}: {problem}") from None
    if answer.start is not None and (there := article.text[answer.start : answer.end]) != answer.text:
        where = f"at {answer.start} to {answer.end} of {article.id!r} stands {shown(there)}"
        raise BadInput(f"{name}: {where}, not {shown(answer.text)}; {MEND}")
    if answer.text not in article.text and not scoring.stands_in(answer.text, article.text, article.language):
        raise BadInput(f"{name}: {article.id!r} does not hold {shown(answer.text)}; {MEND}")
