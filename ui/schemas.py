"""What programs are told: each type as plain data for JSON, the same from `--json` and from REST.

Moments are ISO 8601. Texts come in pieces with a mark where clients draw a part of them otherwise, so that
nobody has to slice. `start` and `end` say where a text stands in its article, in Unicode code points.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # imported lazily everywhere in ui/: `groundwire --help` needs none of it
    from index.types import AddReport, Article, Finding, Hit, Stats
    from qa.types import Answer, ArticleReference, Excerpt

Json = dict[str, Any]

# JSON may hold these as they are, terminals would take them for commands.
CONTROLS = re.compile(r"[\x7f-\x9f]")


def as_text(document: Json) -> str:
    """The document as JSON that is readable, in any script, and harmless to a terminal."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def answer_as_json(answer: "Answer") -> Json:
    return {
        "question": answer.question,
        "found": answer.found,
        "text": answer.text,
        "confidence": float(answer.confidence),
        "certain": answer.certain,
        "excerpts": [excerpt_as_json(excerpt) for excerpt in answer.excerpts],
        "related": [excerpt_as_json(excerpt) for excerpt in answer.related],
        "as_of": _moment(answer.as_of),
        "language": answer.language,
        "timings": {step: round(seconds, 4) for step, seconds in answer.timings.items()},
    }


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
    }


def hits_as_json(query: str, found: "Iterable[tuple[Hit, Article]]") -> Json:
    return {
        "query": query,
        "hits": [hit_as_json(rank, hit, article) for rank, (hit, article) in enumerate(found, 1)],
    }


def stats_as_json(stats: "Stats") -> Json:
    return {**asdict(stats), "oldest": _moment(stats.oldest), "newest": _moment(stats.newest)}


def findings_as_json(findings: "Sequence[Finding]") -> Json:
    return {"ok": all(finding.ok for finding in findings), "findings": [asdict(finding) for finding in findings]}


def report_as_json(report: "AddReport") -> Json:
    return asdict(report)


def removal_as_json(removed: list[str], unknown: list[str]) -> Json:
    return {"removed": removed, "unknown": unknown}


def error_as_json(kind: str, message: str) -> Json:
    """`kind`: the name of the error's class, as in index/errors.py."""
    return {"error": {"kind": kind, "message": message}}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
