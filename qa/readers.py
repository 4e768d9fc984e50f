"""The readers that can be had by name."""

from index.model import Report
from index.spans import BundledSpanModel
from index.types import Embedder
from qa.read import WEIGHTS, SpanReader
from qa.read_sentences import SentenceReader
from qa.types import Reader

BUNDLED, SENTENCE = "bundled", "sentence"


def reader_named(name: str, embedder: Embedder, report: Report = lambda _what, _part: None) -> Reader:
    """`bundled`, `sentence`, or an extractive question-answering model of the transformers format, by name or folder.

    `report` hears of a preparation that takes some seconds, once. ModelError where there is no such model on this
    machine.
    """
    if name == BUNDLED:
        return SpanReader(BundledSpanModel(WEIGHTS, report=report))
    if name == SENTENCE:
        return SentenceReader(embedder)
    from index.transformer_spans import TransformerSpanModel

    return SpanReader(TransformerSpanModel(name))
