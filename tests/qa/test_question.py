"""Which questions can be asked, what the others are told, and of which time a text speaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import BadQuestion
from qa.question import LONGEST_QUESTION, TO_COME, agrees_in_time, checked, times_of


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("where will the summit be held?", "where will the summit be held?"),
        ("  where \n\t is\r\nit ?\u00a0", "where is it ?"),
        ("Où se tiendra le sommet ?", "Où se tiendra le sommet ?"),
        ("峰会在哪里举行？", "峰会在哪里举行？"),
        ("أين ستعقد القمة؟", "أين ستعقد القمة؟"),
        ("2025?", "2025?"),
        ("👨\u200d👩\u200d👧 who are they", "👨\u200d👩\u200d👧 who are they"),
        ("a" * LONGEST_QUESTION, "a" * LONGEST_QUESTION),
        ("a" + " " * 5000 + "b", "a b"),
        ("'; DROP TABLE articles; --", "'; DROP TABLE articles; --"),
    ],
)
def test_what_can_be_asked(question: str, wanted: str) -> None:
    assert checked(question) == wanted


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("", "empty; ask something"),
        (" \n\t ", "empty; ask something"),
        ("\u2003\u00a0", "empty; ask something"),
        ("?!…", "no word in it; ask with words"),
        ("👍🏽", "no word in it"),
        ("\u200b", "no word in it"),
        ("who\x00is", r"control character '\\x00'; take it out"),
        ("who\x1b[31mis", r"control character '\\x1b'"),
        ("who\x85is", r"control character '\\x85'"),
        ("who \ud800 is", "half a character"),
        ("a" * (LONGEST_QUESTION + 1), "2001 characters, more than 2000; ask for one thing at a time"),
        (None, "a question is text, not NoneType"),
        (b"who?", "a question is text, not bytes"),
        (["who?"], "a question is text, not list"),
    ],
)
def test_what_nobody_could_answer(question: str, told: str) -> None:
    with pytest.raises(BadQuestion, match=told):
        checked(question)


@given(st.text(st.characters()))
def test_any_text_is_cleaned_once_or_refused(question: str) -> None:
    try:
        clean = checked(question)
    except BadQuestion as refusal:
        assert len(str(refusal)) > 20
        return
    assert clean == checked(clean) == " ".join(clean.split())
    assert 0 < len(clean) <= LONGEST_QUESTION
    assert clean.split() == question.split()


SPOKEN = {
    "en": (
        [
            "When will they meet?",
            "Who won't come?",
            "Where is the summit due to start?",
            "They are going to talk.",
            "When is the next meeting?",
        ],
        ["Where did they meet?", "Who was there?", "The ministers arrived.", "What had happened?"],
    ),
    "fr": (
        ["Où se tiendra le sommet ?", "Qui va se rendre à Kiev ?", "La réunion aura lieu mardi.", "Le prochain sommet"],
        ["Où était le sommet ?", "Trump a déclaré la guerre finie.", "Ils parlèrent.", "Les deux avaient faim."],
    ),
    "es": (
        ["¿Dónde será la cumbre?", "¿Quién va a ganar?", "Los ministros viajarán.", "la próxima reunión"],
        ["¿Dónde fue la cumbre?", "Ha ganado el rey.", "Los ministros viajaron.", "Había gente."],
    ),
    "de": (
        ["Wo wird der Gipfel stattfinden?", "Wer soll kommen?", "das nächste Treffen", "Sie werden reden."],
        ["Wo war der Gipfel?", "Wer hat gewonnen?", "Sie wurden entlassen.", "Sie hatten Hunger."],
    ),
    "it": (
        ["Dove sarà il vertice?", "I ministri andranno a Roma.", "la prossima riunione"],
        ["Dove è stato il vertice?", "I ministri andarono a Roma.", "Trump ha parlato.", "Aveva fame."],
    ),
    "pt": (
        ["Onde será a cimeira?", "Quem vai ganhar?", "Os ministros viajarão.", "a próxima reunião"],
        ["Onde foi a cimeira?", "Os ministros chegaram.", "Tinha fome."],
    ),
    "ru": (
        ["Где пройдет саммит?", "Когда состоится встреча?", "Выборы ожидаются в мае.", "следующая встреча"],
        ["Где прошёл саммит?", "Министры приехали в Москву.", "Встреча состоялась.", "Он был там."],
    ),
    "ar": (
        ["أين ستعقد القمة؟", "سيلتقي الرئيسان في بودابست", "الاجتماع المقبل"],
        ["أين كانت القمة؟", "التقى الرئيسان", "قال الوزير ذلك"],
    ),
}
TO_COME_CASES = [(language, text) for language, (to_come, _) in SPOKEN.items() for text in to_come]
PAST_CASES = [(language, text) for language, (_, past) in SPOKEN.items() for text in past]


@pytest.mark.parametrize(("language", "text"), TO_COME_CASES)
def test_what_is_to_come(language: str, text: str) -> None:
    assert times_of(text, language) == {"to come"}


@pytest.mark.parametrize(("language", "text"), PAST_CASES)
def test_what_has_been(language: str, text: str) -> None:
    assert times_of(text, language) == {"past"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The summit is scheduled for November in Budapest."),
        ("en", "Two meetings are now planned in the United States."),
        ("en", "The vote is set for Monday."),
        ("fr", "Le sommet est prévu en novembre."),
        ("fr", "Les élections sont désormais fixées au 3 mai."),
        ("es", "La cumbre está prevista para mayo."),
        ("en", "WHERE WILL THE SUMMIT BE HELD?"),
        ("en", "Will they meet?"),
        ("es", "¿Habrá cumbre?"),
        ("de", "Der Gipfel ist für November in Basel geplant."),
        ("de", "Das Museum wird am 4. Mai eröffnet."),
        ("it", "La riunione è prevista per maggio."),
        ("pt", "A cimeira está marcada para maio."),
    ],
)
def test_what_is_planned_is_to_come(language: str, text: str) -> None:
    assert agrees_in_time(True, times_of(text, language)) == 1


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The United States need speed."),
        ("en", "A hundred people succeed here."),
        ("en", "Who is Will Smith?"),
        ("en", "Is there a free will?"),
        ("fr", "Qui est Shakira ?"),
        ("fr", "Où se trouve le Jura ?"),
        ("fr", "Qui dirige la Sierra Leone ?"),
        ("fr", "Le sommet a lieu lundi."),
        ("fr", "Le sommet est samedi, aux environs de Paris."),
        ("es", "¿Quién es el presidente de Irán?"),
        ("es", "¿Quién gobierna en teherán?"),
        ("de", "Wie wird der Preis genannt?"),
        ("it", "Chi è il leader supremo dell'Iran?"),
        ("pt", "Onde fica o Pará?"),
        ("pt", "Quem é o presidente do Irão?"),
        ("pt", "É o padrão do verão."),
        ("ru", "редактор журнала"),
        ("ar", "سياسة السيارات ستة"),
    ],
)
def test_what_only_looks_past_or_to_come_is_neither(language: str, text: str) -> None:
    assert times_of(text, language) == frozenset()


@pytest.mark.parametrize("language", TO_COME)
def test_where_no_time_shows(language: str) -> None:
    assert times_of("Budapest", language) == times_of("", language) == frozenset()


def test_a_language_without_forms_says_nothing() -> None:
    assert times_of("Where will it be, and where was it?", "zh") == frozenset()
    assert times_of("Where will it be, and where was it?", "en") == {"past", "to come"}


@given(st.text(), st.sampled_from([*TO_COME, "und", "zh"]))
def test_any_text_has_times_or_none(text: str, language: str) -> None:
    assert times_of(text, language) <= {"past", "to come"}
