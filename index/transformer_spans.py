"""Any extractive question-answering model of the transformers format as a span model."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.errors import ModelError
from index.reader_input import MOST_OF_QUESTION
from index.spans import Window
from index.wanted import check_wanted

OVERLAP = 128  # tokens that two windows of one long passage share
BATCH = 8


class TransformerSpanModel:
    """A model that scores each token as an answer's start and end, its first token standing for "no answer"."""

    def __init__(self, name_or_folder: str) -> None:
        try:
            import torch
            from transformers import AutoModelForQuestionAnswering, AutoTokenizer
        except ImportError as error:
            raise ModelError(
                f"the reader {name_or_folder!r} needs transformers: pip install 'sentence-transformers>=6,<7'"
            ) from error
        folder = Path(name_or_folder).expanduser()
        source = str(folder) if folder.is_dir() else name_or_folder
        try:
            # Nothing is fetched: a model that is not on this machine is an error, at once.
            self._tokenizer: Any = AutoTokenizer.from_pretrained(source, local_files_only=True)
            loaded: Any = AutoModelForQuestionAnswering.from_pretrained(
                source, local_files_only=True, output_loading_info=True
            )
        except Exception as error:  # of the hub, of safetensors, of torch: each has its own
            raise ModelError(
                f"no question-answering model {name_or_folder!r} on this machine ({type(error).__name__}); give the "
                f"folder of one, or fetch it first: hf download {name_or_folder}"
            ) from error
        self._model, information = loaded
        if missing := [key for key in information["missing_keys"] if key.startswith("qa_outputs")]:
            raise ModelError(
                f"{name_or_folder!r} was not trained to point at answers ({', '.join(missing)} are missing); "
                "take an extractive question-answering model"
            )
        if not self._tokenizer.is_fast:
            raise ModelError(f"{name_or_folder!r} has no fast tokenizer, which answers' places need; take another")
        self._model.eval()
        self._torch = torch

    def score(self, question: str, pairs: Sequence[tuple[str, str]]) -> list[list[Window]]:
        """See `index.spans.SpanModel`."""
        scored: list[list[Window]] = [[] for _ in pairs]
        heads = [f"{context}\n" if context else "" for context, _ in pairs]
        texts = [head + passage for head, (_, passage) in zip(heads, pairs, strict=True)]
        asked = self._end_of(question)
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        for start in range(0, len(order), BATCH):
            check_wanted()
            numbers = order[start : start + BATCH]
            for number, window in self._batch(asked, [texts[each] for each in numbers]):
                scored[numbers[number]].append(_without_head(window, len(heads[numbers[number]])))
        return scored

    @property
    def _longest(self) -> int:
        return min(512, int(self._tokenizer.model_max_length))

    def _end_of(self, question: str) -> str:
        """As much as `index.reader_input` keeps of a long question; less where that leaves the passage no room."""
        # The tokenizer would say that the question alone is too long for the model.
        encoded = self._tokenizer(question, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        kept = encoded["offset_mapping"][-min(MOST_OF_QUESTION, self._longest // 4) :]
        return question[kept[0][0] :] if kept else question

    def _batch(self, question: str, texts: list[str]) -> list[tuple[int, Window]]:
        """The windows of the texts, each with its text's number."""
        longest = self._longest
        encoded = self._tokenizer(
            [question] * len(texts),
            texts,
            truncation="only_second",
            max_length=longest,
            stride=min(OVERLAP, longest // 4),
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            padding=True,
            return_tensors="pt",
        )
        numbers = encoded.pop("overflow_to_sample_mapping").tolist()
        offsets = encoded.pop("offset_mapping").tolist()
        with self._torch.inference_mode():
            out = self._model(**encoded)
        windows = []
        for row, number in enumerate(numbers):
            inside = [place for place, part in enumerate(encoded.sequence_ids(row)) if part == 1]
            start, end = (scores[row].float().numpy() for scores in (out.start_logits, out.end_logits))
            spans = [(_after_space(texts[number], *offsets[row][place]), offsets[row][place][1]) for place in inside]
            windows.append((number, Window(spans, start[inside], end[inside], float(start[0] + end[0]) / 2)))
        return windows


def _after_space(text: str, start: int, end: int) -> int:
    while start < end and text[start].isspace():
        start += 1
    return start


def _without_head(window: Window, length: int) -> Window:
    """Only what stands after the first `length` code points, counted from there."""
    kept = np.array([number for number, (start, _) in enumerate(window.offsets) if start >= length], dtype=np.int64)
    offsets = [(window.offsets[number][0] - length, window.offsets[number][1] - length) for number in kept]
    return Window(offsets, window.start[kept], window.end[kept], window.none)
