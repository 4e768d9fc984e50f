"""Probabilities, what raises and lowers them, and the readers that can be had by name."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ModelError
from qa.calibrate import WEIGHTS, Scored, probability, sigmoid
from qa.overlap import shared_words
from qa.read import SpanReader
from qa.read_sentences import SentenceReader
from qa.readers import reader_named
from tests.conftest import BagOfWords

USUAL = Scored(8.0, 1.0, -1.0, 1, 0.0, 0.5, 0.0, 0.85)
SCORES = st.floats(-1e6, 1e6)


@given(SCORES, SCORES, SCORES, st.integers(1, 100), st.floats(0, 1), st.floats(0, 1), st.floats(-1, 1))
def test_a_probability_whatever_the_scores(
    span: float, answering: float, of_all: float, rank: int, agreement: float, shared: float, similarity: float
) -> None:
    assert 0 <= probability(Scored(span, answering, of_all, rank, agreement, shared, 0.0, similarity)) <= 1


def test_each_feature_has_its_weight() -> None:
    assert len(USUAL.features()) == len(WEIGHTS)
    assert USUAL.features()[0] == 1


def test_a_passage_that_answers_and_comes_first_is_surer() -> None:
    assert probability(replace(USUAL, span=12.0)) > probability(USUAL)
    assert probability(replace(USUAL, answering=3.0)) > probability(USUAL)
    assert probability(replace(USUAL, to_come=1.0)) > probability(USUAL) > probability(replace(USUAL, to_come=-1.0))
    assert probability(replace(USUAL, rank=10)) < probability(USUAL)
    assert probability(replace(USUAL, similarity=0.9)) > probability(USUAL)


def test_the_logistic_function() -> None:
    found = sigmoid(np.array([-1e9, 0.0, np.log(3), 1e9]))
    assert found == pytest.approx([0, 0.5, 0.75, 1])


def test_rare_words_of_the_question_count_more() -> None:
    texts = ["The harbour opened.", "The harbour of Genoa closed.", "A harbour."]
    other, genoa, neither = shared_words("Which harbour of Genoa?", ["en"] * 3, texts)
    assert genoa > 2 * other == 2 * neither > 0
    assert shared_words("Genoa", ["en", "fr"], ["Genoa", "Genoa"]).tolist() == [1.0, 1.0]
    assert shared_words("où ?", ["en"], ["nothing of it"]).tolist() == [0.0]


def test_readers_by_name() -> None:
    embedder = BagOfWords()
    assert isinstance(reader_named("sentence", embedder), SentenceReader)
    assert isinstance(reader_named("bundled", embedder), SpanReader)
    with pytest.raises(ModelError, match="no question-answering model 'nobody/nothing'"):
        reader_named("nobody/nothing", embedder)
