"""Which questions a few words do not answer: whether something is so, which ones there are, what something is."""

from functools import cache
from typing import NamedTuple

import regex

YES_OR_NO = {
    "en": r"^(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|must)(?:n['’]t)?\b",
    "fr": r"^est-ce\b|-(?:t-)?(?:il|elle|ils|elles|on)\b",
    "es": r"^(?:es|está|están|son|fue|fueron|ha|han|hay|había|puede|pueden|va|van|tiene|tienen|existe)\b",
    "de": r"^(?:ist|sind|war|waren|hat|haben|hatten?|wird|werden|wurden?|kann|können|soll|darf|gibt)\b",
    "it": r"^(?:è|sono|era|erano|ha|hanno|può|possono|c['’]è|esiste)\b",
    "pt": r"^(?:é|são|foi|foram|há|tem|têm|está|estão|pode|podem|vai|vão|existe)\b",
    "ru": r"^(?:\S+\s+){1,3}ли\b",
    "ar": r"^(?:هل|أليس|ألم)\b",
}
# Words that ask for words, where they may come after the verb or before an inversion. French ones in the middle mostly
# begin a clause ("a-t-il dit que …").
ASKING = {
    "fr": (
        r"(?:^|[,:]\s)"
        r"(?:(?:à|a|avec|avant|chez|contre|dans|de|depuis|dès|en|jusqu['’](?:à|en)|par|pour|sur|vers)\s|d['’])?"
        r"(?:qui|que|qu['’]|quoi|où|ou|quand|comment|combien|pourquoi)\b"
        r"|\b(?:les?|la)?quel(?:le)?s?\b|\s(?:qui|quoi|où|quand|comment|combien|pourquoi)$"
    ),
    "es": r"\b(?:qué|quién(?:es)?|cuál(?:es)?|dónde|cuándo|cómo|cuánt[oa]s?)\b",
}
# All words that ask for words, unaccented ones too: a question that has none asks whether something is so.
ANY_ASKING = {
    "en": r"\b(?:wh(?:at|ich|o|om|ose|en|ere|y)|how|name|list|tell)\b|^(?:wh(?:at|o|en|ere|y)|how)['’]",
    "fr": r"\b(?:qui|que|qu['’]|quoi|quel(?:le)?s?|où|ou|quand|comment|combien|pourquoi|les?quel(?:le)?s?"
    r"|laquelle|auxquel\w*|auquel|duquel|desquel\w*|dis|dites|cite[sz]?|nomme[sz]?)\b",
    "es": r"\b(?:qu[ée]|qui[ée]n(?:es)?|cu[áa]l(?:es)?|a?d[óo]nde|cu[áa]ndo|c[óo]mo|cu[áa]nt[oa]s?)\b",
    "de": r"\b(?:we[rnm]|wessen|was|welch\w*"
    r"|wo(?:hin|her|mit|durch|für|von|vor|zu|bei|gegen|nach|r(?:an|auf|aus|in|über|um|unter))?"
    r"|wann|warum|weshalb|wie(?:so|viele?[nmr]?|vielte[nr]?)?|nenne?)\b",
    "it": r"\b(?:(?:chi|che|cosa|qual[ei]?|dove|quando|come|perch[ée]|quant[oaie])\b|(?:cos|dov|com|qual|quant)['’])",
    "pt": r"\b(?:quem|qu[eê]|qual|quais|a?onde|quando|como|quant[oa]s?|porqu[eê])\b",
    "ru": r"\b(?:кто|ко(?:го|му|м)|кем|что|че(?:го|му|м)|чём|зачем|как(?:о[йемг]о?|ому|ая|ую|ие|их|ими?|ов[аоы]?)?"
    r"|где|куда|откуда|когда|почему|скольк\w+|чей|чь\w+|котор\w+)\b",
    "ar": r"\b[وفبل]?(?:من|ما|ماذا|متى|أين|اين|كيف|كم|لماذا|أي|اي|أية|م[مّ]ن|عم|علام|لمن|بكم)\b",
}
FEWEST_WORDS = 3  # of a question about whether it is so: one or two may be but a name

