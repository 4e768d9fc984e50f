"""Sentence borders: sentencex finds them, this mends the ones that it puts inside a sentence.

sentencex keeps quotations whole and knows most abbreviations; what it misses (initials, French titles,
German ordinals) is joined again here. Joining too much is the safe direction: a quotation then holds one
sentence more, never half of one.
"""

from collections.abc import Iterator
from functools import lru_cache

import regex
import sentencex

Span = tuple[int, int]
"""Start and end, in code points."""

PARAGRAPH = regex.compile(r"[^\n]+")
SPACE = regex.compile(r"\s")

# Written without their last full stop, in lower case; `*` holds those of every language.
ABBREVIATIONS = {
    language: frozenset(words.split())
    for language, words in {
        "*": "dr mr mrs ms prof st jr sr vs no nr art vol fig p pp cf etc ed al inc ltd co corp",
        "en": """gov sen rep gen col lt sgt capt maj rev hon pres messrs jan feb mar apr jun jul aug sep sept oct nov
            dec approx dept est mt ft e.g i.e a.m p.m""",
        "fr": "m mm mme mmes mlle mlles me pr mgr gal cdt col lt ét env av apr ap j.-c boul chap",
        "es": "sra srta sres dra d dª ee uu ee.uu av avda pág págs núm ej p.ej gral ma lic ing",
        "de": "hr hrn fr z.b u.a d.h u z b d h bzw ca str usw evtl ggf inkl jh mio mrd vgl abs bd",
        "it": "sig sigg sig.ra dott dott.ssa on avv ing ecc s.p.a p.es mons gen col pag",
        "pt": "sra srs dra exmo av p.ex ex pág n eng gen d",
    }.items()
}
LAST_WORD = regex.compile(r"([\p{L}\p{M}\p{N}.-]+)\.\s*$")
INITIAL = regex.compile(r"(?:^|[.-])\p{Lu}$|^\p{Lu}[\p{Ll}]?$")
ORDINAL = regex.compile(r"^\d{1,2}$")
ORDINAL_LANGUAGES = frozenset({"de", "da", "nb", "no", "cs", "sk", "pl", "hu", "fi", "hr", "sl", "et", "lv"})
# Nothing that starts like this starts a sentence: a small letter, a hyphen, the º of "n. º 10".
GOES_ON = regex.compile(r"^\s*[\p{Ll}ºª,;)]|^[-‐‑]")


def sentences(text: str, language: str) -> Iterator[Span]:
    """The sentences of every paragraph in turn, without the space around them; none crosses a newline."""
    for paragraph in paragraphs(text):
        yield from sentences_of(text, paragraph, language)


def paragraphs(text: str) -> Iterator[Span]:
    """The paragraphs with a word or sign in them, without the space around them."""
    for match in PARAGRAPH.finditer(text):
        span = trimmed(text, match.start(), match.end())
        if span[0] < span[1]:
            yield span


def sentences_of(text: str, paragraph: Span, language: str) -> list[Span]:
    """The sentences of one paragraph."""
    offset = paragraph[0]
    inside = text[slice(*paragraph)]
    starts = [0]
    for border in _borders(inside, language):
        if not _is_inside_a_sentence(inside[starts[-1] : border], inside[border:], language):
            starts.append(border)
    ends = [*starts[1:], len(inside)]
    found = (trimmed(text, offset + start, offset + end) for start, end in zip(starts, ends, strict=True))
    return [span for span in found if span[0] < span[1]]


def trimmed(text: str, start: int, end: int) -> Span:
    """The same span without the space at its ends."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    return (start + left, start + len(piece.rstrip())) if left < len(piece) else (start, start)


def _borders(paragraph: str, language: str) -> list[int]:
    # Every space made plain, one for one: on a no-break space before a full stop sentencex panics.
    plain = SPACE.sub(" ", paragraph)
    found = sentencex.get_sentence_boundaries(_known(language), plain)
    return [boundary["start_index"] for boundary in found if boundary["start_index"] > 0]


@lru_cache(maxsize=256)
def _known(language: str) -> str:
    return language if regex.fullmatch(r"[a-z]{2}", language) else "en"


def _is_inside_a_sentence(left: str, right: str, language: str) -> bool:
    if GOES_ON.match(right):
        return True
    match = LAST_WORD.search(left)
    if not match:
        return False
    word = match.group(1)
    if ORDINAL.match(word) and language in ORDINAL_LANGUAGES:
        return True
    if INITIAL.search(word):
        return True
    return word.lower() in ABBREVIATIONS["*"] or word.lower() in ABBREVIATIONS.get(language, frozenset())
