"""Embedders: the fast default without torch, and any sentence-transformers model."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from index import model
from index.errors import ModelError
from index.types import Embedder, Vectors

TOKENS_OF_A_TEMPLATE = 2  # <s> and </s>


class FastEmbedder:
    """The bundled multilingual-e5-small as 8-bit integers in ONNX Runtime, one text a run (see onnx_graph)."""

    name = "multilingual-e5-small-int8"
    dimension = 384

    def __init__(self, threads: int | None = None, report: model.Report = lambda _what, _part: None) -> None:
        """`threads`: how many texts are embedded at once, by default one for each processor."""
        self.threads = threads or usable_processors()
        self.folder = model.bundled_model(report=report)

    @cached_property
    def max_tokens(self) -> int:
        return model.MAX_TOKENS - TOKENS_OF_A_TEMPLATE - self._length_of_prompt

    @cached_property
    def _length_of_prompt(self) -> int:
        return max(len(self._tokenizer.encode(prompt).ids) for prompt in model.PROMPTS.values())

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.folder / model.TOKENIZER_FILE))
        tokenizer.enable_truncation(model.MAX_TOKENS)
        return tokenizer

    @cached_property
    def _counter(self) -> Any:
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self.folder / model.TOKENIZER_FILE))

    @cached_property
    def _session(self) -> Any:
        return model.session(self.folder / model.ONNX_FILE)

    @cached_property
    def _workers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self.threads, thread_name_prefix="embed")

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        encoded = self._counter.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in encoded]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        encoded = self._tokenizer.encode_batch_fast([model.PROMPTS["passage"] + text for text in texts])
        tokens = [encoding.ids for encoding in encoded]
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        # The longest first, so that no thread is left with a long text at the end.
        order = sorted(range(len(tokens)), key=lambda row: -len(tokens[row]))
        for row, vector in zip(order, self._workers.map(self._run, (tokens[row] for row in order)), strict=True):
            vectors[row] = vector
        return vectors

    def embed_query(self, text: str) -> Vectors:
        return self._run(self._tokenizer.encode(model.PROMPTS["query"] + text).ids)

    def _run(self, tokens: list[int]) -> Vectors:
        (embedding,) = self._session.run(None, {"input_ids": np.array([tokens], dtype=np.int64)})
        vector: Vectors = embedding[0]
        return vector


class TransformerEmbedder:
    """Any sentence-transformers model, by name or folder, run by that library itself."""

    def __init__(self, name_or_folder: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise ModelError(
                f"the model {name_or_folder!r} needs sentence-transformers: pip install 'sentence-transformers>=6,<7'"
            ) from error
        is_folder = Path(name_or_folder).expanduser().is_dir()
        source = str(Path(name_or_folder).expanduser()) if is_folder else name_or_folder
        try:
            # Nothing is fetched: a model that is not on this machine is an error, at once.
            with _no_progress_bars():
                self._model = SentenceTransformer(source, device="cpu", local_files_only=True)
        except Exception as error:  # of the hub, of safetensors, of torch: each has its own
            if is_folder:
                message = f"the folder {source} holds no model that sentence-transformers can load: {error}"
                raise ModelError(f"{message}; fetch or save the model again") from error
            raise ModelError(
                f"no sentence-transformers model {name_or_folder!r} on this machine; give the folder of one, or "
                f"fetch it first: hf download {name_or_folder}"
            ) from error
        self.name = name_or_folder
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self._prompts = prompts_of(name_or_folder, dict(self._model.prompts))

    @cached_property
    def max_tokens(self) -> int:
        longest_prompt = max(self.count_tokens(list(self._prompts)))
        return int(self._model.max_seq_length or 512) - TOKENS_OF_A_TEMPLATE - longest_prompt

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        if not texts:
            return []
        encoded = self._model.tokenizer(list(texts), add_special_tokens=False, verbose=False)
        return [len(tokens) for tokens in encoded["input_ids"]]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode(list(texts), self._prompts[1])

    def embed_query(self, text: str) -> Vectors:
        (vector,) = self._encode([text], self._prompts[0])
        return np.asarray(vector, dtype=np.float32)

    def _encode(self, texts: list[str], prompt: str) -> Vectors:
        vectors = self._model.encode(
            texts, prompt=prompt, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        rows: Vectors = np.asarray(vectors, dtype=np.float32).reshape(len(texts), self.dimension)
        return rows


# Families whose published models often come without prompts in their settings, though trained with them.
FAMILIES = {
    "e5": ("query: ", "passage: "),
    "nomic-embed": ("search_query: ", "search_document: "),
    "bge-small-en": ("Represent this sentence for searching relevant passages: ", ""),
    "bge-base-en": ("Represent this sentence for searching relevant passages: ", ""),
    "bge-large-en": ("Represent this sentence for searching relevant passages: ", ""),
    "mxbai-embed": ("Represent this sentence for searching relevant passages: ", ""),
}


def prompts_of(name: str, configured: dict[str, str]) -> tuple[str, str]:
    """What goes before a question and before a passage: as the model's settings say, else as its family."""
    query = configured.get("query", "")
    passage = configured.get("passage", "") or configured.get("document", "")
    if query or passage:
        return query, passage
    last_part = Path(name).name.lower()
    return next((prompts for family, prompts in FAMILIES.items() if family in last_part), ("", ""))


def load_embedder(name_or_folder: str | None = None, report: model.Report | None = None) -> Embedder:
    """The default embedder, or the sentence-transformers model of that name or folder."""
    if name_or_folder in (None, FastEmbedder.name):
        return FastEmbedder(report=report or (lambda _what, _part: None))
    return TransformerEmbedder(str(name_or_folder))


@contextmanager
def _no_progress_bars() -> Iterator[None]:
    from transformers.utils import logging

    were_shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if were_shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]


def usable_processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1
