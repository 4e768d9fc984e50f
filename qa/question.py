"""What a question asks for, told by its words, and whether it can be asked at all."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Kind:
    """What is asked for: the words that ask for it, and what a sentence that says it is likely to hold."""

    name: str
    asked_by: "regex.Pattern[str]"
    said_by: "regex.Pattern[str]"


def _any_of(words: str) -> str:
    return r"\b(?:" + "|".join(word.replace("_", r"[\s-]+") for word in words.split()) + r")\b"


MONTHS = """janvier février mars avril mai juin juillet août septembre octobre novembre décembre january february march
    april may june july august september october november december januar februar märz juni juli oktober dezember enero
    febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre gennaio febbraio aprile maggio
    giugno luglio settembre ottobre dicembre janeiro fevereiro março maio junho julho setembro outubro dezembro"""
DAYS = """lundi mardi mercredi jeudi vendredi samedi dimanche monday tuesday wednesday thursday friday saturday sunday
    montag dienstag mittwoch donnerstag freitag samstag sonntag lunes martes miércoles jueves viernes sábado domingo
    lunedì martedì mercoledì giovedì venerdì segunda-feira terça-feira quarta-feira quinta-feira sexta-feira"""
TIMES = """hier demain aujourd'hui semaines? mois années? siècles? yesterday today tomorrow weeks? months? years? century
    gestern heute morgen wochen? monaten? jahren? jahr ayer hoy mañana semanas? mes meses años? ieri oggi domani settimane?
    mese mesi anno anni ontem hoje amanhã ano anos veille lendemain matin soir nuit"""
NUMBERS = """une? deux trois quatre cinq six sept huit neuf dix onze douze vingt trente cent cents mille milliers?
    millions? milliards? dizaines? centaines? one two three four five seven eight nine ten twelve dozens? hundreds?
    thousands? billions? eine? zwei drei vier fünf sechs sieben acht neun zehn hundert tausend tausende million millionen
    milliarden dos tres cuatro cinco seis siete ocho nueve diez cien miles millones due tre quattro cinque sei otto nove
    dieci cento mila milioni dois duas três quatro oito dez cem mil milhares milhões half moitié double triple"""
CAUSES = """parce car puisque afin pour grâce raison cause suite faute objectif because since due so as to order owing reason
    weil da um denn wegen damit aufgrund porque pues debido causa para perché poiché affinché por pois devido"""
PLACES = r"\b(?:à|au|aux|en|dans|chez|de|in|at|on|near|from|to|bei|nach|aus|im|a|desde|da|nel|nella|em|no|na)\s+(?:l['’]|la\s+|le\s+|the\s+|der\s+|den\s+)?\p{Lu}"
NAMES = r"(?<!^)(?<![.!?…]\s)(?<![\p{L}\p{N}])\p{Lu}[\p{L}'’.-]+(?:\s+(?:de|du|von|van|der|di|da|dos|al)?\s*\p{Lu}[\p{L}'’-]+)+"

KINDS = tuple(
    Kind(name, regex.compile(asked, regex.IGNORECASE), regex.compile(said))
    for name, asked, said in (
        (
            "number",
            _any_of("combien how_(?:many|much|long|old|far|often|big|large|high|tall) wie_(?:viele?|lange|alt|hoch|oft|groß)")
            + "|"
            + _any_of("cu[aá]nt[oa]s? quant[oiae] quant[oa]s quel_[aâ]ge à_quel_prix"),
            r"\d|(?i:" + _any_of(NUMBERS) + ")",
        ),
        (
            "time",
            _any_of("quand when wann cu[aá]ndo quando (?:quel|quelle|à_quelle)_(?:date|année|jour|heure|mois|saison)")
            + "|"
            + _any_of("what_(?:year|date|day|time|month) which_(?:year|day|month) in_welchem_jahr en_qu[eé]_(?:año|fecha)"),
            r"\b[12]\d{3}\b|\b\d{1,2}[h:]\d{0,2}|(?i:" + _any_of(MONTHS) + "|" + _any_of(DAYS) + "|" + _any_of(TIMES) + ")",
        ),
        ("place", _any_of("o[uù] where wo wohin woher d[oó]nde dove onde quel_pays quelle_ville what_city which_country"), PLACES),
        ("person", _any_of("qui who whom whose wer wen wem wessen qui[eé]n(?:es)? chi quem"), NAMES),
        (
            "reason",
            _any_of("pourquoi why warum wieso weshalb por_qu[eé] perch[eé] what_(?:caused|led) à_cause_de_quoi"),
            "(?i:" + _any_of(CAUSES) + ")",
        ),
    )
)  # fmt: skip


def kind_of(question: str) -> Kind | None:
    """What the question asks for, where one of its words says so; the first such word decides."""
    found = [(match.start(), kind) for kind in KINDS if (match := kind.asked_by.search(question))]
    return min(found, key=lambda item: item[0])[1] if found else None
