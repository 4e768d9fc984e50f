"""The span reader around any model: which words it points at, how it trims them, when it gives sentences."""

import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sentences import sentences
from index.spans import Window
from index.types import Article, Passage
from qa.read import (
    NEARLY_AS_GOOD,
    SpanReader,
    agree,
    best_pair,
    folded,
    pointed,
    shortest_nearly_as_good,
    whole_words,
)
from qa.types import Candidate

TEXT = (
    "The leaders met in Alaska in August. They will meet again in Budapest, Hungary, next month.\n"
    "“We will talk,” said the president (of the United States). The date is open."
)


class Pointing:
    """A span model that knows which words to point at, and how surely."""

    def __init__(self, scores: dict[str, float], none: float = 0.0, window: int = 1000) -> None:
        self.scores, self.none, self.window = scores, none, window
        self.seen: list[tuple[str, tuple[str, str]]] = []

    def score(self, question: str, pairs: Sequence[tuple[str, str]]) -> list[list[Window]]:
        self.seen += [(question, pair) for pair in pairs]
        return [
            [self._window(passage, at) for at in range(0, max(1, len(passage)), self.window)] for _, passage in pairs
        ]

    def _window(self, passage: str, at: int) -> Window:
        """A token for each code point, but for spaces."""
        offsets = [(i, i + 1) for i in range(at, min(at + self.window, len(passage))) if not passage[i].isspace()]
        start, end = (np.full(len(offsets), -5.0, np.float32) for _ in range(2))
        for words, score in self.scores.items():
            place = passage.find(words)
            for row, (left, right) in enumerate(offsets):
                if place >= 0 and left == place:
                    start[row] = score
                if place >= 0 and right == place + len(words):
                    end[row] = score
        return Window(offsets, start, end, self.none)


def candidate(text: str = TEXT, name: str = "a", rank: int = 1, **fields: str) -> Candidate:
    article = Article(name, text, fields.get("title", "Peace talks"), language="en")
    return Candidate(Passage(1, name, 0, len(text), text), article, rank, tuple(sentences(text, "en")))


def words(reader: SpanReader, question: str, *candidates: Candidate) -> list[list[str]]:
    return [
        [each.article.text[evidence.start : evidence.end] for evidence in reading]
        for each, reading in zip(candidates, reader.read(question, candidates), strict=True)
    ]


def test_the_surest_words_come_first() -> None:
    reader = SpanReader(Pointing({"Budapest, Hungary": 9.0, "Alaska": 4.0}))
    assert words(reader, "where will they meet?", candidate())[0][:2] == ["Budapest, Hungary", "Alaska"]


def test_surer_words_are_likelier_to_be_right() -> None:
    sure = SpanReader(Pointing({"Alaska": 9.0})).read("where?", [candidate()])[0][0].probability
    unsure = SpanReader(Pointing({"Alaska": 4.0})).read("where?", [candidate()])[0][0].probability
    assert 0 <= unsure < sure <= 1


def test_what_the_model_takes_for_no_answer_supports_nothing() -> None:
    def agreement(none: float) -> float:
        two = [candidate(), candidate("They met in Alaska. Nobody said why.", "b", 2)]
        found = SpanReader(Pointing({"Alaska": 9.0}, none=none)).find("where?", two)
        return found[0][0].scored.agreement

    assert agreement(none=0.0) > 0.5
    assert agreement(none=20.0) < 0.1


@pytest.mark.parametrize("question", ["Will they meet again?", "Which towns are named?", "what is Budapest?"])
def test_whether_which_ones_and_what_something_is_take_a_sentence(question: str) -> None:
    reader = SpanReader(Pointing({"Budapest": 9.0}))
    assert words(reader, question, candidate())[0][0].startswith("They will meet again in Budapest, Hungary, next")


def test_only_sentences_that_may_be_quoted_are_read() -> None:
    whole = candidate()
    allowed = Candidate(whole.passage, whole.article, 1, whole.sentences[:1])
    assert words(SpanReader(Pointing({"Budapest": 9.0, "Alaska": 1.0})), "where?", allowed) == [["Alaska"]]
    assert SpanReader(Pointing({})).read("where?", [Candidate(whole.passage, whole.article, 1, ())]) == [[]]


def test_nothing_read_is_nothing_found() -> None:
    assert SpanReader(Pointing({})).read("where?", []) == []


