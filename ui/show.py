"""What people read in the terminal. Text of articles goes through `clean` and `Text`: it is never markup."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from ui.languages import dateline, day, language_name
from ui.terminal import clean

if TYPE_CHECKING:
    from index.feedback import Feedback
    from index.types import AddReport, Article, Finding, Hit, Stats
    from qa.evaluate import Evaluation, Figures, Measured
    from qa.types import Answer, ArticleReference, Excerpt

WIDEST = 90  # columns that are comfortable to read
SHORTENED = 280  # characters of a passage in a list of hits
MOST_SOURCES = 8
MARKED = "bold underline"


def answer(console: Console, found: "Answer") -> None:
    """The answer with its numbered quotations, or that there is none, with what may be worth reading."""
    if found.found:
        _print(console, Text(clean(found.text), "bold"))
        if not found.certain:
            _print(console, Text("Not certain: the nearest that the articles come.", "dim"))
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
    _print(console, _dateline(excerpt.article, excerpt.article.title), " " * len(label))


def _dateline(article: "ArticleReference | Article", *before: str | None) -> Text:
    """Where something stands: `before`, then the dateline and the address, whichever are known."""
    parts = [*before, dateline(article), article.url]
    return Text(" · ".join(_one_line(part) for part in parts if part), "dim")


def hits(console: Console, query: str, found: "Iterable[tuple[Hit, Article]]") -> None:
    for rank, (hit, article) in enumerate(found, 1):
        label = f"{rank:>3}. "
        indent = " " * len(label)
        if rank > 1:
            console.print()
        _print(console, Text(_one_line(article.title), "bold"), label)
        _print(console, Text(_one_line(shortened(hit.passage.text, query))), indent)
        _print(console, _dateline(article, f"{hit.score:.4f} {hit.by}", article.id), indent)


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
    _print(console, _dateline(shown, shown.author, shown.section))
    _print(console, Text(f"id {_one_line(shown.id)}", "dim"))
    console.print()
    _print(console, Text(clean(shown.text)))


def articles(console: Console, shown: "Sequence[Article]") -> None:
    """A table in a terminal; otherwise a line for each article, its fields parted by tabs."""
    if console.is_terminal:
        rows = [(one.id, one.title, one.source or "", day(one.published), language_name(one.language)) for one in shown]
        _table(console, ("id", "title", "source", "date", "language"), rows)
        return
    for one in shown:
        date = one.published.date().isoformat() if one.published else ""
        fields = (one.id, one.title, one.source or "", date, one.language)
        print("\t".join(map(_one_line, fields)), file=console.file)


def feedback(console: Console, said: "Sequence[Feedback]") -> None:
    """A line for each: when, good or bad, of which question, and the reader's own words."""
    for one in said:
        fields = (f"{one.at:%Y-%m-%d %H:%M}", one.verdict, one.question or "", one.comment or "", one.answer)
        print("\t".join(map(_one_line, fields)), file=console.file)


