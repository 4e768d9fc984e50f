"""Which questions a few words do not answer: whether something is so, which ones there are, what something is."""

from functools import cache

import regex

PLURAL = r"(?:are|were|do|did|have|had|will|would|can|could|should|may)"
FEW_WORDS = r"(?:[^\s?]+\s*){1,3}\??$"

YES_OR_NO = {
    "en": r"^(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|must)(?:n['’]t)?\b",
    "fr": r"^est-ce\b|-(?:t-)?(?:il|elle|ils|elles|on)\b",
    "es": r"^(?:es|está|están|son|fue|fueron|ha|han|hay|había|puede|pueden|va|van|tiene|tienen|existe)\b",
    "de": r"^(?:ist|sind|war|waren|hat|haben|hatten?|wird|werden|wurden?|kann|können|soll|darf|gibt)\b",
    "it": r"^(?:è|sono|era|erano|ha|hanno|può|possono|c['’]è|esiste)\b",
    "pt": r"^(?:é|são|foi|foram|há|tem|têm|está|estão|pode|podem|vai|vão|existe)\b",
}
# Words that ask for words, where they may come after the verb or before an inversion.
ASKING = {
    "fr": r"\b(?:qui|que|qu['’]|quoi|quel(?:le)?s?|où|ou|quand|comment|combien|pourquoi|le(?:s?)quel(?:le)?s?)\b",
    "es": r"\b(?:qué|quién(?:es)?|cuál(?:es)?|dónde|cuándo|cómo|cuánt[oa]s?)\b",
}
LIST = {
    "en": rf"^(?:which|what)\s+(?:\p{{L}}+\s+){{0,2}}?\p{{L}}{{2,}}(?<![su]s|is|as)s\s+{PLURAL}\b|^(?:list|name)\s",
    "fr": r"\b(?:les)?quel(?:le)?s\b",
    "es": r"^(?:qué\s+\p{L}+s|cuáles)\b",
    "de": r"^welche\s+\p{L}+(?:en|er|e|s)\s+\p{L}+en\b",
}
DEFINITION = {
    "en": rf"^(?:who|what)\s+(?:is|are|was|were)\s+(?!the\b|his\b|her\b|their\b){FEW_WORDS}",
    "fr": rf"^qui\s+(?:est|était|sont)\s+(?!l[ea]s?\b|l['’]){FEW_WORDS}|^(?:qu['’]est-ce\s+qu|c['’]est\s+quoi\b)",
    "es": rf"^(?:quién|qué)\s+(?:es|era|son)\s+(?!(?:el|la|los|las)\b){FEW_WORDS}",
    "de": rf"^(?:wer|was)\s+(?:ist|war|sind)\s+(?!(?:der|die|das)\b){FEW_WORDS}",
    "it": rf"^(?:chi|cosa|che\s+cosa)\s+(?:è|era|sono)\s+(?!(?:il|la|lo|i|gli|le)\b){FEW_WORDS}",
    "pt": rf"^(?:quem|o\s+que)\s+(?:é|era|são)\s+(?!(?:o|a|os|as)\b){FEW_WORDS}",
}


def wants_sentence(question: str, language: str) -> bool:
    """Whether a sentence answers, rather than some words of it.

    `language`: the question's; where it is none of those known here, as often for short questions, all are tried.
    """
    languages = [language] if language in YES_OR_NO else list(YES_OR_NO)
    return any(_wants_sentence(question.strip(" ¿?\n\t"), each) for each in languages)


def _wants_sentence(question: str, language: str) -> bool:
    def has(patterns: dict[str, str]) -> bool:
        return language in patterns and bool(_compiled(patterns[language]).search(question))

    if has(LIST) or has(DEFINITION):
        return True
    return has(YES_OR_NO) and (not has(ASKING) or question.casefold().startswith("est-ce "))


@cache
def _compiled(pattern: str) -> "regex.Pattern[str]":
    return regex.compile(pattern, regex.IGNORECASE)
