"""What the reader sees, token by token."""

from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from index import model
from index.reader_input import BEGIN, END, MAX_TOKENS, MOST_OF_CONTEXT, MOST_OF_QUESTION, encode, windows


@cache
def tokenizer() -> Any:
    return Tokenizer.from_file(str(model.bundled_model() / model.TOKENIZER_FILE))


def test_question_context_and_passage_in_this_order() -> None:
    question, context, passage = encode(tokenizer(), ["where?", "Talks", "In Budapest."])
    (only,) = windows(question, context, passage)
    expected = [BEGIN, *question.ids, END, END, *context.ids, END, END, *passage.ids, END]
    assert only.tokens == expected
    assert only.tokens[only.first : only.first + len(passage.ids)] == passage.ids
    assert only.offsets == passage.offsets


@pytest.mark.parametrize("context", ["", None])
def test_without_context_there_is_no_empty_part(context: str | None) -> None:
    question, passage, *rest = encode(tokenizer(), ["where?", "In Budapest.", *([context] if context == "" else [])])
    (only,) = windows(question, rest[0] if rest else None, passage)
    assert only.tokens == [BEGIN, *question.ids, END, END, *passage.ids, END]


def test_offsets_leave_out_the_space_before_a_word() -> None:
    text = "a  b c"
    assert [text[start:end] for start, end in encode(tokenizer(), [text])[0].offsets if start < end] == ["a", "b", "c"]


@given(st.integers(1, 200), st.integers(0, 200), st.integers(1, 1500))
def test_windows_hold_the_whole_passage_and_never_more_than_the_model_reads(asked: int, known: int, told: int) -> None:
    question, context, passage = encode(tokenizer(), ["why " * asked, "so " * known, "x " * told])
    made = windows(question, context, passage)
    assert all(len(window.tokens) <= MAX_TOKENS for window in made)
    assert all(window.first <= MOST_OF_QUESTION + MOST_OF_CONTEXT + 5 for window in made)
    held = [offset for window in made for offset in window.offsets]
    assert set(held) == set(passage.offsets)
    assert made[0].offsets[0] == passage.offsets[0]
    for one, other in pairwise(made):
        assert set(one.offsets) & set(other.offsets)