# Which ones there are: a plural noun, told from a singular that ends alike and from a verb ("which bus goes").
VERB = (
    r"(?:are|were|do|did|have|had|will|would|can|could|should|may|might|must|died|used|\p{L}{3,}ed|won|lost|took|made"
    r"|gave|got|went|came|left|said|saw|held|met|fell|led|began|became|ran|sold|bought|paid|sent|built|hit|cut)\b"
)
OBJECT = r"(?:the|an?|its|his|her|their)\b"
PLURAL = {
    "en": r"(?:(?:people|women|men|children)\b|"
    r"(?!(?:has|was|does|gas|news|los|las|texas|kansas|christmas|atlas|canvas)\b)\p{L}{2,}(?<![sui])s)",
    "es": r"(?!(?:es|has|mes|gas|dios|caos|más|mas|lunes|martes|miércoles|jueves|viernes"
    r"|(?:h|ten|sab|pod|deb)emos|vamos)\b)\p{L}+[aeo]s",
    "pt": r"(?!(?:mas|mais|pais|mes|dias?|temos|vamos|sabemos|podemos|devemos)\b)\p{L}+(?:[aeo]|[aeoáéó]i|n)s",
}
BEFORE = {
    "en": r"(?:(?:in|at|to|from|for|on|by|with|against|near)\s+)?",
    "es": r"(?:(?:a|ante|con|contra|de|desde|en|entre|hacia|para|por|sobre)\s+)?",
    "pt": r"(?:(?:a|com|contra|de|em|entre|para|por|sobre)\s+)?",
}
FEMININE = r"(?:mutter|tochter|schwester|steuer|mauer|feier|nummer|oper|kammer|ziffer|dauer|trauer|schulter|faser)\b"
LIST = {
    "en": (
        # Another noun follows some plurals ("which sports club won"); then comes the verb.
        rf"^{BEFORE['en']}which\s+(?:(?:other|two|three|four|five)\s+)?{PLURAL['en']}"
        rf"(?:$|\s+(?:{VERB}|(?!{OBJECT}|\p{{L}}+\s+(?:is|was|has|does|{VERB})\b)[\p{{L}}\p{{N}}]))"
        rf"|^{BEFORE['en']}(?:which|what)\s+(?:(?:kind|type|sort)s?\s+of\s+)?"
        rf"(?:(?!(?:is|was|has|does|of)\b|{OBJECT}|{VERB})\p{{L}}+\s+){{0,2}}?{PLURAL['en']}"
        rf"\s+(?:{VERB}|(?:has|is|was|does)\s+(?:{OBJECT}|he\b|she\b|it\b|(?-i:\p{{Lu}})))"
        rf"|^(?:who|what)\s+(?:are|were)\s+(?:the|his|her|its|their)\s+(?:\p{{L}}+\s+){{0,2}}?{PLURAL['en']}"
        r"|^which\s+of\s+the\b"
        r"|^(?:list|name)\s+(?!of\b)"
    ),
    "fr": r"\b(?:les)?quel(?:le)?s\b|^qui\s+(?:sont|étaient)\s+les\b",
    "es": rf"^{BEFORE['es']}qu[ée]\s+{PLURAL['es']}\b|^{BEFORE['es']}cu[áa]les\b|^qui[ée]nes\b",
    # "Welche" stands before plurals and feminines: those in -e are told apart by the verb.
    "de": (
        rf"^(?:\p{{L}}+\s+)?welche\s+(?:\p{{L}}+e[lr]?n\b|(?!\p{{L}}*{FEMININE})\p{{L}}+er\b|\p{{L}}+(?<![aiu])s\b"
        r"|\p{L}*städte\b|\p{L}+e\s+(?:sind|\p{L}+e[lr]?n)\b)"
        r"|^(?:an|auf|aus|bei|in|mit|nach|unter|von|zu|zwischen)\s+welchen\s+\p{L}+n\b|^wer\s+(?:sind|waren)\s+die\b"
    ),
    "it": r"^(?:\p{L}+\s+)?quali\b|^chi\s+(?:sono|erano)\s+(?:i|gli|le)\b",
    "pt": rf"^(?:\p{{L}}+\s+)?quais\b|^{BEFORE['pt']}que\s+{PLURAL['pt']}\b|^quem\s+(?:são|eram)\s+[oa]s\b",
    "ru": r"^(?:\p{L}{1,4}\s+)?как(?:ие|их)\b(?!\s+(?:обстоятельств|услови|соображени|цел[яе]|причин|пор\b|мер\b))",
    # What is many and no person is referred to as a singular feminine is, which itself ends in another letter.
    "ar": r"^ما\s+هي\s+ال\p{L}+(?<!ة)\s+التي\b|^من\s+هم\b",
}


