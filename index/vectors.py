"""Nearest passages by vector (FAISS), derived: ids and vectors only, rebuilt from the store at any time."""

import hashlib
import math
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from index.errors import ArchiveDamaged
from index.types import Vectors


@dataclass(frozen=True)
class Kind:
    """How vectors are kept up to a number of them, and the recall@10 against exact search measured there."""

    name: str
    up_to: float
    recall: float
    share: float = 1.0  # of an inverted file's lists, how many are looked through


# Measured on 119,783 passages with real questions by `python -m bench.search --kinds`; exact falls short of 1
# where neighbours differ in the last bits of float16, and takes 4 ms there on a quiet machine. Questions lie apart
# from passages in this model's space: an inverted file must look through half of its lists. HNSW cannot remove by id.
KINDS = (
    Kind("exact", up_to=400_000, recall=0.996),
    Kind("inverted", up_to=math.inf, recall=0.987, share=0.5),
)
# An inverted file is laid out anew when it has grown this much beyond what it was trained on.
GROWTH = 4
TRAINING_VECTORS_PER_LIST = 40


class VectorIndex:
    """Scores are inner products of unit vectors: higher is nearer."""

    def __init__(self, dimension: int, index: Any = None) -> None:
        self.dimension = dimension
        self._index = index if index is not None else _exact(dimension)
        # FAISS searches safely from many threads, but not while something is added or removed.
        self._lock = threading.Lock()

    @classmethod
    def train(cls, dimension: int, count: int, sample: Vectors, kind: Kind | None = None) -> "VectorIndex":
        """An empty index fit for `count` vectors like those of the sample. Shape: (n, dimension)."""
        kind = kind or next(kind for kind in KINDS if count <= kind.up_to)
        if kind.name == "exact":
            return cls(dimension)
        return cls(dimension, _inverted(dimension, lists_for(count), sample, kind.share))

    @property
    def kind(self) -> str:
        return "inverted" if isinstance(self._inner, faiss.IndexIVF) else "exact"

    @property
    def _inner(self) -> Any:
        return faiss.downcast_index(getattr(self._index, "index", self._index))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def has_outgrown(self) -> bool:
        """Whether another layout now fits better."""
        best = next(kind for kind in KINDS if len(self) <= kind.up_to)
        if best.name != self.kind:
            return best.name == "inverted"  # shrinking back is left to a rebuild
        return self.kind == "inverted" and lists_for(len(self)) > GROWTH * self._inner.nlist

    def add(self, ids: Iterable[int], vectors: Vectors) -> None:
        with self._lock:
            self._index.add_with_ids(vectors, np.fromiter(ids, dtype=np.int64))

    def remove(self, ids: Iterable[int]) -> None:
        numbers = np.fromiter(ids, dtype=np.int64)
        if len(numbers):
            with self._lock:
                self._index.remove_ids(faiss.IDSelectorBatch(numbers))

    def search(self, vector: Vectors, limit: int, among: Iterable[int] | None = None) -> list[tuple[int, float]]:
        """Passage ids and scores, the best first; only of the ids `among`, where these are given."""
        if not len(self) or limit < 1:
            return []
        parameters = self._parameters(among, limit)
        # One question is too little work to share: on a busy machine threads wait for each other, 40 ms instead of 15.
        faiss.omp_set_num_threads(1)
        with self._lock:
            scores, ids = self._index.search(vector[None, :], min(limit, len(self)), params=parameters)
        # FAISS pads with -1 where it found too few.
        return [(int(i), float(score)) for i, score in zip(ids[0], scores[0], strict=True) if i >= 0]

    def _parameters(self, among: Iterable[int] | None, limit: int) -> Any:
        selector = None if among is None else faiss.IDSelectorBatch(np.fromiter(among, dtype=np.int64))
        if self.kind == "exact":
            return faiss.SearchParameters(sel=selector)
        # What a filter leaves may lie in any list, and so may much of what there is; what is left out costs little.
        everywhere = selector is not None or 4 * limit >= len(self)
        return faiss.SearchParametersIVF(sel=selector, nprobe=self._inner.nlist if everywhere else self._inner.nprobe)

    def save(self, path: Path) -> str:
        """Write the index beside `path` and rename it there; the SHA-256 of what was written."""
        temporary = path.with_name(path.name + ".new")
        with self._lock:
            data = faiss.serialize_index(self._index).tobytes()
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)  # half of it would only fill a full disk
            raise
        return hashlib.sha256(data).hexdigest()

    @classmethod
    def load(cls, path: Path, dimension: int, checksum: str) -> "VectorIndex":
        """ArchiveDamaged for a file with another checksum: FAISS itself would load it and answer wrongly."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ArchiveDamaged(f"{path} is missing; `groundwire rebuild` makes it anew") from error
        if hashlib.sha256(data).hexdigest() != checksum:
            raise ArchiveDamaged(f"{path} is not what was written; `groundwire rebuild` makes it anew")
        return cls(dimension, faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8)))


def lists_for(count: int) -> int:
    """How many lists an inverted file of `count` vectors has."""
    return max(1, int(4 * math.sqrt(count)))


def _exact(dimension: int) -> Any:
    # float16 is what the store holds: nothing is lost, and half the memory of float32 is used.
    flat = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    return faiss.IndexIDMap2(flat)


def _inverted(dimension: int, lists: int, sample: Vectors, share: float) -> Any:
    faiss.omp_set_num_threads(os.cpu_count() or 1)  # a search may have set it to one for this thread
    coarse = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFScalarQuantizer(
        coarse, dimension, lists, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    coarse.this.disown()
    index.own_fields = True
    index.cp.niter = 10
    chosen = np.random.default_rng(0).permutation(len(sample))[: lists * TRAINING_VECTORS_PER_LIST]
    index.cp.min_points_per_centroid = 1  # few vectors are no mistake here
    index.train(sample[np.sort(chosen)])
    index.nprobe = math.ceil(share * lists)
    return index
