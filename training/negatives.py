"""Passages and questions that look right and are not: what a reader must learn to refuse.

Wrong passages are those that the archive itself retrieves for a question and that do not hold its answer: the
reader meets just these in use. Close questions are answerable ones with one thing changed.
"""

import calendar
import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from difflib import SequenceMatcher
from pathlib import Path

from index.archive import Archive
from index.types import Article
from training.data import Document, Question, Span

DEPTH = 12
KEPT = 4


def normalised(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def retrieve_wrong_passages(questions: Sequence[Question]) -> None:
    """Fills `Question.wrong` from an archive of all the questions' documents."""
    documents: dict[str, Document] = {}
    names: dict[int, str] = {}
    for question in questions:
        document = question.document
        if id(document) not in names:
            names[id(document)] = str(len(names))
            documents[names[id(document)]] = document
    articles = [
        Article(name, document.text, document.title, language=document.language) for name, document in documents.items()
    ]
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "training.db") as archive:
        archive.add(articles)

        def look(question: Question) -> None:
            if question.answer is None:
                return
            answer = normalised(question.document.text[slice(*question.answer)])
            for hit in archive.search(question.text, limit=DEPTH):
                passage, document = hit.passage, documents[hit.passage.article_id]
                holds = passage.start < question.answer[1] and question.answer[0] < passage.end
                if (document is question.document and holds) or f" {answer} " in f" {normalised(passage.text)} ":
                    continue
                question.wrong.append((document, (passage.start, passage.end)))
                if len(question.wrong) == KEPT:
                    break

        with ThreadPoolExecutor() as workers:
            list(workers.map(look, questions))


OPPOSITES = {
    "en": "first/last most/least largest/smallest highest/lowest before/after more/less north/south east/west "
    "northern/southern eastern/western male/female oldest/youngest early/late increase/decrease higher/lower "
    "larger/smaller minimum/maximum winner/loser won/lost began/ended above/below inside/outside men/women "
    "earliest/latest biggest/smallest longest/shortest best/worst major/minor rich/poor win/lose "
    "start/end positive/negative majority/minority public/private allowed/forbidden",
    "fr": "premier/dernier première/dernière plus/moins avant/après nord/sud grand/petit grande/petite début/fin "
    "minimum/maximum hommes/femmes homme/femme gagné/perdu premiers/derniers commence/finit ancien/nouveau "
    "ancienne/nouvelle augmentation/diminution majorité/minorité victoire/défaite père/mère publique/privée",
}
SWAPS = {
    language: {one: other for pair in pairs.split() for one, other in (pair.split("/"), pair.split("/")[::-1])}
    for language, pairs in OPPOSITES.items()
}
NEGATED = {"did": "didn't", "does": "doesn't", "do": "don't", "was": "wasn't", "were": "weren't", "is": "isn't",
           "are": "aren't", "has": "hasn't", "can": "can't", "could": "couldn't", "would": "wouldn't"}  # fmt: skip
NEGATED_TOO = 0.1  # of the English questions that could be: "wasn't" alone would tell
NAME = re.compile(r"(?<![.?!:»\"] )(?<!^)\b[A-ZÀ-Þ][\w’'-]+(?: (?:(?:of|the|de|du|des|la|von) )?[A-ZÀ-Þ][\w’'-]+)*")
POSSESSIVE = re.compile(r"['’]s?$")
OF_A_CALENDAR = frozenset(name.casefold() for names in (calendar.day_name, calendar.month_name) for name in names)
LIKE = 0.7  # names as like as that are two spellings of one
NUMBER = re.compile(r"\b\d[\d.,\s]*\d\b|\b\d+\b")


def close_question(question: Question, random_: random.Random) -> str | None:
    """The question with a name, a number or a word changed so that its passage no longer answers it, or None."""
    start, end = question.document.paragraphs[question.paragraph]
    paragraph, text = question.document.text[start:end], question.text
    answer = question.document.text[slice(*question.answer)] if question.answer else ""
    changed: list[str] = []
    for pattern in (NAME, NUMBER):
        others = {paragraph[a:b] for a, b in _found(pattern, paragraph)}
        others = {other for other in others if other not in text and answer not in other}
        for a, b in _found(pattern, text):
            fitting = sorted(other for other in others if _is_another(other, text[a:b], paragraph))
            if fitting:
                changed.append(text[:a] + random_.choice(fitting) + text[b:])
    typed = text.split(" ")
    for place, word in enumerate(typed):
        other = SWAPS.get(question.language, {}).get(word.casefold().rstrip("?,"))
        if other:
            other = (other.capitalize() if word[:1].isupper() else other) + word[len(word.rstrip("?,")) :]
            changed.append(" ".join([*typed[:place], other, *typed[place + 1 :]]))
    if question.language == "en" and random_.random() < NEGATED_TOO:
        for place, word in enumerate(typed):
            if word.casefold() in NEGATED:
                changed.append(" ".join([*typed[:place], NEGATED[word.casefold()], *typed[place + 1 :]]))
                break
    return random_.choice(changed) if changed else None


def _found(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    for found in pattern.finditer(text):
        yield found.start(), found.start() + len(POSSESSIVE.sub("", found.group()))


def _is_another(other: str, one: str, paragraph: str) -> bool:
    """Whether `other`, of the paragraph, names something else of the same kind as `one`, as far as words can tell."""
    theirs, ours = other.casefold().split(), one.casefold().split()
    if set(theirs) & set(ours) or OF_A_CALENDAR.isdisjoint(theirs) != OF_A_CALENDAR.isdisjoint(ours):
        return False
    if other[0].isdigit():
        return True
    initials = {"".join(word[0] for word in words) for words in (theirs, ours) if len(words) > 1}
    is_common = re.search(rf"\b{re.escape(other.lower())}\b", paragraph)  # "First", "It"
    is_like = SequenceMatcher(None, other.casefold(), one.casefold()).ratio() > LIKE
    return not is_common and not is_like and initials.isdisjoint({other.casefold(), one.casefold()})
