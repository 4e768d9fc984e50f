"""Whether a question can be asked at all, and of which time it asks."""

from functools import cache

import regex

from index.errors import BadQuestion

LONGEST_QUESTION = 2000
CONTROL = regex.compile(r"[\p{Cc}--[\n\t\r]]", regex.V1)


def checked(question: str) -> str:
    """The question without the space around it; BadQuestion where nobody could answer it as it stands."""
    if not isinstance(question, str):
        raise BadQuestion(f"a question is text, not {type(question).__name__}")
    if found := CONTROL.search(question):
        raise BadQuestion(f"the question holds the control character {found.group()!r}; take it out and ask again")
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise BadQuestion("the question holds half a character (a lone surrogate); type it again")
    words = " ".join(question.split())
    if not words:
        raise BadQuestion("the question is empty; ask something, such as: where will the summit be held?")
    if len(words) > LONGEST_QUESTION:
        raise BadQuestion(
            f"the question has {len(words)} characters, more than {LONGEST_QUESTION}; ask for one thing at a time"
        )
    if not regex.search(r"[\p{L}\p{N}]", words):
        raise BadQuestion(f"the question {words[:20]!r} has no word in it; ask with words")
    return words


# How each language speaks of what is to come, and of what has been.
TO_COME = {
    "en": r"""(?<!\b(?:an?|the|his|her|their|my|free|good|last|living|political)\s)will|won['’]t|shall
        |(?:is|are)\b.{1,40}?\bgoing\s+to|next|upcoming
        |(?:is|are)\s+(?:\p{L}+\s+){0,2}?(?:due|expected|scheduled|planned|slated|set\s+(?:to|for))""",
    "fr": r"""(?:va|vont)\s+(?:\p{L}+\s+)?(?:se\s+)?\p{L}+(?:er|ir|re)|prochaine?s?|bientôt|d['’]ici
        |(?!environs\b)\p{L}+(?:er|ir|dr|vr|rr|ur)(?:a|ai|as|ez|ons|ont)
        |(?:est|sont)\s+(?:\p{L}+\s+)?(?:prévu|attendu|fixé|programmé|planifié)e?s?""",
    "es": r"""(?!(?:irán|teherán|queremos)\b)\p{L}+r(?:á|án|emos)|van?\s+a\s+\p{L}+r|próxim[oa]s?
        |est(?:á|án)\s+(?:\p{L}+\s+)?(?:previst|programad)[oa]s?""",
    "de": r"""(?:wird|werden)\b(?=.{1,120}?\b(?:\p{L}+(?:en|ern|eln|sein|tun)\b|(?:am|um|ab)\s))|soll|sollen
        |nächste[nrs]?|kommende[nrs]?
        |(?:ist|sind)\b.{0,60}\b(?:geplant|vorgesehen|angesetzt|terminiert)""",
    "it": r"""(?!(?:supr|estr)emo\b)\p{L}+r(?:à|anno|emo)|prossim[oiae]
        |(?:è|sono)\s+(?:\p{L}+\s+)?(?:previst|programmat|attes)[oaie]""",
    "pt": r"""(?!(?:irão|pará|ceará|verão|padrão|patrão|barão|refrão|tubarão|queremos)\b)\p{L}+r(?:á|ão|emos)
        |(?:vai|vão)\s+\p{L}+r|próxim[oa]s?
        |est(?:á|ão)\s+(?:\p{L}+\s+)?(?:previst|programad|marcad)[oa]s?""",
    "ru": r"""буд(?:ет|ут|ем)|состо[ия]тся|пройд[её]т|пройдут|встрет[ия]тся|начн[её]тся|завершится
        |примет|примут|приедет|прибудет|поедет|выступит|проведут|провед[её]т|планиру[ею]т(?:ся)?|ожида[ею]тся|намерен[аы]?
        |предстоящ\p{L}+|следующ\p{L}+|будущ\p{L}+|скоро""",
    "ar": r"""سوف|(?:ال)?(?:مقبل|قادم)(?:ة|ين)?
        |س[يت](?:عقد|جتمع|كون|تم|لتقي|زور|قام|بدأ|سافر|نعقد|جري|نظم|شارك|صل|علن|ستضيف)(?:ون|ان)?""",
}
PAST = {
    "en": r"""was|were|did|had|has
        |(?!(?:united|hundred|sacred|indeed|need|speed|feed|seed|breed|bleed|greed|weed|(?:ex|pro|suc)ceed)\b)\p{L}{2,}ed""",
    # What follows "a" and "est" may end as participles do.
    "fr": r"""étai(?:t|ent)|avai(?:t|ent)|fut|furent|(?:a|ont|est|sont)\s+
        (?!(?:lieu|peu|plus|tous|sous|aussi|ainsi|ici|qui|lui|celui|si|vrai|depuis|parmi|puis|mais|toujours|droit|petit
        |gratuit|midi|(?:lun|mar|mercre|jeu|vendre|same)di)\b)\p{L}+(?:ée?s?|is?|it|us?)
        |\p{L}+(?:èrent|aient)""",
    "es": r"fue|fueron|hab[ií]an?|hubo|ha[n]?\s+\p{L}+d[oa]s?|\p{L}+(?:aron|ieron|aban)",
    "de": r"war|waren|hatten?|wurden?|(?:hat|haben|ist|sind)\s.{0,60}\bge\p{L}+",
    "it": r"stat[oaie]|furono|aveva(?:no)?|(?:ha|hanno|è|sono)\s+\p{L}+t[oaie]|\p{L}+(?:arono|irono)",
    "pt": r"foi|foram|tinham?|\p{L}+(?:aram|eram|iram)",
    # Genitives of nouns end as verbs do ("журнала").
    "ru": r"""был[аои]?|про(?:ш[её]л|шл[аои])|состоял(?:ся|ась|ось|ись)
        |(?!(?:журн|матери|кан|сигн|персон|фин|кварт|капит|потенци|фили|нач|сканд|генер|термин|трибун|адмир|интерв|порт)ала\b)
        \p{L}{2,}[аиея]л(?:а|и|ся|ась|ось|ись)""",
    "ar": r"كان(?:ت|وا)?|لم|تم(?:ت)?|(?:قال|أعلن|التقى|زار|وصل|عقد|قتل|أصيب)(?:ت|وا)?",
}

FIRST_WORD = regex.compile(r"[^\p{L}]*(?=\p{L})")


@cache
def _pattern(words: str) -> "regex.Pattern[str]":
    return regex.compile(rf"\b(?:{words})\b", regex.IGNORECASE | regex.VERBOSE)


def times_of(text: str, language: str) -> frozenset[str]:
    """Which times a text speaks of: "past", "to come", both, or neither where it does not show."""
    if text.isupper():
        text = text.lower()
    first = FIRST_WORD.match(text)
    begins = first.end() if first else 0

    def is_said(forms: str) -> bool:
        # A capital within a sentence makes a name, and no verb: Will Smith, Shakira, Irán.
        starts = (match.start() for match in _pattern(forms).finditer(text))
        return any(start == begins or not text[start].isupper() for start in starts)

    times = {"past": PAST, "to come": TO_COME}
    return frozenset(time for time, said in times.items() if language in said and is_said(said[language]))


def agrees_in_time(about_future: bool, said: frozenset[str]) -> float:
    """For a question about what is to come: 1 where a sentence speaks of that, -1 where only of the past."""
    if not about_future or not said:
        return 0.0
    return 1.0 if "to come" in said else -1.0
