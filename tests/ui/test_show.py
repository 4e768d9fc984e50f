"""What people read: wrapped in a terminal, plain where it is piped, and never markup or commands."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from index.types import Article
from tests.ui.answers import ARTICLE, FOUND, NOT_FOUND, excerpt_of
from ui import show
from ui.languages import dateline, language_name
from ui.show import shortened
from ui.terminal import clean, output


def printed(what: object, width: int | None = None, styled: bool = False) -> str:
    """What `show` prints of an answer or an article, in a terminal of that width or else in a pipe."""
    file = io.StringIO()
    console = Console(
        file=file,
        width=width,
        force_terminal=width is not None,
        color_system="standard" if styled else None,
        highlight=False,
        legacy_windows=False,
    )
    if isinstance(what, Article):
        show.article(console, what)
    else:
        show.answer(console, what)  # type: ignore[arg-type]
    return file.getvalue()


def test_a_piped_answer_is_plain_and_marks_the_words_that_answer() -> None:
    assert printed(FOUND) == (
        "Budapest [1]\n"
        "\n"
        "[1] The summit will be held in **Budapest**, they said.\n"
        "    A summit · Example Times · 17 Oct 2025 · English · https://example.org/summit\n"
    )


def test_in_a_terminal_the_words_that_answer_are_bold() -> None:
    shown = printed(FOUND, width=90, styled=True)
    assert shown.startswith("\x1b[1mBudapest [1]\x1b[0m\n")
    assert "held in \x1b[1;4mBudapest\x1b[0m, they said." in shown
    assert "**" not in shown


def test_without_an_answer_related_reading_is_shown_and_nothing_marked() -> None:
    shown = printed(NOT_FOUND)
    assert shown.startswith("The articles do not say.\n\nRelated reading:\n\n  - The summit")
    assert "**" not in shown and "[1]" not in shown
    assert printed(replace(NOT_FOUND, related=())) == "The articles do not say.\n"


@pytest.mark.parametrize("width", [24, 40, 90, 300])
def test_lines_fit_the_terminal_and_are_comfortable_to_read(width: int) -> None:
    long = replace(ARTICLE, text="Des mots, et encore des mots. " * 40)
    shown = printed(replace(FOUND, excerpts=(excerpt_of(long, 0, 1199),)), width=width)
    lines = shown.splitlines()
    assert max(map(len, lines)) <= min(width, 90)
    assert all(line.startswith("    ") for line in lines[3:] if line)
    assert not any(line.endswith(" ") for line in lines)


def test_what_is_piped_has_the_lines_of_the_article_only() -> None:
    article = replace(ARTICLE, text="mot " * 200 + "\n\nfin\tavec tabulation")
    assert printed(article).splitlines()[-3:] == [("mot " * 200).strip(), "", "fin\tavec tabulation"]


@pytest.mark.parametrize("width", [None, 60])
def test_an_article_is_shown_as_it_is_and_commands_no_terminal(width: int | None) -> None:
    article = replace(
        ARTICLE,
        title="[bold]A title[/bold] \x9b31m",
        text="[red]not red[/red] [link=file:///etc] :smile: \x1b[31mnor this\x1b]0;title\x07 \x9b2J \u202eback",
        source="[blink]Times",
        author="\x1b[5mWriter",
    )
    found = replace(FOUND, text="[u]Budapest[/u] \x1b[2J", excerpts=(excerpt_of(article, 0, len(article.text)),))
    for shown in (printed(article, width), printed(found, width)):
        assert not set(shown) & set("\x1b\x9b\x07\u202e")
        assert "[red]not red[/red]" in shown and ":smile:" in shown and "\ufffd[31mnor" in shown
        assert "[bold]A title[/bold]" in shown


def test_no_color_means_no_escape_sequences_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert output().color_system is not None
    monkeypatch.setenv("NO_COLOR", "1")
    assert output().color_system is None


def test_clean_keeps_every_script_and_the_places_of_what_it_takes_out() -> None:
    assert clean("l’été\tàéß Привет 你好 العربية 🇫🇷\n") == "l’été\tàéß Привет 你好 العربية 🇫🇷\n"
    assert clean("a\x00b\rc\x85d") == "a\ufffdb\ufffdc\ufffdd"


def test_a_passage_is_shortened_around_a_word_of_the_query() -> None:
    text = "début " + "mot " * 100 + "missiles Tomahawk " + "mot " * 100
    short = shortened(text, "les Tomahawks ou tomahawk")
    assert "Tomahawk" in short and short.startswith("… ") and short.endswith(" …") and len(short) <= 284
    assert shortened(text, "rien ?").startswith("début")
    assert shortened("court", "x") == "court"
    assert len(shortened("字" * 1000, "字字字")) <= 284


def test_datelines_leave_out_what_is_not_known() -> None:
    assert dateline(ARTICLE) == "Example Times · 17 Oct 2025 · English"
    assert dateline(Article("id", "text")) == ""
    assert (language_name("fr"), language_name("xx")) == ("French", "xx")
