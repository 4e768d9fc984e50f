"""What becomes an article, what is turned away and with which words, and that neither stops the rest."""

import gzip
import json
import lzma
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index.load
from index.errors import BadArticle, BadInput
from index.fields import article_from
from index.language import LONGEST_TITLE, detect_language, title_from
from index.load import load_articles
from index.types import Article, Rejection

SEEDS = Path(__file__).parents[2] / "seeds"
ENGLISH = "The ministers of the six countries met in Geneva on Tuesday to discuss the new treaty."
FRENCH = "Les ministres des six pays se sont retrouvés mardi à Genève pour discuter du nouveau traité."


def articles_of(*paths: str | Path) -> list[Article]:
    """What was loaded, where nothing may be rejected."""
    loaded = list(load_articles(*paths))
    assert [found for found in loaded if isinstance(found, Rejection)] == []
    return [found for found in loaded if isinstance(found, Article)]


def rejections_of(*paths: str | Path) -> list[Rejection]:
    """What was rejected, where nothing may be loaded."""
    loaded = list(load_articles(*paths))
    assert [found for found in loaded if isinstance(found, Article)] == []
    return [found for found in loaded if isinstance(found, Rejection)]


def written(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def lines(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


# Paths


@pytest.mark.parametrize("typo", ["nowhere", "news/nowhere.txt", "", "a\0b"])
def test_a_path_that_is_not_there_stops_everything_at_once(tmp_path: Path, typo: str) -> None:
    good = written(tmp_path / "good.txt", ENGLISH)
    with pytest.raises(BadInput) as caught:
        load_articles(good, typo and str(tmp_path / typo))
    assert typo.partition("\0")[0] in str(caught.value)
    assert "check the path" in str(caught.value)


def test_a_folder_is_walked_in_sorted_order_past_hidden_things(tmp_path: Path) -> None:
    for name in ["b.txt", "a/z.txt", "a/b/c.md", "c.TXT", ".hidden.txt", ".git/x.txt", "a/.cache/x.txt"]:
        written(tmp_path / name, ENGLISH)
    assert [article.id for article in articles_of(tmp_path)] == ["a/b/c", "a/z", "b", "c"]


def test_links_that_lead_back_are_not_followed_for_ever(tmp_path: Path) -> None:
    folder = tmp_path / "news"
    written(folder / "today" / "a.txt", ENGLISH)
    (folder / "today" / "up").symlink_to(folder)
    (folder / "today" / "out").symlink_to(tmp_path)
    elsewhere = written(tmp_path / "elsewhere" / "b.txt", ENGLISH)
    (folder / "linked").symlink_to(elsewhere.parent)
    assert [article.id for article in articles_of(folder)] == ["linked/b", "today/a"]


def test_the_same_file_has_the_same_id_alone_and_in_its_folder(tmp_path: Path) -> None:
    path = written(tmp_path / "été.fr.txt", ENGLISH)
    assert articles_of(path)[0].id == articles_of(tmp_path)[0].id == "été.fr"


def test_files_of_one_name_do_not_replace_each_other(tmp_path: Path) -> None:
    for folder in ("monday", "tuesday"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "news.txt").write_text(f"It was {folder}.")
        (tmp_path / folder / "more.jsonl").write_text(f'{{"text": "It was {folder} too."}}\n')
    monday, tuesday = tmp_path / "monday", tmp_path / "tuesday"
    loaded = list(load_articles(monday, tuesday, monday))
    texts = [each.text for each in loaded if isinstance(each, Article)]
    assert texts == 2 * ["It was monday too.", "It was monday."]
    first, second = (each for each in loaded if isinstance(each, Rejection))
    assert first.reason == f"its id, 'more:1' after its name, is also that of {monday}/more.jsonl; " + (
        "give it an id, a url or another name"
    )
    assert (first.origin, second.origin) == (f"{tuesday}/more.jsonl", f"{tuesday}/news.txt")
    assert len([each for each in load_articles(tmp_path) if isinstance(each, Article)]) == 4
    (monday / "news.md").write_text("It was another.")
    assert len([each for each in load_articles(monday) if isinstance(each, Rejection)]) == 1


def test_pages_behind_a_number_sign_are_apart(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        "".join(f'{{"text": "One.", "url": "https://example.org/{at}"}}\n' for at in ("#!/a/1", "#/a/2", "b#top", "b"))
    )
    ids = [each.id for each in load_articles(tmp_path) if isinstance(each, Article)]
    assert ids == ["example.org#!/a/1", "example.org#/a/2", "example.org/b", "example.org/b"]


def test_words_between_two_rules_are_text_and_front_matter_may_come_late(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\nUpdate: the ministry has named them.\n---\nTwo people died.\n")
    (tmp_path / "b.md").write_text("\n---\ntitle: The news\n---\nIt was said.\n")
    update, late = (each for each in load_articles(tmp_path) if isinstance(each, Article))
    assert "Update: the ministry has named them." in update.text
    assert (late.title, late.text) == ("The news", "It was said.\n")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("the next summit will be held by the two of them in\nBudapest.\nNobody\n", "in Budapest.\nNobody"),
        ('of it all he spoke as of a "historic moment"\nfor both countries', '"historic moment" for both'),
        ("it was said that the two presidents would hold their talks.\nNobody objected.", "talks. Nobody objected."),
        ("the talks of the two presidents will surely be led by M.\nTrump himself", "by M. Trump himself"),
        ("# A heading that is quite as long as any other of these lines\nThe two", "lines\nThe two"),
        ("- the first of the points that they spoke of was the war\n- the gas", "war\n- the gas"),
        (
            "- the grain that they export through\n  the ports of the sea\n- the gas",
            "through the ports of the sea\n- the",
        ),
        ("> We agreed that the next summit of us both will be held in\n> Budapest\n", "held in Budapest"),
        ("it was at the end of the talks that one of them said at last:\n> We agreed.", "last:\n> We agreed."),
        ("Er reist nach Angaben seines Sprechers wohl am kommenden\n17. Oktober", "kommenden 17. Oktober"),
        ("1. a first point of the list that they wrote down there then\n2. a second", "then\n2. a second"),
        ("Roses are red,\nViolets are blue", "red,\nViolets"),
        ("A line that is long enough and ends with what breaks a line \\\nand goes on", "line \\\nand goes on"),
        ("A line that is long enough and ends with what breaks a line  \nand goes on", "line  \nand goes on"),
        ("    a line of code that is longer than many others are\n    another line", "are\n    another line"),
    ],
)
def test_lines_broken_by_a_width_are_one_paragraph_in_markdown(tmp_path: Path, written: str, expected: str) -> None:
    (tmp_path / "a.md").write_text(written)
    (article,) = (each for each in load_articles(tmp_path) if isinstance(each, Article))
    assert expected in article.text


WRAPPED = """\
THE SUMMIT

The two presidents said that the next summit will be held in
Budapest within two weeks. They had spoken on the telephone for
two hours.
Nobody objected. The place was proposed by the president of the
United States, and the other one has accepted it with pleasure.
    They will speak of the war, of trade, and of the prisoners
whom both sides hold, as well as of the following points, which
were named beforehand:
  - the grain
  - the gas

Place          delegates   expected by the organisers, in 2025
Budapest             120   from Tuesday the fourth of November
https://example.org/an/address/that/is/longer/than/the/width/of/the/lines
"""


def test_lines_broken_by_a_width_are_one_paragraph_in_plain_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(WRAPPED)
    (article,) = (each for each in load_articles(tmp_path) if isinstance(each, Article))
    assert article.text.split("\n") == [
        "THE SUMMIT",
        "",
        "The two presidents said that the next summit will be held in Budapest within two weeks. They had spoken on "
        "the telephone for two hours.",
        "Nobody objected. The place was proposed by the president of the United States, and the other one has accepted "
        "it with pleasure.",
        "    They will speak of the war, of trade, and of the prisoners whom both sides hold, as well as of the "
        "following points, which were named beforehand:",
        "  - the grain",
        "  - the gas",
        "",
        *WRAPPED.split("\n")[-4:],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The next summit will be held in Budapest, in Hungary, in two weeks.\n"
        "Nobody objected to this.\n"
        "The president of the United States proposed it, and his guest accepted.\n"
        "Both sides hold prisoners, of whom they will speak.\n"
        "It is the second summit of the two in this year; the first was in Alaska, in August.\n",
        "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\n"
        "Rough winds do shake the darling buds of May,\nAnd summer's lease hath all too short a date;\n",
        "One line of a width that is quite usual, and then the second of\nthe two.\n",
        f"The next summit will be held in\nBudapest. {'Nobody objected to that. ' * 10}\n",
        "外交部发言人今天在例行记者会上表示两国领导人将于下周在布达佩斯举行会晤讨论双方共同关心的重要问题并就地区局势交换意见\n"
        * 4,
        "".join(f"10:0{place} Police close the {place}th bridge over the river, says a mayor\n" for place in range(6)),
        "".join(f"{name}, of the party of labour ............ 12,345\n" for name in ("Smith", "Jones", "Moore") * 2),
        "",
    ],
    ids=["sentences", "verse", "too few", "longer than any width", "no spaces", "ticker", "results", "nothing"],
)
def test_other_lines_of_plain_text_stay(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "An article."}\n')
    (tmp_path / "a.txt").write_text(text)
    kept = [each.text for each in load_articles(tmp_path) if isinstance(each, Article) and "article" not in each.text]
    assert kept == ([text] if text else [])


