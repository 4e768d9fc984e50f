"""Questions → the groups of texts that one training step reads: a question with one passage or several."""

import random
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from index.reader_input import MOST_OF_CONTEXT, Encoded, encode, windows
from index.sentences import sentences
from training.code_switching import languages, switched
from training.data import Document, Question, Span
from training.negatives import close_question, normalised
from training.variants import as_typed

LONGEST = 384  # tokens of a text
CHANCES = {
    "passage": 0.35,  # the passage that the archive would cut, instead of the paragraph
    "neighbour": 0.08,  # the next paragraph too
    "title": 0.4,
    "lead": 0.3,  # the article's first sentence, after its title
    "wrong passage": 0.25,
    "answer removed": 0.08,  # beside the passage, itself with another sentence instead of the one that answers
    "close question": 0.2,
    "masked": 0.4,
}
# Which of the question and the passage are put into another language, word by word; else neither.
SWITCHED = {(True, True): 0.12, (True, False): 0.06, (False, True): 0.04}
# In other languages than those of the public sets there are few questions and passages: they stay as they are.
SCARCE = frozenset(languages()) - {"en", "fr"}
MASKED = 0.07  # of the tokens where any are

# This part of the questions comes with stretches of the texts only, which cost less to read. Those that do not answer
# just as those that do: their length must tell nothing.
SHORT_AT_FIRST, SHORT_AT_LAST = 0.3, 0.1
SHORT = 112  # tokens
# What is hidden or put into other languages gets rarer from the middle of a run on, and in the end there is nothing of
# it; questions typed carelessly go down to this part of their chances.
CARELESS_AT_LAST = 0.4
LAST_SPECIAL = 3  # <s>, <pad>, </s> and <unk> come first in the vocabulary


@dataclass(frozen=True)
class Text:
    """Tokens of one input; `first` to `last` may hold the answer, which is at `start` to `end`, or -1."""

    tokens: list[int]
    first: int
    start: int
    end: int


Group = list[Text]


@dataclass(frozen=True)
class Form:
    """What the texts of one group have in common: whether they are only stretches, and a language for their words."""

    is_short: bool
    target: str | None


class Examples:
    """Draws new forms of the questions in each epoch."""

    def __init__(self, questions: Sequence[Question], passages: dict[int, list[Span]], tokenizer: Any) -> None:
        """`passages`: for the `id()` of each document, its passages as the archive cuts them."""
        self.questions, self.passages = questions, passages
        self.left = 1.0  # of the run's schedule, when what comes next is drawn
        self.encode = cache(lambda text: encode(tokenizer, [text])[0])
        self.lead = cache(lead)
        self.mask: int = tokenizer.token_to_id("<mask>")

    def epoch(self, seed: int) -> Iterator[Group]:
        random_ = random.Random(seed)
        order = list(self.questions)
        random_.shuffle(order)
        for question in order:
            if (group := self.group(question, random_)) is not None:
                yield group

    def group(self, question: Question, random_: random.Random) -> Group | None:
        """The question's texts: with the passage that answers, if any does, and sometimes with others that do not."""
        if question.also:
            question = replace(question, answer=random_.choice([question.answer, *question.also]), also=())
        document, span = question.document, self.gold(question, random_)
        (question_too, passage_too), target = self.switching(random_)
        asked_in = target if question_too and question.language not in SCARCE else None
        form = Form(self.is_short(random_), target if passage_too and document.language not in SCARCE else None)

        def typed(text: str) -> str:
            often = max(CARELESS_AT_LAST, self.left)
            text = as_typed(text, question.language, random_, often)
            return switched(text, question.language, asked_in, (0, 0), random_)[0] if asked_in else text

        text = typed(question.text)
        gold = self.text(text, document, span, question.answer, form, random_)
        if question.answer is None:
            return [gold]
        if gold.start < 0:
            return None
        group = [gold]
        if random_.random() < CHANCES["answer removed"] and (rest := without_answer(question, span, random_)):
            group.append(self.text(text, document, span, None, form, random_, rest))
        if question.wrong and random_.random() < CHANCES["wrong passage"]:
            # The closest are the likeliest.
            wrong, there = question.wrong[min(int(random_.expovariate(0.7)), len(question.wrong) - 1)]
            group.append(self.text(text, wrong, there, None, form, random_))
        if random_.random() < CHANCES["close question"] and (close := close_question(question, random_)):
            group.append(self.text(typed(close), document, span, None, form, random_))
        return group

    @property
    def distorted(self) -> float:
        """What the chances of hidden and exchanged words are multiplied by."""
        return min(1.0, 2 * self.left)

    def switching(self, random_: random.Random) -> tuple[tuple[bool, bool], str]:
        drawn = random_.random() / self.distorted if self.left else 1.0
        target = random_.choice(languages())
        for which, chance in SWITCHED.items():
            if drawn < chance:
                return which, target
            drawn -= chance
        return (False, False), target

    def is_short(self, random_: random.Random) -> bool:
        return random_.random() < SHORT_AT_LAST + (SHORT_AT_FIRST - SHORT_AT_LAST) * self.left

    def gold(self, question: Question, random_: random.Random) -> Span:
        """Some stretch of the article that holds the answer; where there is none, the paragraph asked about."""
        spans = question.document.paragraphs
        start, end = spans[question.paragraph]
        if question.answer is None:
            return start, end
        if random_.random() < CHANCES["passage"]:
            holding = [
                (left, right)
                for left, right in self.passages[id(question.document)]
                if left <= question.answer[0] and question.answer[1] <= right
            ]
            if holding:
                return random_.choice(holding)
        if random_.random() < CHANCES["neighbour"] and question.paragraph + 1 < len(spans):
            end = spans[question.paragraph + 1][1]
        return start, end

    def text(
        self,
        question: str,
        document: Document,
        span: Span,
        answer: Span | None,
        form: Form,
        random_: random.Random,
        shown: str | None = None,
    ) -> Text:
        """`shown`: text to read instead of that of the span."""
        context = None
        if random_.random() < CHANCES["title"]:
            said = document.title
            if random_.random() < CHANCES["lead"] and span[0] > 0:
                said += "\n" + self.lead(document)
            context = self.encode(said)
        asked = encoded_once(self.encode, question)
        within = (answer[0] - span[0], answer[1] - span[0]) if answer else (0, 0)
        said = document.text[slice(*span)] if shown is None else shown
        if form.target:
            said, within = switched(said, document.language, form.target, within, random_)
        is_of_this_draw = shown is not None or form.target is not None
        passage = encoded_once(self.encode, said) if is_of_this_draw else self.encode(said)
        start, end = token_span(passage.offsets, within) if answer else (-1, -1)
        room = LONGEST - len(asked.ids) - min(len(context.ids if context else []), MOST_OF_CONTEXT) - 6
        if form.is_short:
            room = min(room, max(SHORT, end - start + 1))
        passage, shift = around(passage, start, end, room, random_)
        made = windows(asked, context, passage)[0]
        if start >= 0:
            start, end = made.first + start - shift, made.first + end - shift
        is_masked = random_.random() < self.distorted * CHANCES["masked"]
        tokens = self.masked(made.tokens, start, end, random_) if is_masked else made.tokens
        return Text(tokens, made.first, start, end)

    def masked(self, tokens: list[int], start: int, end: int, random_: random.Random) -> list[int]:
        """Some tokens outside the answer hidden: there are few questions, and many epochs would learn them by heart."""
        return [
            token if token <= LAST_SPECIAL or start <= place <= end or random_.random() >= MASKED else self.mask
            for place, token in enumerate(tokens)
        ]


