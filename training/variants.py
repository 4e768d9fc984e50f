"""The same question as readers type it: without accents, in lower case, without a question mark, as keywords."""

import random
import re
import unicodedata

from index.words import FUNCTION_WORDS

CHANCES = {"lower": 0.12, "unaccented": 0.1, "unmarked": 0.2, "keywords": 0.05}
MARKS = " ?؟"


LETTERS = re.compile(r"[йЙأإآؤئ]")  # no accents, though Unicode takes them apart


def without_accents(text: str) -> str:
    def bare(character: str) -> str:
        if LETTERS.match(character):
            return character
        return "".join(c for c in unicodedata.normalize("NFD", character) if not unicodedata.combining(c))

    return "".join(map(bare, unicodedata.normalize("NFC", text)))


def keywords(text: str, language: str) -> str:
    """The words that are about something, in their order; the text itself where too few are left."""
    words = text.rstrip(MARKS).split()
    dropped = FUNCTION_WORDS.get(language, frozenset())
    kept = [word for word in words if word.lower() not in dropped]
    return " ".join(kept) if len(kept) >= 3 else text


def as_typed(text: str, language: str, random_: random.Random, often: float = 1.0) -> str:
    """`often`: what the chances are multiplied by."""
    if random_.random() < often * CHANCES["keywords"]:
        text = keywords(text, language)
    if random_.random() < often * CHANCES["unmarked"]:
        text = text.rstrip(MARKS)
    if random_.random() < often * CHANCES["lower"]:
        text = text.lower()
    if language != "en" and random_.random() < often * CHANCES["unaccented"]:
        text = without_accents(text)
    return text or "?"
