"""Both kinds of vector index against exact search with numpy, and their file against every kind of damage."""

import threading
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import index.vectors
from index.errors import ArchiveDamaged
from index.types import Vectors
from index.vectors import KINDS, Kind, VectorIndex, lists_for

DIMENSION = 24
EXACT, INVERTED = KINDS
KIND_NAMES = [kind.name for kind in KINDS]
rows = np.random.default_rng(7)


def clustered(count: int, clusters: int = 40) -> Vectors:
    """Unit vectors around some centres, as float16 keeps them."""
    centres = rows.normal(size=(clusters, DIMENSION))
    drawn = centres[rows.integers(clusters, size=count)] + 0.4 * rows.normal(size=(count, DIMENSION))
    unit: Vectors = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float16).astype(np.float32)
    return unit


def filled(kind: str, vectors: Vectors, ids: Iterable[int] | None = None) -> VectorIndex:
    made = VectorIndex.train(DIMENSION, len(vectors), vectors, dict(zip(KIND_NAMES, KINDS, strict=True))[kind])
    made.add(ids if ids is not None else range(len(vectors)), vectors)
    return made


def nearest(vectors: Vectors, query: Vectors, limit: int) -> list[int]:
    return [int(row) for row in np.argsort(-(vectors @ query), kind="stable")[:limit]]


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return clustered(3000)


def test_the_exact_index_finds_what_numpy_finds(vectors: Vectors) -> None:
    made = filled("exact", vectors)
    assert made.kind == "exact"
    for query in clustered(50):
        found = made.search(query, 10)
        expected = nearest(vectors, query, 10)
        assert np.allclose([score for _, score in found], vectors[expected] @ query, atol=1e-5)
        assert [number for number, _ in found] == expected
        assert made.search(query, 3) == found[:3]


def test_the_inverted_index_finds_nearly_all_of_it(vectors: Vectors) -> None:
    made = filled("inverted", vectors)
    assert made.kind == "inverted"
    queries = clustered(100)
    shared = 0
    for query in queries:
        found = made.search(query, 10)
        assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
        # Its 8 bits a number cost a little of each score.
        assert np.allclose([score for _, score in found], vectors[[number for number, _ in found]] @ query, atol=0.03)
        shared += len({number for number, _ in found} & set(nearest(vectors, query, 10)))
    assert shared / (10 * len(queries)) >= 0.95


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_ids_are_kept_however_large(kind: str) -> None:
    vectors = clustered(200)
    ids = [2**62 - 7 * number for number in range(200)]
    found = filled(kind, vectors, ids).search(vectors[3], 1)
    assert [number for number, _ in found] == [ids[3]]


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_what_is_removed_is_found_no_more_and_the_rest_still_is(kind: str, vectors: Vectors) -> None:
    made = filled(kind, vectors)
    gone = set(range(0, 3000, 3))
    made.remove([*gone, 9_999_999])  # one of them was never there
    assert len(made) == 2000
    for query in clustered(20):
        found = [number for number, _ in made.search(query, 20)]
        assert len(found) == 20
        assert not gone & set(found)
        left = [number for number in nearest(vectors, query, 3000) if number not in gone][:20]
        assert len(set(found) & set(left)) >= (20 if kind == "exact" else 16)
    made.add(sorted(gone), vectors[sorted(gone)])
    assert len(made) == 3000
    assert made.search(vectors[3], 1)[0][0] == 3


@pytest.mark.parametrize("kind", KIND_NAMES)
@pytest.mark.parametrize("share", [0.001, 0.05, 0.5])
def test_a_filter_is_exact(kind: str, share: float, vectors: Vectors) -> None:
    made = filled(kind, vectors)
    for query in clustered(20):
        among = rows.permutation(3000)[: int(3000 * share)]
        found = [number for number, _ in made.search(query, 10, [*among.tolist(), 123_456_789])]
        assert len(found) == min(10, len(among))
        assert set(found) <= set(among.tolist())
        expected = [int(among[row]) for row in nearest(vectors[among], query, 10)]
        if kind == "exact":
            assert found == expected
        else:  # none is left out for lying in a far list: only the 8 bits may swap neighbours
            scores = vectors @ query
            assert scores[found].min() >= scores[expected].min() - 0.03


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_fewer_are_found_than_asked_for_where_there_are_fewer(kind: str) -> None:
    vectors = clustered(20)
    made = filled(kind, vectors)
    assert sorted(number for number, _ in made.search(vectors[0], 1000)) == list(range(20))
    assert [number for number, _ in made.search(vectors[0], 1000, among=[2])] == [2]
    assert made.search(vectors[0], 1000, among=[]) == made.search(vectors[0], 1000, among=[77]) == []
    assert made.search(vectors[0], 0) == made.search(vectors[0], -1) == []
    made.remove(range(20))
    assert made.search(vectors[0], 10) == []
    made.remove([])
    made.add([], np.empty((0, DIMENSION), np.float32))
    assert len(made) == 0


