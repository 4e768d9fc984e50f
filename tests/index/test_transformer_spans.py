"""Any transformers question-answering model as a span model; here a tiny one with random weights."""

from pathlib import Path

import numpy as np
import pytest
from transformers import BertConfig, BertForQuestionAnswering, BertModel, PreTrainedTokenizerFast

from index import model
from index.errors import ModelError
from index.transformer_spans import TransformerSpanModel

PASSAGE = "The talks will be held in Budapest, Hungary, next month."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("qa-model")
    _tokenizer().save_pretrained(path)
    BertForQuestionAnswering(_configuration()).save_pretrained(path)
    return path


def _tokenizer() -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_file=str(model.bundled_model() / model.TOKENIZER_FILE),
        bos_token="<s>", eos_token="</s>", pad_token="<pad>", cls_token="<s>", sep_token="</s>", unk_token="<unk>",
        model_max_length=64,
    )  # fmt: skip


def _configuration() -> BertConfig:
    return BertConfig(
        vocab_size=250_037, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8,
        max_position_embeddings=64,
    )  # fmt: skip


def test_every_word_of_the_passage_and_none_of_the_context_is_scored(folder: Path) -> None:
    scored = TransformerSpanModel(str(folder)).score("where?", [("Peace talks", PASSAGE), ("", PASSAGE)])
    for (window,) in scored:
        assert "".join(PASSAGE[start:end] for start, end in window.offsets) == PASSAGE.replace(" ", "")
        assert len(window.start) == len(window.end) == len(window.offsets)
        assert np.isfinite([*window.start, *window.end, window.none]).all()


def test_long_passages_come_in_windows_and_batches_keep_their_order(folder: Path) -> None:
    texts = [f"Number {number} is said. " * (1 + 7 * (number % 3)) for number in range(20)]
    scored = TransformerSpanModel(str(folder)).score("which?", [("", text) for text in texts])
    for text, windows in zip(texts, scored, strict=True):
        held = {place for window in windows for start, end in window.offsets for place in range(start, end)}
        assert held == {place for place, letter in enumerate(text) if not letter.isspace()}


@pytest.mark.parametrize("words", [60, 480, 520, 5000])
def test_of_a_long_question_the_end_is_read(folder: Path, words: int) -> None:
    reader = TransformerSpanModel(str(folder))
    scored = reader.score("word " * words + "where?", [("Peace talks", PASSAGE)])
    shorter = reader.score("word " * 50 + "where?", [("Peace talks", PASSAGE)])
    assert [window.offsets for window in scored[0]] == [window.offsets for window in shorter[0]]
    np.testing.assert_array_equal(scored[0][0].start, shorter[0][0].start)
    held = {place for window in scored[0] for start, end in window.offsets for place in range(start, end)}
    assert held == {place for place, letter in enumerate(PASSAGE) if not letter.isspace()}


def test_what_is_not_there_says_how_to_get_it() -> None:
    with pytest.raises(ModelError, match=r"no question-answering model 'nobody/nothing'.*hf download"):
        TransformerSpanModel("nobody/nothing")


def test_a_model_that_never_learned_to_point_is_refused(tmp_path: Path) -> None:
    _tokenizer().save_pretrained(tmp_path)
    BertModel(_configuration()).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="was not trained to point at answers"):
        TransformerSpanModel(str(tmp_path))
