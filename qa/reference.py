"""Which pronoun of a question can mean nothing in the question itself."""

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from qa.followup_words import Speech, compiled
from qa.topic import Token, asking_in, folded, tokens

PLACE = regex.compile(r"there|la-bas|y|dort|alli|alla")
# Spoken to somebody, as in "Können Sie mir sagen"; and what is told by its accent from "esta".
NO_PRONOUN = regex.compile(r"(?<=\p{L}[\p{L}\s,]*\s)(?:Sie|Ihnen|Ihre?[nmrs]?)\b|\bestá[ns]?\b")
# A clause of its own begins, in which a pronoun may mean the subject of the first.
CLAUSE = regex.compile(
    r"\b(?:qu[ei]?|quand|lorsqu\w*|si|when|who|that|which|if|because|while|after|before|as|dass|wenn|als|weil|cuando"
    r"|porque|donde|where|wo)\b|[,;:]"
)
# A question with more words of its own needs no others.
MOST_OWN = 7
ASKS_WHO = regex.compile(r"\b(?:who(?:m|se)?|which|qui|(?:le|la|les)?quel(?:le)?s?|quien(?:es)?|wer|welche[nmrs]?)\b")
TAKES_NOUN = regex.compile(
    r"\b(?:what|which|whose|how (?:many|much)|quel(?:le)?s?|combien (?:de|d['’])|que|cuant[oa]s?|cual(?:es)?"
    r"|welche[nmrs]?|wie\s*viele?)$"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A pronoun that points back; whether it speaks of a person, or of a place."""

    person: bool
    place: bool


def reference_in(core: str, speech: Speech) -> Reference | None:
    """The first pronoun that has nothing to mean in the question."""
    plain = folded(NO_PRONOUN.sub(lambda found: "-" * len(found[0]), core))
    plain = compiled(speech.expletive).sub(lambda found: "·" * len(found[0]), plain)
    read = tokens(core, speech)
    if sum(token.content for token in read) > MOST_OWN:
        return None
    kinds = {"back": speech.back, "object": speech.object, "subject": speech.subject, "possessive": speech.possessive}
    for kind, pronouns in kinds.items():
        whole = compiled(rf"(?<![\p{{L}}\p{{N}}·]|[^u]['’])(?:{pronouns})(?:(?<=['’])|(?![\p{{L}}·]))")
        for found in whole.finditer(plain):
            if not _bound(kind, _around(found.span(), core, read, speech), speech):
                person = bool(compiled(speech.of_person).fullmatch(found[0]))
                return Reference(person, bool(PLACE.fullmatch(found[0])))
    return None


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a pronoun; `before` is without the question word, and without the noun that this takes."""

    asking: str
    took_noun: bool
    before: list[Token]
    after: list[Token]
    new_clause: bool  # between the question word and the pronoun
    later_name: bool  # after the pronoun, across a comma


def _around(span: tuple[int, int], core: str, read: list[Token], speech: Speech) -> Around:
    start, end = asking_in(core, speech) or (0, 0)
    if start >= span[1]:  # "he died in what year?"
        start, end = 0, 0
    asking = folded(core[start:end]).strip()
    before = [token for token in read if end <= token.start and token.end <= span[0] and token.start < span[0]]
    after = [token for token in read if token.start >= span[1]]
    rest = _after_noun(before) if TAKES_NOUN.search(asking) else before
    comma = core.find(",", span[1])
    return Around(
        asking=asking,
        took_noun=len(rest) < len(before),
        before=rest,
        after=after,
        new_clause=bool(CLAUSE.search(folded(core[end : span[0]]))),
        later_name=comma >= 0 and any(token.name and token.start > comma for token in after),
    )


def _bound(kind: str, around: Around, speech: Speech) -> bool:
    """Whether something in the question can be what the pronoun means.

    What follows a pronoun is what it means only across a comma ("before he was elected, did Trump …"). What precedes
    it may be, but the subject of a clause is never the object of the same clause.
    """
    if around.later_name:
        return True
    named = sum(1 for _ in _nominal(around.before, speech))
    if kind == "back":
        return _shows_now_or_name(around.after, speech) or named > 1
    if kind == "object":
        return named > (0 if around.new_clause or _is_subject(around, speech) else 1)
    content = any(token.content for token in around.before)
    if kind == "subject":
        if around.took_noun and speech.verb_last and _only_helped(around.before, speech):
            return False
        return named > 0 or content
    of_asked = around.took_noun and " " not in around.asking
    of_later = speech.subject_last and _named(around.after[1:], speech)
    return of_asked or of_later or named > 0 or (content and bool(ASKS_WHO.search(around.asking)))


def _shows_now_or_name(after: list[Token], speech: Speech) -> bool:
    """Whether what is shown is of today, or needs no showing: "this week", "this Brexit"."""
    if not after:
        return False
    return bool(compiled(speech.now).fullmatch(after[0].bare)) or (after[0].name and not speech.capital_nouns)


def _is_subject(around: Around, speech: Speech) -> bool:
    """Whether what may be an object, such as "it", is the subject where it stands."""
    helping = speech.auxiliaries | speech.be
    if not around.before or around.before[-1].bare in helping:
        return True
    return speech.verb_last and bool(around.after) and around.after[0].bare in helping


def _after_noun(before: list[Token]) -> list[Token]:
    """Without the noun that the question word takes: "which film did he make"."""
    return before[1:] if before and before[0].content else before


def _only_helped(before: list[Token], speech: Speech) -> bool:
    """Whether an auxiliary right before the pronoun is the first: "what kind of film did he make"."""
    helping = [token.bare in speech.auxiliaries | speech.be for token in before]
    return bool(helping) and helping[-1] and not any(helping[:-1])


def _named(after: list[Token], speech: Speech) -> bool:
    """Whether a thing is named there: "¿cuándo reabrió sus puertas la Bolsa?"."""
    return any(token.name or token.bare in speech.determiners for token in after)


def _nominal(before: list[Token], speech: Speech) -> Iterator[list[Token]]:
    """Runs of words that name something: with an article, a capital, or where a subject stands."""
    run: list[Token] = []
    previous: Token | None = None
    lead: Token | None = None
    for token in [*before, None]:
        if token and token.content:
            lead = lead if run else previous
            run.append(token)
        elif run:
            determined = bool(lead and lead.bare in speech.determiners)
            placed = speech.verb_last and bool(lead and lead.bare in speech.auxiliaries | speech.be)
            several = not speech.verb_last and len(run) > 1
            if determined or placed or several or any(token.name for token in run):
                yield run
            run = []
        previous = token
