"""What a question is about: its noun phrases, found without a grammar of the language."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import regex

from qa.followup_words import Speech, compiled, words

# Words with content; more would be no topic but the question itself.
MOST_CONTENT = 8
# An elided article or pronoun, an inverted pronoun, or a word.
TOKEN = regex.compile(
    r"\p{L}{1,2}['’](?=\p{L})|(?<=\p{L})-t-(?=il|elle|on)|(?<=\p{L}-t-|\p{L}-)(?:ils?|elles?|on|ce)\b"
    r"|[\p{L}\p{M}\p{N}](?:(?!-(?:t-)?(?:ils?|elles?|on|ce)\b)(?:[\p{L}\p{M}\p{N}]|['’.,&/-](?=[\p{L}\p{N}])))*"
)
# Alone between two noun phrases they join nothing.
ARTICLES = words("the a an le la les l un une el los las una ein eine die der das den")
# After them a noun has ended, whatever it looks like: "the call between".
OF = words("of between von zwischen")
# Nothing else is the subject then, and the verb comes at once.
SUBJECTS = words("i you we he she it they ich du wir er sie es")
# A verb comes after them, in languages that put it before its subject.
PRONOUNS = words("il elle on ils elles se s y")
INVERTED = regex.compile(r"-(?:t-)?(?:ils?|elles?|on)\b")


@dataclass(frozen=True, slots=True)
class Token:
    """A word and where it stands; `bare` is the word in small letters, without accents and apostrophe."""

    text: str
    bare: str
    start: int
    end: int
    name: bool
    content: bool
    verb: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Neighbouring words that name one thing: "the phone call between Trump and Putin"."""

    tokens: tuple[Token, ...]
    determined: bool

    @property
    def named(self) -> bool:
        return any(token.name for token in self.tokens)

    @property
    def weight(self) -> int:
        return sum(token.content for token in self.tokens)


def folded(text: str) -> str:
    """In small letters and without accents, letter for letter as long as the text."""
    return "".join(map(_base, text))


