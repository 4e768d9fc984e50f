"""Questions that the archive can answer: made from its newest articles, and each really asked before it is shown."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING

import regex

from index.errors import GroundwireError
from index.language import detect_language
from index.sentences import sentences
from index.types import Article

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.types import Answer

log = logging.getLogger("groundwire")

NEWEST = 20  # articles that are looked at
NAMES_OF_ONE = 8
MOST_ASKED = 40
MOST_SHOWN = 6
WAIT_SECONDS = 0.2

# What is asked of those whom an article names: what a few words answer.
TEMPLATES = {
    "en": ("Where will {name} go?", "Who did {name} meet?", "Who spoke with {name}?", "When did {name} speak?"),
    "fr": (
        "Où ira {name}\u202f?",
        "Qui a rencontré {name}\u202f?",
        "Avec qui {name} a parlé\u202f?",
        "Quand {name} a parlé\u202f?",
    ),
    "es": ("¿Adónde irá {name}?", "¿Con quién se reunió {name}?", "¿Quién habló con {name}?", "¿Cuándo habló {name}?"),
    "de": ("Wohin reist {name}?", "Wen traf {name}?", "Mit wem sprach {name}?", "Wann sprach {name}?"),
    "it": (
        "Dove andrà {name}?",
        "Chi ha incontrato {name}?",
        "Chi ha parlato con {name}?",
        "Quando ha parlato {name}?",
    ),
    "pt": ("Para onde irá {name}?", "Com quem se reuniu {name}?", "Quem falou com {name}?", "Quando falou {name}?"),
}
# Two capitalised words or more, with the small ones that stand inside names.
CAPITALISED = r"\p{Lu}[\p{L}'’-]*\p{Ll}"
NAME = regex.compile(rf"{CAPITALISED}(?:\s(?:(?:de|du|des|da|di|la|van|von|of|der)\s){{0,2}}{CAPITALISED})+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question that was answered with certainty, and the language that it is in."""

    question: str
    language: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question about somebody whom an article names; both are empty where it was given."""

    question: str
    language: str
    article: str = ""
    name: str = ""


class Suggestions:
    """The questions of the archive's current revision; made once for each, by a thread of their own."""

    def __init__(
        self, assistant: "Assistant", given: Iterable[str] = (), busy: Callable[[], bool] = lambda: False
    ) -> None:
        """`given`: questions that come first, where they are answered too. While it is `busy`, none is asked."""
        self._assistant = assistant
        self._busy = busy
        self._given = tuple(given)
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._worker: threading.Thread | None = None
        self._made: tuple[list[Suggestion], int | None] = ([], None)

    def now(self) -> tuple[list[Suggestion], bool]:
        """Those that are known, and whether they are of the current revision; where not, they are begun."""
        revision = self._assistant.archive.revision
        with self._lock:
            made, of = self._made
            if of != revision and not self._stopped.is_set() and not (self._worker and self._worker.is_alive()):
                self._worker = threading.Thread(target=self._make, args=(revision,), daemon=True)
                self._worker.start()
        return made, of == revision

    def stop(self) -> None:
        """Make no more, and wait for the question that is being asked."""
        self._stopped.set()
        if self._worker:
            self._worker.join()

    def _make(self, revision: int) -> None:
        try:
            made = suggestions(self._assistant, self._given, self._stopped_while_busy)
        except GroundwireError as error:  # they are not worth more than a line
            log.warning("no questions can be suggested: %s", error)
            made = []
        with self._lock:
            if not self._stopped.is_set():
                self._made = made, revision

    def _stopped_while_busy(self) -> bool:
        """Readers come first: waits until none asks; whether the server stops."""
        while self._busy() and not self._stopped.wait(WAIT_SECONDS):
            pass
        return self._stopped.is_set()


def suggestions(
    assistant: "Assistant", given: Iterable[str] = (), stopped: Callable[[], bool] = lambda: False
) -> list[Suggestion]:
    """The questions that the archive answers with certainty: those given, then some from each article."""
    newest = list(assistant.archive.articles(limit=NEWEST))
    of_each = max(1, MOST_SHOWN // max(1, len(newest)))
    first = [Candidate(question, detect_language(question)) for question in given]
    found: list[Suggestion] = []
    from_article: Counter[str] = Counter()
    told: set[str] = set()  # the answers that have had their question
    for candidate in [*first, *islice(_in_turn(newest), MOST_ASKED)]:
        if stopped() or len(found) == MOST_SHOWN:
            break
        if from_article[candidate.article] == of_each:
            continue
        answer = assistant.ask(candidate.question, limit=1)
        if answer.certain and (not candidate.name or (_is_about(answer, candidate.name) and answer.text not in told)):
            found.append(Suggestion(candidate.question, candidate.language))
            if candidate.name:
                told.add(answer.text)
                from_article[candidate.article] += 1
    return found


def _is_about(answer: "Answer", name: str) -> bool:
    """Whether the quotation speaks of whom was asked about, and does not only say the name again."""
    excerpt = answer.excerpts[0]
    said = " ".join(piece.text for piece in excerpt.pieces if piece.mark)
    return name in " ".join(excerpt.text.split()) and said not in name and name not in said


def candidates_of(article: Article) -> Iterator[Candidate]:
    """The same question about each whom it names, then another about each."""
    names = names_in(article)
    for template in TEMPLATES.get(article.language, ()):
        for name in names:
            yield Candidate(template.format(name=name), article.language, article.id, name)


def names_in(article: Article) -> list[str]:
    """The names that stand most often in the article, as they are written there, but for its source's."""
    spans = (article.text[start:end] for start, end in sentences(article.text, article.language))
    # A sentence's first word has its capital from there.
    counted = Counter(" ".join(found[0].split()) for text in spans for found in NAME.finditer(text, 1))
    counted.pop(article.source or "", None)
    return [name for name, _ in counted.most_common(NAMES_OF_ONE)]


def _in_turn(articles: list[Article]) -> Iterator[Candidate]:
    """One of each article, then another of each."""
    rounds = zip_longest(*map(candidates_of, articles))
    return (each for each in chain.from_iterable(rounds) if each is not None)
