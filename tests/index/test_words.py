import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import ArchiveBusy, ArchiveDamaged, BadArticle
from index.types import Filters
from index.words import FUNCTION_WORDS, STEMMERS, WordEntry, WordIndex

ANY = Filters()
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def entry(
    passage_id: int,
    text: str = "",
    language: str = "en",
    *,
    title: str = "",
    source: str | None = None,
    section: str | None = None,
    published: datetime | None = None,
) -> WordEntry:
    return WordEntry(passage_id, title, text, language, source, section, published)


def filled(folder: Path, *entries: WordEntry) -> WordIndex:
    index = WordIndex.open(folder)
    index.add(entries)
    index.commit()
    return index


def found(index: WordIndex, text: str, filters: Filters = ANY, limit: int = 10) -> list[int]:
    return [passage_id for passage_id, _ in index.search(text, limit, filters)]


@pytest.mark.parametrize(
    ("language", "written", "asked"),
    [
        ("fr", "L'été, les élèves sont allés à la forêt.", "élève forêts"),
        ("fr", "L'été, les élèves sont allés à la forêt.", "ELEVES FORET"),
        ("fr", "Les eleves de la foret", "élèves forêt"),
        ("en", "The ministers were negotiating treaties.", "negotiated treaty"),
        ("es", "Las elecciones presidenciales de Perú", "elección peru"),
        ("de", "Die Häuser der Straße wurden zerstört.", "haus strasse"),
        ("it", "Le città hanno approvato i provvedimenti.", "citta provvedimento"),
        ("pt", "As eleições e os ministros em São Paulo", "eleicoes ministro sao"),
        ("nl", "De verkiezingen in de steden", "verkiezing"),
        ("ru", "Правительства зелёных городов", "правительство зеленый"),
        ("sv", "Regeringens människor", "regering manniskor"),
        ("tr", "Kitaplar ve evler", "kitap"),
        ("el", "Η κυβέρνηση της Αθήνας", "αθηνα"),
        ("ar", "الحكومة", "حكومة"),
        ("pl", "Rząd ogłosił wybory", "rzad oglosil"),
        ("hi", "सरकार ने हिन्दी", "हिन्दी"),
        ("zh", "东京都政府宣布选举结果", "选举是什么时候"),
        ("ja", "東京都の選挙はコロナ禍で延期", "選挙"),
        ("ko", "정부는 선거를 연기했다", "선거"),
        ("th", "รัฐบาลประกาศผลการเลือกตั้ง", "เลือกตั้ง"),
        ("und", "Lumturia shqiptare", "lumturia"),
        ("en-GB", "The ministers", "minister"),
        ("fr", "cafe\u0301te\u0301ria", "cafétéria"),
        ("de", "Regie\u00adrung", "Regierung"),
        ("en", "Bourne\u200bmouth", "Bournemouth"),
        ("en", "The oﬀice", "office"),
    ],
)
def test_a_word_is_found_in_other_forms_and_with_accents_or_without(
    tmp_path: Path, language: str, written: str, asked: str
) -> None:
    index = filled(tmp_path, entry(1, written, language), entry(2, "nothing of the kind", "en"))
    assert found(index, asked) == [1]


def test_marks_do_not_cut_words(tmp_path: Path) -> None:
    index = filled(tmp_path, entry(1, "हिन्दी", "hi"))
    assert found(index, "हिन") == found(index, "दी") == []


def test_every_word_asked_counts_whatever_its_form(tmp_path: Path) -> None:
    index = filled(tmp_path, entry(1, "The ministers signed treaties"), entry(2, "The ministers slept"))
    assert found(index, "which minister signed a treaty") == [1, 2]


def test_a_name_is_found_in_all_languages(tmp_path: Path) -> None:
    index = filled(
        tmp_path,
        *(entry(n, f"xx Zelensky {code}", code) for n, code in enumerate(STEMMERS)),
        entry(99, "xx yy", "en"),
    )
    for question in ("Zelensky", "What did Zelensky say?", "Qu'a dit Zelensky ?", "ZELENSKY"):
        assert sorted(found(index, question, limit=99)) == list(range(len(STEMMERS)))


