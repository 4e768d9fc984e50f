"""Evidence → excerpts: whole sentences, cut from the stored text and checked against it."""

from collections.abc import Iterable, Sequence
from itertools import islice

from index.archive import Archive
from index.errors import ArchiveDamaged, NotFound
from index.sentences import Span
from qa.types import LONG_AGO, ArticleReference, Candidate, Evidence, Excerpt

# A sentence as short as "Yes." says nothing by itself: its neighbours go along.
SHORTEST_EXCERPT = 60


def cite(archive: Archive, found: Iterable[tuple[Candidate, Evidence]], limit: int, mark: bool = True) -> list[Excerpt]:
    """At most `limit` excerpts for the evidence, in their order, none twice; with the answers marked."""
    excerpts: list[Excerpt] = []
    for candidate, evidence in found:
        excerpt = _excerpt(candidate, evidence, mark)
        same = next((i for i, other in enumerate(excerpts) if _says_the_same(excerpt, other)), None)
        if same is None:
            excerpts.append(excerpt)
        elif _newer(excerpt, excerpts[same]):
            excerpts[same] = excerpt
    return list(islice((each for each in excerpts if _is_stored(archive, each)), limit))


def _excerpt(candidate: Candidate, evidence: Evidence, mark: bool) -> Excerpt:
    text = candidate.article.text
    start, end = _whole_sentences(candidate.sentences, evidence, text)
    return Excerpt(
        article=ArticleReference.of(candidate.article),
        start=start,
        end=end,
        text=text[start:end],
        highlights=((evidence.start, evidence.end),) if mark else (),
        score=evidence.probability,
    )


def _whole_sentences(sentences: Sequence[Span], evidence: Evidence, text: str) -> Span:
    touched = [i for i, (start, end) in enumerate(sentences) if start < evidence.end and evidence.start < end]
    first, last = touched[0], touched[-1]
    while sentences[last][1] - sentences[first][0] < SHORTEST_EXCERPT:
        if last + 1 < len(sentences) and _adjoin(text, sentences[last], sentences[last + 1]):
            last += 1
        elif first > 0 and _adjoin(text, sentences[first - 1], sentences[first]):
            first -= 1
        else:
            break
    return sentences[first][0], sentences[last][1]


def _adjoin(text: str, left: Span, right: Span) -> bool:
    """Whether only space is between them, and no boilerplate that was left out."""
    return not text[left[1] : right[0]].strip()


def _says_the_same(one: Excerpt, other: Excerpt) -> bool:
    """Overlapping in one article, or the same words in two, as agency copy often is."""
    if one.article.id == other.article.id and one.start < other.end and other.start < one.end:
        return True
    return one.text.casefold().split() == other.text.casefold().split()


def _newer(one: Excerpt, other: Excerpt) -> bool:
    if one.article.id == other.article.id:
        return False
    return (one.article.published or LONG_AGO) > (other.article.published or LONG_AGO)


def _is_stored(archive: Archive, excerpt: Excerpt) -> bool:
    """Whether the version it names still holds these words; ArchiveDamaged where it holds others there."""
    try:
        stored = archive.get(excerpt.article.id, excerpt.article.content_hash)
    except NotFound:  # removed while the question was being answered
        return False
    if stored.text[excerpt.start : excerpt.end] != excerpt.text:
        raise ArchiveDamaged(
            f"the article {excerpt.article.id!r} does not hold what would be quoted from it; run `groundwire check`"
        )
    return True
