"""Whether a question can be asked at all, and of which time it asks."""

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


# Whether words speak of what is to come or of what has been, in the languages that the bundled reader knows best.
TO_COME = regex.compile(
    r"""\b(?:will|won['’]t|shall|(?:is|are)\ going\ to|upcoming|wird|werden|wirst|nächste[nrs]?|va|vont|prochaine?s?
        |bientôt|ensuite|d['’]ici|próxim[oa]s?|prossim[oi]|breve)\b
    | \b\p{L}{2,}(?:er|ir|dr|vr|rr|ur)(?:a|ai|as|ez|ons|ont|á|án|emos|ão)\b | \b\p{L}+r(?:à|anno)\b""",
    regex.IGNORECASE | regex.VERBOSE,
)
PAST = regex.compile(
    r"""\b(?:was|were|did|had|has|war|waren|hatten?|hat|haben|wurden?|étai(?:t|ent)|avai(?:t|ent)|fut|furent|eut|eurent|a
        |ont|fue|fueron|había[n]?|hubo|era[n]?|stat[oaie]|furono|aveva(?:no)?|foi|foram|tinha[m]?)\b
    | \b\p{L}+(?:èrent|ait|aient|aron|ieron)\b | \b\p{L}{2,}ed\b""",
    regex.IGNORECASE | regex.VERBOSE,
)


def times_of(words: str) -> frozenset[str]:
    """Which times the words speak of: "past", "to come", both or neither."""
    patterns = {"past": PAST, "to come": TO_COME}
    return frozenset(time for time, pattern in patterns.items() if pattern.search(words))
