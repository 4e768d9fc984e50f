"""The two derived indexes beside the store: opened, caught up or rebuilt, and saved with their revision.

Each has a small JSON file saying which archive and revision it stands for. What is missing, damaged, of
another archive or behind is mended from the store, which is the truth.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.errors import ArchiveDamaged, ArchiveError
from index.store import Store, StoredPassage
from index.types import Finding, Passage, Vectors
from index.vectors import VectorIndex
from index.words import WordEntry, WordIndex

VECTORS_FILE = "vectors.faiss"
WORDS_FOLDER = "words"


class DerivedVectors:
    """The FAISS index of an archive, in memory; its file is written by whoever holds the writer's lock."""

    def __init__(self, folder: Path, store: Store, dimension: int) -> None:
        self.path = folder / VECTORS_FILE
        self.manifest = folder / "vectors.json"
        self.store = store
        self.dimension = dimension
        self.repaired: str | None = None
        self.index, self.revision = self._load()
        self._saved_revision = self.revision

    def _load(self) -> tuple[VectorIndex, int]:
        recorded = _read_manifest(self.manifest, self.store)
        if recorded is None:
            if self.path.exists() or self.store.revision:
                self.repaired = "its manifest was missing or of another archive: rebuilt"
            return VectorIndex(self.dimension), 0
        try:
            index = VectorIndex.load(self.path, self.dimension, str(recorded["sha256"]))
        except (ArchiveDamaged, KeyError) as error:
            self.repaired = f"{error}: rebuilt"
            return VectorIndex(self.dimension), 0
        return index, int(recorded["revision"])

    def catch_up(self) -> None:
        """Bring the index in memory to the store's revision."""
        # Another process may be writing: what is read below must all be of the revision that was read first.
        with self.store.snapshot(), self._all_or_nothing():
            revision = self.store.revision
            if revision <= self.revision:
                return
            if self.revision == 0:
                self._rebuild()
            else:
                self.index.remove(self.store.removed_since(self.revision))
                for ids, vectors in self.store.vectors_since(self.revision):
                    self.index.add(ids, vectors)
            self.revision = revision

    def apply(self, removed: list[int], ids: list[int], vectors: Vectors, revision: int) -> None:
        """Follow one transaction of the store."""
        with self._all_or_nothing():
            self.index.remove(removed)
            if ids:
                self.index.add(ids, vectors)
            self.revision = revision

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """What was interrupted on the way has an unknown part of its vectors, and is made anew."""
        try:
            yield
        except BaseException:
            self.reset()
            raise

    def _rebuild(self) -> None:
        count = self.store.counts()["passages"]
        sample = self.store.sample_of_vectors(self.dimension)
        index = VectorIndex.train(self.dimension, count, sample)
        for ids, vectors in self.store.vectors_since(0):
            index.add(ids, vectors)
        self.index = index

    def save(self) -> None:
        if self.index.has_outgrown():
            self._rebuild()
        if self.revision == self._saved_revision and self.path.exists():
            return
        with _foreign_errors(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            checksum = self.index.save(self.path)
            _write_manifest(self.manifest, self.store, self.revision, sha256=checksum, kind=self.index.kind)
        self._saved_revision = self.revision

    def reset(self) -> None:
        self.index, self.revision, self._saved_revision = VectorIndex(self.dimension), 0, -1

    def rebuild_unless_whole(self) -> None:
        """What is in step by its manifest, and yet holds fewer or more passages than the store, is made anew."""
        held, expected = len(self.index), self.store.counts()["passages"]
        if held != expected:
            self.repaired = f"it held {held} of {expected} passages: rebuilt"
            self.reset()
            self.catch_up()

    def check(self) -> Finding:
        return _finding("vectors", self, len(self.index), self.revision, self.index.kind)


class DerivedWords:
    """The tantivy index of an archive, on disk; only whoever holds the writer's lock changes it."""

    def __init__(self, folder: Path, store: Store, may_write: bool) -> None:
        self.folder = folder / WORDS_FOLDER
        self.manifest = folder / "words.json"
        self.store = store
        self.repaired: str | None = None
        self.index, self.revision = self._load(may_write)
        self._saved_revision = self.revision

    def _load(self, may_write: bool) -> tuple[WordIndex, int]:
        recorded = _read_manifest(self.manifest, self.store)
        try:
            with _foreign_errors(self.folder):
                index = WordIndex.open(self.folder)
        except ArchiveDamaged as error:
            if not may_write:
                raise
            self.repaired = f"{error}: rebuilt"
            return self._empty(), 0
        if recorded is None:
            if self.store.revision and may_write:
                self.repaired = "its manifest was missing or of another archive: rebuilt"
            return index, 0
        return index, int(recorded["revision"])

    def _empty(self) -> WordIndex:
        """A new index in a folder of its own, put in the old one's place."""
        with _foreign_errors(self.folder):
            self.manifest.unlink(missing_ok=True)
            if self.folder.exists():
                for path in self.folder.iterdir():
                    path.unlink()
            return WordIndex.open(self.folder)

    def follow(self) -> None:
        """See what the holder of the writer's lock has saved since."""
        recorded = _read_manifest(self.manifest, self.store)
        if recorded is not None and recorded["revision"] > self.revision:
            self.index.reload()
            self.revision = self._saved_revision = int(recorded["revision"])

    def catch_up(self) -> None:
        """Bring the index to the store's revision; for the holder of the writer's lock."""
        self.follow()
        revision = self.store.revision
        if revision <= self.revision:
            return
        with self._all_or_nothing():
            if self.revision == 0:
                self.index = self._empty()
            self.index.remove(self.store.removed_since(self.revision))
            self.index.add(map(_entry, self.store.stored_since(self.revision)))
            self.revision = revision

    def apply(self, removed: list[int], added: list[StoredPassage], revision: int) -> None:
        """Follow one transaction of the store."""
        with self._all_or_nothing():
            self.index.remove(removed)
            self.index.add(map(_entry, added))
            self.revision = revision

    def save(self) -> None:
        if self.revision == self._saved_revision and self.manifest.exists():
            return
        try:
            self._commit()
        except ArchiveError as error:
            # kill -9 in a commit leaves files behind that a later one may want to make itself.
            if "FileAlreadyExists" not in str(error):
                raise
            self.repaired = "what a crash had left stood in the way: rebuilt"
            self.reset()
            self.catch_up()
            self._commit()

    def _commit(self) -> None:
        with self._all_or_nothing(), _foreign_errors(self.folder):
            self.index.commit()
            _write_manifest(self.manifest, self.store, self.revision)
        self._saved_revision = self.revision

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """A writer that fails forgets all it has heard since the last commit."""
        try:
            yield
        except BaseException:
            self.revision = self._saved_revision
            raise

    def reset(self) -> None:
        self.revision = self._saved_revision = 0
        with _foreign_errors(self.folder):
            self.manifest.unlink(missing_ok=True)

    def rebuild_unless_whole(self) -> None:
        """As DerivedVectors does; for the holder of the writer's lock."""
        held, expected = self.index.count(), self.store.counts()["passages"]
        if held != expected:
            self.repaired = f"it held {held} of {expected} passages: rebuilt"
            self.reset()
            self.catch_up()
            self.save()

    def check(self) -> Finding:
        return _finding("words", self, self.index.count(), self._saved_revision, "tantivy")


def _entry(stored: StoredPassage) -> WordEntry:
    passage: Passage = stored.passage
    return WordEntry(
        passage.id,
        stored.title,
        passage.text,
        stored.language,
        stored.source,
        stored.section,
        stored.published,
    )


def _finding(part: str, derived: DerivedVectors | DerivedWords, held: int, revision: int, kind: str) -> Finding:
    with derived.store.snapshot():
        expected, is_behind = derived.store.counts()["passages"], revision < derived.store.revision
    state = f"{held} of {expected} passages ({kind})"
    state += "; still following a writer at work" if is_behind else ""
    state += f"; on opening, {derived.repaired}" if derived.repaired else ""
    return Finding(part, held == expected or is_behind, state)


def _read_manifest(path: Path, store: Store) -> dict[str, Any] | None:
    """What the file says, or None where it cannot be read, or speaks of another archive or a later revision."""
    try:
        recorded = json.loads(path.read_bytes())
        is_ours = recorded["archive"] == store.setting("archive") and 0 < recorded["revision"] <= store.revision
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return recorded if is_ours else None


def _write_manifest(path: Path, store: Store, revision: int, **more: Any) -> None:
    content = {"archive": store.setting("archive"), "revision": revision, **more}
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


@contextmanager
def _foreign_errors(path: Path) -> Iterator[None]:
    """The system's errors as ours."""
    try:
        yield
    except OSError as error:
        raise ArchiveError(
            f"{path} cannot be written or read ({error}); no article was lost: look at its rights and its disk, then "
            "open the archive again"
        ) from error