@pytest.mark.parametrize(
    "above",
    [
        "A headline that is quite a bit longer than any of the lines that stand below it is\n\n",
        "A headline that is quite a bit longer than any of the lines that stand below it is\n",
        "From: press@example.org\nTo: you@example.org\nSubject: What the two presidents said on the telephone\n\n",
    ],
)
def test_what_stands_above_says_nothing_of_the_width(tmp_path: Path, above: str) -> None:
    body = WRAPPED.partition("\n\n")[2]
    (tmp_path / "a.txt").write_text(above + body)
    (article,) = (each for each in load_articles(tmp_path) if isinstance(each, Article))
    assert article.text.startswith(above + "The two presidents said that the next summit will be held in Budapest")


def test_front_matter_and_sidecars_may_call_fields_as_other_tools_do(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "---\nTitle: News\ndate: 2025-10-17 19:09:00 +0200\nlang: fr\npermalink: /a\nlink: https://example.org/a\n"
        "authors: [Ann, Bob]\n---\nIl neige.\n"
    )
    (tmp_path / "B.TXT").write_text("It snows.\n")
    (tmp_path / "B.YAML").write_text("Title: Snow\n")
    found = list(load_articles(tmp_path))
    snow, news = (each for each in found if isinstance(each, Article))
    assert len(found) == 2 and snow.title == "Snow"
    assert (news.title, news.language, news.url, news.author) == ("News", "fr", "https://example.org/a", "Ann, Bob")
    assert news.published is not None and news.published.isoformat() == "2025-10-17T19:09:00+02:00"


