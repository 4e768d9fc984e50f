"""Sentence borders: the hard cases of six languages, and what holds of any text."""

from typing import Any

import pytest
import sentencex
from hypothesis import given, settings
from hypothesis import strategies as st

from index.sentences import paragraphs, sentences, trimmed

# One text a line; `|` marks the borders that are wanted, and is taken out before the text is read.
HARD_CASES = {
    "en": """
        Atty. Gen. Rob Bonta sued. | Dist. Atty. Nathan Hochman agreed.
        Dr. Smith met Mr. and Mrs. Jones on Elm St. near the bank. | They left.
        J. R. R. Tolkien wrote it. | C. S. Lewis read it.
        The price rose 3.5 per cent to $1,234.56. | Nobody was surprised.
        See https://example.org/a.b?c=d. | It explains everything.
        “Stop! Who goes there?” shouted the guard. | Nobody answered.
        "Is it over? Yes." | The crowd cheered.
        "Will it end?" asked Gov. Ann Walker. | "No!" said Sen. John Cole.
        Washington (D.C.) voted on Jan. 5, 2021. | Turnout was high.
        The U.S. Senate met at 9 a.m. on Monday. | The vote failed.
        He waited… and waited. | Then he left.
        "We did it... somehow," she said. | The room laughed.
        Is it true? | Yes! | It is.
        She studied at St. Andrews, e.g. history, i.e. the past. | He did not.
        It was no. 5 on the list. | She said no. | Then she left.
        Acme Inc. Chairman Ed. Brown resigned. | Shares fell.
        The company, Smith & Co. Ltd., closed. | Staff cried.
        Prof. Lt. Col. A. B. Clarke spoke first. | (He is a doctor.) Others followed.
        Amb. Hill met Spc. Roe on Rte. 66. | Const. Lee was there.
        Gen. Mark A. Milley and Rep. Adam B. Schiff agreed. | Sens. Lee and Paul did not.
    """,
    "fr": """
        Le Gén. Burkhard a parlé. | Personne n'a répondu.
        M. Dupont et Mme. Durand ont vu le Dr. Martin. | Ils sont repartis.
        MM. Mesnier et Carli ont voté. | Me. Dubois a plaidé.
        J.-P. Raffarin a parlé à M. J. Chirac. | Le président a souri.
        « Je le lui ai dit. Il n’a pas aimé. Tant pis. » | Trump a ri.
        « Viens ! » a-t-il crié. | « Où ? » a-t-elle répondu.
        « Cela vous dérangerait-il ? », a rapporté Trump. | « Non. »
        Il a dit : « J’ai effectivement dit : ‘Qui ?’ », puis s’est tu. | Rideau.
        Le PIB a crû de 3,5 % en 2020, soit 1.234,56 euros. | C’est peu.
        Il hésite… puis repart. | Elle attend... | Rien.
        Av. J.-C., Rome était petite. | Elle a grandi.
        L’art. 5 de la loi, p. 12, vol. 3, le dit. | Personne ne l’a lu.
        Le 1er oct. 2025, à 9 h. 30, le bd. Voltaire a fermé. | Les riverains râlent.
        Voir www.exemple.fr/page.html ou a.b@exemple.fr pour la suite. | Merci.
        Est-ce vrai ? | Oui ! | Bien sûr.
        "Ça suffit ! On rentre", a lancé M. Macron. | "D’accord !" a dit Th. Breton.
        La N.A.S.A. et l’O.T.A.N. ont signé. | Paris aussi.
        Les élus (maires, députés, etc.) ont voté. | Le texte passe.
        La Cie. Air France et les Éts. Michelin ont signé. | Fin.
        Marine Le Pen vit ici. | Elle y est née.
    """,
    "es": """
        —¡No iremos! —dijo Sánchez. | Nadie habló.
        El Cnel. Pérez llegó. | El Sgto. Díaz no.
        El Sr. García y la Sra. López viven en la Av. Corrientes. | Son felices.
        La Dra. Ruiz, p. ej., opera los lunes. | El Dr. Sanz no.
        ¿Quién viene? | ¡Nadie! | Qué pena.
        «¿Vienes? Te espero», dijo. | «¡No!» respondió ella.
        “Vamos. No hay tiempo”, dijo el Gral. Prim. | Nadie se movió.
        EE. UU. y la UE firmaron el 5 de mayo. | El acuerdo dura poco.
        EE.UU. ganó 3,5 millones. | México perdió 1.234,56.
        El art. 3, pág. 12, núm. 5 lo dice. | Nadie lo leyó.
        J. L. Borges nació en 1899. | G. García Márquez, en 1927.
        Dijo que sí. | Luego se fue.
        Esperó… y esperó. | Después se marchó...
        Véase https://ejemplo.es/a.b?c=d en la red. | Es breve.
        Dª. Elena y D. Juan llegaron. | La Srta. Paz no.
        El siglo V a.C. Atenas mandaba. | Luego cayó.
        "¡Basta ya! Fuera", gritó. | "¿Por qué?" preguntó él.
        El Lic. Pérez y la Ing. Mora hablaron. | Ud. decide.
    """,
    "de": """
        Der stellv. Vorsitzende ging. | Dipl.-Ing. Hans Weber blieb.
        Fa. Müller und Dr. jur. Klein zahlen bis zum 31.12. Mittags 50 Tsd. Euro. | Bgm. Huber nicht.
        Am 5. Oktober kam Dr. Müller. | Er blieb.
        Der 1. FC Köln gewann am 12. Spieltag. | Die Fans jubelten.
        Das gilt z. B. für Hunde, d. h. fast immer. | Katzen nicht.
        Das gilt z.B. für Bonn, u.a. wegen Hr. Kohl. | Berlin nicht.
        „Komm. Geh.“ | Dann ging er. | Sie blieb.
        „Kommst du?“ fragte sie. | „Nein!“ rief er.
        »Halt! Wer da?«, rief die Wache. | Niemand antwortete.
        Der Umsatz stieg um 3,5 Prozent auf 1.234,56 Euro. | Das reicht.
        Es kostet 5 Mio. Euro bzw. 3 Mrd. Dollar. | Zu viel.
        J. W. Goethe und Fr. Schiller schrieben. | Th. Mann auch.
        Papst Johannes XXIII. Konzil genannt. | Ein Satz.
        Er wartete … und ging. | Sie auch...
        Laut § 5 Abs. 2 Nr. 3 ist das verboten. | Er zahlte.
        Siehe www.beispiel.de/a.html usw. im Netz. | Dort steht es.
        Prof. Dr. h. c. Meier sprach. | Alle klatschten.
        Im 19. Jahrhundert, ca. 1850, v. Chr. Geburt nicht. | Ende.
        Wirklich? | Ja! | Gut.
    """,
    "it": """
        Il sig. Rossi e la sig.ra Bianchi sono partiti. | Il dott. Verdi no.
        L’avv. Conte e l’on. Meloni hanno parlato. | L’ing. Neri ha taciuto.
        «Vieni? Ti aspetto», ha detto. | «No!» ha risposto lei.
        “Basta. Andiamo via”, ha gridato. | Nessuno si è mosso.
        Il PIL è salito del 3,5% a 1.234,56 euro. | È poco.
        L’art. 5, pag. 12, n. 3 lo vieta. | Nessuno lo legge.
        G. Verdi e A. Manzoni erano amici. | U. Eco no.
        Dice di sì. | Poi parte.
        La Fiat S.p.A. ha chiuso. | Gli operai protestano.
        Ha aspettato… e aspettato. | Poi è uscito...
        Vedi www.esempio.it/a.b.html in rete. | È breve.
        Chi è? | Nessuno! | Strano.
        Il gen. Rossi, mons. Bruni ecc. erano lì. | Poi sono usciti.
        Nel V sec. a.C. Roma era piccola. | Poi crebbe.
        "È finita? Sì", ha detto il prof. Galli. | "Bene!" ha risposto.
        Il 5 ott. 2025 alle 9.30 piove. | Domani no.
    """,
    "pt": """
        O Sr. Silva e a Sra. Costa moram na Av. Paulista. | São felizes.
        O Dr. Lima e a Dra. Reis chegaram. | O Prof. Dias não.
        “Vamos. Não há tempo”, disse o Gen. Prado. | Ninguém se mexeu.
        «Vens? Espero-te», disse. | «Não!» respondeu ela.
        O PIB subiu 3,5% para 1.234,56 euros. | É pouco.
        O art. 5, pág. 12, n. 3 proíbe. | Ninguém leu.
        J. M. Barroso e A. Costa falaram. | M. Soares não.
        P. ex. Lisboa e, p.ex., Porto. | Braga não.
        Esperou… e esperou. | Depois saiu...
        Veja www.exemplo.pt/a.b.html. | É breve.
        Quem é? | Ninguém! | Estranho.
        D. Maria e o Exmo. Sr. Ministro riram. | O Eng. Sousa não.
        No séc. V a.C. Atenas mandava. | Depois caiu.
        "Acabou? Sim", disse ele. | "Bom!" respondeu ela.
        Disse que sim. | Depois foi embora.
        Em 5 out. 2025, às 9.30, chove. | Amanhã não.
    """,
}
CASES = [
    pytest.param(language, line.strip(), id=f"{language}-{line.strip()[:40]}")
    for language, lines in HARD_CASES.items()
    for line in lines.strip().splitlines()
]


