"""The same question as readers type it: without accents, in lower case, without a question mark, as keywords."""

import random
import unicodedata

from index.words import FUNCTION_WORDS

CHANCES = {"lower": 0.12, "unaccented": 0.1, "unmarked": 0.2, "keywords": 0.05}


def without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def keywords(text: str, language: str) -> str:
    """The words that are about something, in their order; the text itself where too few are left."""
    words = text.rstrip(" ?").split()
    dropped = FUNCTION_WORDS.get(language, frozenset())
    kept = [word for word in words if word.lower() not in dropped]
    return " ".join(kept) if len(kept) >= 3 else text


def as_typed(text: str, language: str, random_: random.Random) -> str:
    if random_.random() < CHANCES["keywords"]:
        text = keywords(text, language)
    if random_.random() < CHANCES["unmarked"]:
        text = text.rstrip(" ?")
    if random_.random() < CHANCES["lower"]:
        text = text.lower()
    if language != "en" and random_.random() < CHANCES["unaccented"]:
        text = without_accents(text)
    return text or "?"