def _table(console: Console, headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """A table in which the second column has what space the others leave."""
    from rich.table import Table

    cells = [[_one_line(cell) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(headings, *cells, strict=True)]
    widths[0] = min(widths[0], console.width // 3)
    widths[2] = min(widths[2], console.width // 5)
    others = sum(widths) - widths[1] + 2 * len(widths)
    widths[1] = min(widths[1], max(console.width - others, 8))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading, width in zip(headings, widths, strict=True):
        table.add_column(heading, width=width, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    console.print(table)


def added(console: Console, report: "AddReport", db: str) -> None:
    counts = f"added {report.added:,}, updated {report.updated:,}, unchanged {report.unchanged:,}"
    rejected = f", rejected {len(report.rejected):,}" if report.rejected else ""
    _print(console, Text(clean(f"{counts}{rejected}; {report.passages:,} new passages in {db}")))


def stats(console: Console, held: "Stats", db: str) -> None:
    dates = " – ".join(dict.fromkeys(day(moment) for moment in (held.oldest, held.newest) if moment))
    languages = {language_name(code): count for code, count in held.languages.items()}
    rows = {
        "archive": db,
        "articles": f"{held.articles:,}" + (f" in {held.versions:,} versions" if held.versions > held.articles else ""),
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


def evaluation(console: Console, made: "Evaluation") -> None:
    """Every figure with what it says, how long answers took, and the main figures by language and by kind."""
    figures = made.figures
    counts = (
        f"{figures.questions:,} questions, {figures.answerable:,} of them answerable; {figures.answered:,} answered"
    )
    _print(console, Text(counts, "bold"))
    console.print()
    for label, value, meaning in _figures(figures):
        _print(console, Text(meaning, "dim"), f"{label:<26}{value:>7}  ")
    console.print()
    _print(console, Text(f"{'ms':<22}{'p50':>6}{'p95':>7}", "dim"))
    for step, taken in figures.seconds.items():
        _print(console, Text(f"{step:<20}{1000 * taken.p50:>8,.0f}{1000 * taken.p95:>7,.0f}"))
    for heading, groups in (("language", made.by_language), ("kind", made.by_kind)):
        if len(groups) > 1:
            console.print()
            _groups(console, heading, groups)


def _figures(figures: "Figures") -> list[tuple[str, str, str]]:
    silences = figures.questions - figures.answered
    unanswerable = figures.questions - figures.answerable
    return [
        *(
            (f"recall@{k}", _percent(part), f"an expected answer is in {_first(k)}")
            for k, part in figures.recall.items()
        ),
        ("excerpt@1", _percent(figures.excerpt_at_1), "the first quotation holds an expected answer"),
        ("exact match", _percent(figures.exact_match), "the marked words are an expected answer"),
        ("F1", _percent(figures.f1), "the words that both have in common"),
        ("precision", _percent(figures.precision), f"of {figures.answered:,} answers given, those that are right"),
        ("abstention precision", _percent(figures.abstention_precision), f"of {silences:,} silences, the right ones"),
        ("abstention recall", _percent(figures.abstention_recall), f"of {unanswerable:,} unanswerable, the silences"),
        ("coverage at 95% precision", _percent(figures.coverage_at_95), "if only the surest answers were given"),
        ("calibration error", _percent(figures.calibration_error), "between the confidence and being right"),
        ("AUROC", _number(figures.auroc), "answerable above unanswerable; 0.5 is chance"),
        ("citation integrity", _percent(figures.citation_integrity), f"of {figures.quotations:,} quotations"),
    ]


def _first(k: int) -> str:
    return "the first passage found" if k == 1 else f"the first {k}"


def _groups(console: Console, heading: str, groups: "dict[str, Figures]") -> None:
    named = [(language_name(name) if heading == "language" else name, figures) for name, figures in groups.items()]
    width = max(len(heading), *(cell_len(_one_line(name)) for name, _ in named))
    columns = ("questions", "recall@10", "excerpt@1", "F1", "abstention recall")
    widths = [max(len(column), len("100.0%")) + 2 for column in columns]
    _print(console, Text(f"{heading:<{width}}" + _right(columns, widths), "dim"))
    for name, figures in named:
        recall = figures.recall[max(figures.recall)]
        shares = (recall, figures.excerpt_at_1, figures.f1, figures.abstention_recall)
        cells = (f"{figures.questions:,}", *map(_percent, shares))
        label = _one_line(name)
        _print(console, Text(label + " " * (width - cell_len(label)) + _right(cells, widths)))


def _right(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))


def _percent(part: float | None) -> str:
    return "–" if part is None else f"{100 * part:.1f}%"


def _number(part: float | None) -> str:
    return "–" if part is None else f"{part:.3f}"


def failures(console: Console, worst: "Sequence[Measured]") -> None:
    """Questions with what was expected and what was said instead."""
    for row in worst:
        console.print()
        _print(console, Text(_one_line(row.expected.question), "bold"), f"{_one_line(row.expected.id)}  ")
        expected = " | ".join(_one_line(answer.text) for answer in row.expected.answers)
        _print(console, Text(expected or "that the articles do not say"), "  expected    ")
        _print(console, Text(f"{row.answer.confidence:.2f}"), "  confidence  ")
        if row.answer.excerpts:
            _quotation(console, "  said        ", row.answer.excerpts[0], marks=True)
        else:
            _print(console, Text("that the articles do not say"), "  said        ")


def _print(console: Console, text: Text, label: str = "") -> None:
    """Print text behind a label, wrapped and indented in a terminal; what is piped has its own lines only."""
    width = max(min(WIDEST, console.width) - len(label), 20)
    lines = text.wrap(console, width) if console.is_terminal else text.split("\n", allow_blank=True)
    for number, line in enumerate(lines):
        before = label if number == 0 else " " * len(label)
        if console.is_terminal:
            line.rstrip()
            console.print(Text.assemble(before, line), soft_wrap=True)
        else:  # rich would turn tabs to spaces
            print((before + line.plain).rstrip(), file=console.file)


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())
