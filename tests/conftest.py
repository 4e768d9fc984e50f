"""What tests of every package share: an embedder that needs no model, and archives that fill in milliseconds."""

import os
import re
import signal
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index.types import Article, Vectors

# FAISS shares each search among threads, which gains nothing on so few vectors and waits long on a busy machine.
# It looks at this when it is imported, which is later.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Whoever runs the tests in the background of a script has them ignore Ctrl-C, and every process they start: those
# that are to be interrupted would go on.
signal.signal(signal.SIGINT, signal.default_int_handler)


class BagOfWords:
    """An Embedder of hashed words: texts that share words are near each other, always in the same way."""

    max_tokens = 500

    def __init__(self, name: str = "bag-of-words", dimension: int = 32) -> None:
        self.name = name
        self.dimension = dimension
        self.embedded: list[str] = []  # every passage, in order

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded.extend(texts)
        return np.array([self._vector(text) for text in texts], np.float32).reshape(-1, self.dimension)

    def embed_query(self, text: str) -> Vectors:
        return self._vector(text)

    def _vector(self, text: str) -> Vectors:
        vector = np.full(self.dimension, 0.01, np.float32)
        for word in re.findall(r"\w+", text.lower()):
            vector[zlib.crc32(word.encode()) % self.dimension] += 1
        unit: Vectors = vector / np.linalg.norm(vector)
        return unit


def article(name: str, text: str = "", **fields: object) -> Article:
    """A short article; without a text, one whose every word but its own is in all the others too."""
    values = {"language": "en", "title": f"Title of {name}", **fields}
    return Article(name, text or f"Harbour news of today.\nThe word of this one is {name}.", **values)  # type: ignore[arg-type]


@pytest.fixture
def embedder() -> BagOfWords:
    return BagOfWords()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a test may put an archive."""
    return tmp_path / "news.db"
