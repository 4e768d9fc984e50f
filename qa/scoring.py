"""What answers are worth: pure measures of words, of ranks and of confidence; no archive, no model.

Shares are from 0 to 1, and None where there is nothing that they could be a share of.
"""

import string
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import regex
from numpy.typing import NDArray

from index.sentences import UNSPACED

Numbers = NDArray[np.float64]

# What SQuAD's and MLQA's own scripts leave out before they compare. French is in neither. Its partitive "de" goes with
# "du" and "des", and so does the preposition that is written like it: no word tells the two apart.
ARTICLES = {
    "de": "ein eine einen einem eines einer der die das den dem des",
    "en": "a an the",
    "es": "un una unos unas el la los las",
    "fr": "un une des le la les du de",
    "vi": "của là cái chiếc những",
}
ELIDED = regex.compile(r"\b[ld]['’]", regex.IGNORECASE)  # "l'été": gone before the apostrophe is
ARABIC_ARTICLE = "ال"
# SQuAD takes out ASCII's punctuation alone, MLQA all of Unicode's too.
PUNCTUATION = regex.compile(rf"[\p{{P}}{regex.escape(string.punctuation)}]")
WITHIN_NUMBER = regex.compile(r"(?<=\d)[.,'’](?=\d)")
ASCII_PUNCTUATION = regex.compile(rf"[{regex.escape(string.punctuation)}]")
# Every character of these scripts is a word, as MLQA has it for Chinese.
WITHOUT_SPACES = frozenset({"ja", "km", "lo", "my", "th", "zh"})

BINS = 10


# Words


def words(text: str, language: str) -> list[str]:
    """The words that are compared: small letters, without punctuation and the language's articles.

    `language` is that of the text. English is normalised as by SQuAD, anything else as by MLQA.
    """
    text = text.lower()
    if language == "fr":
        text = ELIDED.sub(" ", text)
    text = (ASCII_PUNCTUATION if language == "en" else PUNCTUATION).sub("", text)
    if language in ARTICLES:
        text = _articles(language).sub(" ", text)
    if language in WITHOUT_SPACES:
        text = UNSPACED.sub(r" \g<0> ", text)
    found = text.split()
    return [word.removeprefix(ARABIC_ARTICLE) or word for word in found] if language == "ar" else found


@cache
def _articles(language: str) -> "regex.Pattern[str]":
    return regex.compile(rf"\b(?:{'|'.join(ARTICLES[language].split())})\b")


def exact_match(said: str, expected: str, language: str) -> float:
    """1 where the words are the same, else 0."""
    return float(words(said, language) == words(expected, language))


def f1(said: str, expected: str, language: str) -> float:
    """The harmonic mean of precision and recall of words, each counted as often as it comes."""
    given, wanted = words(said, language), words(expected, language)
    if not given or not wanted:
        return float(given == wanted)
    return 2 * (Counter(given) & Counter(wanted)).total() / (len(given) + len(wanted))


def stands_in(expected: str, text: str, language: str) -> bool:
    """Whether the expected words stand in the text, one after another and whole.

    A sign beside a word never hides it, which SQuAD and MLQA let typographic ones and dashes do.
    """
    wanted = words(expected, language)
    if not wanted:  # nothing but articles or punctuation, which every text would hold
        return expected in text

    def stand(expected: str, text: str) -> bool:
        return f" {' '.join(words(expected, language))} " in f" {' '.join(words(text, language))} "

    return stand(expected, text) or stand(_spaced(expected, language), _spaced(text, language))


def _spaced(text: str, language: str) -> str:
    """With a space for each sign, but for those within numbers, which are nothing."""
    if language == "fr":
        text = ELIDED.sub(" ", text)
    return PUNCTUATION.sub(" ", WITHIN_NUMBER.sub("", text))


# Shares


def share(parts: Iterable[float]) -> float | None:
    """The mean, which is the part that is true where the parts are true or false."""
    values = list(parts)
    return sum(values) / len(values) if values else None


def abstention(silent: Sequence[bool], answerable: Sequence[bool]) -> tuple[float | None, float | None]:
    """Precision: of the silences, those that were right. Recall: of the questions without an answer, the silences."""
    pairs = list(zip(silent, answerable, strict=True))
    precision = share(not can for is_silent, can in pairs if is_silent)
    recall = share(is_silent for is_silent, can in pairs if not can)
    return precision, recall


# Confidence


def auroc(confidence: Sequence[float], positive: Sequence[bool]) -> float | None:
    """How often a positive is above a negative, equals counting half: 0.5 is chance."""
    values, is_positive = np.asarray(confidence, np.float64), np.asarray(positive, bool)
    above, below = values[is_positive], np.sort(values[~is_positive])
    if not len(above) or not len(below):
        return None
    beaten = np.searchsorted(below, above, "left") + np.searchsorted(below, above, "right")
    return float(beaten.mean() / 2 / len(below))


def risk_coverage(confidence: Sequence[float], right: Sequence[bool]) -> tuple[Numbers, Numbers]:
    """For each threshold on the confidence, the highest first: the share answered, and the share of wrong among those.

    Answers of the same confidence come together: no threshold parts them.
    """
    values, is_right = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    order = np.argsort(-values, kind="stable")
    values, answered = values[order], np.arange(1, len(order) + 1)
    last_of_equals = np.append(values[1:] != values[:-1], True)[: len(values)]
    risk = 1 - np.cumsum(is_right[order]) / answered
    return answered[last_of_equals] / max(len(values), 1), risk[last_of_equals]


def coverage_at(precision: float, confidence: Sequence[float], right: Sequence[bool]) -> float | None:
    """The largest share that can be answered with at least that precision; 0 where no threshold reaches it."""
    coverage, risk = risk_coverage(confidence, right)
    # 19 right of 20 are 0.95, whatever floating point makes of 1 - 19 / 20.
    reached = coverage[risk <= 1 - precision + 1e-9]
    return (float(reached.max()) if len(reached) else 0.0) if len(coverage) else None


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers whose confidence is from `low` to below `high` (the last bin holds 1 too), and how many are right."""

    low: float
    high: float
    count: int
    confidence: float  # mean
    right: float  # share


def reliability(confidence: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """The answers in ten bins of equal width; those without any are left out."""
    values, is_right = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    number = np.minimum((values * BINS).astype(int), BINS - 1)
    return [
        Bin(i / BINS, (i + 1) / BINS, int(here.sum()), float(values[here].mean()), float(is_right[here].mean()))
        for i in range(BINS)
        if (here := number == i).any()
    ]


def calibration_error(confidence: Sequence[float], right: Sequence[bool]) -> float | None:
    """The expected calibration error: how far apart the confidence and the share of right lie, on average over bins."""
    bins = reliability(confidence, right)
    total = sum(each.count for each in bins)
    return sum(each.count * abs(each.confidence - each.right) for each in bins) / total if total else None


def percentile(seconds: Sequence[float], percent: float) -> float:
    """The value that this many percent are not above, between neighbours by straight line."""
    return float(np.percentile(np.asarray(seconds, np.float64), percent))
