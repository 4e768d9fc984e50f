"""Words of a text exchanged for their translations, so that questions and passages of several languages meet.

English and French are all that the training sets hold. After Qin et al., "CoSDA-ML" (2020): an encoder that knows
many languages learns from such mixtures to treat their words alike. Inflection is not looked after.
"""

import csv
import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from training.data import Span

RATE = 0.6  # of the words that the lexicon knows
NOTHING = "—"  # a language has no such word
LEXICON = Path(__file__).with_name("lexicon.tsv")


@dataclass(frozen=True)
class Lexicon:
    """The words of one language: a pattern that finds them, and their translations by language."""

    pattern: re.Pattern[str]
    translations: dict[str, dict[str, list[str]]]


@cache
def lexicon(language: str) -> Lexicon:
    translations: dict[str, dict[str, list[str]]] = {}
    with LEXICON.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            others = {name: forms.split("/") for name, forms in row.items() if name != language}
            for form in row[language].split("/"):
                translations.setdefault(form.casefold(), others)
    words = sorted(translations, key=len, reverse=True)
    return Lexicon(re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE), translations)


@cache
def languages() -> list[str]:
    with LEXICON.open(encoding="utf-8") as file:
        return file.readline().split()


def switched(text: str, language: str, target: str, span: Span, random_: random.Random) -> tuple[str, Span]:
    """The text with many of its words in the language `target`, and where `span` stands now.

    Words of the span are exchanged as all others are: a stretch that never is would be known for the answer by that.
    """
    if target == language:
        return text, span
    known = lexicon(language)

    def exchange(found: re.Match[str]) -> str:
        if random_.random() > RATE:
            return found.group()
        other = random_.choice(known.translations[found.group().casefold()][target]).replace(NOTHING, "")
        return other if found.group().islower() else other[:1].upper() + other[1:]

    before, within, after = (
        known.pattern.sub(exchange, part) for part in (text[: span[0]], text[slice(*span)], text[span[1] :])
    )
    if not within.strip():  # nothing but words that the other language has not
        within = text[slice(*span)]
    return before + within + after, (len(before), len(before) + len(within))