def test_so_may_lines_of_json(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"text": "One.", "Date": "2025-10-17", "lang": "en", "link": "https://example.org/a", '
        '"authors": ["Ann", "Bob"]}\n'
        '{"text": "Two.", "date": "2025-10-17", "published": "2025-10-18", "author": "Ann"}\n'
        '{"text": "Three.", "author": [{"name": "Ann"}]}\n'
    )
    one, two, three = load_articles(tmp_path)
    assert isinstance(one, Article) and isinstance(two, Article) and isinstance(three, Rejection)
    assert (str(one.published)[:10], one.language, one.url) == ("2025-10-17", "en", "https://example.org/a")
    assert (one.author, two.author, str(two.published)[:10]) == ("Ann, Bob", "Ann", "2025-10-18")
    assert "author: expected words" in three.reason


def test_what_is_no_number_in_json_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": NaN, "author": NaN, "text": "One."}\n{"id": 1e400, "text": "Two."}\n')
    one, two = load_articles(tmp_path)
    assert isinstance(one, Article) and (one.id, one.author) == ("a:1", None)
    assert isinstance(two, Rejection) and "id: expected words, found inf" in two.reason


def test_companions_are_passed_over_in_a_folder_but_read_when_named(tmp_path: Path) -> None:
    names = ["README.md", "readme.txt", "README", "README.fr.md", "LICENSE", "LICENSE-MIT", "Licence.txt"]
    for name in [*names, "license-renewed.txt"]:
        written(tmp_path / name, ENGLISH)
    assert [article.id for article in articles_of(tmp_path)] == ["license-renewed"]
    assert [article.id for article in articles_of(tmp_path / "README.md")] == ["README"]


def test_nothing_at_all_is_said_aloud(tmp_path: Path) -> None:
    written(tmp_path / "README.md", ENGLISH)
    assert [found.origin for found in rejections_of(tmp_path)] == [str(tmp_path)]
    assert "no article" in rejections_of(tmp_path)[0].reason


def test_a_mixed_folder_gives_the_good_and_names_the_bad(tmp_path: Path) -> None:
    written(tmp_path / "a.txt", ENGLISH)
    written(tmp_path / "b.docx", b"PK")
    written(tmp_path / "c.jsonl", lines({"text": ENGLISH}, {"title": "no text"}) + "{oops\n")
    written(tmp_path / "d.txt", b"caf\xe9")
    written(tmp_path / "e.yaml", "title: alone")
    written(tmp_path / "f.md", f"---\ntitle: [1]\n---\n{ENGLISH}")
    written(tmp_path / "g.txt", " \n\t\n")
    (tmp_path / "h.txt").symlink_to("gone.txt")
    written(tmp_path / "i.txt", FRENCH)
    loaded = list(load_articles(tmp_path))
    assert [found.id for found in loaded if isinstance(found, Article)] == ["a", "c:1", "i"]
    rejected = {found.origin: found.reason for found in loaded if isinstance(found, Rejection)}
    expected = {
        "b.docx": "the types that can be read are .txt, .md, .jsonl, .jsonl.gz, .jsonl.xz",
        "c.jsonl:2": 'line 2 has no "text"',
        "c.jsonl:3": "is not JSON",
        "d.txt": "byte 0xe9 at offset 3 is not UTF-8: convert it, for example with `iconv -f",
        "e.yaml": "there is no e.txt or e.md beside it",
        "f.md": "title: expected words, found a list",
        "g.txt": "its text is empty",
        "h.txt": "cannot be read: No such file",
    }
    assert rejected.keys() == {str(tmp_path / name) for name in expected}
    for name, reason in expected.items():
        assert reason in rejected[str(tmp_path / name)]


