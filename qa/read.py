"""Reads the retrieved passages with the question: which words answer, and how sure that is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import regex
from numpy.typing import NDArray

from index.language import UNDETERMINED, detect_language
from index.sentences import UNSEEN, UNSPACED
from index.spans import BundledSpanModel, SpanModel, Window
from qa.calibrate import Scored, probability
from qa.overlap import shared_words
from qa.question import agrees_in_time, times_of
from qa.question_kinds import wants_sentence
from qa.types import Candidate, Evidence

WEIGHTS = Path(__file__).parent / "reader" / "reader.safetensors"
LONGEST_ANSWER = 30  # tokens
# In score; `python -m bench.held_out --nearly-as-good 0 0.8` compares.
NEARLY_AS_GOOD = 0.8
# A name answers, and not what introduces it. In score, what that may cost: set by hand, for of the questions held out
# from training none is answered so.
NAME_AS_GOOD = 2.0
# Of a question's words, in the passages that answer it in its own language (`python -m bench.calibration`).
USUALLY_SHARED = 0.58
# Of a question and the passage that answers it, by the bundled model (the same command).
USUAL_SIMILARITY = 0.86
# By so much less similar is a passage to questions in other languages than to those in its own (the same command).
LOST_ACROSS_LANGUAGES = 0.033
# What an answer is not begun or ended with, unless it closes what it opens; minus signs, tags and handles stay.
STRAY = regex.compile(
    r"^(?:(?!(?:[-–%]\d|[#@]\w))[[\s\p{Pd}\p{Po}\p{Pf}\p{Pe}]--[»›]])+|[[\s\p{Pd}\p{Po}\p{Ps}]--[%‰‱٪#]]+$", regex.V1
)
# What changes the words that follow it: an answer is not cut short after one. They stand at its very end.
LIMITING = (
    r"\b(?:before|after|within|since|until|till|about|around|nearly|almost|(?:more|less|fewer) than|at (?:least|most)"
    r"|up to|over|under|between|without|never|not"
    r"|avant|après|d['’]ici(?: à)?|depuis|jusqu['’](?:à|au|aux|en)|dès|environ|près (?:de|d['’])|presque"
    r"|(?:plus|moins) (?:de|d['’])|au moins|au plus|entre|sans|jamais"
    r"|antes|después|desde|hasta|casi|(?:más|menos) de|al menos|sin"
    r"|vor|nach|seit|bis|binnen|innerhalb|etwa|rund|fast|mindestens|höchstens|(?:mehr|weniger) als|zwischen|ohne|nie"
    r"|prima|dopo|entro|fino a|oltre|(?:più|meno) di|circa|quasi|almeno|tra|senza"
    r"|depois|até|mais de|menos de|cerca de|quase|pelo menos|sem"
    r"|до|после|с|со|к|ко|с момента|около|примерно|почти|свыше|без|между|никогда|не"
    r"|не (?:ранее|раньше|позднее|позже)|(?:не )?(?:более|больше|менее|меньше)(?: чем)?(?: в| на)?"
    r"|قبل|بعد|منذ|حتى|خلال|نحو|حوالي|قرابة|زهاء|بين|دون|بدون|(?:أكثر|أقل) من|لا (?:يقل|تقل|يزيد|تزيد) عن|على الأقل)"
)
LIMITS = regex.compile(rf"{LIMITING}(?:\s(?:the|an?|les?|la|el|der|dem|il|o))?\W*$", regex.IGNORECASE)
BEGUN = regex.compile(rf"{LIMITING}$", regex.IGNORECASE)  # ends with the answer's first word
FIRST_WORD = regex.compile(r"\w+")
LONGEST_LIMIT = 20  # characters
NAME = regex.compile(r"(?<![\p{L}\p{M}\p{N}])[\p{Lu}\p{N}]")  # or a number: how its word begins
INTRODUCED = regex.compile(r"[^\p{Lu}\p{N}.,;:]+, (?=\p{Lu})")  # "a place agreed on, " before "Rome"
ABBREVIATION = regex.compile(r"(?<![\p{L}.])(?:\p{L}{1,2}\.[ -]?)+\p{L}{1,2}$")  # before its last full stop
BRACKETED = regex.compile(r"\([^()]*\)|\[[^\[\]]*\]")
WORD = regex.compile(rf"[\p{{L}}\p{{M}}\p{{N}}]|{UNSEEN.pattern}")
PAIRS = (("(", ")"), ("[", "]"), ("«", "»"), ("»", "«"), ("‹", "›"), ("›", "‹"), ("“", "”"), ("„", "“"), ("‘", "’"),
         ("‚", "‘"))  # fmt: skip

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """The best answer in one sentence: a span of the article's text, its scores, and how sure the model is by itself.

    `sureness`, 0 to 1: that its passage holds an answer at all, and that it is this one.
    """

    span: Span
    words: str
    scored: Scored
    sureness: float


class SpanReader:
    """Points at words, by a model trained to; at whole sentences where the question asks for more than words."""

    # `python -m bench.calibration` and `python -m bench.answers` say what each costs.
    answers_from = 0.37
    certain_from = 0.8

    def __init__(self, model: SpanModel | None = None, context_of: Callable[[Candidate], str] | None = None) -> None:
        """`model`: by default the bundled one. `context_of`: what is told of a candidate beside its passage."""
        if model is not None:
            self.model = model
        self.context_of = context_of or title

    @cached_property
    def model(self) -> SpanModel:
        return BundledSpanModel(WEIGHTS)

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[list[Evidence]]:
        """See `Reader`."""
        whole = wants_sentence(question, detect_language(question))
        readings: list[list[Evidence]] = []
        for candidate, found in zip(candidates, self.find(question, candidates), strict=True):
            evidence = [
                Evidence(
                    *(_sentence_of(candidate, each.span) if whole else each.span),
                    probability(each.scored),
                    probability(replace(each.scored, agreement=0.0)),
                )
                for each in found
            ]
            readings.append(sorted(evidence, key=lambda each: -each.probability))
        return readings

    def find(self, question: str, candidates: Sequence[Candidate]) -> list[list[Found]]:
        """For each candidate the best answer in each of its sentences, before any probability."""
        pairs = [(self.context_of(candidate), candidate.passage.text) for candidate in candidates]
        scored = self.model.score(question, pairs)
        totals = [totals_of(windows) for windows in scored]
        # A passage that answers nothing has spans too, and they must not take the right one's share.
        everything = log_sum(
            [totals_of([window]) + log_sigmoid(answering_of(window)) for windows in scored for window in windows]
        )
        language = detect_language(question)
        shared = _shared(question, language, candidates)
        similar = [_similarity(language, candidate) for candidate in candidates]
        about_future = times_of(question, language) == {"to come"}
        found = [
            _best_spans(candidate, windows, total, everything, words, similarity, about_future)
            for candidate, windows, total, words, similarity in zip(
                candidates, scored, totals, shared, similar, strict=True
            )
        ]
        return _agreeing(candidates, _in_time(found) if about_future else found)


def _shared(question: str, language: str, candidates: Sequence[Candidate]) -> list[float]:
    """The part of the question's words that each passage and its title have.

    Across languages words tell nothing, for or against: there it is what is usual where words can tell.
    """
    languages = [candidate.article.language for candidate in candidates]
    texts = [f"{candidate.article.title}\n{candidate.passage.text}" for candidate in candidates]
    return [
        USUALLY_SHARED if differ(language, its) else float(part)
        for part, its in zip(shared_words(question, languages, texts), languages, strict=True)
    ]


def _similarity(language: str, candidate: Candidate) -> float:
    """The cosine of question and passage, as if both were in one language."""
    if candidate.similarity is None:
        return USUAL_SIMILARITY
    return candidate.similarity + (LOST_ACROSS_LANGUAGES if differ(language, candidate.article.language) else 0)


def differ(language: str, other: str) -> bool:
    """Whether they are two, as far as both are known."""
    return language != other and UNDETERMINED not in (language, other)


def title(candidate: Candidate) -> str:
    """What a passage alone may not say; `python -m bench.contexts` compares it with less and more."""
    return candidate.article.title


def totals_of(windows: Sequence[Window]) -> float:
    """The logarithm of the sum over all spans of a passage's best window, whether they make sense or not."""
    return max((log_sum(window.start) + log_sum(window.end) for window in windows), default=-np.inf)


