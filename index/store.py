"""SQLite, the truth: article versions, passages, vectors, and a revision counted up by each transaction."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from index.boilerplate import fingerprint, is_repeated
from index.database import Database
from index.errors import ArchiveDamaged, NotFound
from index.sentences import Span, paragraphs
from index.types import EVERYTHING, Article, Filters, Finding, Passage, Vectors

CHUNK = 500  # ids in one statement
ARTICLE_COLUMNS = "article_id, text, title, url, source, author, section, published, language, content_hash"


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with what a derived index wants to know of it."""

    passage: Passage
    title: str
    language: str
    source: str | None
    section: str | None
    published: datetime | None


class Store(Database):
    """What an archive holds; each thread reads through a connection of its own, one writes."""

    # Writing

    def put(self, article: Article, spans: Sequence[Span], vectors: Vectors, revision: int) -> list[int]:
        """Make this the article's current version; the ids of its passages. Inside a transaction."""
        self._drop_passages(article.id, revision)
        published = article.published
        connection = self._connection
        connection.execute(
            f"INSERT INTO versions ({ARTICLE_COLUMNS}, published_at, revision) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                article.id, article.text, article.title, article.url, article.source, article.author,
                article.section, published.isoformat() if published else None, article.language,
                article.content_hash, published.timestamp() if published else None, revision,
            ),
        )  # fmt: skip
        version = connection.last_insert_rowid()
        connection.execute("INSERT OR REPLACE INTO articles VALUES (?, ?)", (article.id, version))
        self._count_paragraphs(article.source or "", article.text, +1)
        ids: list[int] = []
        for (start, end), vector in zip(spans, vectors, strict=True):
            connection.execute(
                'INSERT INTO passages (version, start, "end", revision) VALUES (?, ?, ?, ?)',
                (version, start, end, revision),
            )
            ids.append(connection.last_insert_rowid())
            embedding = vector.astype("<f2").tobytes()
            connection.execute("INSERT INTO vectors VALUES (?, ?, ?)", (ids[-1], embedding, zlib.crc32(embedding)))
        return ids

    def delete(self, article_id: str, revision: int) -> None:
        """Remove an article with all its versions; NotFound where there is none. Inside a transaction."""
        self.current_hash(article_id, required=True)
        self._drop_passages(article_id, revision)
        self.rows("DELETE FROM articles WHERE id = ?", article_id)
        self.rows("DELETE FROM versions WHERE article_id = ?", article_id)

    def _drop_passages(self, article_id: str, revision: int) -> None:
        # As bytes, and not held against its hash: what is damaged must not stand in the way of its removal.
        rows = self.rows(
            "SELECT version, CAST(coalesce(source, '') AS BLOB), CAST(text AS BLOB) "
            "FROM articles JOIN versions ON version = versions.id WHERE articles.id = ?",
            article_id,
        )
        for version, source, text in list(rows):
            self._count_paragraphs(source.decode("utf-8", "replace"), text.decode("utf-8", "replace"), -1)
            ids = [row[0] for row in self.rows("SELECT id FROM passages WHERE version = ?", version)]
            connection = self._connection
            connection.executemany("DELETE FROM vectors WHERE passage = ?", ((i,) for i in ids))
            connection.executemany("DELETE FROM passages WHERE id = ?", ((i,) for i in ids))
            connection.executemany("INSERT INTO removals VALUES (?, ?)", ((i, revision) for i in ids))

    def _count_paragraphs(self, source: str, text: str, step: int) -> None:
        marks = {fingerprint(text[slice(*span)]) for span in paragraphs(text)}
        self._connection.executemany(
            "INSERT INTO repetitions VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET articles = articles + ?",
            ((source, mark, step, step) for mark in marks),
        )
        self.rows(
            "INSERT INTO sources VALUES (?, ?) ON CONFLICT DO UPDATE SET articles = articles + ?",
            source,
            step,
            step,
        )
        if step < 0:
            self._connection.executemany(
                "DELETE FROM repetitions WHERE source = ? AND fingerprint = ? AND articles <= 0",
                ((source, mark) for mark in marks),
            )
            self.rows("DELETE FROM sources WHERE source = ? AND articles <= 0", source)

    # Reading

    def current_hash(self, article_id: str, required: bool = False) -> str | None:
        rows = self.rows(
            "SELECT content_hash FROM articles JOIN versions ON versions.id = version WHERE articles.id = ?",
            article_id,
        )
        found = next((row[0] for row in rows), None)
        if found is None and required:
            raise NotFound(f"no article has the id {article_id!r}; `groundwire list` shows the ids")
        return found

    def article(self, article_id: str, content_hash: str | None = None) -> Article:
        """The current version, or the one with that hash; ArchiveDamaged where it is not what was stored."""
        sql = f"SELECT {ARTICLE_COLUMNS} FROM versions JOIN articles ON version = versions.id WHERE articles.id = ?"
        parameters = [article_id]
        if content_hash:
            sql = f"SELECT {ARTICLE_COLUMNS} FROM versions WHERE article_id = ? AND content_hash = ?"
            parameters.append(content_hash)
        for row in self.rows(sql, *parameters):
            return _article(row)
        version = f" in the version {content_hash}" if content_hash else ""
        raise NotFound(f"no article has the id {article_id!r}{version}; `groundwire list` shows the ids")

    def articles(self, filters: Filters = EVERYTHING, limit: int | None = None, skip: int = 0) -> Iterator[Article]:
        """The current articles that pass the filters, the newest first, those without a date last."""
        where, parameters = _conditions(filters)
        at_most = -1 if limit is None else limit  # SQLite's word for all
        # The texts are looked up for those alone that are asked for.
        yield from map(_article, self.rows(
            f"SELECT {ARTICLE_COLUMNS} FROM versions JOIN (SELECT versions.id AS chosen FROM versions WHERE {where} "
            "ORDER BY published_at DESC NULLS LAST, versions.id LIMIT ? OFFSET ?) ON versions.id = chosen "
            "ORDER BY published_at DESC NULLS LAST, versions.id", *parameters, at_most, skip,
        ))  # fmt: skip

    def count(self, filters: Filters = EVERYTHING) -> int:
        """How many current articles pass the filters."""
        where, parameters = _conditions(filters)
        return int(next(self.rows(f"SELECT count(*) FROM versions WHERE {where}", *parameters))[0])

    def passages(self, ids: Iterable[int]) -> dict[int, Passage]:
        """The passages that are still there, by id."""
        found: dict[int, Passage] = {}
        wanted = list(ids)
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            rows = self.rows(
                'SELECT passages.id, article_id, start, "end", substr(text, start + 1, "end" - start) '
                f"FROM passages JOIN versions ON versions.id = version WHERE passages.id IN ({_marks(chunk)})",
                *chunk,
            )
            found.update((row[0], Passage(*row)) for row in rows)
        return found

    def languages_of(self, ids: Iterable[int]) -> dict[int, str]:
        """The languages of the passages that are still there, by id."""
        found: dict[int, str] = {}
        wanted = list(ids)
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            found.update(
                self.rows(
                    "SELECT passages.id, language FROM passages JOIN versions ON versions.id = version "
                    f"WHERE passages.id IN ({_marks(chunk)})",
                    *chunk,
                )
            )
        return found

    def passage_ids(self, filters: Filters) -> list[int]:
        """The passages of every article that passes the filters."""
        where, parameters = _conditions(filters)
        rows = self.rows(
            f"SELECT passages.id FROM passages JOIN versions ON versions.id = version WHERE {where}",
            *parameters,
        )
        return [row[0] for row in rows]

    def passage_ids_of(self, article_id: str) -> list[int]:
        rows = self.rows(
            "SELECT passages.id FROM passages JOIN articles USING (version) WHERE articles.id = ? ORDER BY passages.id",
            article_id,
        )
        return [row[0] for row in rows]

    def removed_since(self, revision: int) -> list[int]:
        return [row[0] for row in self.rows("SELECT passage FROM removals WHERE revision > ?", revision)]

    def vectors_since(self, revision: int, batch: int = 4096) -> Iterator[tuple[list[int], Vectors]]:
        """The ids and vectors of passages added after a revision, in batches."""
        rows = self.rows(
            "SELECT id, embedding FROM passages JOIN vectors ON passage = id WHERE revision > ? ORDER BY id",
            revision,
        )
        for chunk in _chunks(rows, batch):
            ids = [row[0] for row in chunk]
            yield (
                ids,
                np.frombuffer(b"".join(row[1] for row in chunk), "<f2").reshape(len(ids), -1).astype("f4"),
            )

    def vectors_of(self, ids: Iterable[int]) -> dict[int, Vectors]:
        """The vectors of the passages that are still there, by id."""
        wanted = list(ids)
        rows = self.rows(f"SELECT passage, embedding FROM vectors WHERE passage IN ({_marks(wanted)})", *wanted)
        return {row[0]: np.frombuffer(row[1], "<f2").astype("f4") for row in rows}

    def sample_of_vectors(self, dimension: int, at_most: int = 60_000) -> Vectors:
        """Vectors from all over the archive, always the same ones. Shape: (n, dimension)."""
        step = max(1, self.counts()["passages"] // at_most)
        rows = self.rows("SELECT embedding FROM vectors WHERE passage % ? = 0 LIMIT ?", step, at_most)
        return np.frombuffer(b"".join(row[0] for row in rows), "<f2").reshape(-1, dimension).astype("f4")

    def stored_since(self, revision: int) -> Iterator[StoredPassage]:
        """The passages added after a revision, with what is known of their articles."""
        for row in self.rows(
            'SELECT passages.id, article_id, start, "end", substr(text, start + 1, "end" - start), '
            "title, language, source, section, published FROM passages JOIN versions ON versions.id = version "
            "WHERE passages.revision > ? ORDER BY passages.id",
            revision,
        ):
            yield StoredPassage(Passage(*row[:5]), row[5], row[6], row[7], row[8], _date(row[9]))

    def repeated(self, source: str | None, paragraph_texts: Sequence[str]) -> list[bool]:
        """For each paragraph, whether it stands in too many articles of the source to be news."""
        name = source or ""
        total = next((row[0] for row in self.rows("SELECT articles FROM sources WHERE source = ?", name)), 0)
        held_by = "SELECT articles FROM repetitions WHERE source = ? AND fingerprint = ?"
        return [
            any(is_repeated(row[0], total) for row in self.rows(held_by, name, fingerprint(text)))
            for text in paragraph_texts
        ]

    def counts(self) -> dict[str, int]:
        tables = ("articles", "passages", "versions")
        return {table: next(self.rows(f"SELECT count(*) FROM {table}"))[0] for table in tables}

    def tally(self, column: str) -> dict[str, int]:
        """How many current articles have each value of `language` or `source`, the most frequent first."""
        rows = self.rows(
            f"SELECT coalesce({column}, ''), count(*) FROM versions JOIN articles ON version = versions.id "
            "GROUP BY 1 ORDER BY 2 DESC, 1"
        )
        return dict(rows)

    def published_range(self) -> tuple[datetime | None, datetime | None]:
        dates = [
            next((row[0] for row in self.rows(
                "SELECT published FROM versions JOIN articles ON version = versions.id "
                f"WHERE published_at IS NOT NULL ORDER BY published_at {order} LIMIT 1"
            )), None)
            for order in ("ASC", "DESC")
        ]  # fmt: skip
        return _date(dates[0]), _date(dates[1])

    # Checking

    def check(self) -> Iterator[Finding]:
        """SQLite's own check, then every article against its hash, every passage, every vector."""
        problems = [row[0] for row in self.rows("PRAGMA integrity_check")]
        yield Finding("database", problems == ["ok"], "; ".join(problems[:3]))
        broken = [row[0] for row in self.rows("SELECT * FROM pragma_foreign_key_check")]
        yield Finding("references", not broken, f"{len(broken)} broken")
        counted, bad = 0, []
        for version, article_id in self.rows("SELECT id, CAST(article_id AS BLOB) FROM versions"):
            counted += 1
            try:
                for row in self.rows(f"SELECT {ARTICLE_COLUMNS} FROM versions WHERE id = ?", version):
                    _article(row)
            except ArchiveDamaged:
                bad.append(article_id.decode("utf-8", "replace"))
        yield Finding("articles", not bad, _seen(counted, "versions", bad))
        counted, bad = 0, []
        for passage, embedding, checksum, fits in self.rows(
            'SELECT passages.id, embedding, checksum, start >= 0 AND start < "end" AND "end" <= length(text) '
            "FROM passages JOIN versions ON versions.id = version LEFT JOIN vectors ON passage = passages.id"
        ):
            counted += 1
            if not fits or embedding is None or zlib.crc32(embedding) != checksum:
                bad.append(str(passage))
        yield Finding("passages", not bad, _seen(counted, "passages", bad))


def _seen(counted: int, what: str, bad: list[str]) -> str:
    return f"{counted} {what}" + (f", damaged: {', '.join(bad[:5])}" if bad else "")


def _article(row: Sequence[Any]) -> Article:
    article_id, text, title, url, source, author, section, published, language, content_hash = row
    with suppress(ValueError):  # of a date that is none any more
        article = Article(article_id, text, title, url, source, author, section, _date(published), language)
        if article.content_hash == content_hash:
            return article
    raise ArchiveDamaged(
        f"the stored article {article_id!r} is not what was written; remove it and add it again "
        f"(groundwire remove {article_id!r})"
    )


def _date(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _conditions(filters: Filters) -> tuple[str, list[Any]]:
    conditions, parameters = ["versions.id IN (SELECT version FROM articles)"], []
    for column in ("language", "source", "section"):
        if (value := getattr(filters, column)) is not None:
            conditions.append(f"{column} = ?")
            parameters.append(value)
    for bound, sign in ((filters.first, ">="), (filters.last, "<=")):
        if bound is not None:
            conditions.append(f"published_at {sign} ?")
            parameters.append(bound.timestamp())
    return " AND ".join(conditions), parameters


def _marks(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))


def _chunks(rows: Iterator[tuple[Any, ...]], size: int) -> Iterator[list[tuple[Any, ...]]]:
    chunk: list[tuple[Any, ...]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
