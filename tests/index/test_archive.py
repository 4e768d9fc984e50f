"""The one door: adding, finding, removing; whatever order things come in, and whoever else is at work."""

import functools
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import index.archive
import index.vectors
from index.archive import Archive
from index.derived import DerivedVectors
from index.embed import FastEmbedder
from index.errors import ArchiveError, BadFilter, BadInput, BadQuestion, ModelMismatch, NotFound
from index.store import Store
from index.types import Article, Filters, FoundBy, Hit, Progress, Rejection, Vectors
from index.vectors import Kind, VectorIndex
from index.words import WordIndex
from tests.conftest import BagOfWords, article

EVERY_WAY: tuple[FoundBy, ...] = get_args(FoundBy)
JUNE = datetime(2025, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def archive(file: Path, embedder: BagOfWords) -> Iterator[Archive]:
    with Archive.open(file, embedder) as opened:
        yield opened


def ids(hits: list[Hit]) -> list[str]:
    return [hit.passage.article_id for hit in hits]


def assert_sound(archive: Archive) -> None:
    assert [finding for finding in archive.check() if not finding.ok] == []


# Adding


def test_what_is_added_can_be_found_and_read(archive: Archive) -> None:
    given = [article(name) for name in ("apple", "bread", "cheese")]
    report = archive.add(given)
    assert (report.added, report.updated, report.unchanged, report.passages, report.rejected) == (3, 0, 0, 3, [])
    for by in EVERY_WAY:
        hits = archive.search("bread", by=by)
        assert ids(hits)[0] == "bread"
        assert {hit.by for hit in hits} == {by}
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert [archive.get(each.id) for each in given] == given
    assert list(archive.articles()) == given
    assert_sound(archive)


def test_adding_again_embeds_nothing_and_writes_nothing(archive: Archive, embedder: BagOfWords) -> None:
    given = [article(name) for name in ("apple", "bread")]
    archive.add(given)
    assert len(embedder.embedded) == 2
    revision = archive.stats().revision
    report = archive.add([*given, article("cheese")])
    assert (report.added, report.updated, report.unchanged, report.passages) == (1, 0, 2, 1)
    assert len(embedder.embedded) == 3
    assert archive.stats().revision == revision + 1
    assert archive.add(given).unchanged == 2
    assert archive.stats().revision == revision + 1


def test_an_update_takes_the_old_versions_place_everywhere(archive: Archive) -> None:
    old, new = article("a", "The first text says walnut."), article("a", "The second text says hazelnut.")
    archive.add([old, article("b")])
    report = archive.add([new])
    assert (report.added, report.updated, report.unchanged) == (0, 1, 0)
    for by in EVERY_WAY:
        assert ids(archive.search("hazelnut", by=by))[0] == "a"
        assert all("walnut" not in hit.passage.text for hit in archive.search("walnut", by=by))
    assert archive.get("a") == new
    assert archive.get("a", old.content_hash) == old
    assert [passage.text for passage in archive.passages_of("a")] == [new.text]
    assert (archive.stats().articles, archive.stats().versions, archive.stats().passages) == (2, 3, 2)
    assert_sound(archive)


@pytest.mark.parametrize("change", [{"title": "Other"}, {"source": "T"}, {"published": JUNE}, {"language": "fr"}])
def test_a_change_of_any_field_is_an_update(archive: Archive, change: dict[str, Any]) -> None:
    archive.add([article("a")])
    assert archive.add([replace(article("a"), **change)]).updated == 1
    assert archive.get("a") == replace(article("a"), **change)
    if "source" in change:
        for by in EVERY_WAY:
            assert ids(archive.search("harbour", by=by, filters=Filters(source="T"))) == ["a"]
    assert_sound(archive)


def test_one_add_may_hold_an_id_more_than_once(archive: Archive, embedder: BagOfWords) -> None:
    first, second = article("a", "Text with walnut."), article("a", "Text with hazelnut.")
    report = archive.add([first, first, article("b"), second, second, first, second])
    assert (report.added, report.updated, report.unchanged) == (2, 3, 2)
    assert archive.get("a") == second
    assert ids(archive.search("hazelnut walnut", by="words")) == ["a"]
    assert len(embedder.embedded) == 5
    assert_sound(archive)


def test_what_cannot_be_taken_is_told_and_stops_nothing_else(archive: Archive) -> None:
    elsewhere = Rejection("page.html", "no text was found in it")
    offered: list[Any] = [
        article("good"),
        elsewhere,
        article("blank", " \n "),
        replace(article("naive"), published=datetime(2025, 6, 1)),  # noqa: DTZ001
        replace(article("x"), id=""),
        replace(article("surrogate"), title="\ud800"),
        "no article at all",
        None,
        article("also good"),
    ]
    report = archive.add(offered)
    assert report.added == 2
    assert [each.origin for each in report.rejected] == [
        "page.html", "blank", "naive", "''", "surrogate", "'no article at all'", "None",
    ]  # fmt: skip
    assert report.rejected[0] is elsewhere
    assert all(each.reason for each in report.rejected)
    assert_sound(archive)


def test_an_article_without_a_word_is_kept_though_nothing_of_it_is_found(archive: Archive) -> None:
    archive.add([article("invisible", "\u200b"), article("a")])
    assert archive.get("invisible").text == "\u200b"
    archive.remove("invisible")
    assert_sound(archive)


def test_progress_tells_what_is_stored_for_good(archive: Archive, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.archive, "BATCH_PASSAGES", 4)
    told: list[Progress] = []

    def listen(progress: Progress) -> None:
        told.append(progress)
        other = Store(file)
        assert other.counts()["passages"] == 1 + progress.passages
        other.close()

    archive.add([article("a")])
    given = [article(name) for name in "abcdefghij"]
    archive.add([Rejection("x", "y"), *given], progress=listen)
    assert told == [Progress(6, 4), Progress(10, 8), Progress(11, 9)]


def test_articles_are_asked_for_one_after_the_other(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.archive, "BATCH_PASSAGES", 2)
    drawn: list[str] = []

    def source() -> Iterator[Article]:
        for name in "abcdef":
            drawn.append(name)
            yield article(name)

    seen: list[int] = []
    archive.add(source(), progress=lambda _: seen.append(len(drawn)))
    assert seen == [2, 4, 6]


def test_a_source_that_fails_half_way_keeps_what_was_before(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.archive, "BATCH_PASSAGES", 2)

    def source() -> Iterator[Article]:
        yield from (article(name) for name in ("apple", "bread", "cheese"))
        raise OSError("the disk with the articles is gone")

    with pytest.raises(OSError, match="is gone"):
        archive.add(source())
    assert [each.id for each in archive.articles()] == ["apple", "bread"]
    assert ids(archive.search("bread", by="words")) == ["bread"]
    assert_sound(archive)


def test_while_adding_the_same_thread_may_read_and_write(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.archive, "BATCH_PASSAGES", 1)
    archive.add([article("old")])

    def listen(_: Progress) -> None:
        assert "apple" in ids(archive.search("apple"))
        if "old" in [each.id for each in archive.articles()]:
            archive.remove("old")

    archive.add([article("apple"), article("bread")], progress=listen)
    assert sorted(each.id for each in archive.articles()) == ["apple", "bread"]
    assert_sound(archive)


# Removing


def test_what_is_removed_is_gone_everywhere_and_can_come_again(archive: Archive, embedder: BagOfWords) -> None:
    archive.add([article("a"), article("b")])
    archive.add([article("a", "A correction.")])
    archive.remove("a")
    for by in EVERY_WAY:
        assert ids(archive.search("harbour correction", by=by)) == ["b"]
    for read in (archive.get, archive.passages_of, archive.remove):
        with pytest.raises(NotFound, match="no article has the id 'a'"):
            read("a")
    with pytest.raises(NotFound):
        archive.get("a", article("a").content_hash)
    assert (archive.stats().articles, archive.stats().versions) == (1, 1)
    assert archive.add([article("a")]).added == 1
    assert len(embedder.embedded) == 4
    assert_sound(archive)


def test_removing_what_is_not_there_changes_nothing(archive: Archive) -> None:
    archive.add([article("a")])
    before = archive.stats()
    with pytest.raises(NotFound, match="no article has the id 'b'; `groundwire list` shows the ids"):
        archive.remove("b")
    assert archive.stats().revision == before.revision
    assert_sound(archive)


def test_the_last_article_may_go(archive: Archive) -> None:
    archive.add([article("a")])
    archive.remove("a")
    for by in EVERY_WAY:
        assert archive.search("harbour", by=by) == []
    assert archive.stats().articles == 0
    archive.rebuild()
    assert_sound(archive)


# Searching


@pytest.mark.parametrize("by", EVERY_WAY)
def test_a_search_gives_as_many_as_asked_for(archive: Archive, by: FoundBy) -> None:
    archive.add(article(f"name{number}") for number in range(150))
    everything = archive.search("harbour", limit=1000, by=by)
    assert len(everything) == len(set(ids(everything))) == 150
    for limit in (1, 7, 120):
        assert len(archive.search("harbour", limit=limit, by=by)) == limit
    for limit in (0, -1, 1001):
        with pytest.raises(BadInput, match=f"a limit of {limit} is not possible; give one from 1 to 1000"):
            archive.search("harbour", limit=limit, by=by)


@pytest.mark.parametrize("query", ["", "   ", "\n\t\u00a0"])
def test_an_empty_query_is_refused(archive: Archive, query: str) -> None:
    with pytest.raises(BadQuestion, match="the query is empty; give some words"):
        archive.search(query)


@pytest.mark.parametrize("query", ["?!", '"', "a AND (b OR", "*:*", "\N{PILE OF POO}", "x" * 5000, "\x00", "-1' --"])
@pytest.mark.parametrize("by", EVERY_WAY)
def test_any_other_query_is_answered(archive: Archive, by: FoundBy, query: str) -> None:
    archive.add([article("a")])
    assert len(archive.search(query, by=by)) <= 1


@pytest.mark.parametrize("by", EVERY_WAY)
def test_an_archive_with_nothing_in_it_finds_nothing(archive: Archive, by: FoundBy) -> None:
    assert archive.search("harbour", by=by) == []
    assert archive.search("harbour", by=by, filters=Filters(language="en", since=JUNE)) == []


def test_a_hit_of_words_needs_a_word_and_one_of_vectors_does_not(archive: Archive) -> None:
    archive.add([article("a")])
    assert archive.search("zebra", by="words") == []
    assert len(archive.search("zebra", by="vectors")) == len(archive.search("zebra")) == 1


PUT_ON_DISK = {VectorIndex: "save", WordIndex: "commit"}
PUBLISHED = {f"d{day}": JUNE + timedelta(days=day) for day in range(6)}
FILTERS = [
    (Filters(language="fr"), lambda a: a.language == "fr"),
    (Filters(source="S"), lambda a: a.source == "S"),
    (Filters(section="World"), lambda a: a.section == "World"),
    (Filters(since=JUNE + timedelta(days=3)), lambda a: a.published and a.published >= JUNE + timedelta(days=3)),
    (Filters(until=JUNE + timedelta(days=3)), lambda a: a.published and a.published <= JUNE + timedelta(days=3)),
    (Filters(since=JUNE + timedelta(days=2), until=JUNE + timedelta(days=2)), lambda a: a.id == "d2"),
    (Filters(since=JUNE.replace(tzinfo=None) + timedelta(days=5)), lambda a: a.id == "d5"),
    (Filters(language="en", source="S", until=JUNE + timedelta(days=4)), lambda a: a.id in ("d0", "d4")),
    (Filters(language="de"), lambda _: False),
    (Filters(source="s"), lambda _: False),
    (Filters(), lambda _: True),
]


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Articles that differ in all that can be filtered by."""
    with Archive.open(tmp_path_factory.mktemp("varied") / "news.db", BagOfWords()) as opened:
        opened.add(
            article(
                name,
                language="en" if number % 4 == 0 else "fr",
                source=("S", "T")[number % 2],
                section=("World", None)[number % 2],
                published=moment,
            )
            for number, (name, moment) in enumerate(PUBLISHED.items())
        )
        opened.add([article("undated", language="it")])
        yield opened


@pytest.mark.parametrize(("filters", "passes"), FILTERS)
@pytest.mark.parametrize("by", EVERY_WAY)
def test_filters_hold_however_it_is_searched(
    varied: Archive, by: FoundBy, filters: Filters, passes: Callable[[Article], object]
) -> None:
    expected = sorted(each.id for each in varied.articles() if passes(each))
    assert sorted(ids(varied.search("harbour", by=by, filters=filters))) == expected
    assert sorted(each.id for each in varied.articles(filters)) == expected


@pytest.mark.parametrize("by", EVERY_WAY)
def test_bounds_that_leave_nothing_are_refused(archive: Archive, by: FoundBy) -> None:
    for since in (JUNE + timedelta(seconds=1), (JUNE + timedelta(seconds=1)).replace(tzinfo=None)):
        with pytest.raises(BadFilter, match=r"no article is from .* or later and also from"):
            archive.search("harbour", by=by, filters=Filters(since=since, until=JUNE))


def test_a_bound_that_is_no_date_is_refused() -> None:
    with pytest.raises(BadFilter, match=r"until: expected a date or a datetime.*'2025-06-01'"):
        Filters(until="2025-06-01")  # type: ignore[arg-type]


def test_articles_come_newest_first_and_those_without_a_date_last(varied: Archive) -> None:
    assert [each.id for each in varied.articles()] == ["d5", "d4", "d3", "d2", "d1", "d0", "undated"]


def test_passages_of_an_article_come_in_order(file: Path) -> None:
    embedder = BagOfWords()
    embedder.max_tokens = 6
    long = article("long", "\n".join(f"Paragraph number {number} has its words." for number in range(30)))
    with Archive.open(file, embedder) as archive:
        archive.add([article("before"), long, article("after")])
        archive.add([replace(article("before"), title="New")])
        passages = archive.passages_of("long")
        assert len(passages) == 30
        assert [each.start for each in passages] == sorted(each.start for each in passages)
        assert all(each.text == long.text[each.start : each.end] for each in passages)
        with pytest.raises(NotFound):
            archive.passages_of("never there")


def test_repeated_paragraphs_are_told(archive: Archive) -> None:
    for number in range(4):
        archive.add([article(f"n{number}", f"Report number {number}.\nThe same every day.", source="S")])
    first = archive.get("n0")
    assert archive.repeated_paragraphs(first, first.text.split("\n")) == [False, True]


# Telling about itself


def test_stats_say_what_is_there(varied: Archive, file: Path) -> None:
    stats = varied.stats()
    assert (stats.articles, stats.passages, stats.versions) == (7, 7, 7)
    assert (stats.model, stats.dimension, stats.vector_index) == ("bag-of-words", 32, "exact")
    assert list(stats.languages.items()) == [("fr", 4), ("en", 2), ("it", 1)]
    assert stats.sources == {"S": 3, "T": 3, "": 1}
    assert (stats.oldest, stats.newest) == (PUBLISHED["d0"], PUBLISHED["d5"])
    folder = varied.path.parent
    assert stats.bytes_on_disk == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    with Archive.open(file) as empty:
        stats = empty.stats()
        assert (stats.articles, stats.revision, stats.oldest, stats.newest, stats.sources) == (0, 0, None, None, {})
        assert (stats.model, stats.dimension) == (FastEmbedder.name, FastEmbedder.dimension)


def test_check_says_what_it_looked_at(varied: Archive) -> None:
    assert [(each.part, each.ok) for each in varied.check()] == [
        ("database", True), ("references", True), ("articles", True), ("passages", True), ("vectors", True),
        ("words", True),
    ]  # fmt: skip
    details = {each.part: each.detail for each in varied.check()}
    assert details["articles"] == "7 versions"
    assert details["vectors"] == "7 of 7 passages (exact)"
    assert details["words"] == "7 of 7 passages (tantivy)"


def test_rebuilding_changes_nothing_that_is_found(archive: Archive, embedder: BagOfWords) -> None:
    archive.add(article(f"name{number}") for number in range(30))
    archive.add([article("name3", "Another text of this harbour.")])
    archive.remove("name4")
    questions = [f"harbour name{number}" for number in range(8)]
    # Of words only what is found: tantivy forgets what was removed from its statistics when it merges.
    before = [archive.search(question, by="vectors") for question in questions]
    by_words = [set(ids(archive.search(question, by="words", limit=100))) for question in questions]
    embedded = len(embedder.embedded)
    archive.rebuild()
    assert [archive.search(question, by="vectors") for question in questions] == before
    assert [set(ids(archive.search(question, by="words", limit=100))) for question in questions] == by_words
    assert len(embedder.embedded) == embedded
    assert_sound(archive)


def test_an_archive_that_has_grown_gets_another_vector_index(
    file: Path, embedder: BagOfWords, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = (Kind("exact", up_to=40, recall=1.0), Kind("inverted", float("inf"), 0.9, 1.0))
    monkeypatch.setattr(index.vectors, "KINDS", kinds)
    with Archive.open(file, embedder) as archive:
        archive.add(
            article(f"name{number}", f"word{number} other{number % 11} more{number % 7}") for number in range(40)
        )
        assert archive.stats().vector_index == "exact"
        archive.add([article("one more")])
        assert archive.stats().vector_index == "inverted"
        archive.add([article("name7", "word9 other8 more0")])
        archive.remove("name8")
        assert "word9 other8 more0" in [hit.passage.text for hit in archive.search("word9 other8 more0", by="vectors")]
        assert "name8" not in ids(archive.search("word8", by="vectors", limit=100))
        assert_sound(archive)
    with Archive.open(file, embedder) as archive:
        assert archive.stats().vector_index == "inverted"
        assert len(archive.search("harbour", limit=100, by="vectors", filters=Filters(language="en"))) == 40
        assert_sound(archive)


# Opening and closing


def test_it_is_the_same_after_closing_and_opening(file: Path, embedder: BagOfWords) -> None:
    given = [article(name, published=JUNE) for name in ("apple", "bread", "cheese")]
    with Archive.open(file, embedder) as archive:
        archive.add(given)
        before = [archive.search("bread", by=by) for by in EVERY_WAY]
        stats = archive.stats()
    with Archive.open(str(file), embedder) as archive:
        assert [archive.search("bread", by=by) for by in EVERY_WAY] == before
        assert list(archive.articles()) == given
        assert replace(archive.stats(), bytes_on_disk=0) == replace(stats, bytes_on_disk=0)
        assert archive.add(given).unchanged == 3
        assert_sound(archive)
    assert len(embedder.embedded) == 3


def test_an_archive_in_a_folder_with_an_odd_name(tmp_path: Path, embedder: BagOfWords) -> None:
    folder = tmp_path / "Zeitungen [2025] 100% 'é' ?#"
    folder.mkdir()
    for _ in range(2):
        with Archive.open(folder / "a b[1].db", embedder) as archive:
            archive.add([article("apple")])
            assert ids(archive.search("apple", by="words")) == ["apple"]
            assert archive.stats().bytes_on_disk >= file_sizes(folder)
            assert_sound(archive)


def file_sizes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and "-shm" not in path.name)


def test_a_home_folder_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder: BagOfWords) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    Archive.open("~/news.db", embedder).close()
    assert (tmp_path / "news.db").exists()


def test_what_is_no_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is an address; this version opens archives on this machine: name a file"):
        Archive.open("milvus+http://host:19530/news")
    with pytest.raises(BadInput, match=r"is a folder; name a file, such as .*/news\.db"):
        Archive.open(tmp_path)
    with pytest.raises(BadInput, match=r"there is no folder .*missing; create it, or name a file elsewhere"):
        Archive.open(tmp_path / "missing" / "news.db")
    assert list(tmp_path.iterdir()) == []


def test_a_closed_archive_says_so(file: Path, embedder: BagOfWords) -> None:
    archive = Archive.open(file, embedder)
    archive.add([article("a")])
    archive.close()
    archive.close()
    uses: list[Callable[[], object]] = [
        lambda: archive.search("harbour"),
        lambda: archive.search("harbour", by="words"),
        lambda: archive.get("a"),
        lambda: archive.passages_of("a"),
        lambda: list(archive.articles()),
        lambda: archive.add([article("b")]),
        lambda: archive.remove("a"),
        archive.rebuild,
        archive.stats,
        archive.check,
    ]
    for use in uses:
        with pytest.raises(ArchiveError, match="has been closed; open it again"):
            use()
    with Archive.open(file, embedder) as again:
        assert_sound(again)


# The model


def test_another_model_is_refused_by_name(file: Path, embedder: BagOfWords) -> None:
    with Archive.open(file, embedder) as archive:
        archive.add([article("a")])
    for other in (BagOfWords("other"), "other", FastEmbedder.name):
        with pytest.raises(
            ModelMismatch,
            match=r"was made with the model 'bag-of-words', not '.*': open it without naming a model, or add the",
        ):
            Archive.open(file, other)
    with Archive.open(file, BagOfWords()) as archive:
        assert_sound(archive)


def test_the_same_name_with_another_dimension_is_refused(file: Path, embedder: BagOfWords) -> None:
    with Archive.open(file, embedder) as archive:
        archive.add([article("a")])
    with Archive.open(file, BagOfWords(dimension=16)) as archive:
        for use in (lambda: archive.search("harbour"), lambda: archive.add([article("b")])):
            with pytest.raises(
                ModelMismatch, match=r"holds vectors of 32 numbers, but 'bag-of-words' makes 16; .* a new archive"
            ):
                use()
        assert ids(archive.search("harbour", by="words")) == ["a"]  # which needs no model
        assert_sound(archive)


def test_an_archive_opens_with_the_model_that_it_names(
    file: Path, embedder: BagOfWords, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Archive.open(file, embedder) as archive:
        archive.add([article("apple")])
    asked: list[object] = []

    def load(name: object, _report: object) -> BagOfWords:
        asked.append(name)
        return BagOfWords()

    monkeypatch.setattr(index.archive, "load_embedder", load)
    for choice in (None, "bag-of-words"):
        with Archive.open(file, choice) as archive:
            assert archive.search("apple", by="words")
            assert asked == []  # loaded when first needed, and once
            assert archive.search("apple") == archive.search("apple")
            assert asked == ["bag-of-words"]
            asked.clear()


def test_a_model_that_another_process_chose_meanwhile_is_kept_to(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.archive, "load_embedder", lambda name, _: BagOfWords(name or "the default", 384))
    unsettled, used = Archive.open(file), Archive.open(file)
    assert used.search("apple") == []  # it has loaded the default already
    chosen = Archive.open(file, BagOfWords("other", 384))
    with unsettled, used, chosen:
        chosen.add([article("apple")])
        with pytest.raises(ModelMismatch, match="made with the model 'other', not 'the default'"):
            used.search("apple")
        with pytest.raises(ModelMismatch, match="made with the model 'other', not 'the default'"):
            used.add([article("b")])
        assert unsettled.embedder.name == "other"
        assert ids(unsettled.search("apple")) == ["apple"]
        assert unsettled.add([article("b")]).added == 1
        assert_sound(chosen)


def test_a_reader_that_was_there_before_the_model_was_chosen_can_follow(file: Path, embedder: BagOfWords) -> None:
    with Archive.open(file) as reader, Archive.open(file, embedder) as writer:
        assert reader.stats().dimension == FastEmbedder.dimension
        writer.add([article("apple")])
        assert reader.stats().dimension == 32
        assert ids(reader.search("apple", by="words")) == ["apple"]
        assert_sound(reader)


def test_the_bundled_model_finds_by_meaning_and_across_languages(file: Path) -> None:
    texts = {
        "summit": "Le sommet se tiendra à Budapest, en Hongrie, a annoncé le président.",
        "storm": "Une tempête a privé d'électricité des milliers de foyers en Bretagne.",
        "match": "L'équipe de France a battu l'Espagne deux buts à un, dimanche soir.",
    }
    with Archive.open(file) as archive:
        assert archive.add(article(name, text, language="fr") for name, text in texts.items()).added == 3
        for question, expected in (
            ("where will the meeting take place?", "summit"),
            ("power cuts after bad weather", "storm"),
            ("who won the football game?", "match"),
        ):
            assert ids(archive.search(question, by="vectors"))[0] == expected
        assert ids(archive.search("Budapest"))[0] == "summit"
        assert (archive.stats().model, archive.stats().dimension) == (FastEmbedder.name, 384)
    with Archive.open(file) as archive:
        assert ids(archive.search("an electricity outage", limit=1)) == ["storm"]
        assert_sound(archive)


# Several at once


def test_many_threads_search_while_one_adds_and_corrects(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.archive, "BATCH_PASSAGES", 5)
    archive.add(article(f"name{number}", f"Version zero of name{number}.") for number in range(10))
    done, failures = threading.Event(), []
    searched = threading.Semaphore(0)

    def search(by: FoundBy) -> None:
        number = 0
        try:
            while not done.is_set():
                number = (number + 1) % 10
                hits = archive.search(f"version of name{number}", limit=100, by=by)
                assert len(set(ids(hits))) == len(hits)  # never two versions of one article
                if by != "words":  # these follow a moment later
                    assert {f"name{other}" for other in range(10)} <= set(ids(hits))
                for hit in hits:
                    assert f"of {hit.passage.article_id}." in hit.passage.text
                searched.release()
        except BaseException as error:
            failures.append(error)
            searched.release()

    def look() -> None:
        try:
            while not done.is_set():
                assert archive.stats().articles >= 10
                assert_sound(archive)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=search, args=(by,)) for by in (*EVERY_WAY, "fused")]
    threads.append(threading.Thread(target=look))
    for thread in threads:
        thread.start()

    def wait_for_searches(_: Progress) -> None:
        # Searches go on while an `add` runs: if they waited for its end, this would wait for ever.
        for _search in range(3):
            assert searched.acquire(timeout=120)

    for version in ("one", "two", "three"):
        archive.add(
            [article(f"name{number}", f"Version {version} of name{number}.") for number in range(10)],
            progress=wait_for_searches,
        )
        archive.add([article(f"new {version}", f"Version {version} of new {version}.")], progress=wait_for_searches)
    done.set()
    for thread in threads:
        thread.join(120)
    assert failures == []
    assert sorted(ids(archive.search("three", limit=100, by="words"))) == [
        *(f"name{number}" for number in range(10)), "new three",
    ]  # fmt: skip
    assert_sound(archive)


def test_a_search_between_the_commit_and_the_indexes_sees_the_new_version(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.add([article("a", "Old walnut.")])
    committed, go_on = threading.Event(), threading.Event()
    apply = DerivedVectors.apply

    def slowly(self: DerivedVectors, *arguments: Any) -> None:
        committed.set()
        assert go_on.wait(60)
        apply(self, *arguments)

    monkeypatch.setattr(DerivedVectors, "apply", slowly)
    adding = threading.Thread(target=archive.add, args=([article("a", "New walnut.")],))
    adding.start()
    assert committed.wait(60)
    found: list[Hit] = []
    searching = threading.Thread(target=lambda: found.extend(archive.search("walnut", by="vectors")))
    searching.start()
    go_on.set()
    adding.join(60)
    searching.join(60)
    assert [hit.passage.text for hit in found] == ["New walnut."]


def test_an_update_between_the_ranking_and_the_reading_is_not_lost(
    file: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.add([article("a", "Old walnut.")])
    rank = Archive._rank
    with Archive.open(file, BagOfWords()) as reader:
        updates = [[article("a", "New walnut.")]]

        def rank_then_update(self: Archive, *arguments: Any) -> list[tuple[int, float]]:
            ranked = rank(self, *arguments)
            if self is reader and updates:
                archive.add(updates.pop())
            return ranked

        monkeypatch.setattr(Archive, "_rank", rank_then_update)
        for by in EVERY_WAY:
            updates[:] = [[article("a", f"New walnut, {by}.")]]
            assert [hit.passage.text for hit in reader.search("walnut", by=by)] == [f"New walnut, {by}."]


def test_a_search_while_the_index_goes_from_one_version_to_the_next(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.add([article("a", "Old walnut.")])
    has_begun, is_between, has_ranked = threading.Event(), threading.Event(), threading.Event()
    add, rank = VectorIndex.add, Archive._rank

    def add_later(self: VectorIndex, *arguments: Any) -> None:
        is_between.set()  # the old version is out of the index, the new one not yet in
        assert has_ranked.wait(60)
        add(self, *arguments)

    def rank_between(self: Archive, *arguments: Any) -> list[tuple[int, float]]:
        has_begun.set()
        assert is_between.wait(60)
        ranked = rank(self, *arguments)
        has_ranked.set()
        return ranked

    monkeypatch.setattr(VectorIndex, "add", add_later)
    monkeypatch.setattr(Archive, "_rank", rank_between)
    found: list[Hit] = []
    searching = threading.Thread(target=lambda: found.extend(archive.search("walnut", by="vectors")))
    searching.start()
    assert has_begun.wait(60)
    archive.add([article("a", "New walnut.")])
    searching.join(60)
    assert [hit.passage.text for hit in found] == ["New walnut."]


def test_a_second_handle_sees_what_the_first_has_written(file: Path, archive: Archive) -> None:
    with Archive.open(file, BagOfWords()) as reader:
        assert reader.search("apple") == []
        archive.add([article("apple"), article("bread")])
        for by in EVERY_WAY:
            assert "apple" in ids(reader.search("apple", by=by))
        archive.add([article("apple", "An apple that was corrected.")])
        archive.remove("bread")
        for by in EVERY_WAY:
            assert [hit.passage.text for hit in reader.search("apple corrected bread", by=by)] == [
                "An apple that was corrected."
            ]
        assert_sound(reader)
        reader.add([article("cheese")])  # and it may write itself, after the other
        assert "cheese" in ids(archive.search("cheese"))
        assert ids(archive.search("cheese", by="words")) == ["cheese"]
        archive.rebuild()
        for handle in (archive, reader):
            assert ids(handle.search("cheese", by="words")) == ["cheese"]
            assert_sound(handle)


def test_a_reader_that_looks_before_the_words_are_saved_looks_again(file: Path, archive: Archive) -> None:
    archive.add([article("bread")])
    with Archive.open(file, BagOfWords()) as reader:
        found: list[list[str]] = []

        def look(_: Progress) -> None:
            found.append(ids(reader.search("apple", by="words")))
            assert_sound(reader)

        archive.add([article("apple")], progress=look)
        assert found in ([[]], [["apple"]])
        assert ids(reader.search("apple", by="words")) == ["apple"]
        assert_sound(reader)


def test_a_reader_opened_while_another_writes(file: Path, archive: Archive) -> None:
    archive.add([article("bread")])
    readers: list[Archive] = []

    def opened(_: Progress) -> None:
        reader = Archive.open(file, BagOfWords())
        readers.append(reader)
        assert "apple" in ids(reader.search("apple", by="vectors"))
        assert ids(reader.search("bread", by="words")) == ["bread"]
        assert_sound(reader)

    archive.add([article("apple")], progress=opened)
    (reader,) = readers
    with reader:
        assert ids(reader.search("apple", by="words")) == ["apple"]
        assert_sound(reader)


def test_a_reader_catching_up_while_another_commits_has_every_passage_once(
    file: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.add([article("a")])
    with Archive.open(file, BagOfWords()) as reader:
        archive.add([article("b")])
        removed_since = Store.removed_since
        pending = [[article("c"), article("a", "Corrected.")]]

        def meanwhile(self: Store, revision: int) -> list[int]:
            removed = removed_since(self, revision)
            if self is reader._store and pending:
                archive.add(pending.pop())
            return removed

        monkeypatch.setattr(Store, "removed_since", meanwhile)
        reader.search("harbour")
        assert pending == []
        hits = reader.search("harbour corrected", by="vectors", limit=100)
        assert sorted(ids(hits)) == ["a", "b", "c"]
        assert_sound(reader)


class Once(Exception):
    pass


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize(
    ("part", "method"),
    [(part, method) for part in (VectorIndex, WordIndex) for method in ("add", "remove", PUT_ON_DISK[part])],
)
def test_an_index_that_fails_once_is_caught_up(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, part: type, method: str, is_done: bool
) -> None:
    archive.add([article("apple")])
    real = getattr(part, method)
    calls: list[str] = []

    def fail(self: Any, *arguments: Any) -> Any:
        calls.append(method)
        if len(calls) > 1:
            return real(self, *arguments)
        if is_done:  # it fails all the same
            real(self, *arguments)
        raise Once

    monkeypatch.setattr(part, method, fail)
    with pytest.raises(Once):
        archive.add([article("bread"), article("apple", "A correction.")])
    for by in EVERY_WAY:
        assert sorted(ids(archive.search("bread correction harbour", by=by))) == ["apple", "bread"]
    assert_sound(archive)
    assert archive.add([article("bread"), article("apple", "A correction.")]).unchanged == 2
    archive.close()
    with Archive.open(archive.path, BagOfWords()) as again:
        assert_sound(again)
        assert all("on opening" not in finding.detail for finding in again.check())


# Any order of things, against a plain dictionary

NAMES = st.sampled_from(["ada", "bob", "cyd", "dan", "eve"])
WORDS = ["anchor", "basket", "candle", "dragon", "engine", "forest", "garden", "hammer"]
PARAGRAPHS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
TEXTS = st.lists(PARAGRAPHS, min_size=1, max_size=6).map("\n".join)


class SmallPassages(BagOfWords):
    max_tokens = 7


class ArchiveMachine(RuleBasedStateMachine):
    """Whatever is done to it, an archive holds what a dictionary would."""

    folder: Callable[[], Path]

    @initialize()
    def begin(self) -> None:
        self.file = self.folder() / "news.db"
        self.model: dict[str, Article] = {}
        self.handles = [Archive.open(self.file, SmallPassages())]

    @property
    def archive(self) -> Archive:
        return self.handles[0]

    @rule(given=st.lists(st.builds(article, NAMES, TEXTS, source=st.sampled_from(["S", "T", None])), max_size=5))
    def add(self, given: list[Article]) -> None:
        expected = {"added": 0, "updated": 0, "unchanged": 0}
        for each in given:
            held = self.model.get(each.id)
            expected["unchanged" if held == each else "updated" if held else "added"] += 1
            self.model[each.id] = each
        report = self.archive.add(given)
        assert {name: getattr(report, name) for name in expected} == expected

    @rule(name=NAMES)
    def remove(self, name: str) -> None:
        if self.model.pop(name, None):
            self.archive.remove(name)
        else:
            with pytest.raises(NotFound):
                self.archive.remove(name)

    @rule()
    def reopen(self) -> None:
        self.handles.pop(0).close()
        self.handles.insert(0, Archive.open(self.file, SmallPassages()))

    @precondition(lambda self: len(self.handles) < 3)
    @rule()
    def open_another(self) -> None:
        self.handles.append(Archive.open(self.file, SmallPassages()))

    @rule()
    def take_turns(self) -> None:
        """Who has read till now writes next."""
        self.handles.append(self.handles.pop(0))

    @rule()
    def rebuild(self) -> None:
        self.archive.rebuild()

    @rule(word=st.sampled_from(WORDS), source=st.sampled_from([None, None, "S", "T"]))
    def search(self, word: str, source: str | None) -> None:
        passing = {each.id: each for each in self.model.values() if source in (None, each.source)}
        holding = {each.id for each in passing.values() if word in each.text.split()}
        for handle in self.handles:
            by_words = handle.search(word, limit=1000, by="words", filters=Filters(source=source))
            assert set(ids(by_words)) == holding
            assert all(word in hit.passage.text.split() for hit in by_words)
            by_vectors = handle.search(word, limit=1000, by="vectors", filters=Filters(source=source))
            assert set(ids(by_vectors)) == set(passing)
            for hit in [*by_words, *by_vectors, *handle.search(word, filters=Filters(source=source))]:
                passage = hit.passage
                assert passing[passage.article_id].text[passage.start : passage.end] == passage.text

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        for handle in getattr(self, "handles", []):
            assert {each.id: each for each in handle.articles()} == self.model
            assert_sound(handle)
            for name, each in self.model.items():
                passages = handle.passages_of(name)
                assert all(each.text[passage.start : passage.end] == passage.text for passage in passages)
                assert " ".join(passage.text for passage in passages).split() == each.text.split()

    def teardown(self) -> None:
        for handle in getattr(self, "handles", []):
            handle.close()


def test_any_order_of_things(tmp_path: Path) -> None:
    def fresh(count: Iterator[int]) -> Path:
        folder = tmp_path / str(next(count))
        folder.mkdir()
        return folder

    ArchiveMachine.folder = staticmethod(functools.partial(fresh, iter(range(10_000))))
    machine = settings(max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck))
    machine_test = ArchiveMachine.TestCase
    machine_test.settings = machine
    machine_test("runTest").runTest()


def test_vectors_that_are_not_as_many_as_texts_store_nothing(file: Path) -> None:
    class Forgetful(BagOfWords):
        def embed_passages(self, texts: Any) -> Vectors:
            return super().embed_passages(texts)[:-1]

    with Archive.open(file, Forgetful()) as archive:
        with pytest.raises(ValueError, match="shorter"):
            archive.add([article("a"), article("b")])
        assert archive.stats().articles == 0
        assert_sound(archive)


def test_articles_come_in_parts_and_are_counted(file: Path, embedder: BagOfWords) -> None:
    days = [article(f"day{day}", published=datetime(2025, 10, day, tzinfo=UTC), source="Times") for day in range(1, 6)]
    with Archive.open(file, embedder) as archive:
        assert (archive.count(), archive.revision) == (0, 0)
        archive.add([*days, article("undated")])
        listed = [each.id for each in archive.articles()]
        assert listed == ["day5", "day4", "day3", "day2", "day1", "undated"]
        assert [each.id for each in archive.articles(limit=2, skip=1)] == listed[1:3]
        assert [each.id for each in archive.articles(limit=10, skip=5)] == ["undated"]
        assert list(archive.articles(skip=6)) == [] == list(archive.articles(limit=0))
        times = Filters(source="Times")
        assert [each.id for each in archive.articles(times, limit=1)] == ["day5"]
        assert (archive.count(), archive.count(times)) == (6, 5)
        assert archive.revision == archive.stats().revision > 0