@pytest.mark.parametrize(("language", "marked"), CASES)
def test_hard_cases(language: str, marked: str) -> None:
    wanted = [sentence.strip() for sentence in marked.split("|")]
    text = " ".join(wanted)
    assert [text[slice(*span)] for span in sentences(text, language)] == wanted


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("ru", "«Мы победим!» — заявил Зеленский. | Все молчали."),
        ("ru", "Его судят по ч. 4 ст. 159 УК РФ. | Он молчит."),
        ("ru", "В Москву прилетел Дж. Вэнс. | Его ждали на пл. Революции."),
        ("ar", "قال أ.د. سمير ذلك. | ثم غادر."),
        ("ru", "Адм. Ушаков и ген.-лейт. Петров прибыли. | Их ждали."),
        ("pl", "Przemawiał gen. Sikorski, m.in. Warszawie. | Potem ks. Popiełuszko."),
        ("nl", "Dat zei mw. De Vries. | Zij ging weg."),
        ("tr", "Bu 2. Dünya Savaşı oldu. | Sonra bitti."),
        ("pl", "– Wygramy! – powiedział Tusk. | Nikt nie odpowiedział."),
    ],
)
def test_hard_cases_of_other_languages(language: str, marked: str) -> None:
    test_hard_cases(language, marked)


