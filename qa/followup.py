"""Follow-up questions, completed from the turn before: "et quand ?", "did he agree?", "and in France?".

When unsure, a question stands alone: to drag a new one to the old topic is the worse fault. Only words that the reader
or the articles have written are carried over, and what was carried over is shown, so that it can be undone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import regex

from index.language import UNDETERMINED
from index.sentences import UNSEEN
from index.words import FUNCTION_WORDS
from qa.followup_words import MONTHS, OF_MONTH, PREPOSED, SPEECHES, Speech, compiled
from qa.question import LONGEST_QUESTION
from qa.reference import TAKES_NOUN, Reference, reference_in
from qa.topic import Token, asking_in, folded, tokens, topic_of
from qa.types import Turn

# A turn without a topic, such as "thank you", is looked past, so far back.
TURNS_READ = 3
# Longer than that, a fragment after "and" is a question of its own.
MOST_OF_A_FRAGMENT, MOST_CONTENT = 6, 3
MOST_AT_A_PLACE = 4
LONGEST_LEAD = len("and then ")
NOT_WRITTEN = regex.compile(r"[\p{C}\s]+")
CITATION = regex.compile(r"\s*\[\d+\]")
WHO = regex.compile(r"\b(?:who(?:m|se)?|qui|quien(?:es)?|we[rnm]|wessen)\b")


@dataclass(frozen=True, slots=True)
class Understood:
    """The complete question, and what was carried over from the turn before; None where it stands alone."""

    question: str
    about: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the language whose rules it is read by; `core` is without the signs around it."""

    text: str
    core: str
    speech: Speech

    @property
    def begin(self) -> str:
        return self.text[: self.text.index(self.core)]

    @property
    def end(self) -> str:
        """The question mark with the space before it, as it was typed."""
        return self.text[len(self.begin) + len(self.core) :]


Rule = Callable[[Asked, Asked, Turn], Understood | None]


def understood(question: str, history: Sequence[Turn], language: str = UNDETERMINED) -> Understood:
    """The question to ask the archive; in `history` the newest turn comes last.

    `language`: the question's, where it is known; short questions seldom show it.
    """
    alone = Understood(question, None)
    for turn in reversed(history[-TURNS_READ:]):
        last = _asked(turn.question, (language,))
        asked = last and _asked(question, (language, _language_of(last.text, ())))
        if last is None or asked is None or not topic_of(last.core, last.speech):
            continue
        found = next((found for rule in RULES if (found := rule(asked, last, turn))), alone)
        return found if len(found.question) <= LONGEST_QUESTION else alone
    return alone


def _asked(text: str, hints: Sequence[str]) -> Asked | None:
    text = NOT_WRITTEN.sub(" ", UNSEEN.sub("", text[:LONGEST_QUESTION])).strip()
    speech = SPEECHES.get(_language_of(text, hints))
    core = regex.sub(r"^[^\p{L}\p{N}]+|[^\p{L}\p{N}\p{M}]+$", "", text)
    return Asked(text, core, speech) if speech and core else None


def _language_of(text: str, hints: Sequence[str]) -> str:
    """The language whose little words it holds the most of; of several, the first that is hinted at."""
    words = regex.findall(r"\p{L}+", folded(text))
    votes = {
        language: sum(word in (SPEECHES[language].empty if language in SPEECHES else listed) for word in words)
        for language, listed in FUNCTION_WORDS.items()
    }
    if not any(votes.values()) and not regex.search(r"\p{Latin}", text):
        return UNDETERMINED
    best = [language for language, count in votes.items() if count == max(votes.values())]
    return next((hint for hint in hints if hint in best), best[0])


# The rules, each for one way of leaning on the last question


def _bare(asked: Asked, last: Asked, _turn: Turn) -> Understood | None:
    """A question word alone takes the place of the last one: "et quand ?"."""
    speech = asked.speech
    pattern = rf"(?:{speech.leading})?(?:(?:{speech.filler})\s+)*(?P<asking>{speech.asking})(?:\s+(?:{speech.filler}))*"
    found = compiled(pattern).fullmatch(folded(asked.core))
    if not found:
        return None
    word = asked.core[slice(*found.span("asking"))].strip()
    return Understood(last.begin + _asked_with(word, last), topic_of(last.core, last.speech))


