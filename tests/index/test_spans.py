"""The bundled reader's graph: the same scores as the torch model that is trained, prepared once, verified."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from index import model
from index.e5_file import E5File, read_e5_file
from index.errors import ModelError
from index.reader_input import encode, windows
from index.spans import BundledSpanModel
from index.wanted import NotWanted, unless
from qa.read import WEIGHTS as SHIPPED
from training.encoder import SpanReader

QUESTION = "Where will the talks be held?"
PAIRS = [
    ("Peace talks", "The talks will be held in Budapest, Hungary."),
    ("", "Les négociations auront lieu à Genève."),
]


@pytest.fixture(scope="module")
def source() -> E5File:
    return read_e5_file(model.source_file())


@pytest.fixture(scope="module")
def trained(source: E5File) -> SpanReader:
    """As after some training: every adapter has changed."""
    torch.manual_seed(0)
    reader = SpanReader(source, rank=4, frozen_layers=2)
    with torch.no_grad():
        for name, value in reader.named_parameters():
            if name.endswith("_up"):
                value.normal_(std=0.01)
    return reader


@pytest.fixture(scope="module")
def weights(trained: SpanReader, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reader") / "reader.safetensors"
    save_file({name: value.detach().clone() for name, value in trained.trained().items()}, path)
    return path


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Readers of random weights are not left in the user's cache."""
    folder = tmp_path_factory.getbasetemp() / "readers"
    prepared = model.bundled_model()
    folder.mkdir(exist_ok=True)
    if not (folder / prepared.name).exists():
        (folder / prepared.name).symlink_to(prepared)
    monkeypatch.setenv("GROUNDWIRE_CACHE", str(folder))
    return folder


def from_torch(
    trained: SpanReader, bundled: BundledSpanModel
) -> list[np.ndarray[tuple[int, int], np.dtype[np.float32]]]:
    asked, *texts = encode(bundled._tokenizer, [QUESTION, *(text for pair in PAIRS for text in pair)])
    made = [windows(asked, texts[2 * i], texts[2 * i + 1])[0] for i in range(len(PAIRS))]
    with torch.no_grad():
        scores, _ = trained([window.tokens for window in made])
    return [scores[row, window.first : window.first + len(window.offsets)].numpy() for row, window in enumerate(made)]


@pytest.mark.parametrize(("exact", "apart"), [(True, 0.05), (False, 0.15)])
def test_scores_are_those_of_the_model_in_training(
    trained: SpanReader, weights: Path, exact: bool, apart: float
) -> None:
    bundled = BundledSpanModel(weights, exact=exact)
    for expected, (window,) in zip(from_torch(trained, bundled), bundled.score(QUESTION, PAIRS), strict=True):
        found = np.stack([window.start, window.end], axis=1)
        spread = float(expected[:, :2].std())
        assert np.abs(found - expected[:, :2]).mean() < apart * max(spread, 0.1)


def test_eight_bits_cost_little() -> None:
    """With the outliers of `index/onnx_graph.py` in 8 bits too, the difference is three times as large."""
    text = next((Path(__file__).parents[2] / "seeds").glob("*.txt")).read_text(encoding="utf-8")
    pairs = [("", paragraph) for paragraph in text.split("\n") if len(paragraph) > 200]
    whole, short = (BundledSpanModel(SHIPPED, exact=exact).score(QUESTION, pairs) for exact in (True, False))
    apart = [
        np.concatenate([one.start - other.start, one.end - other.end])
        for exact, found in zip(whole, short, strict=True)
        for one, other in zip(exact, found, strict=True)
    ]
    assert len(pairs) > 5
    assert np.sqrt(np.mean(np.concatenate(apart) ** 2)) < 0.25


def test_a_passage_longer_than_the_model_reads_comes_in_windows(weights: Path) -> None:
    long = "The talks went on. " * 200
    (made,) = BundledSpanModel(weights).score(QUESTION, [("", long)])
    assert len(made) > 1
    assert max(end for window in made for _, end in window.offsets) == len(long.rstrip())


def test_nothing_to_read(weights: Path) -> None:
    assert BundledSpanModel(weights).score(QUESTION, []) == []
    ((window,),) = BundledSpanModel(weights).score(QUESTION, [("", "")])
    assert len(window.start) == 0


def test_a_prepared_reader_is_only_read(weights: Path) -> None:
    graph = BundledSpanModel(weights).folder / model.ONNX_FILE
    before = graph.stat().st_mtime_ns
    assert BundledSpanModel(weights).folder / model.ONNX_FILE == graph
    assert graph.stat().st_mtime_ns == before


def test_a_damaged_reader_is_made_again(weights: Path) -> None:
    graph = BundledSpanModel(weights).folder / model.ONNX_FILE
    sound = graph.read_bytes()
    graph.write_bytes(sound[:-100])
    BundledSpanModel(weights).score(QUESTION, PAIRS)
    assert graph.read_bytes() == sound


def test_weights_that_are_missing_or_none_say_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot be read.*reinstall groundwire"):
        BundledSpanModel(tmp_path / "none.safetensors")
    other = tmp_path / "other.safetensors"
    save_file({"something": torch.zeros(1)}, other)
    with pytest.raises(ModelError, match=r"holds no reader.*head"):
        BundledSpanModel(other)
    (tmp_path / "torn.safetensors").write_bytes(b"torn")
    with pytest.raises(ModelError, match="holds no reader"):
        BundledSpanModel(tmp_path / "torn.safetensors")


def test_reading_ends_where_nobody_waits_for_it() -> None:
    looks = iter([False, False, True])
    reader = BundledSpanModel(SHIPPED, threads=1)
    with unless(lambda: next(looks)), pytest.raises(NotWanted):
        reader.score(QUESTION, 9 * PAIRS)
    assert not list(looks), "after two of the windows"
    assert len(reader.score(QUESTION, PAIRS)) == 2