def test_every_language_has_a_dozen_hard_cases() -> None:
    assert all(len(lines.strip().splitlines()) >= 12 for lines in HARD_CASES.values())


def test_two_letters_and_a_stop_join_only_where_no_word_is_made_of_them() -> None:
    assert count("Ch. Michel et Ph. Lamy partent. Li Bo reste.", "fr") == 2
    assert count("Il a vu Mme Li. Elle part.", "fr") == 2


def test_a_letter_before_a_stop_is_an_initial_in_arabic_names_too() -> None:
    assert count("كتب المؤرخ فريديريك و. موت عن الصين. ثم مات.", "ar") == 2


@pytest.mark.parametrize(
    ("language", "text", "number"),
    [
        ("zh", "这是一个句子。这是第二个句子！第三？", 3),
        ("ja", "これは文です。次の文です。", 2),
        ("hi", "यह वाक्य है। यह दूसरा है।", 2),
        ("ar", "مرحبا بك. كيف حالك؟ أنا بخير.", 3),
        ("th", "อากาศดี พรุ่งนี้ฝนตก", 1),
        ("und", "One. Two. Three.", 3),
        ("xx", "One two. Three four.", 2),
        ("not a code", "One two. Three four.", 2),
    ],
)
def test_other_languages_and_none(language: str, text: str, number: int) -> None:
    assert count(text, language) == number


def test_nothing_but_a_sign_that_ends_a_sentence_ends_one() -> None:
    assert count("les Landes (40) Manche (50), Oise (60)", "fr") == 1
    assert count("جون هوبسون (1858 - 1940) وجوزيف شومبيتر (1883 - 1950)", "ar") == 1