def test_the_same_words_in_another_passage_make_surer() -> None:
    other = candidate("Budapest was chosen. Nobody said why.", "b", 2)
    reader = SpanReader(Pointing({"Budapest": 3.0, "Alaska": 3.0}, none=4.0))
    alone = reader.find("where?", [candidate()])[0]
    together = reader.find("where?", [candidate(), other])[0]
    assert [each.scored.agreement for each in alone] == [0.0] * len(alone)
    by_words = {each.words: each.scored.agreement for each in together}
    assert by_words["Budapest"] > 0
    assert by_words["Alaska"] == 0


def test_answers_in_any_window_are_found_once_for_each_sentence() -> None:
    reader = SpanReader(Pointing({"Alaska": 4.0, "open": 8.0}, window=60))
    found = words(reader, "where?", candidate())[0]
    assert found[:2] == ["open", "Alaska"]
    assert len(found) == len(candidate().sentences)


def test_offsets_are_the_articles() -> None:
    article = Article("a", "A first paragraph.\n" + TEXT, "Talks", language="en")
    shift = len("A first paragraph.\n")
    spans = tuple(span for span in sentences(article.text, "en") if span[0] >= shift)
    late = Candidate(Passage(1, "a", shift, len(article.text), TEXT), article, 1, spans)
    assert words(SpanReader(Pointing({"Budapest": 9.0})), "where?", late)[0][0] == "Budapest"


def test_a_passage_comes_with_its_articles_title() -> None:
    article = Article("a", TEXT, "Peace talks", language="en")
    start = TEXT.index("\n") + 1
    late = Candidate(Passage(1, "a", start, len(TEXT), TEXT[start:]), article, 1, ())
    model = Pointing({})
    SpanReader(model).read("where?", [late])
    assert model.seen == [("where?", ("Peace talks", TEXT[start:]))]


@pytest.mark.parametrize(
    ("pointed", "expected"),
    [
        ("udapes", "Budapest"),
        ("Budapest,", "Budapest"),
        ("Budapest, Hungary,", "Budapest, Hungary"),
        ("“We will talk", "We will talk"),
        ("“We will talk,”", "“We will talk,”"),
        ("president (of the United States", "president (of the United States"),
        ("of the United States)", "of the United States"),
        ("open.", "open"),
        ("(of the United States)", "of the United States"),
        ("president (of the United States)", "president (of the United States)"),
    ],
)
def test_whole_words_without_stray_signs(pointed: str, expected: str) -> None:
    at = TEXT.index(pointed)
    start, end = whole_words(TEXT, (at, at + len(pointed)), (0, len(TEXT)))
    assert TEXT[start:end] == expected


def test_what_nobody_sees_inside_a_word_does_not_cut_it() -> None:
    text = "Sie findet in Kaisers\u00adlautern statt."
    start, end = whole_words(text, (14, 21), (0, len(text)))
    assert text[start:end] == "Kaisers\u00adlautern"
    assert agree(folded(text[start:end]), folded("Kaiserslautern"))


@pytest.mark.parametrize(
    ("text", "pointed"),
    [
        ("峰会将在布达佩斯举行。", "布达佩斯"),
        ("会議はブダペストで開かれる。", "ブダペスト"),
        ("การประชุมที่บูดาเปสต์จะเริ่ม", "บูดาเปสต์"),
    ],
)
def test_where_words_have_no_space_between_them_an_answer_is_not_widened(text: str, pointed: str) -> None:
    at = text.index(pointed)
    start, end = whole_words(text, (at, at + len(pointed)), (0, len(text)))
    assert text[start:end] == pointed
    assert agree(folded(pointed), folded(text))


@pytest.mark.parametrize(
    ("text", "pointed", "expected"),
    [
        ("Elle pourrait se tenir « d’ici deux semaines ».", "ici deux semaines", "d’ici deux semaines"),
        ("Russia launched more than 300 drones.", "than 300", "more than 300"),
        ("La Russie a lancé plus de 300 drones.", "de 300", "plus de 300"),
        ("They met after the war.", "the war", "the war"),
        ("They will come from here.", "here", "here"),
    ],
)
def test_an_answer_does_not_begin_in_the_middle_of_what_limits_it(text: str, pointed: str, expected: str) -> None:
    at = text.index(pointed)
    start, end = whole_words(text, (at, at + len(pointed)), (0, len(text)))
    assert text[start:end] == expected


