"""The one door to the articles: keeps the store, the vectors and the words in step."""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self, get_args

import numpy as np
from filelock import FileLock, Timeout

from index.derived import DerivedVectors, DerivedWords
from index.embed import FastEmbedder, load_embedder
from index.errors import (
    ArchiveBusy,
    ArchiveError,
    BadFilter,
    BadInput,
    BadQuestion,
    GroundwireError,
    ModelMismatch,
)
from index.fuse import fuse, weight_of_words, where_words_cannot_tell
from index.model import Report
from index.sentences import Span
from index.split import split
from index.store import Store, StoredPassage
from index.types import (
    EVERYTHING,
    AddReport,
    Article,
    Embedder,
    Filters,
    Finding,
    FoundBy,
    Hit,
    Passage,
    Progress,
    Rejection,
    Stats,
    Vectors,
)
from index.validate import origin_of, problem_with

BATCH_PASSAGES = 512  # embedded, and committed, together
DEPTH = 100  # how far down each ranking is looked at before they are fused
WRITER_WAIT_SECONDS = 10.0
SEARCH_ATTEMPTS = 5  # while others keep writing

OnProgress = Callable[[Progress], None]


class Archive:
    """Articles that can be searched. Use it from any number of threads; one process writes at a time."""

    def __init__(self, path: Path, embedder: Embedder | str | None, report: Report) -> None:
        self.path = path
        self._embedder_choice = embedder
        self._report = report
        self._writing_thread = threading.RLock()
        self._looking = threading.Lock()  # one at a time looks whether somebody writes: it takes the writer's lock
        # Held for moments: from a commit until the indexes have followed, and while they catch up.
        self._following = threading.Lock()
        self._lock = FileLock(f"{path}.lock", thread_local=False)
        self._store = Store(path)
        try:
            self._settle_model()
            self._open_derived()
        except BaseException:
            self._store.close()
            raise

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        embedder: Embedder | str | None = None,
        report: Report = lambda _what, _part: None,
    ) -> Self:
        """Open an archive, created if it is not there.

        `embedder`: an `Embedder`, or the name or folder of a sentence-transformers model; by default the
        archive's own, and for a new one the bundled model. `report` hears of the one-time preparation of
        that. NotAnArchive, ArchiveDamaged or ModelMismatch where it cannot be opened.
        """
        if "://" in str(path):
            raise BadInput(f"{path} is an address; this version opens archives on this machine: name a file")
        file = Path(path).expanduser()
        if file.is_dir():
            raise BadInput(f"{file} is a folder; name a file, such as {file / 'news.db'}")
        if not file.absolute().parent.is_dir():
            raise BadInput(f"there is no folder {file.parent}; create it, or name a file elsewhere")
        return cls(file, embedder, report)

    def close(self) -> None:
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # The model

    def _settle_model(self) -> None:
        """An archive names its model and dimension; vectors of another one would be compared in vain."""
        stored = self._store.setting("model")
        choice = self.__dict__.get("embedder", self._embedder_choice)
        asked = choice if isinstance(choice, str) or choice is None else choice.name
        if stored is None:
            return
        if asked is not None and asked != stored:
            raise ModelMismatch(
                f"{self.path} was made with the model {stored!r}, not {asked!r}: open it without naming a model, "
                "or add the articles to a new archive made with the other one"
            )
        self._embedder_choice = choice or stored

    @cached_property
    def embedder(self) -> Embedder:
        """The archive's embedder, loaded when it is first needed."""
        self._settle_model()  # another process may have named it since
        choice = self._embedder_choice
        loaded = load_embedder(choice, self._report) if isinstance(choice, str) or choice is None else choice
        stored = self._store.setting("dimension")
        if stored is not None and int(stored) != loaded.dimension:
            raise ModelMismatch(
                f"{self.path} holds vectors of {stored} numbers, but {loaded.name!r} makes {loaded.dimension}; "
                "was the model replaced? Add the articles to a new archive"
            )
        return loaded

    @property
    def _dimension(self) -> int:
        stored = self._store.setting("dimension")
        return int(stored) if stored else FastEmbedder.dimension

    def _open_derived(self) -> None:
        folder = Path(f"{self.path}.index")
        try:
            with self._writing(wait=0.0):
                self._vectors = DerivedVectors(folder, self._store, self._dimension)
                self._words = DerivedWords(folder, self._store, may_write=True)
                self._catch_up_and_save()
                self._vectors.rebuild_unless_whole()
                self._words.rebuild_unless_whole()
                self._catch_up_and_save()
        except ArchiveBusy:
            # Somebody is writing: what is in memory can follow the store, the words follow the writer.
            self._vectors = DerivedVectors(folder, self._store, self._dimension)
            self._words = DerivedWords(folder, self._store, may_write=False)
            self._vectors.catch_up()

    def _catch_up_and_save(self) -> None:
        revision = self._store.revision
        with self._following:
            self._vectors.dimension = self._dimension
            self._vectors.catch_up()
            self._words.catch_up()
            if revision:
                self._words.save()
        if revision:
            self._vectors.save()

    def _refresh(self) -> int:
        """See what has been written since, by whomever; the revision that searches are then of."""
        revision = self._store.revision
        if revision == self._vectors.revision == self._words.revision:
            return revision
        with self._following:
            self._settle_model()
            self._vectors.dimension = self._dimension
            self._vectors.catch_up()
            self._words.follow()
        if self._words.revision < revision:
            # Their writer is at work, or was interrupted before it saved them.
            with suppress(ArchiveBusy), self._writing(wait=0.0):
                self._catch_up_and_save()
        return self._vectors.revision

    # Writing

    @contextmanager
    def _writing(self, wait: float | None = None) -> Iterator[None]:
        wait = WRITER_WAIT_SECONDS if wait is None else wait
        busy = f"another process is writing to {self.path}; try again when it has finished"
        if not self._writing_thread.acquire(blocking=wait > 0):
            raise ArchiveBusy(busy)
        try:
            try:
                self._lock.acquire(timeout=wait)
            except Timeout as error:
                raise ArchiveBusy(busy) from error
            except OSError as error:
                raise ArchiveError(f"{self.path}.lock cannot be written ({error}); look at its rights") from error
            try:
                yield
            finally:
                self._lock.release()
        finally:
            self._writing_thread.release()

    @property
    def is_being_written(self) -> bool:
        """Whether somebody is adding or removing articles at this moment."""
        try:
            with self._looking, self._writing(wait=0.0):
                return False
        except ArchiveBusy:
            return True

    @contextmanager
    def _saving(self) -> Iterator[None]:
        """However it ends, what has been committed inside is followed by the indexes, and these are saved."""
        try:
            yield
            self._catch_up_and_save()
        except BaseException:
            with suppress(GroundwireError):  # the first error tells more
                self._catch_up_and_save()
            raise

    def add(self, articles: Iterable[Article | Rejection], progress: OnProgress = lambda _progress: None) -> AddReport:
        """Add or update articles; those already there, by their hash, are skipped without being embedded.

        What `progress` reports is stored for good. Interrupted, all of that stays, and the same call goes
        on with the rest. Articles that cannot be taken are in the report, with the reason.
        """
        report = AddReport()
        with self._writing():
            embedder = self.embedder
            self._settle_model()
            if self._store.setting("model") is None:
                self._name_model(embedder)
            self._catch_up_and_save()
            with self._saving():
                for batch in self._batches(articles, report, embedder):
                    self._commit(batch, report, embedder)
                    seen = report.added + report.updated + report.unchanged + len(report.rejected)
                    progress(Progress(seen, report.passages))
        return report

    def _name_model(self, embedder: Embedder) -> None:
        with self._store.transaction():
            self._store.set_setting("model", embedder.name)
            self._store.set_setting("dimension", str(embedder.dimension))
        self._vectors.dimension = embedder.dimension
        with self._following:
            self._vectors.reset()

    def _batches(
        self, articles: Iterable[Article | Rejection], report: AddReport, embedder: Embedder
    ) -> Iterator[list[tuple[Article, list[Span]]]]:
        """New and changed articles with their passages, about BATCH_PASSAGES of these at a time."""
        batch: dict[str, tuple[Article, list[Span]]] = {}
        passages = 0
        for article in articles:
            if isinstance(article, Rejection):
                report.rejected.append(article)
                continue
            if problem := problem_with(article):
                report.rejected.append(Rejection(origin_of(article), problem))
                continue
            if article.id in batch:  # given twice: the later one is an update of the first
                yield list(batch.values())
                batch, passages = {}, 0
            if self._store.current_hash(article.id) == article.content_hash:
                report.unchanged += 1
                continue
            spans = split(article, embedder.count_tokens, embedder.max_tokens)
            batch[article.id] = (article, spans)
            passages += len(spans)
            if passages >= BATCH_PASSAGES:
                yield list(batch.values())
                batch, passages = {}, 0
        if batch:
            yield list(batch.values())

    def _commit(self, batch: list[tuple[Article, list[Span]]], report: AddReport, embedder: Embedder) -> None:
        """Embed a batch and make it true in one transaction, then let the derived indexes follow."""
        # Without the title: it lowered MRR on SQuAD's and PIAF's training parts; the words index has it.
        texts = [article.text[slice(*span)] for article, spans in batch for span in spans]
        vectors = embedder.embed_passages(texts)
        stored: list[StoredPassage] = []
        added = updated = row = 0
        with self._following:
            with self._store.transaction() as revision:
                for article, spans in batch:
                    is_update = self._store.current_hash(article.id) is not None
                    ids = self._store.put(article, spans, vectors[row : row + len(spans)], revision)
                    row += len(spans)
                    added, updated = added + (not is_update), updated + is_update
                    stored.extend(_stored(article, ids, spans))
            removed = self._store.removed_since(revision - 1)
            self._vectors.apply(removed, [each.passage.id for each in stored], _as_stored(vectors), revision)
            self._words.apply(removed, stored, revision)
            if removed:  # words find old versions until then, which are no longer there to be shown
                self._words.save()
        report.added += added
        report.updated += updated
        report.passages += len(stored)

    def remove(self, article_id: str) -> None:
        """Remove an article with all its versions; NotFound where there is none."""
        with self._writing():
            self._catch_up_and_save()
            with self._saving(), self._following:
                with self._store.transaction() as revision:
                    self._store.delete(article_id, revision)
                removed = self._store.removed_since(revision - 1)
                self._vectors.apply(removed, [], np.empty((0, self._dimension), np.float32), revision)
                self._words.apply(removed, [], revision)

    def rebuild(self) -> None:
        """Make the derived indexes anew from the store."""
        with self._writing(), self._saving(), self._following:
            self._vectors.reset()
            self._words.reset()

    # Reading

    def search(self, query: str, limit: int = 10, by: FoundBy = "fused", filters: Filters = EVERYTHING) -> list[Hit]:
        """The passages nearest to the query, the best first; among articles that pass the filters."""
        if not query.strip():
            raise BadQuestion("the query is empty; give some words to look for")
        if any("\ud800" <= character <= "\udfff" for character in query):
            raise BadQuestion("the query holds half a character (a lone surrogate); type it again")
        if by not in get_args(FoundBy):
            raise BadInput(f"searching by {by!r} is not possible; choose one of {', '.join(get_args(FoundBy))}")
        if not 1 <= limit <= 1000:
            raise BadInput(f"a limit of {limit} is not possible; give one from 1 to 1000")
        if filters.first and filters.last and filters.first > filters.last:
            raise BadFilter(f"no article is from {filters.since} or later and also from {filters.until} or earlier")
        for _ in range(SEARCH_ATTEMPTS):
            revision = self._refresh()
            vector = None if by == "words" else self.embedder.embed_query(query)
            ranked = self._rank(query, vector, max(limit, DEPTH), by, filters)[: 2 * limit]
            passages = self._store.passages(found for found, _ in ranked)
            similar = {} if vector is None else self._similarities(vector, passages)
            # What has been updated meanwhile was found half, or not at all: its new version is to be found.
            if self._store.revision == revision:
                break
        return [Hit(passages[found], score, by, similar.get(found)) for found, score in ranked if found in passages][
            :limit
        ]

    def _similarities(self, vector: Vectors, passages: Iterable[int]) -> dict[int, float]:
        return {found: float(np.dot(each, vector)) for found, each in self._store.vectors_of(passages).items()}

    def _rank(
        self, query: str, vector: Vectors | None, depth: int, by: FoundBy, filters: Filters
    ) -> list[tuple[int, float]]:
        if vector is None:
            return self._words.index.search(query, depth, filters)
        among = self._store.passage_ids(filters) if filters else None
        near = self._vectors.index.search(vector, depth, among)
        if by == "vectors":
            return near
        words = self._words.index.search(query, depth, filters)
        covered = self._words.index.coverage(query, words[0][1]) if words else 0.0
        by_vectors, by_words = [found for found, _ in near], [found for found, _ in words]
        languages = self._store.languages_of({*by_vectors, *by_words})
        by_vectors, by_words = ([found for found in each if found in languages] for each in (by_vectors, by_words))
        elsewhere = where_words_cannot_tell(by_vectors, by_words, languages)
        weight = weight_of_words(covered, _spread(near))
        return fuse([by_vectors, by_words, elsewhere], [1.0, weight, weight])

    def get(self, article_id: str, content_hash: str | None = None) -> Article:
        """The article as it is now, or in the version with that hash; NotFound where there is none."""
        return self._store.article(article_id, content_hash)

    def passages_of(self, article_id: str) -> list[Passage]:
        """The passages of an article as it is now, in order; NotFound where there is none."""
        self._store.current_hash(article_id, required=True)
        return list(self._store.passages(self._store.passage_ids_of(article_id)).values())

    def articles(self, filters: Filters = EVERYTHING, limit: int | None = None, skip: int = 0) -> Iterator[Article]:
        """The articles that pass the filters, the newest first; at most `limit`, after the first `skip`."""
        return self._store.articles(filters, limit, skip)

    def count(self, filters: Filters = EVERYTHING) -> int:
        """How many articles pass the filters."""
        return self._store.count(filters)

    @property
    def id(self) -> str:
        """Of this archive alone: one made anew at the same place has another."""
        return self._store.setting("archive") or ""

    @property
    def revision(self) -> int:
        """Counted up by everything that is written, by whomever."""
        return self._store.revision

    def repeated_paragraphs(self, article: Article, paragraph_texts: list[str]) -> list[bool]:
        """For each paragraph, whether it stands in too many articles of the same source to be news."""
        return self._store.repeated(article.source, paragraph_texts)

    def stats(self) -> Stats:
        counts = self._store.counts()
        oldest, newest = self._store.published_range()
        files = [
            *(Path(f"{self.path}{part}") for part in ("", "-wal", "-shm")),
            *self._vectors.path.parent.rglob("*"),
        ]
        return Stats(
            articles=counts["articles"],
            passages=counts["passages"],
            versions=counts["versions"],
            revision=self._store.revision,
            model=self._store.setting("model") or FastEmbedder.name,
            dimension=self._dimension,
            vector_index=self._vectors.index.kind,
            languages=self._store.tally("language"),
            sources=self._store.tally("source"),
            oldest=oldest,
            newest=newest,
            bytes_on_disk=sum(map(_size, files)),
        )

    def check(self) -> list[Finding]:
        """Look at everything that is stored; what was mended on opening is told too."""
        self._refresh()
        found = list(self._store.check())
        with self._following:
            return [*found, self._vectors.check(), self._words.check()]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:  # while somebody writes, files come and go
        return 0


def _spread(near: list[tuple[int, float]]) -> float:
    """How far the first ten scores lie apart."""
    return near[0][1] - near[:10][-1][1] if near else 0.0


def _stored(article: Article, ids: list[int], spans: list[Span]) -> Iterator[StoredPassage]:
    for passage_id, (start, end) in zip(ids, spans, strict=True):
        passage = Passage(passage_id, article.id, start, end, article.text[start:end])
        yield StoredPassage(
            passage, article.title, article.language, article.source, article.section, article.published
        )


def _as_stored(vectors: Vectors) -> Vectors:
    """Through float16, as they come back from the store: an index is the same however it was made."""
    return vectors.astype(np.float16).astype(np.float32)