def answering_of(window: Window) -> float:
    """The logarithm of the odds that it holds an answer at all."""
    return (log_sum(window.start) + log_sum(window.end)) / 2 - window.none


def _best_spans(
    candidate: Candidate,
    windows: Sequence[Window],
    total: float,
    everything: float,
    shared: float,
    similarity: float,
    about_future: bool,
) -> list[Found]:
    """One for each sentence that may be quoted and that the windows hold."""
    text, shift = candidate.article.text, candidate.passage.start
    best: dict[Span, Found] = {}
    for window in windows:
        answers = answering_of(window)
        holds = log_sigmoid(answers)
        starts = np.array([start for start, _ in window.offsets]) + shift
        ends = np.array([end for _, end in window.offsets]) + shift
        for sentence in candidate.sentences:
            inside = np.flatnonzero((starts >= sentence[0]) & (ends <= sentence[1]) & (starts < ends))
            if not len(inside):
                continue
            tokens = list(zip(starts[inside].tolist(), ends[inside].tolist(), strict=True))
            words, score = pointed(text, tokens, window.start[inside], window.end[inside])
            span = whole_words(text, words, sentence)
            times = times_of(text[slice(*sentence)], candidate.article.language)
            in_time = agrees_in_time(about_future, times)
            scored = Scored(
                score, answers, score + holds - everything, candidate.rank, 0.0, shared, in_time, similarity
            )
            if sentence not in best or best[sentence].scored.span < score:
                sure = float(np.exp(holds + min(0.0, score - total)))
                best[sentence] = Found(span, text[slice(*span)], scored, sure)
    return list(best.values())