class Definition(NamedTuple):
    """How a language asks who or what something is, and how it goes on where words are wanted all the same.

    `not_named` begins in small letters: some names look like participles ("Irving"). `roles` are refused alone or
    before `of`: "president", but not "President Macron".
    """

    who: str
    what: str
    articles: str  # refused after `who` ("who is the president"), allowed after `what`
    not_named: str
    roles: str
    of: str

    def pattern(self) -> str:
        small = r"(?=(?-i:\p{Ll}))"
        named = rf"(?!{small}(?:{self.not_named}))(?!(?:{self.roles})(?:\s*$|\s+(?:{self.of})))"
        who = rf"(?:{self.who})\s+(?!{small}(?:{self.articles})){named}(?:\S++\s*+){{1,4}}$"
        what = rf"(?:{self.what})(?:{self.articles})?{named}(?:\S++\s*+){{1,3}}$"
        return rf"^(?:{who}|{what})"


DEFINITION = {
    "en": Definition(
        # "Whom" is asked for by a possessive ("Trump's wife") and by a verb at the end ("Putin meeting").
        who=r"who(?:\s+(?:is|are|was|were)|['’]s)(?!\s+\S+['’]s\s|.*\s(?-i:\p{Ll})\p{L}+(?<!p)ing$)",
        what=r"what(?:\s+(?:is|are|was|were)|['’]s)\s+(?!(?:the|his|her|their)\s+(?!(?-i:\p{Lu}{2,})$))",
        articles=r"(?:the|an?|his|her|their|its|our|your)\s+",
        not_named=r"\p{L}{2,}ing\s+\S|\p{L}+\s+(?:of|in|at|for|to)\b|example\b"
        r"|(?:coming|going|happening|leading|missing|running|speaking|winning)\b"
        r"|(?!(?:(?:mo|mu)?hamm?|ahm|khal|jar|alfr|manfr|wilfr)ed\b)\p{L}{3,}ed\b"
        r"|(?:about|afraid|ahead|at|beaten|behind|being|born|chosen|dead|for|found|from|given|guilty|held|hit|hurt|in"
        r"|involved|known|left|lost|made|new|next|on|paid|put|responsible|right|said|seen|sent|shot|stolen|taken|to"
        r"|told|unhurt|with|wrong)\b",
        roles=r"(?:vice[ -]|prime\s+|foreign\s+)?(?:president|minister|mayor|king|queen|pope|chancellor|captain|coach"
        r"|governor|leader|head|chief|chair|owner|winner|champion|director|founder|manager|secretary|ambassador"
        r"|spokes\p{L}+)s?",
        of=r"(?:of|in|at|for|to|now)\b",
    ),
    "fr": Definition(
        who=r"qui\s+(?:est|était|sont|étaient)",
        # An article, or else a name and no more: otherwise a verb has the last word.
        what=r"qu['’]est-ce\s+qu(?:e\s+|['’])(?=l[ea]s?\s|une?\s|des\s|l['’]|\S+$"
        r"|(?-i:\p{Lu})\S+(?:\s+(?-i:[\p{Lu}\p{N}])\S*)+$)"
        r"(?!.*\s(?:a|ont|est|sont|va|vont|veut|veulent|peut|peuvent|doit|doivent|fait|font|dit|disent|demande|propose"
        r"|prévoit|pense|exige|cherche|risque|change|signifie|apporte|annonce|\p{L}{2,}(?:ait|aient))\b)",
        articles=r"(?:l[ea]s?|une?|des|mon|ma|son|sa|ses|leurs?)\s+|l['’]",
        not_named=r"(?!(?:mbapp|pel|beyonc)é\b)\p{L}+ée?s?\b|(?:mort|parti|sorti|pris|mis|surpris|promis|inscrit|ouvert"
        r"|offert|atteint|(?:re|de|inter|par|sou|sur)?venu|[eé]lu|battu|vaincu|reçu|vu|connu|reconnu|perdu|pendu|détenu"
        r"|disparu|attendu|descendu|tué|elu|tue|blesse|arrete|accuse|vise|absent|candidat|contre|coupable|derrière"
        r"|favori|pour|présent|prêt|responsable|victime|vivant|à|au|aux|dans|en|sur)e?s?\b",
        roles=r"(?:premier\s+|première\s+|vice-)?(?:président|ministre|maire|roi|reine|pape|chef|chancelier|capitaine"
        r"|directeur|directrice|patron|propriétaire|premier|première|champion|vainqueur)(?:n?e)?s?",
        of=r"(?:de|du|des|à|au|en)\b|d['’]",
    ),
    "es": Definition(
        who=r"qui[ée]n(?:es)?\s+(?:es|era|son|eran)",
        what=r"qu[ée]\s+(?:es|era|son|eran)\s+(?!lo\b)",
        articles=r"(?:el|la|los|las|una?|su)\s+",
        not_named=r"\p{L}{2,}[ai]d[oa]s?\b|(?:muert|electo|culpable|responsable|candidat|contra|en|de|por)\p{L}*\b",
        roles=r"(?:vice)?president[ea]|(?:primer[ao]?\s+)?ministr[oa]|alcalde(?:sa)?|rey|reina|papa|jef[ea]|canciller"
        r"|director[a]?|dueñ[oa]|líder",
        of=r"(?:del?|en)\b",
    ),
    "de": Definition(
        who=r"wer\s+(?:ist|war|sind|waren)",
        what=r"was\s+(?:ist|war|sind|waren)\s+(?!das\b|.*\s(?:von|der|des|im|in|für|zwischen)\s)",
        articles=r"(?:der|die|das|eine?|sein|seine|ihr|ihre)\s+",
        not_named=r"(?:ge|be|ver|er|ent|zer|über|unter|aus|an|ab|auf|ein)\p{L}+(?:t|en)\b|\p{L}+iert\b"
        r"|(?:dabei|dafür|dagegen|dran|gegen|los|neu|schuld|tot|verantwortlich|zuständig|in|für|mit)\b",
        roles=r"[\p{L}-]*(?:präsident|kanzler|minister|meister|trainer|könig|chef|sieger|leiter)(?:in)?|papst",
        of=r"(?:von|vom|der|des|in|im)\b",
    ),
    "it": Definition(
        who=r"chi\s+(?:è|era|sono|erano)",
        what=r"(?:(?:che\s+)?cos(?:a\s+|['’]\s*)|che\s+)(?:è|era|sono|erano)\s+",
        articles=r"(?:il|la|lo|i|gli|le|una?|uno|suo|sua)\s+|(?:l|un)['’]",
        not_named=r"(?:\p{L}{2,}[aiu]t[oaie]|mort[oaie]|elett[oaie]|successo|responsabile|colpevole|contro|in|di)\b",
        roles=r"(?:vice)?president[ei](?:ssa)?|(?:primo\s+)?ministr[oa]|sindac[oa]|re|regina|papa|capo|cancelliere",
        of=r"(?:d[ie]l?|della|dello|dei|degli|delle|in)\b|dell['’]|d['’]",
    ),
    "pt": Definition(
        who=r"quem\s+(?:é|era|são|eram)",
        what=r"(?:o\s+)?que\s+(?:é|era|são|eram)\s+(?:que\s+é\s+)?",
        articles=r"(?:o|a|os|as|uma?|seu|sua)\s+",
        not_named=r"(?:\p{L}{2,}[ai]d[oa]s?|mort[oa]s?|eleit[oa]s?|responsável|culpad[oa]|contra|em|de)\b",
        roles=r"(?:vice-?)?president[ea]|(?:primeir[oa]-)?ministr[oa]|prefeit[oa]|rei|rainha|papa|chefe|líder",
        of=r"(?:d[eao]s?|em|n[ao])\b",
    ),
}
DEFINED = {language: definition.pattern() for language, definition in DEFINITION.items()}
DEFINED["fr"] += r"|^c['’]est\s+(?:quoi\b|qui\s+(?!l[ea]s?\b|l['’]|qui\b))|^qu['’]est-ce\s+qu(?:e\s+|['’])[\"«“]"