def test_the_seeds_load_without_a_word() -> None:
    (article,) = articles_of(SEEDS)
    assert article.id == "trump-poutine-budapest"
    assert article.text == (SEEDS / "trump-poutine-budapest.txt").read_bytes().decode("utf-8")
    assert (article.source, article.language, article.url, article.author) == (
        "Epoch Times",
        "fr",
        None,
        None,
    )
    assert article.published == datetime(2025, 10, 17, tzinfo=UTC)
    assert article.title.startswith("Le président américain Donald Trump")


# Files that cannot be read


def test_unreadable_files_are_rejected_and_the_rest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "a.txt", ENGLISH)
    written(tmp_path / "b.txt", ENGLISH)
    really = Path.open

    def locked(self: Path, *arguments: Any, **options: Any) -> Any:
        if self.name == "a.txt":
            raise PermissionError(13, "Permission denied", str(self))
        return really(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", locked)
    assert [found.origin for found in load_articles(tmp_path) if isinstance(found, Rejection)] == [
        str(tmp_path / "a.txt")
    ]
    assert [found.id for found in load_articles(tmp_path) if isinstance(found, Article)] == ["b"]


def test_a_folder_that_vanished_is_rejected(tmp_path: Path) -> None:
    folder = tmp_path / "news"
    written(folder / "a.txt", ENGLISH)
    stream = load_articles(folder)
    shutil.rmtree(folder)
    assert "No such file" in "".join(found.reason for found in stream if isinstance(found, Rejection))


@pytest.mark.parametrize(("extension", "compress"), [(".gz", gzip.compress), (".xz", lzma.compress)])
def test_damaged_archives_give_what_they_can(
    tmp_path: Path, extension: str, compress: Callable[[bytes], bytes]
) -> None:
    whole = compress(lines({"text": ENGLISH}).encode())
    assert len(articles_of(written(tmp_path / f"whole.jsonl{extension}", whole))) == 1
    (cut,) = rejections_of(written(tmp_path / f"cut.jsonl{extension}", whole[:-12][:40]))
    (other,) = rejections_of(written(tmp_path / f"other.jsonl{extension}", b"plain text"))
    assert "cannot be read" in cut.reason
    assert "cannot be read" in other.reason


def test_no_pipe_in_a_folder_is_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert "neither a file nor a folder" in rejections_of(tmp_path)[0].reason


def test_what_is_too_large_is_rejected_unless_it_is_many_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.load, "LARGEST_BYTES", 200)
    (large,) = rejections_of(written(tmp_path / "large.txt", ENGLISH * 3))
    assert "larger than 64 MiB" in large.reason
    mixed = lines({"text": ENGLISH}, {"text": ENGLISH * 30}, {"text": FRENCH})
    loaded = list(load_articles(written(tmp_path / "many.jsonl", mixed)))
    assert [getattr(found, "text", "large") for found in loaded] == [ENGLISH, "large", FRENCH]


# Text


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_kept_but_for_newlines(tmp_path: Path, newline: str, encoding: str) -> None:
    text = f"  « {FRENCH} »\xa0!\n\n\u202fÀ suivre 👩‍🚒\u200b\t\n "
    path = tmp_path / "a.txt"
    path.write_bytes(text.replace("\n", newline).encode(encoding))
    assert articles_of(path)[0].text == text


@pytest.mark.parametrize("control", ["\0", "\x07", "\x1b", "\x0c", "\x7f"])
def test_control_characters_are_rejected_with_their_place(tmp_path: Path, control: str) -> None:
    (found,) = rejections_of(written(tmp_path / "a.txt", f"One.\nTwo{control}."))
    assert f"line 2, character 4 is U+{ord(control):04X}" in found.reason


def test_what_is_left_of_a_misread_euro_sign_stays(tmp_path: Path) -> None:
    text = f"It cost 5\x80. {ENGLISH}"
    path = written(tmp_path / "a.jsonl", lines({"text": text, "title": "Only 5\x80", "source": "\x9fTimes"}))
    (article,) = articles_of(path)
    assert (article.text, article.title, article.source) == (text, "Only 5\x80", "\x9fTimes")


def test_half_a_surrogate_pair_is_rejected(tmp_path: Path) -> None:
    content = '{"text": "bad \\ud800 text"}\n{"text": "good", "title": "\\udfff"}\n{"text": "good \\ud83d\\ude00"}'
    loaded = list(load_articles(written(tmp_path / "a.jsonl", content)))
    assert [type(found) for found in loaded] == [Rejection, Rejection, Article]
    assert "U+D800" in str(loaded[0])
    assert "title: line 1, character 1 is U+DFFF" in str(loaded[1])