def _base(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character


def tokens(text: str, speech: Speech) -> list[Token]:
    """The words of a text; names are words with content that begin with a capital or hold a digit."""
    found = [match for match in TOKEN.finditer(text) if not match[0].startswith("-")]
    capitals = not text.isupper()
    read: list[Token] = []
    for number, match in enumerate(found):
        bare = folded(match[0]).strip("'’")
        empty = bare in speech.empty and not (capitals and len(bare) > 1 and match[0].isupper())
        name = not empty and ((capitals and match[0][0].isupper()) or any(map(str.isdigit, match[0])))
        verb = bool(INVERTED.match(text, match.end())) and not (number and match[0][0].isupper())
        content = not empty and not verb and (len(bare) > 1 or name)
        read.append(Token(match[0], bare, match.start(), match.end(), name and content, content, verb))
    return read


def phrases(text: str, speech: Speech, counted: bool = False) -> list[Phrase]:
    """The noun phrases of a text, in order; where nothing shows which words are nouns, all words with content.

    `counted`: whether it begins with a noun, as it does after "how many".
    """
    read = tokens(text, speech)
    runs = list(_runs(read, speech))
    if counted and runs:
        runs[0] = replace(runs[0], determined=True)
    small = not any(token.name and token.text[0].isupper() for token in read)
    nominal = [run for run in runs if run.determined or run.named or (small and len(run.tokens) > 1)]
    return list(_joined(runs, nominal, read, text, speech)) or list(_joined(runs, runs, read, text, speech))


def _runs(read: list[Token], speech: Speech) -> Iterator[Phrase]:
    """Words with content side by side, without the verb that the words before them ask for."""
    start = 0
    helper = ""  # an auxiliary came, and its verb has not
    while start < len(read):
        end = start
        while end < len(read) and read[end].content and (end == start or adjoin(read[end - 1], read[end])):
            end += 1
        if end == start:
            if read[start].bare in speech.auxiliaries | speech.be:
                helper = read[start].bare
            elif read[start].bare in SUBJECTS:
                helper = ""
            start += 1
            continue
        before = read[start - 1].bare if start and adjoin(read[start - 1], read[start]) else ""
        follows = read[end].bare if end < len(read) else ""
        parts = _without_verb(read[start:end], before, follows, helper, speech)
        if len(parts) > 1 or follows not in speech.links:
            helper = ""
        # What comes right after an auxiliary is its subject, unless it is the verb.
        placed = speech.verb_last and before in speech.auxiliaries | speech.be
        placed = placed and not compiled(speech.passive).fullmatch(read[start].bare)
        determined = before in speech.determiners or placed
        for number, part in enumerate(parts):
            nominal = determined and not number
            if kept := part if nominal else _from_name(part):
                yield Phrase(tuple(kept), nominal)
        start = end


def _without_verb(run: list[Token], before: str, follows: str, helper: str, speech: Speech) -> list[list[Token]]:
    """What is left of a run on either side of its verb; `before` and `follows` are the words around it."""
    if follows in OF:
        return [run]
    if speech.verb_last:
        verb = _verb_in(run, helper, before in speech.determiners, speech) if helper else 0
        return [run[:verb], run[verb + 1 :]] if verb else [run]
    comes_first = before in speech.auxiliaries | PRONOUNS and not run[0].name
    return [run[1:] if comes_first else run]


def _verb_in(run: list[Token], helper: str, determined: bool, speech: Speech) -> int:
    """Where in a run the verb stands that an auxiliary has announced; never at its beginning."""
    small = [number for number, token in enumerate(run) if number and not token.name]
    if helper in speech.be:
        small = [number for number in small if compiled(rf"(?:{speech.passive})$").match(run[number].bare)]
    if not small:
        return 0
    # "did activists throw flour", but "did the phone call last".
    return small[-1] if determined or any(token.name for token in run) else small[0]


def _from_name(run: list[Token]) -> list[Token]:
    """Without the verb or the title before a name, as in "killed Roger Holeindre"."""
    first = next((number for number, token in enumerate(run) if token.name and not token.text[0].isdigit()), 0)
    return run[first:]


def adjoin(left: Token, right: Token) -> bool:
    return right.start - left.end <= 1


def _joined(
    runs: Sequence[Phrase], nominal: Sequence[Phrase], read: list[Token], text: str, speech: Speech
) -> Iterator[Phrase]:
    """Nominal runs with their articles, and with what linking words join to them."""
    places = {token.start: number for number, token in enumerate(read)}
    whole: Phrase | None = None
    for run in runs:
        first, last = places[run.tokens[0].start], places[run.tokens[-1].start]
        is_nominal = any(run is one for one in nominal)
        if whole:
            between = read[places[whole.tokens[-1].start] + 1 : first]
            if _linked(between, text[whole.tokens[-1].end : run.tokens[0].start], speech) and (
                is_nominal or not compiled(speech.verbal).fullmatch(run.tokens[0].bare)
            ):
                whole = replace(whole, tokens=tuple(read[places[whole.tokens[0].start] : last + 1]))
                continue
        if is_nominal:
            if whole:
                yield whole
            article = read[first - 1 : first] if run.determined and _is_article(read, first, speech) else []
            whole = replace(run, tokens=(*article, *run.tokens))
    if whole:
        yield whole


def _linked(between: Sequence[Token], apart: str, speech: Speech) -> bool:
    words_between = [token.bare for token in between]
    linking = speech.links.issuperset(words_between) and not ARTICLES.issuperset(words_between)
    return linking and len(between) <= 3 and not regex.search("[,;:?]", apart)


def _is_article(read: Sequence[Token], first: int, speech: Speech) -> bool:
    return first > 0 and read[first - 1].bare in speech.determiners and adjoin(read[first - 1], read[first])


def topic_of(text: str, speech: Speech, known: str = "") -> str:
    """The phrases of a question that are not in `known`, without its question word, as they would be shown."""
    had = {token.bare for token in tokens(known, speech)}
    span = asking_in(text, speech) or (0, 0)
    counted = bool(compiled(speech.counting).fullmatch(folded(text[slice(*span)]).strip()))
    found = phrases(f"{text[: span[0]]} {text[span[1] :]}", speech, counted)
    new = [one for one in found if any(token.content and token.bare not in had for token in one.tokens)]
    kept: list[tuple[Phrase, str]] = []
    left = MOST_CONTENT
    for one in sorted(new, key=lambda one: not one.named):
        if one.weight <= left or not kept:
            kept.append((one, _shown(one)))
            left -= one.weight
    return ", ".join(shown for _, shown in sorted(kept, key=lambda each: each[0].tokens[0].start))


def _shown(phrase: Phrase) -> str:
    """The phrase as it is written, cut before a linking word where it is long."""
    end = len(phrase.tokens)
    while sum(token.content for token in phrase.tokens[:end]) > MOST_CONTENT:
        end -= 1
    whole = end
    while whole > 1 and whole < len(phrase.tokens) and _goes_on(phrase.tokens[whole - 1], phrase.tokens[whole]):
        whole -= 1
    return _spaced(phrase.tokens[: whole if whole > 1 else end])


def _goes_on(left: Token, right: Token) -> bool:
    return right.content or not left.content


def _spaced(shown: Sequence[Token]) -> str:
    text = shown[0].text
    for left, right in pairwise(shown):
        text += " " * (right.start > left.end) + right.text
    return text


def asking_in(text: str, speech: Speech) -> tuple[int, int] | None:
    """Where the question word stands: at the beginning, else at the end, as in "le sommet a lieu quand ?"."""
    plain = folded(text)
    start = regex.match(r"[\W_]*", plain)
    begin = start.end() if start else 0
    first = compiled(rf"(?:{speech.leading})?(?P<asking>{speech.asking})(?:(?<=['’])|(?![\p{{L}}\p{{N}}]))")
    if found := first.match(plain, begin):
        return found.span("asking")
    if found := compiled(rf"\b(?P<asking>{speech.asking})[\W_]*$").search(plain):
        return found.span("asking")
    return None