DEFINED["ru"] = r"^(?:кто|что)\s+так(?:ой|ая|ое|ие)\b"
DEFINED["ar"] = r"^(?:من\s+(?:هو|هي)\s+(?!رئيس|ملك|وزير|مدير|قائد|أمير|ال)\S+(?:\s+\S+)?|ما\s+(?:هو|هي)\s+\S+)$"


def wants_sentence(question: str, language: str) -> bool:
    """Whether a sentence answers, rather than some words of it.

    `language`: the question's; where it is none of those known here, as often for short questions, all are tried.
    """
    languages = [language] if language in YES_OR_NO else list(YES_OR_NO)
    asked = question.strip(" ¿?؟!\n\t\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")
    if language in ANY_ASKING and question.rstrip().endswith(("?", "؟")) and len(asked.split()) >= FEWEST_WORDS:
        return _wants_sentence(asked, language) or not _compiled(ANY_ASKING[language]).search(asked)
    return any(_wants_sentence(asked, each) for each in languages)


def _wants_sentence(question: str, language: str) -> bool:
    def has(patterns: dict[str, str]) -> bool:
        return language in patterns and bool(_compiled(patterns[language]).search(question))

    if has(LIST) or has(DEFINED):
        return True
    return has(YES_OR_NO) and (not has(ASKING) or question.casefold().startswith("est-ce "))


@cache
def _compiled(pattern: str) -> "regex.Pattern[str]":
    return regex.compile(pattern, regex.IGNORECASE)