@pytest.mark.parametrize("stray", ["(", " («", " „", " “", "«", " »", " [", " ‚"])
def test_quotation_marks_and_brackets_of_the_words_around_do_not_stay(stray: str) -> None:
    text = f"In Budapest{stray}the capital."
    start, end = whole_words(text, (3, text.index("the")), (0, len(text)))
    assert text[start:end] == "Budapest"


@pytest.mark.parametrize("pointed", ["„Ja“", "»Ja«", "«Oui»", "“Yes”", "‚Ja‘", "›Ja‹"])
def test_quotation_marks_that_belong_together_stay(pointed: str) -> None:
    text = f"Er rief {pointed} und ging."
    start, end = whole_words(text, (8, 8 + len(pointed)), (0, len(text)))
    assert text[start:end] == pointed


@pytest.mark.parametrize("pointed", ["3.5%", "20°", "$40", "«oui»", "50 €", "-25 °C", "–25 °C", "50٪", "C#", "%25"])
def test_signs_that_belong_to_a_value_stay(pointed: str) -> None:
    text = f"It is {pointed} now."
    start, end = whole_words(text, (6, 6 + len(pointed)), (0, len(text)))
    assert text[start:end] == pointed


@given(st.text(min_size=1, max_size=40), st.data())
def test_whole_words_stay_in_their_sentence_and_are_never_empty(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    found = whole_words(text, (start, end), (0, len(text)))
    assert 0 <= found[0] < found[1] <= len(text)


@given(st.lists(st.tuples(st.floats(-9, 9, width=32), st.floats(-9, 9, width=32)), min_size=1, max_size=40), st.data())
def test_the_best_pair_is_the_shortest_of_the_best_and_what_is_nearly_as_good_in_it(
    scores: list[tuple[float, float]], data: st.DataObject
) -> None:
    start, end = (np.array([each[side] for each in scores], np.float32) for side in (0, 1))
    *best, score = best_pair(start, end)
    names = data.draw(st.sets(st.integers(best[0], best[1])))
    first, last = shortest_nearly_as_good(start, end, (best[0], best[1]), [*names])
    allowed = {(i, j): start[i] + end[j] for i in range(len(start)) for j in range(i, min(i + 30, len(end)))}
    assert score == pytest.approx(float(max(allowed.values())), abs=1e-5)
    assert allowed[first, last] >= score - NEARLY_AS_GOOD - 1e-5
    assert best[0] <= first <= last <= best[1] and names <= {*range(first, last + 1)}
    shorter = [
        each
        for (i, j), each in allowed.items()
        if first <= i and j <= last and j - i < last - first and names <= {*range(i, j + 1)}
    ]
    assert all(each < score - NEARLY_AS_GOOD + 1e-5 for each in shorter)


@pytest.mark.parametrize(
    ("text", "best", "nearly_as_good", "marked"),
    [
        ("The talks will be held within two weeks.", "within two weeks", "two weeks", "within two weeks"),
        ("The talks will be held in two weeks.", "in two weeks", "two weeks", "two weeks"),
        ("Ils se verront « d’ici deux semaines ».", "d’ici deux semaines", "deux semaines", "d’ici deux semaines"),
        ("Ils étaient plus de 50 000 hier.", "plus de 50 000", "50 000", "plus de 50 000"),
        ("Sie sprachen nach der Wahl.", "nach der Wahl", "Wahl", "nach der Wahl"),
        ("They met after the vote in Rome.", "after the vote in Rome", "Rome", "Rome"),
        ("They met in Rome after the vote.", "Rome after the vote", "Rome", "Rome"),
        ("They meet at a place agreed on, Rome, in Italy.", "at a place agreed on, Rome, in Italy", "Rome, in Italy",
         "Rome, in Italy"),
        ("They meet at a place agreed on, Rome, in Italy.", "at a place agreed on, Rome, in Italy", "at a place",
         "at a place agreed on, Rome, in Italy"),
        ("They meet at a place agreed on, Rome, in Italy.", "a place agreed on, Rome, in Italy", "Rome, in Italy",
         "Rome, in Italy"),
        ("She met the farmers, Bretons and fishers.", "farmers, Bretons and fishers", "farmers",
         "farmers, Bretons and fishers"),
        ("They met in Rome in 1957.", "Rome in 1957", "Rome", "Rome in 1957"),
        ("Мост закончат не раньше 2027 года.", "не раньше 2027 года", "2027 года", "не раньше 2027 года"),
        ("Он стоит менее чем в 40 рублей.", "менее чем в 40 рублей", "40 рублей", "менее чем в 40 рублей"),
        ("Мост стоит в Москве.", "в Москве", "Москве", "Москве"),
        ("لن ينتهي قبل عام 2027 أبدا.", "قبل عام 2027", "عام 2027", "قبل عام 2027"),
        ("عاش في باريس وحده.", "في باريس", "باريس", "باريس"),
    ],
)  # fmt: skip
def test_an_answer_is_cut_short_neither_after_what_changes_it_nor_of_a_name(
    text: str, best: str, nearly_as_good: str, marked: str
) -> None:
    tokens = [found.span() for found in re.finditer(r"\w+|[^\w\s]", text)]
    start, end = (np.full(len(tokens), -9, np.float32) for _ in range(2))
    for words, score in ((nearly_as_good, 5 - NEARLY_AS_GOOD / 4), (best, 5.0)):
        begins = text.index(words)
        start[[token[0] for token in tokens].index(begins)] = score
        end[[token[1] for token in tokens].index(begins + len(words))] = score
    (begins, ends), score = pointed(text, tokens, start, end)
    assert text[begins:ends] == marked
    assert score == 10


def test_what_has_been_leaves_its_share_to_what_is_to_come() -> None:
    model = Pointing({"Alaska": 9.0, "Budapest": 4.0}, none=0.0)
    passage = candidate("They were in Alaska in August. They will meet again in Budapest.")
    asked = {
        question: {one.words: one.scored for one in SpanReader(model).find(question, [passage])[0]}
        for question in ("where will they meet?", "where is it?")
    }
    to_come, now = asked["where will they meet?"], asked["where is it?"]
    assert to_come["Budapest"].share_of_all > now["Budapest"].share_of_all
    assert to_come["Alaska"].share_of_all < now["Alaska"].share_of_all
    assert np.exp(to_come["Budapest"].share_of_all) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("text", "words", "whole"),
    [
        ("It fell to -5 °C on Monday.", "5 °C", "-5 °C"),
        ("It fell to −5 °C on Monday.", "5 °C", "−5 °C"),
        ("From 2010-15 on it grew.", "15", "15"),
        ("They met in Washington, D.C.", "Washington, D.C", "Washington, D.C."),
        ("The train leaves at 9 p.m. today.", "9 p.m", "9 p.m."),
        ("Né en 52 av. J.-C. à Rome.", "52 av. J.-C", "52 av. J.-C."),
        ("He left in 2015.", "2015.", "2015"),
        ("He met J. Smith.", "J. Smith.", "J. Smith"),
        ("All under #metoo, they say.", "metoo,", "#metoo"),
        ("Write to @bob now.", "bob", "@bob"),
        ("Write to bob@example.org now.", "example.org", "example.org"),
        ("He said: — Paris.", "— Paris.", "Paris"),
    ],
)
def test_signs_that_belong_to_the_answer_stay(text: str, words: str, whole: str) -> None:
    start = text.index(words)
    left, right = whole_words(text, (start, start + len(words)), (0, len(text)))
    assert text[left:right] == whole


def test_more_or_fewer_of_the_same_words_agree() -> None:
    other = candidate("Budapest, Hungary, was chosen. Nobody said why.", "b", 2)
    reader = SpanReader(Pointing({"Budapest": 9.0, "Budapest, Hungary, was": 12.0}, none=0.0))
    found = reader.find("where?", [candidate(), other])
    assert max(each.scored.agreement for each in found[0]) > 0.5
    numbers = [candidate("It was 5 then. So it was.", "a", 1), candidate("It was 5 000 then. Truly.", "b", 2)]
    found = SpanReader(Pointing({"5": 9.0, "5 000": 12.0}, none=0.0)).find("how many?", numbers)
    assert all(each.scored.agreement < 0.1 for one in found for each in one)


def test_a_reprint_agrees_with_nothing() -> None:
    reader = SpanReader(Pointing({"Alaska": 9.0}, none=0.0))
    copies = [candidate(TEXT, name, rank) for rank, name in enumerate("abc", 1)]
    assert all(each.scored.agreement < 0.1 for one in reader.find("where?", copies) for each in one)
