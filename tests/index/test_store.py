"""The truth: what is refused, what a transaction leaves, which damage is found, and how it is mended."""

import multiprocessing
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import apsw
import numpy as np
import pytest
from filelock import FileLock

import index.database
from index.archive import Archive
from index.boilerplate import fingerprint
from index.errors import ArchiveBusy, ArchiveDamaged, ArchiveError, NotAnArchive, NotFound
from index.migrations import APPLICATION_ID, MIGRATIONS
from index.store import Store
from index.types import Article, Filters, Finding, Vectors
from tests.conftest import BagOfWords, article

FULL = Article(
    id="id with 'quotes', \N{PILE OF POO} and / slashes",
    text="Premier « paragraphe »\u00a0: 1\u202f000 €.\n\tDeuxième, \N{FAMILY} e\u0301t\u0301 \x85.\n",
    title="Un titre",
    url="https://example.org/a?b=c#d",
    source="Le Journal",
    author="Ann Ex",
    section="Monde",
    published=datetime(2025, 10, 17, 19, 9, 1, 123456, timezone(timedelta(hours=5, minutes=45))),
    language="fr",
)


def run_sql(file: Path, sql: str, *parameters: object) -> list[Any]:
    """Behind the archive's back. Not with sqlite3: two copies of SQLite in one process undo each other's locks."""
    with closing(apsw.Connection(str(file))) as connection:
        return connection.execute(sql, parameters).fetchall()


def vectors(count: int) -> Vectors:
    return np.eye(4, dtype=np.float32)[np.arange(count) % 4]


def put(store: Store, given: Article, spans: Sequence[tuple[int, int]] = ((0, 1),)) -> int:
    with store.transaction() as revision:
        store.put(given, spans, vectors(len(spans)), revision)
    return revision


def repetitions(file: Path, source: str) -> dict[int, int]:
    return dict(run_sql(file, "SELECT fingerprint, articles FROM repetitions WHERE source = ?", source))


def articles_of(file: Path) -> dict[str, int]:
    return dict(run_sql(file, "SELECT * FROM sources"))


# Which files are refused


