"""Passages and questions that look right and are not: what a reader must learn to refuse.

Wrong passages are those that the archive itself retrieves for a question and that do not hold its answer: the
reader meets just these in use. Close questions are answerable ones with one thing changed.
"""

import random
import re
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from index.archive import Archive
from index.types import Article
from training.data import Document, Question

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
    "larger/smaller minimum/maximum winner/loser won/lost began/ended above/below old/new inside/outside men/women "
    "earliest/latest biggest/smallest longest/shortest best/worst many/few major/minor rich/poor win/lose "
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
NAME = re.compile(r"(?<![.?!:»\"] )(?<!^)\b[A-ZÀ-Þ][\w’'-]+(?: (?:(?:of|the|de|du|des|la|von) )?[A-ZÀ-Þ][\w’'-]+)*")
NUMBER = re.compile(r"\b\d[\d.,\s]*\d\b|\b\d+\b")


def close_question(question: Question, random_: random.Random) -> str | None:
    """The question with a name, a number or a word changed so that its passage no longer answers it, or None."""
    start, end = question.document.paragraphs[question.paragraph]
    paragraph, text = question.document.text[start:end], question.text
    answer = question.document.text[slice(*question.answer)] if question.answer else ""
    changed: list[str] = []
    for pattern in (NAME, NUMBER):
        asked = list(pattern.finditer(text))
        others = {found.group() for found in pattern.finditer(paragraph)}
        others = {other for other in others if other not in text and answer not in other}
        # A part of the name asked about is no other name.
        for found in asked:
            words = set(found.group().casefold().split())
            fitting = sorted(other for other in others if not words & set(other.casefold().split()))
            if fitting:
                changed.append(text[: found.start()] + random_.choice(fitting) + text[found.end() :])
    typed = text.split(" ")
    for place, word in enumerate(typed):
        other = SWAPS.get(question.language, {}).get(word.casefold().rstrip("?,"))
        if other:
            changed.append(" ".join([*typed[:place], other + ("?" if word.endswith("?") else ""), *typed[place + 1 :]]))
    if question.language == "en" and random_.random() < 0.3:
        for place, word in enumerate(typed):
            if word.casefold() in NEGATED:
                changed.append(" ".join([*typed[:place], NEGATED[word.casefold()], *typed[place + 1 :]]))
                break
    return random_.choice(changed) if changed else None