# Markdown and sidecars


def test_front_matter_gives_the_fields_and_is_taken_off(tmp_path: Path) -> None:
    body = f"\n# A heading\n\n{ENGLISH} [Link](https://example.org)\n"
    matter = (
        "title: 'No: it is'\nurl: https://example.org/a\npublished: 2025-10-17\nsource: 12\n"
        "author: Ann Ex\nsection: ~\nlanguage: no\nid: 007\ntags: [a, b]\nlayout: post"
    )
    (article,) = articles_of(written(tmp_path / "a.md", f"---\n{matter}\n---\n{body}"))
    assert article == Article(
        id="007",
        text=body,
        title="No: it is",
        url="https://example.org/a",
        source="12",
        author="Ann Ex",
        section=None,
        published=datetime(2025, 10, 17, tzinfo=UTC),
        language="no",
    )


@pytest.mark.parametrize(
    ("content", "title", "text"),
    [
        (f"# News of *today* ##\n\n{ENGLISH}", "News of *today*", f"# News of *today* ##\n\n{ENGLISH}"),
        (f"---\nauthor: A\n---\n\n# News\n{ENGLISH}", "News", f"\n# News\n{ENGLISH}"),
        (f"---\n---\n{ENGLISH}", ENGLISH, ENGLISH),
        (f"---\nOnly a rule\n---\n{ENGLISH}", "Only a rule", f"---\nOnly a rule\n---\n{ENGLISH}"),
        (f"---\n{ENGLISH}", ENGLISH, f"---\n{ENGLISH}"),
        (
            f"#hashtag of the whole day\n{ENGLISH}",
            "#hashtag of the whole day",
            f"#hashtag of the whole day\n{ENGLISH}",
        ),
    ],
)
def test_the_title_of_markdown(tmp_path: Path, content: str, title: str, text: str) -> None:
    (article,) = articles_of(written(tmp_path / "a.md", content))
    assert (article.title, article.text) == (title, text)


@pytest.mark.parametrize(
    ("matter", "reason"),
    [
        ("title: x\n", "has no end"),
        ("title: 'x\n---\n", "not YAML"),
        ('title: "\\UFFFFFFFF"\n---\n', "not YAML"),
        ("title: " + "[" * 5000 + "\n---\n", "not YAML"),
        ("title: {a: b}\n---\n", "title: expected words, found a dict"),
        ("published: yesterday\n---\n", "published: expected a date such as 2025-10-17 or"),
        ("language: French\n---\n", "language: expected a code such as fr"),
    ],
)
def test_bad_front_matter_is_rejected(tmp_path: Path, matter: str, reason: str) -> None:
    (found,) = rejections_of(written(tmp_path / "a.md", f"---\n{matter}{ENGLISH}"))
    assert reason in found.reason


def test_nested_aliases_fill_no_memory(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    (found,) = rejections_of(written(tmp_path / "a.md", f"---\n{bomb}published: *a59\n---\n{ENGLISH}"))
    assert "found a list" in found.reason


def test_a_sidecar_gives_the_fields_of_the_text_beside_it(tmp_path: Path) -> None:
    written(tmp_path / "a.b.txt", ENGLISH)
    written(tmp_path / "a.b.yaml", "# only a comment\ntitle: Beside\nsource: Times\n")
    written(tmp_path / "c.md", f"---\ntitle: Within\n---\n{ENGLISH}")
    written(tmp_path / "c.yaml", "title: Beside\nsource: Times\n")
    loaded = [(article.id, article.title, article.source) for article in articles_of(tmp_path)]
    assert loaded == [("a.b", "Beside", "Times"), ("c", "Within", "Times")]


@pytest.mark.parametrize("sidecar", [b"- a\n- b", b"title: [", b"title: caf\xe9", b"x" * 70_000])
def test_a_bad_sidecar_is_named(tmp_path: Path, sidecar: bytes) -> None:
    written(tmp_path / "a.txt", ENGLISH)
    written(tmp_path / "a.yaml", sidecar)
    (found,) = rejections_of(tmp_path)
    assert found.origin == str(tmp_path / "a.txt")
    assert found.reason.startswith("a.yaml: ")


# Lines of JSON


OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
CHARACTERS = st.characters(exclude_categories=["Cc", "Cs"]) | st.characters(min_codepoint=0x80, max_codepoint=0x9F)
PHRASES = st.text(CHARACTERS, min_size=1, max_size=60).map(str.strip).map(lambda words: f"x{words}x")
PHRASES = PHRASES.map(lambda words: regex.sub(" +", " ", words))
ARTICLES = st.builds(
    Article,
    id=PHRASES,
    text=st.text(CHARACTERS | st.sampled_from("\n\t"), max_size=200).map(lambda text: f"{text}x\n"),
    title=PHRASES,
    url=st.none() | st.from_regex(r"https?://[a-z]{1,9}\.[a-z]{2,3}(:[0-9]{2})?/[a-zé0-9/?&=%#]*", fullmatch=True),
    source=st.none() | PHRASES,
    author=st.none() | PHRASES,
    section=st.none() | PHRASES,
    published=st.none() | st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=OFFSETS),  # noqa: DTZ001
    language=st.sampled_from(["fr", "en", "ar", "zh"]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ARTICLES, min_size=1, max_size=4), st.booleans(), st.sampled_from(["", ".gz", ".xz"]))
