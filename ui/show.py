"""What people read in the terminal. Text of articles goes through `clean` and `Text`: it is never markup."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from ui.languages import language_name
from ui.terminal import clean

if TYPE_CHECKING:
    from index.types import AddReport, Article, Finding, Hit, Stats
    from qa.types import Answer, ArticleReference, Excerpt

WIDEST = 90  # columns that are comfortable to read
SHORTENED = 280  # characters of a passage in a list of hits
MOST_SOURCES = 8
MARKED = "bold underline"


def answer(console: Console, found: "Answer") -> None:
    """The answer with its numbered quotations, or that there is none, with what may be worth reading."""
    if found.found:
        _print(console, Text(clean(found.text), "bold"))
        for number, excerpt in enumerate(found.excerpts, 1):
            console.print()
            _quotation(console, f"[{number}] ", excerpt, marks=True)
        return
    _print(console, Text("The articles do not say.", "bold"))
    if found.related:
        console.print()
        _print(console, Text("Related reading:"))
    for excerpt in found.related:
        console.print()
        # Nothing is marked: this is no answer.
        _quotation(console, "  - ", excerpt, marks=False)


def _quotation(console: Console, label: str, excerpt: "Excerpt", marks: bool) -> None:
    styled = console.color_system is not None
    text = Text()
    for piece in excerpt.pieces:
        words = clean(piece.text)
        if not (piece.mark and marks):
            text.append(words)
        elif styled:
            text.append(words, MARKED)
        else:
            text.append(f"**{words}**")
    _print(console, text, label)
    _print(console, Text(dateline(excerpt.article, excerpt.article.title), "dim"), " " * len(label))


def dateline(article: "ArticleReference | Article", *before: str) -> str:
    """Where something stands: `before`, then source, date, language and address, whichever are known."""
    language = "" if article.language == "und" else language_name(article.language)
    parts = [*before, article.source, _day(article.published), language, article.url]
    return " · ".join(_one_line(part) for part in parts if part)


def hits(console: Console, query: str, found: "Iterable[tuple[Hit, Article]]") -> None:
    for rank, (hit, article) in enumerate(found, 1):
        label = f"{rank:>3}. "
        indent = " " * len(label)
        if rank > 1:
            console.print()
        _print(console, Text(_one_line(article.title), "bold"), label)
        _print(console, Text(_one_line(shortened(hit.passage.text, query))), indent)
        _print(console, Text(dateline(article, f"{hit.score:.4f} {hit.by}", article.id), "dim"), indent)


def shortened(text: str, query: str, longest: int = SHORTENED) -> str:
    """The text, or as much as fits of it around the first word that the query has too, cut between words."""
    if len(text) <= longest:
        return text
    words = [re.escape(word) for word in re.findall(r"\w{3,}", query)]
    first = re.search(rf"\b(?:{'|'.join(words)})", text, re.IGNORECASE) if words else None
    start = max(0, min(first.start() - longest // 3, len(text) - longest)) if first else 0
    end = min(len(text), start + longest)
    # Languages without spaces are cut where it falls.
    if start and (space := text.find(" ", start, start + 30)) >= 0:
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", end - 30, end)) >= 0:
        end = space
    return ("… " if start else "") + text[start:end].strip() + (" …" if end < len(text) else "")


def article(console: Console, shown: "Article") -> None:
    """A whole article below what is known of it."""
    _print(console, Text(clean(shown.title), "bold"))
    parts = [*(part for part in (shown.author, shown.section) if part)]
    _print(console, Text(dateline(shown, *parts), "dim"))
    _print(console, Text(f"id {_one_line(shown.id)}", "dim"))
    console.print()
    _print(console, Text(clean(shown.text)))


def articles(console: Console, shown: "Sequence[Article]") -> None:
    """A table in a terminal; otherwise a line for each article, its fields parted by tabs."""
    if not console.is_terminal:
        for one in shown:
            day = one.published.date().isoformat() if one.published else ""
            fields = (one.id, one.title, one.source or "", day, one.language)
            console.print(Text("\t".join(map(_one_line, fields))), soft_wrap=True)
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    longest_id = max(len(one.id) for one in shown)
    table.add_column("id", overflow="fold", min_width=min(longest_id, console.width // 3))
    table.add_column("title", overflow="fold", ratio=1)
    table.add_column("source", overflow="fold", max_width=20)
    table.add_column("date", no_wrap=True)
    table.add_column("language", no_wrap=True)
    for one in shown:
        cells = (one.id, one.title, one.source or "", _day(one.published), language_name(one.language))
        table.add_row(*(Text(_one_line(cell)) for cell in cells))
    console.print(table)


def added(console: Console, report: "AddReport", db: str) -> None:
    counts = f"added {report.added:,}, updated {report.updated:,}, unchanged {report.unchanged:,}"
    rejected = f", rejected {len(report.rejected):,}" if report.rejected else ""
    _print(console, Text(clean(f"{counts}{rejected}; {report.passages:,} new passages in {db}")))


def stats(console: Console, held: "Stats", db: str) -> None:
    dates = " – ".join(dict.fromkeys(_day(moment) for moment in (held.oldest, held.newest) if moment))
    languages = {language_name(code): count for code, count in held.languages.items()}
    rows = {
        "archive": db,
        "articles": f"{held.articles:,} ({held.versions:,} versions)",
        "passages": f"{held.passages:,}",
        "languages": _tally(languages),
        "sources": _tally(held.sources),
        "published": dates or "unknown",
        "model": f"{held.model} ({held.dimension} dimensions)",
        "vectors": held.vector_index,
        "revision": f"{held.revision:,}",
        "size": f"{held.bytes_on_disk / 1e6:,.1f} MB",
    }
    for label, value in rows.items():
        _print(console, Text(_one_line(value)), f"{label:<11}")


def _tally(counts: dict[str, int]) -> str:
    most = [f"{name or 'unknown'} {count:,}" for name, count in list(counts.items())[:MOST_SOURCES]]
    more = len(counts) - len(most)
    return ", ".join(most) + (f" and {more:,} more" if more else "") if counts else "none"


def findings(console: Console, seen: "Iterable[Finding]") -> None:
    for finding in seen:
        state = Text("ok     ", "green") if finding.ok else Text("DAMAGED", "bold red")
        line = Text.assemble(state, f"  {finding.part:<11}", _one_line(finding.detail))
        console.print(line, soft_wrap=True)


def _print(console: Console, text: Text, label: str = "") -> None:
    """Print text behind a label, wrapped and indented in a terminal; what is piped has its own lines only."""
    width = min(WIDEST, console.width) - len(label)
    lines = text.wrap(console, max(width, 20)) if console.is_terminal else text.split("\n", allow_blank=True)
    for number, line in enumerate(lines):
        console.print(Text.assemble(label if number == 0 else " " * len(label), line), soft_wrap=True)


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())


def _day(moment: datetime | None) -> str:
    return f"{moment.day} {moment:%b %Y}" if moment else ""