def test_a_rare_language_is_not_drowned_by_a_common_one(tmp_path: Path) -> None:
    french = [entry(n, f"Le festival « The Bridge » numéro {n} ouvre à Paris", "fr") for n in range(2, 300)]
    english = "The old bridge over the river was closed by the city after the flood damaged its pillars"
    index = filled(tmp_path, entry(1, english, "en"), *french)
    assert found(index, "When was the bridge closed?", limit=1) == [1]
    assert found(index, "Quel festival ouvre à Paris ?", limit=1) != [1]


def test_titles_count_more_than_text(tmp_path: Path) -> None:
    plain = [entry(n, f"word{n} and other things") for n in range(3, 20)]
    index = filled(
        tmp_path,
        entry(1, "the harbour is mentioned here among ships", title="Weather today"),
        entry(2, "the weather is mentioned here among ships", title="Harbour today"),
        *plain,
    )
    assert found(index, "harbour") == [2, 1]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Où est-ce que le sommet aura lieu ?", 1),
        ("What is the summit about?", 2),
        ("WHAT IS THE SUMMIT ABOUT?", 2),
        ("What is the WHO plan?", 3),
        ("the who", 3),
        ("vitamin d", 4),
        ("war", 5),
        ("war in Ukraine", 5),
        ("Où est-il ?", 6),
    ],
)
def test_function_words_give_way_to_the_others(tmp_path: Path, question: str, first: int) -> None:
    index = filled(
        tmp_path,
        entry(1, "Le sommet aura lieu à Genève", "fr"),
        entry(2, "A summit of ministers"),
        entry(3, "A long and detailed plan by those who lead the WHO, and by many others too"),
        entry(4, "Tablets of vitamin C and D"),
        entry(5, "A new war"),
        entry(6, "Où est-ce que, est-ce que, qu'est-ce que c'est, où", "fr"),
        entry(7, "What is what? What is the what", "en"),
        entry(8, "Tablets of vitamin A", "en"),
        entry(9, "A plan"),
    )
    assert found(index, question)[0] == first


def test_function_words_are_folded_as_questions_are() -> None:
    for words in FUNCTION_WORDS.values():
        assert all(word.isascii() and word.islower() for word in words)


def test_equal_scores_come_in_the_order_of_ids_wherever_they_were_written(tmp_path: Path) -> None:
    index = WordIndex.open(tmp_path)
    for batch in ([50, 7], [31, 2], [90, 1, 44]):
        index.add(entry(n, "the same harbour") for n in batch)
        index.commit()
    assert found(index, "same harbour") == [1, 2, 7, 31, 44, 50, 90]
    assert found(index, "same harbour", limit=1) == [1]
    assert found(index, "same harbour", limit=3) == [1, 2, 7]


def test_limits_beyond_reason(tmp_path: Path) -> None:
    index = filled(tmp_path, entry(1, "harbour"), entry(2, "harbour"))
    assert found(index, "harbour", limit=0) == found(index, "harbour", limit=-5) == []
    assert found(index, "harbour", limit=2**62) == [1, 2]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> WordIndex:
    day = timedelta(days=1)
    return filled(
        tmp_path_factory.mktemp("words"),
        entry(1, "harbour", "en", source="AFP", section="World", published=NOON),
        entry(2, "harbour", "fr", source="AFP", section="world", published=NOON + day),
        entry(3, "harbour", "en", source="Reuters", section="World", published=NOON - 20_000 * day),
        entry(4, "harbour", "en", source="AFP Paris"),
        entry(5, "lighthouse", "en", source="AFP", published=NOON),
    )


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), [1, 2, 3, 4]),
        (Filters(language="fr"), [2]),
        (Filters(language="de"), []),
        (Filters(source="AFP"), [1, 2]),
        (Filters(source="afp"), []),
        (Filters(source="\ud800"), []),
        (Filters(section="World"), [1, 3]),
        (Filters(source="AFP", section="World"), [1]),
        (Filters(since=NOON), [1, 2]),
        (Filters(until=NOON), [1, 3]),
        (Filters(since=NOON, until=NOON), [1]),
        (Filters(since=NOON.date(), until=NOON.date()), [1]),
        (Filters(since=NOON.replace(tzinfo=None), until=NOON.replace(tzinfo=None)), [1]),
        (Filters(since=NOON.astimezone(timezone(timedelta(hours=9)))), [1, 2]),
        (Filters(since=NOON + timedelta(microseconds=1)), [2]),
        (Filters(until=NOON - timedelta(microseconds=1)), [3]),
        (Filters(since=NOON, until=NOON - timedelta(days=1)), []),
        (Filters(since=datetime.min, until=datetime.max), [1, 2, 3]),  # noqa: DTZ901
        (Filters(language="en", until=NOON), [1, 3]),
    ],
)
def test_filters(shelf: WordIndex, filters: Filters, expected: list[int]) -> None:
    assert sorted(found(shelf, "harbour", filters)) == expected