def test_articles_come_back_as_they_were_written(
    tmp_path: Path, written_articles: list[Article], ascii_only: bool, extension: str
) -> None:
    def as_line(article: Article) -> str:
        published = article.published.isoformat() if article.published else None
        return json.dumps({**asdict(article), "published": published}, ensure_ascii=ascii_only) + "\n"

    content = "".join(map(as_line, written_articles)).encode()
    compressors: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".xz": lzma.compress}
    compress = compressors.get(extension, bytes)
    assert articles_of(written(tmp_path / f"a.jsonl{extension}", compress(content))) == written_articles


def test_a_bad_line_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    good = lines({"text": ENGLISH, "extra": {"a": [1]}}).encode()
    bad = [b"{oops", b"[" * 100_000, b'"words"', b'{"text": ["a"]}', b'{"text": ""}', b'{"text": "caf\xe9"}']
    bad += [b'{"text": "a", "id": ' + b"1" * 5000 + b"}", b'{"text": "a", "title": true}', b"{}"]
    path = written(tmp_path / "a.jsonl", b"\xef\xbb\xbf" + b"\r\n\n".join([good, *bad, good]))
    loaded = list(load_articles(path))
    assert [type(found) for found in loaded] == [Article, *[Rejection] * len(bad), Article]
    rejected = [found for found in loaded if isinstance(found, Rejection)]
    places = [int(found.origin.removeprefix(f"{path}:")) for found in rejected]
    # A line without text is told of as soon as it cannot be the way of the whole file.
    assert sorted(places) == list(range(4, 4 + 2 * len(bad), 2))


