"""Which questions take a sentence for an answer."""

import pytest

from index.language import detect_language
from qa.question_kinds import wants_sentence


@pytest.mark.parametrize(
    "question",
    [
        "Has the summit been cancelled?",
        "isn't the summit cancelled",
        "Which cities were hit?",
        "What countries did he visit?",
        "who is marco rubio",
        "Qu'est-ce que le Tomahawk ?",
        "Qu’est-ce que l’OTAN ?",
        "Le sommet a-t-il été annulé ?",
        "Est-ce que le sommet est annulé ?",
        "quelles villes ont été touchées",
        "qui est Rubio ?",
        "¿Ha sido cancelada la cumbre?",
        "¿Quién es Marco Rubio?",
        "Wird der Gipfel stattfinden?",
        "Welche Städte wurden getroffen?",
        "È stato annullato il vertice di Budapest?",
    ],
)
def test_a_sentence(question: str) -> None:
    assert wants_sentence(question, detect_language(question))


@pytest.mark.parametrize(
    "question",
    [
        "where will the summit be held?",
        "What is the capital of Australia?",
        "Who is the president of France?",
        "how many drones did Russia launch",
        "What class is he in",
        "Which city was hit?",
        "où se tiendra le sommet ?",
        "Quand le sommet aura-t-il lieu ?",
        "Combien de drones a-t-on lancés ?",
        "Qui est le président ?",
        "¿Dónde se celebrará la cumbre?",
        "Wo findet der Gipfel statt?",
        "Wer ist der Präsident?",
        "?",
    ],
)
def test_words(question: str) -> None:
    assert not wants_sentence(question, detect_language(question))