def test_filters_leave_scores_alone(shelf: WordIndex) -> None:
    scores = dict(shelf.search("harbour", 10))
    kept = shelf.search("harbour", 10, Filters(language="en", source="AFP", since=NOON, until=NOON))
    assert kept == [(1, scores[1])]


HOSTILE = [
    '"unclosed',
    "AND OR NOT",
    "title:harbour",
    "[a TO z}",
    "(((",
    "harbour^9 ~3 +a -b *",
    "\\",
    "🚢🏴‍☠️",
    "\0",
    "a\0b",
    "\ud800",
    "harbour\udfff",
    "x" * 10_000,
    "é" * 10_000,
    "a b " * 2_500,
    " ".join(map(str, range(2_500))),
    "東京" * 5_000,
    "\u0301" * 100,
    "\ufdfa" * 1_000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(shelf: WordIndex, tmp_path: Path, text: str) -> None:
    shelf.search(text, 5)
    filters = Filters(language=text, source=text, section=text)
    assert shelf.search("harbour", 5, filters) == []
    index = filled(tmp_path, entry(1, f"{text} lighthouse", text, title=text, source=text, section=text))
    assert found(index, "lighthouse", filters) == [1]


@settings(max_examples=300, deadline=None)
@given(text=st.text(st.characters(), max_size=60))
def test_no_text_makes_search_raise(shelf: WordIndex, text: str) -> None:
    assert all(score > 0 for _, score in shelf.search(text, 5))


@pytest.mark.parametrize("text", ["", " \n", "?!", "« … »", "🚢", "\0", "—"])
def test_without_a_word_nothing_is_found(shelf: WordIndex, text: str) -> None:
    assert shelf.search(text, 5) == []


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    index = WordIndex.open(tmp_path / "not" / "there")
    index.commit()
    assert index.search("harbour", 5) == []
    assert index.count() == 0


def test_the_last_words_of_a_long_question_are_left_out(shelf: WordIndex) -> None:
    padding = " ".join(f"padding{n}" for n in range(1000))
    assert found(shelf, f"harbour {padding}") == [1, 2, 3, 4]
    assert found(shelf, f"{padding} harbour") == []


def test_uncommitted_is_invisible(tmp_path: Path) -> None:
    index = filled(tmp_path, entry(1, "harbour"))
    index.add([entry(2, "harbour")])
    index.remove([1])
    index.reload()
    assert found(index, "harbour") == [1]
    index.commit()
    assert found(index, "harbour") == [2]


def test_an_id_that_is_there_is_replaced(tmp_path: Path) -> None:
    index = filled(tmp_path, entry(1, "harbour"), entry(1, "lighthouse"))
    assert (found(index, "harbour"), found(index, "lighthouse"), index.count()) == ([], [1], 1)
    index.add([entry(1, "windmill")])
    index.commit()
    assert (found(index, "lighthouse"), found(index, "windmill"), index.count()) == ([], [1], 1)


def test_removed_passages_are_gone(tmp_path: Path) -> None:
    index = filled(tmp_path, *(entry(n, "harbour") for n in (1, 2, 2**62)))
    index.remove([2, 2**62, 77])
    index.commit()
    assert found(index, "harbour") == [1]
    assert index.count() == 1


def test_reopened_it_holds_what_was_committed(tmp_path: Path) -> None:
    filled(tmp_path, entry(1, "harbour", "fr"), entry(2, "forêts", "fr"))
    index = WordIndex.open(tmp_path)
    assert found(index, "forêt") == [2]
    index.add([entry(3, "forêt", "fr")])
    index.commit()
    assert index.count() == WordIndex.open(tmp_path).count() == 3


def test_one_writes_at_a_time(tmp_path: Path) -> None:
    first, second = WordIndex.open(tmp_path), WordIndex.open(tmp_path)
    first.add([entry(1, "harbour")])
    with pytest.raises(ArchiveBusy, match="try again"):
        second.add([entry(2, "harbour")])
    first.commit()
    second.add([entry(2, "harbour")])
    second.commit()
    assert (found(first, "harbour"), found(second, "harbour")) == ([1], [1, 2])
    first.reload()
    assert found(first, "harbour") == [1, 2]


def test_a_failing_add_drops_what_was_buffered_and_lets_others_write(tmp_path: Path) -> None:
    def failing() -> Iterator[WordEntry]:
        yield entry(2, "harbour")
        raise BadArticle("no text")

    index = filled(tmp_path, entry(1, "harbour"))
    index.remove([1])
    with pytest.raises(BadArticle, match="no text") as caught:
        index.add(failing())
    assert caught.tb  # which keeps alive whatever the failing call held
    other = WordIndex.open(tmp_path)
    other.add([entry(3, "harbour")])
    other.commit()
    index.commit()
    assert found(index, "harbour") == [1, 3]


def in_another_process(folder: Path, then: str) -> int:
    code = (
        "import os, sys; from pathlib import Path; from index.words import WordEntry, WordIndex\n"
        "index = WordIndex.open(Path(sys.argv[1]))\n"
        "index.add([WordEntry(2, '', 'harbour', 'en', None, None, None)])\n"
    )
    root = Path(__file__).parents[2]
    return subprocess.run([sys.executable, "-c", code + then, str(folder)], cwd=root, check=False).returncode


def test_reload_shows_what_another_process_committed(tmp_path: Path) -> None:
    index = filled(tmp_path, entry(1, "harbour"))
    assert in_another_process(tmp_path, "index.commit()") == 0
    assert found(index, "harbour") == [1]
    index.reload()
    assert found(index, "harbour") == [1, 2]


def test_a_writer_that_was_killed_leaves_neither_passages_nor_a_lock(tmp_path: Path) -> None:
    index = filled(tmp_path, entry(1, "harbour"))
    assert in_another_process(tmp_path, "os.kill(os.getpid(), 9)") == -9
    index.add([entry(3, "harbour")])
    index.commit()
    assert found(index, "harbour") == found(WordIndex.open(tmp_path), "harbour") == [1, 3]


@pytest.mark.parametrize("name", ["meta.json", ".managed.json"])
@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff\xfe\0", b"{}"])
def test_damaged_metadata_is_reported_with_a_remedy(tmp_path: Path, name: str, content: bytes) -> None:
    filled(tmp_path, entry(1, "harbour"))
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ArchiveDamaged, match="groundwire rebuild"):
        WordIndex.open(tmp_path)


