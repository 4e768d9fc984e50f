"""Questions against whole archives, readers compared: `python -m bench.open_reading --data FOLDER --db FILE`.

All of SQuAD's dev paragraphs; all of PIAF, asked the questions of its last 80 articles; and the French news in
`--db`, as `bench.ingest` fills it, with this project's own questions. Retrieval alone is right where the first
passage holds the answer; a reader is, where its first quotation does, however sure it is.
"""

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.data import AskedOfArticle, parser, table, with_all_answers
from index.archive import Archive
from qa.assistant import Assistant
from qa.evaluate import evaluate
from qa.expected import Expected, ExpectedAnswer, load_questions
from qa.readers import BUNDLED, SENTENCE, reader_named

NEWS = Path(__file__).parent / "questions" / "french-news.jsonl"
HEAD = [
    "archive", "reader", "questions", "retrieval's first passage right", "first quotation right", "F1",
    "answerable answered", "answers right", "silent where nothing answers", "read p50 ms", "ask p50 ms",
    "ask p95 ms",
]  # fmt: skip


def measured(name: str, archive: Archive, questions: Sequence[Expected], readers: Sequence[str]) -> list[list[str]]:
    rows = []
    for reader in readers:
        found = evaluate(Assistant(archive, reader_named(reader, archive.embedder)), questions)
        figures = found.figures
        answerable = [row for row in found.rows if row.expected.answerable]
        unanswerable = [row for row in found.rows if not row.expected.answerable]
        rows.append([
            name, reader, str(len(questions)),
            shown(figures.recall[1]),
            shown(sum(row.right for row in answerable) / len(answerable)),
            shown(figures.f1),
            shown(sum(row.answer.found for row in answerable) / len(answerable)),
            shown(figures.precision),
            shown(sum(not row.answer.found for row in unanswerable) / len(unanswerable) if unanswerable else None),
            f"{1000 * figures.seconds['read'].p50:.0f}",
            f"{1000 * figures.seconds['whole'].p50:.0f}",
            f"{1000 * figures.seconds['whole'].p95:.0f}",
        ])  # fmt: skip
        print(" | ".join(rows[-1]), flush=True)
        if figures.citation_integrity != 1:
            raise SystemExit(f"{name}: a quotation does not stand where it says")
    return rows


def shown(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def squad_questions(asked: Sequence[AskedOfArticle], texts: dict[str, str], language: str) -> list[Expected]:
    """With every annotator's answer: against the first alone, many a right one would not count."""
    return [
        Expected(str(number), each.question, _answers(each, texts[each.article]), language)
        for number, each in enumerate(asked)
    ]


def _answers(asked: AskedOfArticle, text: str) -> tuple[ExpectedAnswer, ...]:
    return tuple(ExpectedAnswer(text[start:end], start, end, asked.article) for start, end in asked.answers)


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--db", type=Path, help="the French news, such as bench.ingest makes")
    arguments.add_argument("--most", type=int, default=500, help="questions of SQuAD and PIAF to take")
    arguments.add_argument("--readers", nargs="+", default=[SENTENCE, BUNDLED])
    options = arguments.parse_args()
    qa = options.data / "qa"
    rows: list[list[str]] = []
    for name, file, language, first in (
        ("SQuAD 1.1 dev", "squad-1.1-dev", "en", 0),
        ("PIAF", "piaf-1.1", "fr", 400),
    ):
        articles, asked = with_all_answers(qa / f"{file}.json.gz", language)
        late = {article.id for article in articles[first:]}
        asked = [each for each in asked if each.article in late]
        asked = random.Random(0).sample(asked, min(options.most, len(asked)))
        texts = {article.id: article.text for article in articles}
        with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "open.db") as archive:
            archive.add(articles)
            rows += measured(name, archive, squad_questions(asked, texts, language), options.readers)
    if options.db:
        with Archive.open(options.db) as archive:
            rows += measured("French news", archive, load_questions(NEWS), options.readers)
    print("\n" + table(HEAD, rows))


if __name__ == "__main__":
    main()
