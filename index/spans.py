"""Scores the tokens of passages as a question's answer: the bundled reader in ONNX Runtime.

Where the reader's trained weights lie is the caller's to say; they are merged into the bundled encoder once, in
the user's cache.
"""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index import model
from index.embed import usable_processors
from index.errors import ModelError
from index.reader_input import ReaderInput, encode, windows
from index.wanted import check_wanted

FORMAT = 3  # counted up whenever what is written below changes


@dataclass(frozen=True, slots=True)
class Window:
    """Scores of a stretch of a passage: token i, the passage's code points `offsets[i]`, starts or ends an answer.

    `start` and `end` have a score for each token, as large as it likes; `none` is the score of "no answer here"
    beside the sum of the two.
    """

    offsets: list[tuple[int, int]]
    start: NDArray[np.float32]
    end: NDArray[np.float32]
    none: float


class SpanModel(Protocol):
    """Any extractive question-answering model."""

    def score(self, question: str, pairs: Sequence[tuple[str, str]]) -> list[list[Window]]:
        """For each pair (what to know beforehand, passage) the windows that together hold the passage."""


class BundledSpanModel:
    """The bundled encoder with the adapters and the head of a `.safetensors` file, as 8-bit integers."""

    def __init__(
        self,
        weights: Path,
        threads: int | None = None,
        exact: bool = False,
        report: model.Report = lambda _what, _part: None,
    ) -> None:
        """`threads`: how many passages are read at once, by default one for each processor.

        `exact`: in float32, to measure what 8 bits cost.
        """
        self.weights = weights
        self.exact = exact
        self.threads = threads or usable_processors()
        try:
            digest = hashlib.sha256(weights.read_bytes()).hexdigest()[:16]
        except OSError as error:
            raise ModelError(f"the reader's weights cannot be read: {error}; reinstall groundwire") from error
        name = f"reader-{FORMAT}-{digest}" + ("-exact" if exact else "")
        self.folder = model.prepared(name, [model.ONNX_FILE], self._write, report)
        self._tokenizer_folder = model.bundled_model(report=report)

    def _write(self, folder: Path, report: model.Report) -> None:
        # Imported here: once the reader is prepared, nobody needs these again.
        import onnx
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        from index.e5_file import read_e5_file
        from index.onnx_graph import span_model

        report("Merging the reader into the encoder", 0.0)
        try:
            trained = {name: values.astype(np.float32) for name, values in load_file(self.weights).items()}
            graph = span_model(read_e5_file(model.source_file()), trained, self.exact)
        except (SafetensorError, KeyError, ValueError) as error:
            raise ModelError(f"{self.weights} holds no reader: {error}; reinstall groundwire") from error
        report("Writing the reader's graph", 0.5)
        onnx.save(graph, str(folder / model.ONNX_FILE))

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self._tokenizer_folder / model.TOKENIZER_FILE))

    @cached_property
    def _session(self) -> Any:
        return model.session(self.folder / model.ONNX_FILE)

    @cached_property
    def _workers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self.threads, thread_name_prefix="read")

    def score(self, question: str, pairs: Sequence[tuple[str, str]]) -> list[list[Window]]:
        """See `SpanModel`."""
        asked, *texts = encode(self._tokenizer, [question, *(text for pair in pairs for text in pair)])
        inputs = [
            (number, window)
            for number, (context, passage) in enumerate(zip(texts[::2], texts[1::2], strict=True))
            for window in windows(asked, context, passage)
        ]
        # The longest first, so that no thread is left with a long text at the end.
        inputs.sort(key=lambda each: -len(each[1].tokens))
        scored: list[list[Window]] = [[] for _ in pairs]
        check_wanted()
        for (number, _), window in zip(inputs, self._workers.map(self._run, (each for _, each in inputs)), strict=True):
            scored[number].append(window)
            check_wanted()  # the windows that no thread has begun are dropped
        return scored

    def _run(self, window: ReaderInput) -> Window:
        (scores,) = self._session.run(None, {"input_ids": np.array([window.tokens], dtype=np.int64)})
        inside = scores[0, window.first : window.first + len(window.offsets)]
        return Window(window.offsets, inside[:, 0], inside[:, 1], float(scores[0, 0, 2]))