@pytest.mark.parametrize("extension", ["term", "idx", "fast", "fieldnorm", "pos", "del"])
@pytest.mark.parametrize("harm", ["gone", "empty", "half", "flipped"])
def test_damaged_files_are_reported_with_a_remedy(tmp_path: Path, extension: str, harm: str) -> None:
    index = filled(tmp_path, *(entry(n, f"harbour number {n}", source="AFP") for n in range(50)))
    index.remove([3])
    index.commit()
    [path] = tmp_path.glob(f"*.{extension}")
    content = bytearray(path.read_bytes())
    content[5] ^= 0x10
    harmed = {"empty": b"", "half": bytes(content[: len(content) // 2]), "flipped": bytes(content)}
    path.unlink()
    if harm in harmed:
        path.write_bytes(harmed[harm])
    with pytest.raises(ArchiveDamaged, match="groundwire rebuild"):
        WordIndex.open(tmp_path)


def test_a_folder_without_its_metadata_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    filled(tmp_path, entry(1, "harbour"))
    (tmp_path / "meta.json").unlink()
    with pytest.raises(ArchiveDamaged, match=r"meta\.json is missing.*groundwire rebuild"):
        WordIndex.open(tmp_path)


def test_an_index_analysed_otherwise_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path, entry(1, "harbour"))
    monkeypatch.setattr("index.words._TOKENIZER", "stems_0")
    with pytest.raises(ArchiveDamaged, match="groundwire rebuild"):
        WordIndex.open(tmp_path)