def _in_time(found: list[list[Found]]) -> list[list[Found]]:
    """What happened already cannot answer what is to come: the best of the other sentences share among themselves.

    That is so if their times are told rightly, which is taken for as likely as not.
    """

    def weight(one: Found) -> float:
        return one.scored.span + log_sigmoid(one.scored.answering)

    others = log_sum([weight(one) for each in found for one in each if one.scored.to_come >= 0])

    def among_others(one: Found) -> Found:
        of_others = weight(one) - others if one.scored.to_come >= 0 else -np.inf
        share = log_sum([one.scored.share_of_all, of_others]) - np.log(2)
        return replace(one, scored=replace(one.scored, share_of_all=float(share)))

    return [[among_others(one) for one in each] for each in found]


def pointed(
    text: str,
    tokens: Sequence[Span],
    start: NDArray[np.float32],
    end: NDArray[np.float32],
    nearly: float = NEARLY_AS_GOOD,
) -> tuple[Span, float]:
    """The best span's words, or the shortest of them that name as much and are nearly as good, and the best's score.

    `tokens`: where in the text each token stands that has a score to start and to end an answer.
    """
    first, last, score = best_pair(start, end)
    names = [token for token in range(first, last + 1) if NAME.search(text, *tokens[token])]
    later, earlier = shortest_nearly_as_good(start, end, (first, last), names, nearly)
    if introduced := INTRODUCED.match(text, tokens[later][0], tokens[earlier][1]):
        name = next(token for token in range(later, earlier + 1) if tokens[token][1] > introduced.end())
        later = name if start[name] >= start[later] - NAME_AS_GOOD else later
    # "Within two weeks" is not "two weeks".
    if LIMITS.search(text, tokens[first][0], tokens[later][0]):
        later = first
    return (tokens[later][0], tokens[earlier][1]), score


def best_pair(start: NDArray[np.float32], end: NDArray[np.float32]) -> tuple[int, int, float]:
    """The first and the last token of the best span, and its score."""
    scores = start[:, None] + end[None, :]
    distance = np.arange(len(end))[None, :] - np.arange(len(start))[:, None]
    scores = np.where((distance >= 0) & (distance < LONGEST_ANSWER), scores, -np.inf)
    first, last = np.unravel_index(int(scores.argmax()), scores.shape)
    return int(first), int(last), float(scores[first, last])


def shortest_nearly_as_good(
    start: NDArray[np.float32],
    end: NDArray[np.float32],
    span: Span,
    names: Sequence[int] = (),
    nearly: float = NEARLY_AS_GOOD,
) -> Span:
    """The first and the last token of the shortest span in that one that is nearly as good, the best of its length.

    `names`: tokens that it must hold.
    """
    first, last = span
    scores = start[first : last + 1, None] + end[None, first : last + 1]
    number = np.arange(first, last + 1)
    begins, ends = number[:, None], number[None, :]
    lengths = ends - begins
    holds = (begins <= min(names, default=last)) & (ends >= max(names, default=first))
    allowed = (lengths >= 0) & holds & (scores >= scores[0, -1] - nearly)
    shortest = np.where(allowed & (lengths == lengths[allowed].min()), scores, -np.inf)
    later, earlier = np.unravel_index(int(shortest.argmax()), shortest.shape)
    return int(first + later), int(first + earlier)