def test_a_small_letter_in_brackets_or_quotation_marks_goes_on() -> None:
    assert count("Un prix de 9 millions ? (environ un million d’euros) Oui.", "fr") == 1
    assert count('"Vous avez tout ce qu’il faut ! " a t-il lâché.', "fr") == 1


def test_offsets_count_code_points() -> None:
    text = "😀 Hi there. 👍 What? 𝔘 Yes."
    assert [text[slice(*span)] for span in sentences(text, "en")] == ["😀 Hi there.", "👍 What?", "𝔘 Yes."]


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2009", "\u3000", "\u2028", "\x0b", "\x85", "\u1680"])
def test_unusual_spaces_are_spaces(space: str) -> None:
    text = f"Il a dit «{space}oui{space}»{space}. Elle{space}: non{space}! Bien{space}?"
    assert [text[slice(*span)] for span in sentences(text, "fr")] == [
        f"Il a dit «{space}oui{space}»{space}.",
        f"Elle{space}: non{space}!",
        f"Bien{space}?",
    ]


def test_a_very_long_line_is_read_in_parts_and_keeps_its_borders() -> None:
    text = "This is a sentence of some length. " * 1000
    spans = list(sentences(text, "en"))
    assert len(spans) == 1000
    assert {text[slice(*span)] for span in spans} == {"This is a sentence of some length."}


@pytest.mark.parametrize("text", ["«" * 150_000, '"«“' * 100_000, "a." * 150_000, "a" * 300_000, "(a. B " * 25_000])
def test_long_senseless_lines_take_no_square_of_time(text: str) -> None:
    spans = list(sentences(text, "fr"))  # minutes where time grows with the square
    assert (spans[0][0], spans[-1][1]) == (0, len(text.rstrip()))


def test_a_panic_in_the_library_leaves_the_paragraph_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    panic = type("PanicException", (BaseException,), {})

    def get_sentence_boundaries(*_: Any) -> Any:
        raise panic

    monkeypatch.setattr(sentencex, "get_sentence_boundaries", get_sentence_boundaries)
    assert list(sentences("One. Two.", "en")) == [(0, 9)]


def test_an_interruption_is_no_panic(monkeypatch: pytest.MonkeyPatch) -> None:
    def get_sentence_boundaries(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(sentencex, "get_sentence_boundaries", get_sentence_boundaries)
    with pytest.raises(KeyboardInterrupt):
        list(sentences("One. Two.", "en"))


LANGUAGES = st.sampled_from(["en", "fr", "es", "de", "it", "pt", "ar", "zh", "ja", "th", "ru", "hi", "und", "xx"])
# Any text, and texts dense in what borders depend on.
SIGNS = [
    *".!?…。؟।«»“”„‘’\"'()[]:;,-– \n\u00a0\u202f\u2028\u200b\u200d\u0301Aa1中",
    ". ",
    "M. ",
    " Dr. ",
    "z. B.",
    "J.-P.",
    "👨‍👩‍👧",
]
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.lists(st.sampled_from(SIGNS)).map("".join)


@settings(deadline=None)
@given(TEXTS, LANGUAGES)
def test_spans_are_ordered_trimmed_and_hold_every_sign(text: str, language: str) -> None:
    position = 0
    for start, end in sentences(text, language):
        assert position <= start < end <= len(text)
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        assert "\n" not in text[start:end]
        position = end
    assert not text[position:].strip()


@settings(deadline=None)
@given(TEXTS)
def test_paragraphs_are_the_lines_with_something_in_them(text: str) -> None:
    assert [text[slice(*span)] for span in paragraphs(text)] == [
        part.strip() for part in text.split("\n") if part.strip()
    ]


@settings(deadline=None)
@given(TEXTS, st.integers(0, 50), st.integers(0, 50))
def test_trimmed_is_strip(text: str, start: int, length: int) -> None:
    end = min(start + length, len(text))
    start = min(start, end)
    assert text[slice(*trimmed(text, start, end))] == text[start:end].strip()


def count(text: str, language: str) -> int:
    return len(list(sentences(text, language)))