def _asked_with(word: str, last: Asked) -> str:
    """The last question with another question word; what it counted comes last: "quand …, missiles ?"."""
    span = asking_in(last.core, last.speech)
    if span is None:
        return f"{word} {_begun_small(last)}{last.end or '?'}"
    before, old, after = last.core[: span[0]], last.core[slice(*span)], last.core[span[1] :]
    counted = ""
    if TAKES_NOUN.search(folded(old).strip()):
        read = tokens(after, last.speech)
        run = _noun_asked_for(read, last.speech)
        if run and len(run) < len(read):
            counted = ", " + after[run[0].start : run[-1].end]
            after = after[run[-1].end :]
    return " ".join(f"{before} {word} {after}".split()).replace(" ,", ",") + counted + last.end


def _noun_asked_for(read: list[Token], speech: Speech) -> list[Token]:
    """What follows "which" or "how many": one word, more where only an auxiliary ends them."""
    end = next((number for number, token in enumerate(read) if not token.content), len(read))
    verb_comes = end < len(read) and read[end].bare in speech.auxiliaries | speech.be
    return read[: end if verb_comes else min(end, 1)]


def _begun_small(last: Asked) -> str:
    first, _, rest = last.core.partition(" ")
    return f"{first.lower()} {rest}" if folded(first).split("-")[0] in last.speech.empty else last.core


def _more(asked: Asked, last: Asked, _turn: Turn) -> Understood | None:
    """Asks for nothing but more: "tell me more"."""
    pattern = rf"(?:{asked.speech.leading})?(?:{asked.speech.more})"
    return _with(asked, [topic_of(last.core, last.speech)]) if _is(pattern, asked.core) else None


def _fragment(asked: Asked, last: Asked, _turn: Turn) -> Understood | None:
    """A piece without a verb is put into the last question: "and in France?", "what about the women?"."""
    speech, plain = asked.speech, folded(asked.core)
    found, most = compiled(rf"(?:{speech.fragment})(?P<rest>.+)").fullmatch(plain), MOST_OF_A_FRAGMENT
    if not found and "?" in asked.end:
        found, most = compiled(rf"(?P<rest>(?:{speech.place})\s.+)").fullmatch(plain), MOST_AT_A_PLACE
    if not found:
        return None
    fragment = asked.core[found.start("rest") :]
    read = tokens(fragment, speech)
    content = sum(token.content for token in read)
    has_verb = any(token.verb or token.bare in (speech.auxiliaries | speech.be) - speech.links for token in read)
    if not 1 <= content <= MOST_CONTENT or len(read) > most or has_verb or asking_in(fragment, speech):
        return None
    if _is(rf".*\b(?:{speech.subject})\b.*|(?:if|si|wenn|que|that|dass)\b.*", fragment):
        return None
    whole, rest = _put_into(last, fragment, read)
    return Understood(whole, topic_of(rest, last.speech, fragment) or fragment)


def _put_into(last: Asked, fragment: str, read: list[Token]) -> tuple[str, str]:
    """The last question with the fragment, and what was kept of it: a date replaces a date, a name the only name."""
    dated = any(map(str.isdigit, fragment))
    at_a_place = read[0].bare in last.speech.links
    there = tokens(last.core, last.speech)
    names = [number for number, token in enumerate(there) if token.name and (token.text[-1].isdigit() == dated)]
    if dated and any(_is_month(token) for token in read):
        names = _whole_date(there)
    elif not dated and last.speech.capital_nouns:
        names = _proper(names, there, last.speech, at_a_place)
    if (dated or any(token.name for token in read)) and names and names[-1] - names[0] == len(names) - 1:
        first, end = names[0], there[names[-1]].end
        while first and at_a_place and there[first - 1].bare in last.speech.links:
            first -= 1
        if first < names[0] or not at_a_place:
            before, after = last.core[: there[first].start], last.core[end:]
            return f"{last.begin}{before}{fragment}{after}{last.end}", f"{before} {after}"
    return f"{last.begin}{last.core}, {fragment}{last.end}", last.core