def test_no_text_anywhere_is_one_rejection(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", lines(*[{"title": "x"}] * 52))
    assert rejections_of(path) == [Rejection(str(path), 'none of its 52 lines is an article: each needs a "text"')]


def test_an_article_after_lines_without_text_has_each_of_them_told(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", lines({"question": "?"}, {"a": 1}, {"text": ENGLISH}, {"a": 1}))
    loaded = list(load_articles(path))
    assert [getattr(found, "origin", "article") for found in loaded] == [
        f"{path}:1",
        f"{path}:2",
        "article",
        f"{path}:4",
    ]


def test_a_set_of_questions_is_passed_over_in_a_folder(tmp_path: Path) -> None:
    path = written(tmp_path / "exam.jsonl", lines({"question": "Who?"}, {"question": "Where?", "answers": []}))
    assert "sets of questions" in rejections_of(path)[0].reason
    written(tmp_path / "a.txt", ENGLISH)
    assert [article.id for article in articles_of(tmp_path)] == ["a"]


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_an_empty_file_of_lines_is_rejected(tmp_path: Path, content: str) -> None:
    reason = rejections_of(written(tmp_path / "a.jsonl", content))[0].reason
    assert reason == "is empty: each line is to be an article, as JSON"


def test_lines_in_utf_16_are_one_rejection(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", lines({"text": ENGLISH}, {"text": ENGLISH}).encode("utf-16"))
    assert ["iconv -f UTF-16" in found.reason for found in rejections_of(path)] == [True]


def test_lines_are_read_one_by_one(tmp_path: Path) -> None:
    pipe = tmp_path / "a.jsonl"
    os.mkfifo(pipe)
    first_arrived = threading.Event()
    second_written = threading.Event()

    def write() -> None:
        with pipe.open("w") as file:
            file.write(lines({"text": ENGLISH}))
            file.flush()
            first_arrived.wait(10)
            second_written.set()
            file.write(lines({"text": FRENCH}))

    writer = threading.Thread(target=write)
    writer.start()
    stream = load_articles(pipe)
    first = next(stream)
    assert not second_written.is_set()
    first_arrived.set()
    (second,) = stream
    writer.join()
    assert [getattr(found, "text", None) for found in (first, second)] == [ENGLISH, FRENCH]


# Fields


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-10-17", datetime(2025, 10, 17, tzinfo=UTC)),
        ("2025-7-4", datetime(2025, 7, 4, tzinfo=UTC)),
        ("2025-10-17+02:00", datetime(2025, 10, 17, tzinfo=timezone(timedelta(hours=2)))),
        ("2025-10-17 -0500", datetime(2025, 10, 17, tzinfo=timezone(timedelta(hours=-5)))),
        ("2025-10-17Z", datetime(2025, 10, 17, tzinfo=UTC)),
        ("2025-10-17T19:09:00+02:00", datetime(2025, 10, 17, 17, 9, tzinfo=UTC)),
        ("2025-10-17 19:09:00 +0200", datetime(2025, 10, 17, 17, 9, tzinfo=UTC)),
        ("2025-10-17T19:09:00.5Z", datetime(2025, 10, 17, 19, 9, 0, 500000, tzinfo=UTC)),
        ("2025-10-17 19:09", datetime(2025, 10, 17, 19, 9, tzinfo=UTC)),
        (date(2025, 10, 17), datetime(2025, 10, 17, tzinfo=UTC)),
        (
            datetime(2025, 10, 17, 8, tzinfo=timezone(timedelta(hours=2))),
            datetime(2025, 10, 17, 6, tzinfo=UTC),
        ),
        (None, None),
        ("", None),
    ],
)
def test_published(value: object, expected: datetime | None) -> None:
    published = article_from({"text": ENGLISH, "published": value}, "a").published
    assert published == expected
    assert published is None or published.tzinfo is not None


@pytest.mark.parametrize(
    "value",
    [
        "17/10/2025",
        "2025-13-01",
        "2025-02-30",
        "2025",
        20251017,
        True,
        ["2025-10-17"],
        "0001-01-01T00:00+10:00",
    ],
)
def test_other_dates_are_rejected(value: object) -> None:
    with pytest.raises(BadArticle, match=r"published: expected a date such as 2025-10-17 or 2025-10-17T19"):
        article_from({"text": ENGLISH, "published": value}, "a")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "//example.org/a",
        "example.org/a",
        "https://",
        "https:///a",
        "https://[::1",
        "https://example.org:port/",
        "https://example.org/a b",
        'https://example.org/"onclick="',
        "https://example.org/\u202egpj.exe",
        "https://example.org/" + "a" * 2000,
    ],
)
def test_what_is_no_web_address_is_never_stored(url: str) -> None:
    with pytest.raises(BadArticle, match="url: "):
        article_from({"text": ENGLISH, "url": url}, "a")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.Example.org/News/1/", "example.org/News/1"),
        ("HTTP://example.org:80/News/1#top", "example.org/News/1"),
        ("https://example.org/a?utm_source=x&id=2&fbclid=y&gclid=z", "example.org/a?id=2"),
        ("https://example.org/?xtor=RSS-1&msclkid=2", "example.org"),
        ("https://example.org:8080/a?b=%20&c", "example.org:8080/a?b=%20&c"),
        ("https://user:secret@example.org/a", "example.org/a"),
        ("https://example.org/a#comments", "example.org/a"),
        ("https://example.org/a#xtor=RSS-32", "example.org/a"),
        ("https://example.org/a#:~:text=19%20May", "example.org/a"),
        ("https://example.org/live#block-65a1", "example.org/live#block-65a1"),
        ("https://example.org/#!/7", "example.org#!/7"),
    ],
)
def test_an_address_gives_one_id_however_it_was_spread(url: str, expected: str) -> None:
    article = article_from({"text": ENGLISH, "url": url}, "a")
    assert (article.id, article.url) == (expected, url)


def test_ids() -> None:
    def id_of(value: object = None, name: str = "name", url: str | None = None) -> str:
        return article_from({"text": ENGLISH, "id": value, "url": url}, name).id

    assert id_of(7) == "7"
    assert id_of("given", url="https://example.org/a") == "given"
    assert id_of("") == id_of(" ") == "name"
    long = [id_of(name="n" * 600 + end) for end in "ab"] + [id_of(url="https://example.org/" + "a" * 600)]
    assert [len(identifier) for identifier in long] == [500] * 3
    assert len(set(long)) == 3
    for bad in ["x" * 501, ["a"], False, {"a": 1}]:
        with pytest.raises(BadArticle, match="id: "):
            id_of(bad)
    with pytest.raises(BadArticle, match="U\\+DCE9"):
        id_of(name="caf\udce9")


def test_a_file_name_cannot_upset_the_terminal(tmp_path: Path) -> None:
    written(tmp_path / "a\x1b[2J.xyz", "")
    written(tmp_path / "b\x9b2J\n.xyz", "")
    written(tmp_path / os.fsdecode(b"caf\xe9.xyz"), "")
    for found in rejections_of(tmp_path):
        assert found.origin.isprintable()


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("fr", "fr"),
        ("FR", "fr"),
        ("fr-FR", "fr"),
        ("pt_BR", "pt"),
        ("zh-Hant-TW", "zh"),
        ("und", "en"),
        (None, "en"),
    ],
)
def test_language(tag: str | None, expected: str) -> None:
    assert article_from({"text": ENGLISH, "language": tag}, "a").language == expected


