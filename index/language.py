"""What a text tells about itself: the language it is in, and a title where it was given none."""

import re
from functools import cache
from typing import Any

UNDETERMINED = "und"
# Measured with py3langid 0.4 on 66,000 news sentences, titles and questions in English, French, Spanish,
# German, Russian and Arabic: of the guesses below this 40% are wrong, of those above 0.16%, and of the
# sentences of eight words and more one in 600 stays undetermined. No whole article ever came near it.
LEAST_CERTAINTY = 0.4
# 200 characters were enough for every one of 5,800 articles; more guards against an opening in another
# language. Reading these takes about 0.3 ms.
CHARACTERS_READ = 2000

LONGEST_TITLE = 90
SHORTEST_TITLE = 20  # a sentence below this is a kicker ("SONDAGE.") or says too little
AGENCIES = "AFP|ANSA|AP|ATS|Belga|[Dd]pa|DPA|EFE|Kyodo|Lusa|Reuters|TASS|ТАСС|UPI|Xinhua|أ ب|أ ف ب|رويترز"
# "WASHINGTON —", "LOS ANGELES, Oct. 17 (UPI) --", "Rio de Janeiro (AFP) -". A hyphen alone is not enough
# ("PSG - OM"), nor are brackets after a name in small letters ("Macron (LREM) – le président").
DASH = "(?:—|–|--)"
DATE = "(?:,[^()—–]{1,30})?"
DATELINE = (
    rf"\A(?:\p{{Lu}}[\p{{Lu}}\p{{M}}'’. /-]{{3,40}}{DATE}(?:\s?\([^()]{{2,40}}\)\s?(?:{DASH}|-)|\s?{DASH})"
    rf"|[\p{{Lu}}\p{{Lo}}][\p{{L}}\p{{M}}'’. /-]{{2,40}}{DATE}\s?\((?:{AGENCIES})\)\s?(?:{DASH}|-))\s+"
)


def detect_language(text: str, default: str = UNDETERMINED) -> str:
    """The ISO 639-1 code of the text's language, or `default` where there is too little to tell it by."""
    language, certainty = _identifier().classify(text.lstrip()[:CHARACTERS_READ])
    told = certainty >= LEAST_CERTAINTY and len(language) == 2
    return str(language) if told else default


def title_from(text: str, language: str) -> str:
    """The first sentence without its dateline, cut between words to 90 characters at most."""
    import regex

    from index.sentences import sentences

    lines = text.lstrip()[:1000].splitlines() or [""]
    line = next((line for line in lines if any(map(str.isalnum, line))), lines[0])
    line = str(regex.sub(DATELINE, "", re.sub(r"[ \t]+", " ", line.strip())))
    # sentencex 1.0 panics at "A\N{NO-BREAK SPACE}.": it is shown plain spaces, one for one.
    ends = (end for _, end in sentences(re.sub(r"\s", " ", line), language))
    title = line[: next((end for end in ends if end >= SHORTEST_TITLE), len(line))]
    if len(title) <= LONGEST_TITLE:
        return title
    graphemes = [found for found in regex.finditer(r"\X", title) if found.start() < LONGEST_TITLE]
    # Chinese has no spaces and some words are long: those are cut after any whole grapheme.
    spaces = [found for found in graphemes if found[0] == " " and found.start() > LONGEST_TITLE // 2]
    return title[: (spaces or graphemes)[-1].start()].rstrip(" \xa0\u202f,;:—–-«“‘([") + "…"


@cache
def _identifier() -> Any:
    # Imported late: it takes most of a second to unpack.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    # Its other labels are languages without an ISO 639-1 code, which would only take votes from their
    # neighbours (Venetian from French); "zxx", no language at all, stays, to be told apart from text.
    identifier.set_languages([code for code in identifier.labels if len(code) == 2 or code == "zxx"])
    return identifier