def without_answer(question: Question, span: Span, random_: random.Random) -> str | None:
    """The passage with another sentence of its article in the place of those that hold the answer.

    So that it is about as long. None where the rest says the answer too, or is little.
    """
    if question.answer is None:
        return None
    document = question.document
    text = document.text[slice(*span)]
    start, end = question.answer[0] - span[0], question.answer[1] - span[0]
    answer = normalised(text[start:end])
    kept = [text[a:b] if b <= start or end <= a else "" for a, b in sentences(text, document.language)]
    if len(" ".join(kept)) <= 80:
        return None
    elsewhere = [paragraph for paragraph in document.paragraphs if paragraph[1] <= span[0] or span[1] <= paragraph[0]]
    if elsewhere:
        other = document.text[slice(*random_.choice(elsewhere))]
        spans = list(sentences(other, document.language))
        kept[kept.index("")] = other[slice(*random_.choice(spans))] if spans else ""
    rest = " ".join(filter(None, kept))
    return rest if f" {answer} " not in f" {normalised(rest)} " else None


def encoded_once(encode_: Any, text: str) -> Encoded:
    """What changes from draw to draw is not worth keeping."""
    encoded: Encoded = encode_.__wrapped__(text)
    return encoded


def token_span(offsets: list[Span], span: Span) -> Span:
    """The first and the last token of a span of code points; (-1, -1) where it holds none."""
    first = bisect_right([end for _, end in offsets], span[0])
    last = bisect_left([start for start, _ in offsets], span[1]) - 1
    return (first, last) if first <= last else (-1, -1)


def around(passage: Encoded, start: int, end: int, room: int, random_: random.Random) -> tuple[Encoded, int]:
    """At most `room` tokens of the passage that hold start to end, and how many were cut at its beginning."""
    if len(passage.ids) <= room:
        return passage, 0
    lowest, highest = (0, len(passage.ids) - room)
    if start >= 0:
        lowest, highest = max(lowest, end - room + 1), min(highest, start)
    begin = random_.randint(min(lowest, highest), max(lowest, highest))
    return replace(passage, ids=passage.ids[begin : begin + room], offsets=passage.offsets[begin : begin + room]), begin


def lead(document: Document) -> str:
    start, end = document.paragraphs[0]
    return next((document.text[start + a : start + b] for a, b in sentences(document.text[start:end],
                                                                           document.language)), "")  # fmt: skip


def batches(groups: Iterator[Group], tokens: int, pool: int, random_: random.Random) -> Iterator[list[Group]]:
    """Groups of like length together, about `tokens` a batch; `pool` batches are drawn and sorted at a time."""
    held: list[Group] = []
    size = 0
    for group in groups:
        held.append(group)
        size += sum(len(text.tokens) for text in group)
        if size >= tokens * pool:
            yield from _sorted_batches(held, tokens, random_)
            held, size = [], 0
    yield from _sorted_batches(held, tokens, random_)


def _sorted_batches(groups: list[Group], tokens: int, random_: random.Random) -> list[list[Group]]:
    groups.sort(key=lambda group: max(len(text.tokens) for text in group))
    made: list[list[Group]] = []
    size = tokens
    for group in groups:
        if size >= tokens:
            made.append([])
            size = 0
        made[-1].append(group)
        size += sum(len(text.tokens) for text in group)
    random_.shuffle(made)
    return made