@pytest.mark.parametrize("tag", ["French", "fra", "f", "fr FR", 12, ["fr"]])
def test_other_languages_are_rejected(tag: object) -> None:
    with pytest.raises(BadArticle, match="language: "):
        article_from({"text": ENGLISH, "language": tag}, "a")


def test_words_are_put_on_one_line() -> None:
    article = article_from({"text": ENGLISH, "title": " A\r\n title\xa0: « yes »\t", "section": 1.5}, "a")
    assert (article.title, article.section) == ("A title\xa0: « yes »", "1.5")
    with pytest.raises(BadArticle, match="title: has 3000 characters; 2000"):
        article_from({"text": ENGLISH, "title": "x" * 3000}, "a")


# Titles and languages


@pytest.mark.parametrize(
    ("text", "language", "title"),
    [
        (f"{ENGLISH} And then some.", "en", ENGLISH),
        (
            "\n***\n\nThe second line is the first with words. More.",
            "en",
            "The second line is the first with words.",
        ),
        ("WASHINGTON — The president will go to Budapest. More.", "en", "The president will go to Budapest."),
        ("PARIS (AFP) - Le sommet aura lieu à Budapest. Suite.", "fr", "Le sommet aura lieu à Budapest."),
        ("WASHINGTON, D.C. — The president will go there. More.", "en", "The president will go there."),
        ("LOS ANGELES, Oct. 17 (UPI) -- The film opens today. More.", "en", "The film opens today."),
        ("Rio de Janeiro (Reuters) – O presidente vai viajar. Mais.", "pt", "O presidente vai viajar."),
        ("واشنطن (رويترز) - قال الرئيس إنه سيذهب. ثم", "ar", "قال الرئيس إنه سيذهب."),
        ("PSG - OM, une finale très attendue. Suite.", "fr", "PSG - OM, une finale très attendue."),
        ("Macron (LREM) – le président – a parlé. Suite.", "fr", "Macron (LREM) – le président – a parlé."),
        (
            "SONDAGE. Les Français attendent le sommet. Suite.",
            "fr",
            "SONDAGE. Les Français attendent le sommet.",
        ),
        (
            "Vitamine\xa0A\xa0. Il en faut à tout le monde. Suite.",
            "fr",
            "Vitamine\xa0A\xa0. Il en faut à tout le monde.",
        ),
        ("****", "und", "****"),
        ("", "und", ""),
    ],
)
def test_title_from_the_first_sentence(text: str, language: str, title: str) -> None:
    assert title_from(text, language) == title


def test_a_long_title_is_cut_between_words() -> None:
    sentence = "Le président a dit : « " + "il faudra du temps pour la paix, " * 9 + "»."
    title = title_from(sentence, "fr")
    assert LONGEST_TITLE - 20 < len(title) <= LONGEST_TITLE
    assert title.endswith("…")
    assert sentence[len(title) - 1] in " ,"


@settings(max_examples=150, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("a .e\u0301\u200d👩👧\xa0"), max_size=300),
    st.sampled_from(["fr", "zh", "und"]),
)
def test_a_title_is_short_and_keeps_graphemes_whole(text: str, language: str) -> None:
    title = title_from(text, language)
    assert len(title) <= LONGEST_TITLE
    assert "\n" not in title
    if title.endswith("…") and "…" not in text:
        borders = {found.start() for found in regex.finditer(r"\X", regex.sub(r"[ \t]+", " ", text))}
        start = regex.sub(r"[ \t]+", " ", text).find(title[:-1])
        assert start + len(title) - 1 in borders


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, "en"),
        (FRENCH, "fr"),
        (FRENCH.upper(), "fr"),
        ("Wo wird das Gipfeltreffen stattfinden?", "de"),
        ("¿Dónde se celebrará la cumbre?", "es"),
        ("Где состоится встреча на высшем уровне?", "ru"),
        ("أين ستعقد القمة؟", "ar"),
        ("首脑会议将在哪里举行?", "zh"),
        (" \n" * 5000 + FRENCH, "fr"),
        (FRENCH * 100 + ENGLISH * 10_000, "fr"),
    ],
)
def test_detected_languages(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize("text", ["", " ", "42", "😀", "Budapest", "3,14 + 2", "xqzt vbnm", "\0", "\ud800"])
def test_too_little_to_tell_a_language_by(text: str) -> None:
    assert detect_language(text) == "und"
    assert detect_language(text, default="en") == "en"


def test_loading_imports_nothing_heavy() -> None:
    heavy = "{'py3langid', 'yaml'}"
    program = f"import index.load, sys; print(*{heavy} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", program], check=True, cwd=SEEDS.parent, capture_output=True)
    assert found.stdout.split() == []
