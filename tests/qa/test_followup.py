"""Follow-up questions: completed where they cannot stand alone, left as they are where they can."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.assistant import Assistant
from qa.followup import Understood, understood
from qa.question import LONGEST_QUESTION
from qa.types import Turn

OU = Turn("où se tiendra le sommet ?", "Budapest, en Hongrie [1]")
WHERE = Turn("where will the summit be held?", "Budapest, en Hongrie [1]")
CALL = Turn("How long did the phone call between Trump and Putin last?", "plus de deux heures [1]")
WHO = Turn("Who is Ukraine's ambassador to the United States?", "Olga Stefanishyna [1][2]")
QUI = Turn("Qui est le secrétaire général de l'OTAN ?", "Mark Rutte [1]")
DRONES = Turn("Combien de drones la Russie a-t-elle lancés sur l'Ukraine ?", "plus de 300 [1]")
DEATHS = Turn("Combien de gendarmes se sont donné la mort en 2018 ?", "33 gendarmes [1]")
DONDE = Turn("¿Dónde se reunieron Trump y Putin en agosto?", "Alaska [1]")
WANN = Turn("Wann sollen sich die hochrangigen Berater treffen?", "")
OWNER = Turn("Who was the first president of France?", "Louis-Napoléon Bonaparte [1]")
DRONES_ON = Turn("Combien de drones ont été lancés le 16 octobre ?", "28 [1]")
SALES = Turn("How many cars were sold in March 2024?", "200 [1]")
AM = Turn("Was geschah in Kiew am 16. Oktober?", "")
INFLATION = Turn("Wie hoch ist die Inflation?", "2 Prozent [1]")
GIPFEL = Turn("Wo findet der Gipfel statt?", "Budapest [1]")
KANZLER = Turn("Wer ist Kanzler in Deutschland?", "Friedrich Merz [1]")

COMPLETED = [
    # A question word alone takes the place of the last one.
    (OU, "et quand ?", "quand se tiendra le sommet ?", "le sommet"),
    (OU, "Et quand?", "quand se tiendra le sommet ?", "le sommet"),
    (OU, "pourquoi", "pourquoi se tiendra le sommet ?", "le sommet"),
    (OU, "c'est quand ?", "quand se tiendra le sommet ?", "le sommet"),
    (OU, "avec qui exactement ?", "avec qui se tiendra le sommet ?", "le sommet"),
    (WHERE, "and when?", "when will the summit be held?", "the summit"),
    (WHERE, "since when", "since when will the summit be held?", "the summit"),
    (DONDE, "¿y cuándo?", "¿cuándo se reunieron Trump y Putin en agosto?", "Trump y Putin en agosto"),
    (DONDE, "y por que", "¿por que se reunieron Trump y Putin en agosto?", "Trump y Putin en agosto"),
    (WANN, "und wo?", "wo sollen sich die hochrangigen Berater treffen?", "die hochrangigen Berater"),
    (DRONES, "quand ?", "quand la Russie a-t-elle lancés sur l'Ukraine, drones ?", "drones, la Russie, l'Ukraine"),
    # Also where the last one had none, and in another language.
    (Turn("Has the summit been cancelled?", ""), "why?", "why has the summit been cancelled?", "the summit"),
    (OU, "and when?", "when se tiendra le sommet ?", "le sommet"),
    # A pronoun brings the topic, behind the question.
    (OU, "combien de temps durera-t-il ?", "combien de temps durera-t-il, le sommet ?", "le sommet"),
    (OU, "il durera combien de temps", "il durera combien de temps, le sommet", "le sommet"),
    (WHERE, "How long will it last?", "How long will it last, the summit?", "the summit"),
    (CALL, "did he agree?", "did he agree, {}?", "the phone call between Trump and Putin"),
    (CALL, "When did it take place?", "When did it take place, {}?", "the phone call between Trump and Putin"),
    (
        CALL,
        "What did Trump say about it?",
        "What did Trump say about it, {}?",
        "the phone call between Trump and Putin",
    ),
    (OU, "Qu'en pense Zelensky ?", "Qu'en pense Zelensky, le sommet ?", "le sommet"),
    (OU, "Trump l'a-t-il confirmé ?", "Trump l'a-t-il confirmé, le sommet ?", "le sommet"),
    (WHERE, "what was decided at that meeting?", "what was decided at that meeting, the summit?", "the summit"),
    (DONDE, "¿cuál fue su reacción?", "¿cuál fue su reacción, {}?", "Trump y Putin en agosto"),
    (WANN, "was sagte Merkel dazu?", "was sagte Merkel dazu, die hochrangigen Berater?", "die hochrangigen Berater"),
    # The name that answered, where the last question asked for one.
    (WHO, "is she married", "is she married, {}", "Olga Stefanishyna, Ukraine's ambassador to the United States"),
    (QUI, "qu'a-t-il dit ?", "qu'a-t-il dit, {} ?", "Mark Rutte, le secrétaire général de l'OTAN"),
    (OU, "qui sera là-bas ?", "qui sera là-bas, Budapest, en Hongrie, le sommet ?", "Budapest, en Hongrie, le sommet"),
    # A fragment is put into the last question, or behind it.
    (DEATHS, "et en 2019 ?", "Combien de gendarmes se sont donné la mort en 2019 ?", "gendarmes, la mort"),
    (OWNER, "and of Germany?", "Who was the first president of Germany?", "the first president"),
    (OWNER, "what about Germany?", "Who was the first president of Germany?", "the first president"),
    (DRONES_ON, "Et le 17 octobre ?", "Combien de drones ont été lancés le 17 octobre ?", "drones"),
    (SALES, "And in April 2025?", "How many cars were sold in April 2025?", "cars, sold"),
    (AM, "Und am 17. Oktober?", "Was geschah in Kiew am 17. Oktober?", "Kiew"),
    (INFLATION, "Und in Frankreich?", "Wie hoch ist die Inflation, in Frankreich?", "die Inflation"),
    (GIPFEL, "Und Selenskyj?", "Wo findet der Gipfel statt, Selenskyj?", "der Gipfel"),
    (KANZLER, "Und in Österreich?", "Wer ist Kanzler in Österreich?", "Kanzler"),
    (OU, "et pour Zelensky ?", "où se tiendra le sommet, pour Zelensky ?", "le sommet"),
    (WHERE, "in 2026?", "where will the summit be held, in 2026?", "the summit"),
    # A question word with one word more does not say of what.
    (WHERE, "who won?", "who won, the summit?", "the summit"),
    (OU, "combien de morts ?", "combien de morts, le sommet ?", "le sommet"),
    (OU, "dans quelle ville", "dans quelle ville, le sommet", "le sommet"),
    (DONDE, "¿cuánto duró?", "¿cuánto duró, Trump y Putin en agosto?", "Trump y Putin en agosto"),
    (WHERE, "tell me more", "tell me more, the summit", "the summit"),
]

STANDING_ALONE = [
    # With what they ask about.
    (OU, "Qui est le secrétaire général de l'OTAN ?"),
    (OU, "qui est macron"),
    (OU, "et qui est Olga Stefanishyna ?"),
    (OU, "quand macron a-t-il demissionne"),
    (WHERE, "how many drones did russia launch on october 16"),
    (WHERE, "and what is the capital of Hungary?"),
    (WHERE, "why Budapest?"),
    (CALL, "when will the summit end"),
    (DONDE, "¿quién es Omar Radi?"),
    (DONDE, "¿dónde está Macron?"),
    (WANN, "Wer ist Angela Merkel?"),
    (WANN, "Wie viele Menschen leben in Berlin?"),
    # Words alone, which are a new search.
    (OU, "grève sncf"),
    (OU, "Beyoncé"),
    (WHERE, "FICO?"),
    # A pronoun that means nothing.
    (WHERE, "what time is it in Paris?"),
    (WHERE, "Is it true that Macron resigned?"),
    (WHERE, "How long does it take to fly to Mars?"),
    (WHERE, "How many planets are there?"),
    (OU, "quel temps fait-il à Paris ?"),
    (OU, "quelle heure est-il ?"),
    (OU, "y a-t-il des blessés à Kiev ?"),
    (OU, "combien faut-il de voix pour gagner la primaire ?"),
    (OU, "que s'est-il passé à Nantes ?"),
    (WANN, "Gibt es Tote in Berlin?"),
    (WANN, "Können Sie mir sagen, wo Angela Merkel wohnt?"),
    # A pronoun that means something in the question.
    (CALL, "Why did Macron say he would resign?"),
    (CALL, "who said he would quit?"),
    (CALL, "Which university has its origins in a school of medicine?"),
    (CALL, "Before he was elected, what did Macron promise?"),
    (OU, "Le président sait-il qu'il va partir ?"),
    (OU, "Qui a perdu son portefeuille ?"),
    (DONDE, "¿Cuándo reabrió sus puertas la Bolsa de Varsovia?"),
    (WANN, "Warum hat der Bürgermeister gesagt, dass er zurücktritt?"),
    # This week is this week.
    (OU, "quel est le prix du pétrole cette semaine ?"),
    (WHERE, "what happened in Paris this morning?"),
    # Other languages than these are left alone.
    (OU, "峰会在哪里举行？"),
    (OU, "где пройдет саммит"),
    (WHERE, "e quando?"),
]


@pytest.mark.parametrize(("turn", "question", "wanted", "about"), COMPLETED)
def test_what_cannot_stand_alone_is_completed(turn: Turn, question: str, wanted: str, about: str) -> None:
    assert understood(question, [turn]) == Understood(wanted.format(about), about)


@pytest.mark.parametrize(("turn", "question"), STANDING_ALONE)
def test_what_stands_alone_is_left_as_it_is(turn: Turn, question: str) -> None:
    assert understood(question, [turn]) == Understood(question, None)


@pytest.mark.parametrize("question", ["et quand ?", "did he agree?", "and in France?", "who won?"])
@pytest.mark.parametrize("history", [[], [Turn("", "")], [Turn("?!", "Budapest")], [Turn("峰会在哪里举行？", "")]])
def test_a_history_of_nothing_changes_nothing(question: str, history: list[Turn]) -> None:
    assert understood(question, history) == Understood(question, None)


def test_a_chain_keeps_the_topic() -> None:
    history = [OU]
    for question, wanted in [
        ("et quand ?", "quand se tiendra le sommet ?"),
        ("combien de temps durera-t-il ?", "combien de temps durera-t-il, le sommet ?"),
        ("qui y participe ?", "qui y participe, le sommet ?"),
    ]:
        meant = understood(question, history)
        assert meant == Understood(wanted, "le sommet")
        history.append(Turn(meant.question, ""))


def test_a_new_question_begins_a_new_topic() -> None:
    history = [OU, Turn("Qui est Mark Rutte ?", "le secrétaire général de l'OTAN [1]")]
    assert understood("quel âge a-t-il ?", history).about == "Mark Rutte"


def test_a_turn_without_a_topic_is_looked_past() -> None:
    assert understood("and when?", [WHERE, Turn("so?", "")]).about == "the summit"


def test_what_the_question_says_itself_is_not_carried_over() -> None:
    assert understood("What will this summit cost?", [WHERE]).about is None


def test_what_would_be_too_long_to_ask_stands_alone() -> None:
    long = Turn("where will the summit be held, " + "x" * (LONGEST_QUESTION - 40) + "?", "")
    assert understood("and when exactly, please?", [long, long]).about is None


def test_the_conversations_of_the_bench_stay_understood() -> None:
    """`python -m bench.followups` reports them in full."""
    path = Path(__file__).parents[2] / "bench" / "questions" / "conversations.jsonl"
    asked = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    about = [understood(each["second"], [Turn(each["first"], each["answer"])]).about for each in asked]
    dragged = [each["id"] for each, found in zip(asked, about, strict=True) if each["stands_alone"] and found]
    missed = [each["id"] for each, found in zip(asked, about, strict=True) if not each["stands_alone"] and not found]
    assert sum(each["stands_alone"] for each in asked) >= len(asked) / 2 >= 30
    assert dragged == []
    assert len(missed) <= 6


def test_an_answer_says_what_was_understood(assistant: Assistant) -> None:
    first = assistant.ask("où se tiendra le sommet ?")
    assert (first.about, first.asked) == (None, first.question)
    second = assistant.ask("et quand ?", history=[first.turn])
    assert (second.question, second.asked) == ("et quand ?", "quand se tiendra le sommet ?")
    assert second.about == "le sommet"
    assert second.turn.question == second.asked


WORDS = [*"?,'-", "et", "and", "y", "und", "quand", "who", "il", "le", "this", "Macron", "2018", "a-t-il", "de", "l'"]
TEXTS = st.one_of(
    st.text(),
    st.lists(st.sampled_from(WORDS)).map(" ".join),
)


@given(
    TEXTS, st.lists(st.builds(Turn, TEXTS, TEXTS), max_size=4), st.sampled_from(["und", "en", "fr", "es", "de", "x"])
)
def test_any_conversation_is_understood_somehow(question: str, history: list[Turn], language: str) -> None:
    found = understood(question, history, language)
    if found.about is None:
        assert found.question == question
    else:
        assert found.about.strip() and 0 < len(found.question) <= LONGEST_QUESTION
