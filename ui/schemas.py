"""What programs are told: each type as plain data for JSON, the same from `--json` and from REST.

Moments are ISO 8601. Texts come in pieces with a mark where clients draw a part of them otherwise, so that
nobody has to slice. `start` and `end` say where a text stands in its article, in Unicode code points.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # imported lazily everywhere in ui/: `groundwire --help` needs none of it
    from index.feedback import Feedback
    from index.types import AddReport, Article, Finding, Hit, Stats
    from qa.evaluate import Evaluation, Figures, Measured
    from qa.types import Answer, ArticleReference, Excerpt

Json = dict[str, Any]
ArticleOf = Callable[[str, str], "Article"]
"""Gives the article with an id, in the version with a hash: `Archive.get` does."""

ID_LENGTH = 24  # hexadecimal digits

# JSON may hold these as they are, terminals would take them for commands.
CONTROLS = re.compile(r"[\x7f-\x9f]")


def as_text(document: Json) -> str:
    """The document as JSON that is readable, in any script, and harmless to a terminal."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def answer_as_json(answer: "Answer", article_of: ArticleOf) -> Json:
    return {
        "id": answer_id(answer),
        "question": answer.question,
        "asked": answer.asked or answer.question,
        "about": answer.about,
        "found": answer.found,
        "text": answer.text,
        "confidence": float(answer.confidence),
        "certain": answer.certain,
        "excerpts": [quotation_as_json(excerpt, article_of) for excerpt in answer.excerpts],
        "related": [quotation_as_json(excerpt, article_of) for excerpt in answer.related],
        "as_of": _moment(answer.as_of),
        "language": answer.language,
        "timings": {step: round(seconds, 4) for step, seconds in answer.timings.items()},
    }


def answer_id(answer: "Answer") -> str:
    """The same for the same question with the same quotations: what feedback is about."""
    quoted = [
        (each.article.id, each.article.content_hash, each.start, each.end, each.highlights)
        for each in (*answer.excerpts, *answer.related)
    ]
    canonical = json.dumps([answer.question, answer.asked, answer.found, answer.text, quoted])
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()[:ID_LENGTH]


def quotation_as_json(excerpt: "Excerpt", article_of: ArticleOf) -> Json:
    """An excerpt with the link that opens its article at the quoted words, null where there is none."""
    from index.errors import NotFound

    try:
        article = article_of(excerpt.article.id, excerpt.article.content_hash)
        link = _link(article, excerpt.start, excerpt.end)
    except NotFound:  # removed since it was quoted
        link = None
    return {**excerpt_as_json(excerpt), "deep_link": link}


def stored_quotation_as_json(article: "Article", start: int, end: int, marks: "Sequence[tuple[int, int]]") -> Json:
    """What stands in an article from `start` to `end`, as answers tell it; BadInput where there is less."""
    from index.errors import BadInput
    from qa.types import ArticleReference, Excerpt

    borders = [start, *(place for mark in marks for place in mark), end]
    if not start < end <= len(article.text) or borders != sorted(borders):
        raise BadInput(
            f"from {start} to {end} nothing can be quoted of {len(article.text)} characters with those marks; "
            "give start and end of the quotation, and the marks in order between them"
        )
    excerpt = Excerpt(ArticleReference.of(article), start, end, article.text[start:end], tuple(marks), 0.0)
    told = quotation_as_json(excerpt, lambda _id, _hash: article)
    return {name: value for name, value in told.items() if name != "score"}


def excerpt_as_json(excerpt: "Excerpt") -> Json:
    return {
        "article": reference_as_json(excerpt.article),
        "start": excerpt.start,
        "end": excerpt.end,
        "text": excerpt.text,
        "pieces": [{"text": piece.text, "mark": piece.mark} for piece in excerpt.pieces],
        "score": float(excerpt.score),
    }


def reference_as_json(reference: "ArticleReference") -> Json:
    return {
        "id": reference.id,
        "title": reference.title,
        "url": reference.url,
        "source": reference.source,
        "section": reference.section,
        "published": _moment(reference.published),
        "language": reference.language,
        "content_hash": reference.content_hash,
    }


def head_as_json(article: "Article") -> Json:
    """All of an article but its text."""
    return {
        "id": article.id,
        "title": article.title,
        "url": article.url,
        "source": article.source,
        "author": article.author,
        "section": article.section,
        "published": _moment(article.published),
        "language": article.language,
        "content_hash": article.content_hash,
    }


def article_as_json(article: "Article") -> Json:
    return {**head_as_json(article), "text": article.text}