def test_an_empty_index_finds_nothing() -> None:
    made = VectorIndex(DIMENSION)
    assert made.search(clustered(1)[0], 10) == made.search(clustered(1)[0], 10, among=[1]) == []


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("arr"), st.integers(0, 30)), max_size=40))
def test_any_order_of_adding_and_removing_leaves_what_it_should(steps: list[tuple[str, int]]) -> None:
    vectors = clustered(31)
    for kind in KIND_NAMES:
        made = VectorIndex.train(DIMENSION, 31, vectors, dict(zip(KIND_NAMES, KINDS, strict=True))[kind])
        held: set[int] = set()
        for step, number in steps:
            if step == "r":
                made.remove([number])
                held.discard(number)
            elif number not in held:
                made.add([number], vectors[[number]])
                held.add(number)
        assert len(made) == len(held)
        assert {number for number, _ in made.search(vectors[0], 31, among=range(31))} == held


# Saved and loaded


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_a_saved_index_comes_back_the_same(kind: str, vectors: Vectors, tmp_path: Path) -> None:
    made = filled(kind, vectors)
    made.remove([5])
    path = tmp_path / "vectors.faiss"
    again = VectorIndex.load(path, DIMENSION, made.save(path))
    assert (again.kind, len(again), again.dimension) == (kind, 2999, DIMENSION)
    for query in clustered(20):
        assert again.search(query, 10) == made.search(query, 10)
        assert again.search(query, 10, among=range(0, 3000, 50)) == made.search(query, 10, among=range(0, 3000, 50))
    again.add([5], vectors[[5]])
    again.remove([6])
    assert again.search(vectors[5], 1)[0][0] == 5
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_every_damage_to_the_file_is_found(kind: str, tmp_path: Path) -> None:
    made = filled(kind, clustered(40))
    path = tmp_path / "vectors.faiss"
    checksum = made.save(path)
    whole = path.read_bytes()
    flips = [(place, 1 << place % 8) for place in range(0, len(whole), max(1, len(whole) // 150))]
    damaged = [whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :] for place, bit in flips]
    damaged += [whole[:cut] for cut in (0, 1, 4, len(whole) // 2, len(whole) - 1)]
    damaged += [whole + b"\0", b"garbage" * 100, bytes(len(whole)), whole[::-1]]
    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(ArchiveDamaged, match="is not what was written; `groundwire rebuild`"):
            VectorIndex.load(path, DIMENSION, checksum)
    path.unlink()
    with pytest.raises(ArchiveDamaged, match="is missing; `groundwire rebuild`"):
        VectorIndex.load(path, DIMENSION, checksum)


def test_saving_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "vectors.faiss"
    made = filled("exact", clustered(3))
    checksum = made.save(path)
    made.add([9], clustered(1))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        made.save(path)
    assert list(tmp_path.iterdir()) == [path]
    assert len(VectorIndex.load(path, DIMENSION, checksum)) == 3


# Which kind, and when another one


def test_the_kind_is_chosen_by_how_many_there_are() -> None:
    sample = clustered(400)
    assert VectorIndex.train(DIMENSION, int(EXACT.up_to), sample).kind == "exact"
    many = 2_000  # lists for so many, learnt from the sample
    assert VectorIndex.train(DIMENSION, many, sample, INVERTED).kind == "inverted"


def test_an_index_outgrows_its_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        index.vectors, "KINDS", (Kind("exact", up_to=50, recall=1.0), Kind("inverted", float("inf"), 0.9, 0.5))
    )
    vectors = clustered(1000)
    made = VectorIndex.train(DIMENSION, 50, vectors[:50])
    made.add(range(50), vectors[:50])
    assert (made.kind, made.has_outgrown()) == ("exact", False)
    made.add([50], vectors[[50]])
    assert made.has_outgrown()

    made = VectorIndex.train(DIMENSION, 51, vectors[:51])
    made.add(range(51), vectors[:51])
    assert (made.kind, made.has_outgrown()) == ("inverted", False)
    limit = next(count for count in range(51, 1000) if lists_for(count) > index.vectors.GROWTH * lists_for(51))
    made.add(range(51, limit - 1), vectors[51 : limit - 1])
    assert not made.has_outgrown()
    made.add([limit], vectors[[limit]])
    assert made.has_outgrown()
    made.remove(range(900))  # shrinking back is left to a rebuild
    assert not made.has_outgrown()


def test_training_again_gives_the_same_index(vectors: Vectors) -> None:
    one, other = filled("inverted", vectors), filled("inverted", vectors)
    for query in clustered(10):
        assert one.search(query, 10) == other.search(query, 10)


# Threads


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_searching_while_others_add_and_remove(kind: str, vectors: Vectors) -> None:
    made = filled(kind, vectors[:1000])
    stays, changed = list(range(500)), list(range(500, 1000))
    stop, failures = threading.Event(), []

    def search() -> None:
        try:
            number = 0
            while not stop.is_set():
                number = (number + 37) % 500
                found = made.search(vectors[number], 5)
                assert number in [each for each, _ in found]
                assert len({each for each, _ in found}) == len(found) == 5
                among = made.search(vectors[number], 5, among=stays)
                assert {each for each, _ in among} <= set(stays)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for step in range(30):
        made.remove(changed)
        made.add(changed, vectors[changed])
        made.add([5000 + step], vectors[[1000 + step]])
    stop.set()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert len(made) == 1030