@pytest.mark.parametrize(
    "content",
    [b"The ministers met in Geneva.", b"x", b"PK\x03\x04" * 5000, b"SQLite format 3\x00 but cut", bytes(4096)],
)
def test_a_file_that_is_something_else_is_refused_and_left_as_it_was(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(NotAnArchive, match="not a Groundwire archive; name another file"):
        Archive.open(file)
    assert file.read_bytes() == content
    assert not Path(f"{file}.index").exists()


def test_a_database_of_another_program_is_refused_and_left_as_it_was(file: Path) -> None:
    run_sql(file, "CREATE TABLE articles (id TEXT PRIMARY KEY)")
    before = file.read_bytes()
    with pytest.raises(NotAnArchive, match="not a Groundwire archive"):
        Archive.open(file)
    assert file.read_bytes() == before


def test_an_empty_file_is_refused_for_it_may_be_what_is_left_of_an_archive(file: Path) -> None:
    file.touch()
    for _ in range(2):
        with pytest.raises(
            NotAnArchive, match="is empty, which an archive never is; restore it from a copy, or remove"
        ):
            Archive.open(file)
    assert file.stat().st_size == 0


def test_an_archive_of_a_newer_version_is_refused_with_the_way_out(file: Path) -> None:
    Store(file).close()
    run_sql(file, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(NotAnArchive, match="made by a newer Groundwire; update this one: git pull"):
        Store(file)


def test_a_damaged_header_and_a_damaged_schema_are_told(file: Path) -> None:
    Store(file).close()
    whole = file.read_bytes()
    file.write_bytes(b"\0" * 16 + whole[16:])
    with pytest.raises(NotAnArchive):
        Store(file)
    file.write_bytes(whole[:100] + b"\xff" * 4000 + whole[4100:])
    with pytest.raises(ArchiveDamaged, match="restore it from a copy"):
        Store(file)


# The schema


def test_migrations_reach_the_tested_schema(file: Path) -> None:
    Store(file).close()
    assert run_sql(file, "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert run_sql(file, "PRAGMA user_version") == [(len(MIGRATIONS),)]
    assert run_sql(file, "PRAGMA journal_mode") == [("wal",)]
    tables = [name for (name,) in run_sql(file, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    columns = {
        table: [row[1] for row in run_sql(file, f"PRAGMA table_info({table})")]
        for table in tables
        if not table.startswith("sqlite_")
    }
    assert columns == {
        "articles": ["id", "version"],
        "passages": ["id", "version", "start", "end", "revision"],
        "removals": ["passage", "revision"],
        "repetitions": ["source", "fingerprint", "articles"],
        "settings": ["name", "value"],
        "sources": ["source", "articles"],
        "vectors": ["passage", "embedding", "checksum"],
        "versions": [
            "id", "article_id", "content_hash", "title", "url", "source", "author", "section", "published",
            "published_at", "language", "text", "revision",
        ],
    }  # fmt: skip
    strict = {row[1]: row[5] for row in run_sql(file, "PRAGMA table_list") if not row[1].startswith("sqlite_")}
    assert set(strict.values()) == {1}


def test_a_newer_program_migrates_an_older_archive_and_keeps_what_it_holds(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(file)
    put(store, FULL)
    store.close()
    with monkeypatch.context() as patch:
        patch.setattr(index.database, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE later (x) STRICT;"))
        with pytest.raises(ArchiveError):  # a column without a type: the step fails
            Store(file)
    assert run_sql(file, "PRAGMA user_version") == [(len(MIGRATIONS),)]
    monkeypatch.setattr(index.database, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE later (x TEXT) STRICT;"))
    with closing(Store(file)) as store:
        assert store.article(FULL.id) == FULL
    assert run_sql(file, "PRAGMA user_version") == [(len(MIGRATIONS) + 1,)]
    assert run_sql(file, "SELECT * FROM later") == []


def test_every_archive_has_a_mark_of_its_own(tmp_path: Path) -> None:
    marks = set()
    for name in ("a.db", "b.db"):
        with closing(Store(tmp_path / name)) as store:
            marks.add(store.setting("archive"))
    assert len(marks) == 2


# Creating


def create(file: Path, start: Any, outcomes: Any) -> None:
    start.wait()
    try:
        with closing(Store(file)) as store:
            outcomes.put(store.setting("archive"))
    except Exception as error:
        outcomes.put(repr(error))


def forkserver() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.index.test_store", "tests.index.test_durability"])
    return context


def test_processes_that_create_the_same_archive_at_once_all_get_the_same_one(tmp_path: Path) -> None:
    context = forkserver()
    for number in range(4):
        file = tmp_path / f"{number}.db"
        start, outcomes = context.Barrier(3), context.Queue()
        processes = [context.Process(target=create, args=(file, start, outcomes)) for _ in range(3)]
        for process in processes:
            process.start()
        marks = {outcomes.get() for _ in processes}
        for process in processes:
            process.join()
        (mark,) = marks
        assert run_sql(file, "SELECT value FROM settings WHERE name = 'archive'") == [(mark,)]


def test_creating_that_is_cut_short_leaves_nothing_in_the_way(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(index.database, "MIGRATIONS", (*MIGRATIONS, "CREATE GARDEN;"))
        with pytest.raises(ArchiveError):
            Store(file)
    assert not file.exists()
    with closing(Store(file)) as store:
        assert store.revision == 0


def test_what_is_left_of_a_deleted_archive_does_not_come_back(file: Path) -> None:
    store = Store(file)
    put(store, FULL)
    log = Path(f"{file}-wal").read_bytes()
    store.close()
    file.unlink()
    Path(f"{file}-wal").write_bytes(log)
    with closing(Store(file)) as store:
        assert store.counts() == {"articles": 0, "passages": 0, "versions": 0}
        assert all(finding.ok for finding in store.check())


def test_who_waits_for_the_creator_does_not_wait_for_what_it_writes_next(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = FileLock(f"{file}.lock")
    tried = threading.Event()

    class Lock(FileLock):
        def acquire(self, *arguments: Any, **named: Any) -> Any:
            tried.set()
            return super().acquire(*arguments, **named)

    with holder:
        with monkeypatch.context() as patch:
            patch.setattr(index.database, "FileLock", Lock)
            opened: list[Store] = []
            waiting = threading.Thread(target=lambda: opened.append(Store(file)))
            waiting.start()
            assert tried.wait(60)
        Store(file.with_name("other.db")).close()
        file.with_name("other.db").rename(file)  # as whoever holds the lock would
        waiting.join(60)
        assert opened
    opened[0].close()


# Transactions


def test_every_transaction_counts_the_revision_up_once(file: Path) -> None:
    with closing(Store(file)) as store:
        assert store.revision == 0
        assert put(store, FULL) == store.revision == 1
        with store.transaction() as revision:
            for name in "abc":
                store.put(article(name), [(0, 4), (5, 7)], vectors(2), revision)
            store.delete(FULL.id, revision)
        assert revision == store.revision == 2
        assert store.counts() == {"articles": 3, "passages": 6, "versions": 3}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, NotFound])
def test_a_transaction_that_fails_leaves_nothing(file: Path, error: type[BaseException]) -> None:
    with closing(Store(file)) as store:
        put(store, article("old", source="S"))
        before = list(apsw.Connection(str(file)).execute("SELECT * FROM versions, repetitions, sources"))

        def fail() -> None:
            with store.transaction() as revision:
                store.put(article("new", source="S"), [(0, 4)], vectors(1), revision)
                store.put(article("old", "Another text.", source="T"), [(0, 4)], vectors(1), revision)
                store.delete("old", revision)
                if error is NotFound:
                    store.delete("never there", revision)
                raise error

        with pytest.raises(error):
            fail()
        assert store.revision == 1
        assert list(apsw.Connection(str(file)).execute("SELECT * FROM versions, repetitions, sources")) == before
        assert store.removed_since(0) == []
        assert put(store, FULL) == 2


def test_a_vector_too_few_fails_before_anything_is_stored(file: Path) -> None:
    with closing(Store(file)) as store:
        with pytest.raises(ValueError, match="shorter"), store.transaction() as revision:
            store.put(FULL, [(0, 4), (5, 6)], vectors(1), revision)
        assert store.counts() == {"articles": 0, "passages": 0, "versions": 0}


def test_a_second_writer_is_told_to_wait_and_readers_are_not(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.database, "BUSY_MILLISECONDS", 1)
    with closing(Store(file)) as first, closing(Store(file)) as second:
        with first.transaction() as revision:
            first.put(FULL, [(0, 4)], vectors(1), revision)
            assert second.counts()["articles"] == second.revision == 0
            with pytest.raises(ArchiveBusy, match="another process is writing"):
                put(second, article("a"))
        assert put(second, article("a")) == 2
        assert [each.id for each in first.articles()] == [FULL.id, "a"]


def test_a_snapshot_stays_the_same_while_others_write(file: Path) -> None:
    with closing(Store(file)) as reader, closing(Store(file)) as writer:
        put(writer, article("old"), [(0, 4), (5, 7)])
        with reader.snapshot():
            assert reader.revision == 1
            put(writer, article("old", "New text."), [(0, 3)])
            assert reader.revision == 1
            assert [ids for ids, _ in reader.vectors_since(0)] == [[1, 2]]
            assert reader.removed_since(0) == []
        assert reader.revision == 2
        assert [ids for ids, _ in reader.vectors_since(0)] == [[3]]
        assert sorted(reader.removed_since(0)) == [1, 2]


# What is kept


def test_an_article_comes_back_as_it_was_given(file: Path) -> None:
    plain = Article("plain", "x")
    with closing(Store(file)) as store:
        for given in (FULL, plain):
            put(store, given)
            assert (found := store.article(given.id)) == given
            assert found.content_hash == given.content_hash
            assert (found.published and found.published.isoformat()) == (
                given.published and given.published.isoformat()
            )


def test_passages_are_cut_by_code_points(file: Path) -> None:
    spans = [(start, end) for start in range(0, len(FULL.text) - 3, 3) for end in (start + 1, start + 3)]
    with closing(Store(file)) as store:
        put(store, FULL, spans)
        found = store.passages(store.passage_ids_of(FULL.id))
        assert [(each.start, each.end) for each in found.values()] == spans
        assert all(each.text == FULL.text[each.start : each.end] for each in found.values())
        assert [each.passage for each in store.stored_since(0)] == list(found.values())


def test_a_correction_keeps_the_version_before_it(file: Path) -> None:
    first = article("a", "The first text, of one paragraph.")
    second = replace(first, title="Another title")
    with closing(Store(file)) as store:
        for version in (first, second, first):
            put(store, version, [(0, 9)])
        assert store.article("a") == store.article("a", first.content_hash) == first
        assert store.article("a", second.content_hash) == second
        assert store.counts() == {"articles": 1, "passages": 1, "versions": 3}
        assert list(store.passages([1, 2, 3])) == [3]
        assert store.removed_since(0) == [1, 2]
        with pytest.raises(NotFound, match="in the version feed"):
            store.article("a", "feed")


def test_removing_takes_all_versions(file: Path) -> None:
    with closing(Store(file)) as store:
        put(store, article("a", "Secret of the first version."))
        put(store, article("a", "Secret of the second version."))
        put(store, article("b"))
        with store.transaction() as revision:
            store.delete("a", revision)
        assert store.counts() == {"articles": 1, "passages": 1, "versions": 1}
        for version in (None, article("a", "Secret of the first version.").content_hash):
            with pytest.raises(NotFound, match=r"'a'.*`groundwire list` shows the ids"):
                store.article("a", version)
        assert sorted(store.removed_since(0)) == [1, 2]
        assert all(finding.ok for finding in store.check())
    # Once the log has gone into the file, on closing, not even the bytes are there.
    assert b"Secret" not in file.read_bytes()


def test_passage_ids_are_never_given_twice(file: Path) -> None:
    with closing(Store(file)) as store:
        for expected in (1, 2, 3):
            put(store, article("a", f"Text {expected}"))
            assert store.passage_ids_of("a") == [expected]
        with store.transaction() as revision:
            store.delete("a", revision)
    with closing(Store(file)) as store:
        put(store, article("a"))
        assert store.passage_ids_of("a") == [4]


def test_repetitions_are_counted_up_and_down(file: Path) -> None:
    appeal, news, other = "Tous les jours à midi.", "A paragraph of news.", "Another paragraph."
    with closing(Store(file)) as store:
        put(store, article("a", f"{news}\n{appeal}\n{appeal}", source="S"))
        put(store, article("b", f"{other}\n  {appeal.upper()}  ", source="S"))
        put(store, article("c", appeal, source="T"))
        put(store, article("d", appeal))
        assert repetitions(file, "S") == {fingerprint(news): 1, fingerprint(other): 1, fingerprint(appeal): 2}
        assert repetitions(file, "T") == repetitions(file, "") == {fingerprint(appeal): 1}
        assert articles_of(file) == {"": 1, "S": 2, "T": 1}

        put(store, article("a", f"{other}\n{appeal}", source="T"))  # it changes its source as well
        assert repetitions(file, "S") == {fingerprint(other): 1, fingerprint(appeal): 1}
        assert repetitions(file, "T") == {fingerprint(other): 1, fingerprint(appeal): 2}
        assert articles_of(file) == {"": 1, "S": 1, "T": 2}

        for name in "abcd":
            with store.transaction() as revision:
                store.delete(name, revision)
        assert run_sql(file, "SELECT * FROM repetitions") == run_sql(file, "SELECT * FROM sources") == []


def test_a_paragraph_is_repeated_where_many_articles_of_its_source_have_it(file: Path) -> None:
    with closing(Store(file)) as store:
        for number in range(4):
            put(store, article(f"s{number}", f"News number {number}.\nAlways the same.", source="S"))
        assert store.repeated("S", ["Always the same.", "News number 1.", "Never seen."]) == [True, False, False]
        assert store.repeated("T", ["Always the same."]) == store.repeated(None, ["Always the same."]) == [False]


def test_a_bound_without_an_offset_is_taken_as_utc(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    noon = datetime(2025, 6, 1, 12, tzinfo=UTC)
    with closing(Store(file)) as store:
        put(store, article("a", published=noon))
        for bound in (noon, noon.replace(tzinfo=None), noon.astimezone(timezone(timedelta(hours=-8)))):
            for filters in (Filters(since=bound), Filters(until=bound)):
                assert [each.id for each in store.articles(filters)] == ["a"]
            assert list(store.articles(Filters(since=bound + timedelta(microseconds=1)))) == []
            assert list(store.articles(Filters(until=bound - timedelta(microseconds=1)))) == []
        day, later = noon.date(), noon.date() + timedelta(days=1)
        assert [each.id for each in store.articles(Filters(since=day, until=day))] == ["a"]
        assert list(store.articles(Filters(since=later))) == []
        assert list(store.articles(Filters(until=date(2025, 5, 31)))) == []


# Damage


@pytest.fixture
def damaged(file: Path, embedder: BagOfWords) -> Callable[[str], Archive]:
    """An archive of three articles in which somebody has changed something."""
    with Archive.open(file, embedder) as archive:
        archive.add(article(name, source="S") for name in ("apple", "bread", "cheese"))

    def change(sql: str) -> Archive:
        run_sql(file, sql)
        return Archive.open(file, embedder)

    return change


@pytest.mark.parametrize(
    "change",
    [
        "text = replace(text, 'today', 'never')",
        "text = text || ' '",
        "text = CAST(x'ff41' AS TEXT)",
        "title = 'Another'",
        "title = CAST(x'c328' AS TEXT)",
        "url = 'https://example.org'",
        "source = NULL",
        "author = ''",
        "section = 'Opinion'",
        "published = '2025-10-17T00:00:00+00:00'",
        "published = 'yesterday'",
        "language = 'fr'",
        "content_hash = upper(content_hash)",
    ],
)
def test_an_altered_article_is_found_and_can_be_replaced(damaged: Callable[[str], Archive], change: str) -> None:
    with damaged(f"UPDATE versions SET {change} WHERE article_id = 'bread'") as archive:
        with pytest.raises(ArchiveDamaged, match=r"is not what was written|is damaged"):
            archive.get("bread")
        assert archive.get("apple") == article("apple", source="S")
        assert Finding("articles", False, "3 versions, damaged: bread") in archive.check()
        # The message says: remove it and add it again.
        archive.remove("bread")
        assert archive.add([article("bread", source="S")]).added == 1
        assert archive.get("bread") == article("bread", source="S")
        assert all(finding.ok for finding in archive.check())


def test_an_altered_article_can_also_be_replaced_by_a_correction(damaged: Callable[[str], Archive]) -> None:
    with damaged("UPDATE versions SET text = CAST(x'ff41' AS TEXT) WHERE article_id = 'bread'") as archive:
        assert archive.add([article("bread", "The correction.")]).updated == 1
        assert archive.get("bread").text == "The correction."
        assert [finding.ok for finding in archive.check() if finding.part == "articles"] == [False]  # the old version


def test_removing_what_was_altered_leaves_no_counts_below_nothing(
    damaged: Callable[[str], Archive], file: Path
) -> None:
    with damaged("UPDATE versions SET text = 'Nobody wrote this.' WHERE article_id = 'bread'") as archive:
        for name in ("apple", "bread", "cheese"):
            archive.remove(name)
    assert all(count > 0 for (count,) in run_sql(file, "SELECT articles FROM repetitions"))


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ("UPDATE vectors SET embedding = zeroblob(length(embedding)) WHERE passage = 2", "passages"),
        ("UPDATE vectors SET embedding = x'01' WHERE passage = 2", "passages"),
        ("UPDATE vectors SET checksum = checksum + 1 WHERE passage = 2", "passages"),
        ("DELETE FROM vectors WHERE passage = 2", "passages"),
        ('UPDATE passages SET "end" = 100000 WHERE id = 2', "passages"),
        ("UPDATE passages SET start = -1 WHERE id = 2", "passages"),
        ('UPDATE passages SET start = "end" WHERE id = 2', "passages"),
        ("UPDATE passages SET version = 99 WHERE id = 2", "references"),
        ("DELETE FROM versions WHERE id = 2", "references"),
    ],
)
def test_an_altered_passage_or_vector_is_found(damaged: Callable[[str], Archive], change: str, part: str) -> None:
    with damaged(change) as archive:
        bad = {finding.part: finding for finding in archive.check() if not finding.ok}
        assert part in bad
        assert part != "passages" or bad[part].detail == "3 passages, damaged: 2"


def test_any_byte_of_an_article_or_vector_that_is_flipped_in_the_file_is_found(
    file: Path, embedder: BagOfWords
) -> None:
    marked = article("bread", "Wort für Wort: \N{FAMILY} " + "harbour " * 20)
    with Archive.open(file, embedder) as archive:
        archive.add([article("apple"), marked])
        embedding = archive._store.sample_of_vectors(32)[1].astype("<f2").tobytes()
    whole = file.read_bytes()
    text = marked.text.encode()
    places = [whole.index(text) + offset for offset in range(0, len(text), 13)]
    places += [whole.index(embedding) + offset for offset in range(0, len(embedding), 9)]
    for number, place in enumerate(places):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << number % 8
        file.write_bytes(flipped)
        with closing(Store(file)) as store:
            assert [finding.part for finding in store.check() if not finding.ok] in (["articles"], ["passages"])


def test_a_file_cut_or_overwritten_in_the_middle_is_damaged_not_empty(file: Path, embedder: BagOfWords) -> None:
    with Archive.open(file, embedder) as archive:
        archive.add(article(f"name{number}", "word " * 300) for number in range(50))
    whole = file.read_bytes()
    for content in (whole[: len(whole) // 2], whole[:20_000] + bytes(20_000) + whole[40_000:]):
        file.write_bytes(content)
        try:
            with Archive.open(file, embedder) as archive:
                assert not all(finding.ok for finding in archive.check())
        except ArchiveDamaged:
            pass  # told on opening already, or by check itself


# Threads and connections


def test_the_connections_of_threads_that_have_ended_are_closed(file: Path) -> None:
    with closing(Store(file)) as store:
        put(store, FULL)
        for _ in range(50):
            thread = threading.Thread(target=store.counts)
            thread.start()
            thread.join()
        assert len(store._opened) == 1


def test_a_refused_file_is_not_held_open(file: Path) -> None:
    run_sql(file, "CREATE TABLE other (x)")
    with pytest.raises(NotAnArchive) as caught:
        Store(file)
    del caught
    assert not [path for path in Path("/proc/self/fd").glob("*") if path.exists() and path.resolve() == file]


def test_a_closed_store_says_so_to_every_thread(file: Path) -> None:
    store = Store(file)
    put(store, FULL)
    put(store, article("a"))
    listed = store.articles()
    next(listed)
    store.close()
    store.close()
    for use in (store.counts, lambda: next(listed), lambda: put(store, FULL), lambda: list(store.check())):
        with pytest.raises(ArchiveError, match="has been closed; open it again"):
            use()
    failures: list[Exception] = []

    def read() -> None:
        try:
            store.counts()
        except Exception as error:
            failures.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert [type(error) for error in failures] == [ArchiveError]


def test_closing_while_another_thread_reads_raises_nothing_foreign(file: Path) -> None:
    store = Store(file)
    for number in range(20):
        put(store, article(f"name{number}"))
    reading, failures = threading.Barrier(3), []

    def read() -> None:
        store.counts()
        reading.wait()
        try:
            while True:
                list(store.articles())
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    reading.wait()
    store.close()
    for thread in threads:
        thread.join(60)
    assert [type(error) for error in failures] == [ArchiveError, ArchiveError]


def test_articles_may_be_changed_while_they_are_listed(file: Path) -> None:
    with closing(Store(file)) as store:
        for name in "abc":
            put(store, article(name))
        for each in store.articles():
            put(store, replace(each, title="Changed"))
        assert [each.title for each in store.articles()] == ["Changed"] * 3


def test_every_error_of_sqlite_becomes_one_of_ours(file: Path) -> None:
    kinds = [kind for kind in vars(apsw).values() if isinstance(kind, type) and issubclass(kind, apsw.Error)]
    for kind in kinds:
        with pytest.raises(ArchiveError), index.database.foreign_errors(file):
            raise kind("what SQLite said")