def _is_month(token: Token) -> bool:
    return token.content and token.bare in MONTHS


def _whole_date(there: list[Token]) -> list[int]:
    """Which words are a day, a month or a year, with "of" between them."""
    dates = [number for number, token in enumerate(there) if token.bare[-1:].isdigit() or _is_month(token)]
    between = [number for number in range(1, len(there)) if {number - 1, number + 1} <= {*dates}]
    return sorted(dates + [number for number in between if there[number].bare in OF_MONTH])


def _proper(names: list[int], there: list[Token], speech: Speech, at_a_place: bool) -> list[int]:
    """Where all nouns begin with a capital: "in Frankreich" for a place, else "Macron", and no "die Inflation"."""
    proper: list[int] = []
    for number in names:
        if number - 1 in names:
            is_proper = number - 1 in proper  # "in New York"
        else:
            before = number
            while before and there[before - 1].bare in speech.links | speech.determiners:
                before -= 1
            words_before = {token.bare for token in there[before:number]}
            is_proper = bool(words_before - (speech.determiners - PREPOSED)) if at_a_place else not words_before
        proper += [number] if is_proper else []
    return proper


def _referring(asked: Asked, last: Asked, turn: Turn) -> Understood | None:
    """A pronoun that can mean nothing in its own question brings the last topic: "did he agree?"."""
    reference = reference_in(asked.core, asked.speech)
    if reference is None:
        return None
    return _with(asked, [_named_by(turn.answer, reference, last), topic_of(last.core, last.speech, asked.core)])


def _named_by(answer: str, reference: Reference, last: Asked) -> str:
    """The name that answered, where the last question asked for one and the pronoun may mean it."""
    words = CITATION.sub("", NOT_WRITTEN.sub(" ", answer)).strip(" .,;«»“”\"'")
    read = tokens(words, last.speech)
    is_name = 0 < len(read) <= MOST_OF_A_FRAGMENT and any(token.name for token in read)
    if not is_name or any(token.content and not token.name for token in read) or words[0].isdigit():
        return ""
    span = asking_in(last.core, last.speech)
    asking = folded(last.core[slice(*span)]).strip() if span else ""
    if reference.place:
        return words if regex.search(r"\b(?:where|ou|a?donde|wo)\b", asking) else ""
    if not compiled(last.speech.person).fullmatch(asking):
        return ""
    return words if reference.person or not WHO.search(asking) else ""


def _lacking(asked: Asked, last: Asked, _turn: Turn) -> Understood | None:
    """A question word with one word more says of nothing that it asks: "who won?", "combien de morts ?"."""
    speech = asked.speech
    span = asking_in(asked.core, speech)
    # "the kangaroos of rambouillet: where …" has said what it is about.
    if span is None or span[0] > LONGEST_LEAD or _is(rf".*(?:{speech.expletive}).*", asked.core):
        return None
    read = tokens(asked.core[span[1] :], speech)
    has_own = any(token.name or token.bare in speech.determiners for token in read)
    if has_own or sum(token.content for token in read) != 1:
        return None
    # "why sanctions?" is as likely new; "who is macron" and "what does covid do" name what they are about.
    if _is(r".*\b(?:why|how|pourquoi|comment|warum|wie)", asked.core[: span[1]]):
        return None
    naming = speech.be | (speech.auxiliaries if speech.verb_last else frozenset())
    if any(token.bare in naming for token in read) and not _is(rf".*(?:{speech.passive})", asked.core):
        return None
    return _with(asked, [topic_of(last.core, last.speech, asked.core)])


RULES: tuple[Rule, ...] = (_bare, _more, _fragment, _referring, _lacking)


def _with(asked: Asked, carried: list[str]) -> Understood | None:
    """The question with what was carried over behind it, as in "when will it be held, the summit?"."""
    about = ", ".join(part for part in carried if part)
    return Understood(f"{asked.begin}{asked.core}, {about}{asked.end}", about) if about else None


def _is(pattern: str, text: str) -> bool:
    return bool(compiled(pattern).fullmatch(folded(text)))
