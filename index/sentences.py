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
# Inside words and nothing of them; unlike the joiners of Persian and Hindi.
UNSEEN = regex.compile(r"[\u00ad\u200b\u2060\ufeff]")
# Of scripts that leave no space between words: there each character is taken for a word.
UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー\p{Khmer}\p{Lao}\p{Myanmar}\p{Thai}]\p{M}*")
GRAPHEME = regex.compile(r"\X")

# Written without their last full stop, in lower case; `*` holds those of every language.
ABBREVIATIONS = {
    language: frozenset(words.split())
    for language, words in {
        "*": "dr mr mrs ms prof st jr sr vs cf etc ed al inc ltd co corp",
        "en": """gov sen sens rep reps gen col lt sgt capt maj rev hon pres messrs jan feb mar apr jun jul aug sep sept
            oct nov dec approx dept est mt ft amb spc const smt shri rte e.g i.e a.m p.m atty dist ald""",
        "fr": """m mm mme mmes mlle mlles me mgr gal cdt col lt cne adj ét env av apr ap j.-c boul bd janv févr avr juil
            oct nov déc tél ste c.-à-d p.-s gén cie éts""",
        "es": """sra srta sres dra d dª ee uu ee.uu av avda ej p.ej gral ma lic ing pdte pdta vdo excmo ilmo mons a.c
            d.c aprox tel ene feb abr ago sept oct nov dic cnel sgto dip sen mtro tte pbro
            edo ntra excma ilma profa gdor cía""",
        "de": """hr hrn fr z.b u.a d.h u z b d h bzw ca str usw evtl ggf inkl jh mio mrd vgl bspw sog geb gest tel zzgl
            jan feb apr aug sept okt nov dez stellv ehem dipl.-ing fa bgm rer nat jur em tsd vors max""",
        "it": """sig sigg sig.ra dott dott.ssa on avv ing ecc s.p.a p.es es mons gen col geom rag arch a.c d.c tel feb
            apr mag giu lug ago ott nov dic""",
        "pt": """sra srs dra exmo exma av p.ex ex eng gen d dep dto sto sta a.c d.c tel aprox jan fev abr ago set out
            nov dez""",
        "pl": """gen ks m.in hab inż mgr płk ppłk kpt mjr por św ul pl np tzn tj itd itp""",
        "nl": """dhr mw mevr drs ir ing bijv o.a d.w.z m.b.v t.a.v blz""",
        "ru": """ул им пр т.е т.к т.д т.п св проф акад руб тыс млн млрд стр н.э ч ст п пл наб пос ген доц обл просп
            пер корп полк подполк адм лейт ген.-лейт ген.-майор митр прот час сент окт нояб дек янв
            февр авг напр""",
    }.items()
}
# These go on with a number; before a word they end a sentence ("She said no. Then she left").
NUMBERED = "no nos nr n núm art arts par abs vol bd t fig chap cap p pp pág págs pag pagg s séc sec h sept"
BEFORE_A_NUMBER = frozenset(NUMBERED.split())
NUMBER = regex.compile(r"\s*[(\p{N}IVXLC]")
LAST_WORD = regex.compile(r"([\p{L}\p{M}\p{N}.-]+)\.\s*$")
# One letter, or a pair that no word is made of: "J.-P.", "Th.", and in Arabic or Hebrew names.
INITIAL = regex.compile(r"(?:^|[.-])[\p{Lu}\p{Arabic}\p{Hebrew}]$|^(?:Yu|\p{Lu}(?<![AEIOUYÉÈÀ])[bcdfghj-np-tv-xz]|Дж)$")
INSIDE_AN_ABBREVIATION = regex.compile(r"\p{L}\.")
ORDINAL = regex.compile(r"^(?:\d{1,2}(?:\.\d{1,2})?|[IVX]+)$")
ORDINAL_LANGUAGES = frozenset(
    {"bs", "cs", "da", "de", "et", "fi", "hr", "hu", "is", "lv", "nb", "nn", "no", "pl", "sk", "sl", "sr", "tr"}
)
# Nothing that starts like this starts a sentence: a small letter (also after a bracket or quotation mark), a
# hyphen, a dash before who said so, the º of "n. º 10", a sign that ends or divides.
GOES_ON = regex.compile(r"\s*(?:[(«»“”„‘’\"']\s?|[-–—]\s*)?\p{Ll}|\s*[ºª°,;:)!?%]|[-‐‑]")
# Nothing ends a sentence but a sign that does, with what may follow it.
ENDS = regex.compile(r"[\p{Sentence_Terminal}…‥][^\p{L}]*$")
# What is looked at on either side of a border, and what sentencex is given at once: on quotation marks that
# nobody closes it takes time that grows with the square.
CONTEXT = 40
READ_AT_ONCE = 5_000


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
        left = inside[max(starts[-1], border - CONTEXT) : border]
        right = inside[border : border + CONTEXT]
        if ends_a_grapheme(inside, border) and not _is_inside_a_sentence(left, right, language):
            starts.append(border)
    ends = [*starts[1:], len(inside)]
    found = (trimmed(text, offset + start, offset + end) for start, end in zip(starts, ends, strict=True))
    return [span for span in found if span[0] < span[1]]


def trimmed(text: str, start: int, end: int) -> Span:
    """The same span without the space at its ends."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    return (start + left, start + len(piece.rstrip())) if left < len(piece) else (start, start)


def ends_a_grapheme(text: str, end: int) -> bool:
    """Whether no combining mark or joiner ties the character before `end` to the one after it."""
    match = GRAPHEME.match(text, end - 1)
    return match is not None and match.end() == end


def _borders(paragraph: str, language: str) -> Iterator[int]:
    # Every space made plain, one for one: on a no-break space before a full stop sentencex panics.
    plain = SPACE.sub(" ", paragraph)
    start = 0
    while start < len(plain):
        found = _starts(plain[start : start + READ_AT_ONCE], language)
        yield from (start + inside for inside in found)
        if start + READ_AT_ONCE >= len(plain):
            return
        start += found[-1] if found else READ_AT_ONCE


def _starts(plain: str, language: str) -> list[int]:
    """Where sentencex says that sentences start, but for the first."""
    try:
        boundaries = sentencex.get_sentence_boundaries(_known(language), plain)
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # Rust's, which no module offers by name
            raise
        return []
    return [boundary["start_index"] for boundary in boundaries if boundary["start_index"] > 0]


@lru_cache(maxsize=256)
def _known(language: str) -> str:
    return language if regex.fullmatch(r"[a-z]{2}", language) else "en"


def _is_inside_a_sentence(left: str, right: str, language: str) -> bool:
    if GOES_ON.match(right) or not ENDS.search(left):
        return True
    if left.endswith(".") and INSIDE_AN_ABBREVIATION.match(right):  # "a.C.", with no space between
        return True
    match = LAST_WORD.search(left)
    if not match:
        return False
    word = match.group(1)
    if INITIAL.search(word) or (language in ORDINAL_LANGUAGES and ORDINAL.match(word)):
        return True
    word = word.lower()
    if word in BEFORE_A_NUMBER and NUMBER.match(right):
        return True
    return word in ABBREVIATIONS["*"] or word in ABBREVIATIONS.get(language, frozenset())
