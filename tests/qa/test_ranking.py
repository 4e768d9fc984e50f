"""Which of several answers comes first and which are shown, with a reader that is sure of what it is told."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest

from index.archive import Archive
from index.types import Article
from qa.assistant import Assistant
from qa.types import Candidate, Evidence
from tests.conftest import BagOfWords

TOWNS = {"Genoa": datetime(2025, 1, 5, tzinfo=UTC), "Riga": datetime(2025, 3, 5, tzinfo=UTC), "Oslo": None}


class Sure:
    """Points at words of the articles, each as surely as it is told."""

    answers_from = 0.3
    certain_from = 0.6

    def __init__(self, **probabilities: float) -> None:
        self.probabilities = probabilities

    def read(self, _question: str, candidates: Sequence[Candidate]) -> list[list[Evidence]]:
        return [list(self._pointed(candidate.article.text)) for candidate in candidates]

    def _pointed(self, text: str) -> Iterator[Evidence]:
        for words, probability in self.probabilities.items():
            if words in text:
                yield Evidence(text.index(words), text.index(words) + len(words), probability)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Archive.open(tmp_path_factory.mktemp("towns") / "towns.db", BagOfWords()) as opened:
        opened.add(
            Article(
                town,
                f"It was said that the harbour festival will take place in {town} this year, as planned.",
                language="en",
                published=published,
            )
            for town, published in TOWNS.items()
        )
        yield opened


def shown(archive: Archive, **probabilities: float) -> list[str]:
    answer = Assistant(archive, Sure(**probabilities)).ask("where is the harbour festival?")
    return [excerpt.article.id for excerpt in answer.excerpts]


def test_of_two_that_answer_as_well_the_newer_comes_first(archive: Archive) -> None:
    assert shown(archive, Genoa=0.8, Riga=0.78) == ["Riga", "Genoa"]
    assert shown(archive, Genoa=0.8, Riga=0.78, Oslo=0.79) == ["Riga", "Genoa", "Oslo"], "no date is the oldest"


def test_a_newer_one_that_answers_less_well_does_not(archive: Archive) -> None:
    assert shown(archive, Genoa=0.9, Riga=0.75) == ["Genoa", "Riga"]


def test_confidence_is_that_of_what_comes_first(archive: Archive) -> None:
    assert Assistant(archive, Sure(Genoa=0.8, Riga=0.78)).ask("where?").confidence == 0.78


def test_a_newer_one_that_is_not_certain_does_not_come_before_one_that_is(archive: Archive) -> None:
    assert shown(archive, Genoa=0.61, Riga=0.59) == ["Genoa", "Riga"]
    assert Assistant(archive, Sure(Genoa=0.61, Riga=0.59)).ask("where?").certain
    assert Assistant(archive, Sure(Genoa=0.31, Riga=0.29)).ask("where?").found


def test_what_is_far_less_sure_is_not_shown(archive: Archive) -> None:
    assert shown(archive, Genoa=0.9, Riga=0.6) == ["Genoa"]


def test_whoever_says_the_same_is_shown_too(archive: Archive) -> None:
    class SaysFestival(Sure):
        def _pointed(self, text: str) -> Iterator[Evidence]:
            at = text.index("festival")
            yield Evidence(at, at + 8, 0.9 if "Genoa" in text else 0.4)

    answer = Assistant(archive, SaysFestival()).ask("what takes place at the harbour?")
    assert {excerpt.article.id for excerpt in answer.excerpts} == set(TOWNS)
    assert answer.text == "festival [1][2][3]"


def test_what_answers_only_because_another_does_is_no_support(archive: Archive) -> None:
    """As the same number does in other news."""

    class SaysThis(Sure):
        def _pointed(self, text: str) -> Iterator[Evidence]:
            at = text.index("this year")
            yield Evidence(at, at + 9, 0.9, 0.7) if "Oslo" in text else Evidence(at, at + 9, 0.8, 0.1)

    answer = Assistant(archive, SaysThis()).ask("when is the harbour festival?")
    assert [excerpt.article.id for excerpt in answer.excerpts] == ["Oslo"]
    assert (answer.text, answer.as_of) == ("this year [1]", None)


def test_the_date_of_an_answer_is_that_of_the_articles_it_names(archive: Archive) -> None:
    answer = Assistant(archive, Sure(Genoa=0.9, Riga=0.75)).ask("where is the harbour festival?")
    assert (answer.text, answer.as_of) == ("Genoa [1]", TOWNS["Genoa"])
    assert len(answer.excerpts) == 2


def test_the_thresholds_are_the_readers(archive: Archive) -> None:
    ask = Assistant(archive, Sure(Genoa=0.29)).ask
    assert not ask("where?").found
    unsure = Assistant(archive, Sure(Genoa=0.5)).ask("where?")
    assert (unsure.found, unsure.certain) == (True, False)
    assert Assistant(archive, Sure(Genoa=0.7)).ask("where?").certain