def whole_words(text: str, span: Span, sentence: Span) -> Span:
    """The span widened to whole words within its sentence, and without stray signs around it."""
    start, end = span
    while start > sentence[0] and within_word(text, start):
        start -= 1
    while end < sentence[1] and within_word(text, end):
        end += 1
    first = FIRST_WORD.match(text, start, end)
    # "D'ici" and "more than" are one: no answer begins in the middle of them.
    if first and (begun := BEGUN.search(text, max(sentence[0], start - LONGEST_LIMIT), first.end())):
        start = min(start, begun.start())
    if regex.match(r"(?<![^\s(])(?:[-–−]\d|[#@]\w)", text, pos=max(start - 1, sentence[0]), endpos=end):
        start = max(start - 1, sentence[0])
    trimmed = _trimmed(text[start:end])
    if not trimmed:
        return sentence
    start += text[start:end].index(trimmed)
    end = start + len(trimmed)
    if text[end : end + 1] == "." and end < sentence[1] and ABBREVIATION.search(text, start, end):
        end += 1
    return start, end


def within_word(text: str, at: int) -> bool:
    """Whether what stands before this place and what stands after it belong to one word."""
    before, after = text[at - 1], text[at]
    if regex.match(r"\p{M}", after):
        return True
    return bool(WORD.match(before) and WORD.match(after)) and not (UNSPACED.match(before) or UNSPACED.match(after))


def _trimmed(words: str) -> str:
    """Without signs at its ends, but for what closes or opens a quotation or a bracket among the words."""
    while found := STRAY.search(words):
        words = words[found.end() :] if found.start() == 0 else words[: found.start()]
    if BRACKETED.fullmatch(words):
        return _trimmed(words[1:-1])
    for opening, closing in PAIRS:
        if words.startswith(opening) and closing not in words:
            return _trimmed(words[1:])
        if words.endswith(closing) and opening not in words:
            return _trimmed(words[:-1])
    return words


def _sentence_of(candidate: Candidate, span: Span) -> Span:
    return next(each for each in candidate.sentences if each[0] <= span[0] and span[1] <= each[1])


def _agreeing(candidates: Sequence[Candidate], found: list[list[Found]]) -> list[list[Found]]:
    """With how sure the reader is of the same words, or of a part of them, in other sentences of other passages.

    Of what is to come, what has been says nothing.
    """
    sentences_of = [
        [folded(candidate.article.text[slice(*_sentence_of(candidate, one.span))]) for one in each]
        for candidate, each in zip(candidates, found, strict=True)
    ]
    said = [
        (number, folded(one.words), sentence, one.sureness if one.scored.to_come >= 0 else 0.0)
        for number, each in enumerate(found)
        for one, sentence in zip(each, sentences_of[number], strict=True)
    ]

    def agreement(number: int, words: str, sentence: str) -> float:
        sure: dict[str, float] = {}  # by sentence: what is reprinted agrees once, and never with itself
        for other, its_words, its_sentence, sureness in said:
            if other != number and its_sentence != sentence and agree(words, its_words):
                sure[its_sentence] = max(sureness, sure.get(its_sentence, 0.0))
        return 1 - float(np.prod([1 - each for each in sure.values()]))

    return [
        [
            replace(one, scored=replace(one.scored, agreement=agreement(number, folded(one.words), sentence)))
            for one, sentence in zip(each, sentences_of[number], strict=True)
        ]
        for number, each in enumerate(found)
    ]


def agree(words: str, others: str) -> bool:
    """Whether they are the same, or the shorter is a part of the longer and more than a number; see `folded`."""
    shorter, longer = sorted((words, others), key=len)
    return words == others or (f" {shorter} " in f" {longer} " and bool(regex.search(r"\p{L}", shorter)))


def folded(words: str) -> str:
    """Letters and numbers alone, in small letters, a space between words."""
    spaced = UNSPACED.sub(r" \g<0> ", UNSEEN.sub("", words).casefold())
    return " ".join(regex.findall(r"[\p{L}\p{M}\p{N}]+", spaced))


def log_sigmoid(value: float) -> float:
    return -float(np.logaddexp(0.0, -value))


def log_sum(values: Sequence[float] | NDArray[np.float32]) -> float:
    numbers = np.asarray(values, dtype=np.float64)
    if not numbers.size:
        return -np.inf
    peak = numbers.max()
    return float(peak + np.log(np.exp(numbers - peak).sum()))