def articles_as_json(articles: "Iterable[Article]", total: int) -> Json:
    """`total`: how many there are, of which these may be the first."""
    return {"articles": [head_as_json(article) for article in articles], "total": total}


def hit_as_json(rank: int, hit: "Hit", article: "Article") -> Json:
    passage = hit.passage
    return {
        "rank": rank,
        "score": float(hit.score),
        "by": hit.by,
        "article": head_as_json(article),
        "passage": {"id": passage.id, "start": passage.start, "end": passage.end, "text": passage.text},
        "deep_link": _link(article, passage.start, passage.end),
    }


def hits_as_json(query: str, found: "Iterable[tuple[Hit, Article]]") -> Json:
    return {
        "query": query,
        "hits": [hit_as_json(rank, hit, article) for rank, (hit, article) in enumerate(found, 1)],
    }


def feedback_as_json(said: "Sequence[Feedback]", total: int) -> Json:
    """`total`: how much there is, of which this may be the newest."""
    return {"feedback": [{**asdict(one), "at": one.at.isoformat()} for one in said], "total": total}


def stats_as_json(stats: "Stats") -> Json:
    return {**asdict(stats), "oldest": _moment(stats.oldest), "newest": _moment(stats.newest)}


def findings_as_json(findings: "Sequence[Finding]") -> Json:
    return {"ok": all(finding.ok for finding in findings), "findings": [asdict(finding) for finding in findings]}


def report_as_json(report: "AddReport") -> Json:
    return asdict(report)


def removal_as_json(removed: list[str], unknown: list[str]) -> Json:
    return {"removed": removed, "unknown": unknown}


def evaluation_as_json(evaluation: "Evaluation", failures: int = 0) -> Json:
    """`failures`: how many of the worst wrong answers are named, by the ids of their questions."""
    from qa.scoring import reliability

    return {
        "complete": evaluation.complete,
        "asked": evaluation.asked,
        "figures": figures_as_json(evaluation.figures),
        "by_language": {name: figures_as_json(figures) for name, figures in evaluation.by_language.items()},
        "by_kind": {name: figures_as_json(figures) for name, figures in evaluation.by_kind.items()},
        "reliability": [asdict(each) for each in reliability(evaluation.confidence, evaluation.right)],
        "failures": [row.expected.id for row in evaluation.failures(failures)],
        "questions": [measured_as_json(row) for row in evaluation.rows],
    }


def figures_as_json(figures: "Figures") -> Json:
    """Shares are from 0 to 1, null where there is nothing that they could be a share of."""
    return {
        "questions": figures.questions,
        "answerable": figures.answerable,
        "answered": figures.answered,
        **{f"recall@{k}": value for k, value in figures.recall.items()},
        "excerpt@1": figures.excerpt_at_1,
        "exact_match": figures.exact_match,
        "f1": figures.f1,
        "precision": figures.precision,
        "abstention_precision": figures.abstention_precision,
        "abstention_recall": figures.abstention_recall,
        "coverage_at_95_precision": figures.coverage_at_95,
        "expected_calibration_error": figures.calibration_error,
        "auroc": figures.auroc,
        "quotations": figures.quotations,
        "citation_integrity": figures.citation_integrity,
        "seconds": {step: asdict(taken) for step, taken in figures.seconds.items()},
    }


def measured_as_json(row: "Measured") -> Json:
    """A question with what was expected and what came of it; `quotation` is the best, shown as an answer or not."""
    expected, answer = row.expected, row.answer
    quotations = (*answer.excerpts, *answer.related)
    return {
        "id": expected.id,
        "question": expected.question,
        "language": expected.language,
        "kind": expected.kind,
        "answerable": expected.answerable,
        "expected": [answer.text for answer in expected.answers],
        "found": answer.found,
        "confidence": float(answer.confidence),
        "text": answer.text,
        "quotation": excerpt_as_json(quotations[0]) if quotations else None,
        "rank": row.rank,
        "right": row.right,
        "exact_match": row.exact_match,
        "f1": row.f1,
        "quotations": row.quotations,
        "intact": row.intact,
        "seconds": round(row.seconds, 4),
    }


def error_as_json(kind: str, message: str) -> Json:
    """`kind`: the name of the error's class, as in index/errors.py."""
    return {"error": {"kind": kind, "message": message}}


def _link(article: "Article", start: int, end: int) -> str | None:
    from ui.deep_links import deep_link

    return deep_link(article.url, article.text, start, end)


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
