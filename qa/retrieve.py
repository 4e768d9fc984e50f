"""Question → passages worth reading, each with the sentences that may be quoted."""

from contextlib import suppress

import regex

from index.archive import Archive
from index.boilerplate import kind_of_boilerplate
from index.embed import FastEmbedder
from index.errors import NotFound
from index.sentences import Span, paragraphs, sentences_of
from index.types import Article, Filters, Passage
from qa.types import LONG_AGO, Candidate

# On held-out questions the surest answer of three passages is right as often as of four, and told from wrong ones as
# well (`python -m bench.calibration --passages N`); reading is most of what an answer takes.
PASSAGES_READ = 3


def retrieve(archive: Archive, question: str, filters: Filters, most: int = PASSAGES_READ) -> list[Candidate]:
    """The best passages that hold news, best first; of those with the same text, the newest."""
    candidates: dict[str, Candidate] = {}
    # What a cosine means, each model has its own way.
    comparable = archive.embedder.name == FastEmbedder.name
    # Some hits may be boilerplate through and through, or reprints.
    for hit in archive.search(searched(question), limit=5 * most, filters=filters):
        passage = hit.passage
        known = candidates.get(passage.text)
        if known is None and len(candidates) == most:
            continue
        with suppress(NotFound):  # removed since the search
            article = archive.get(passage.article_id)
            if article.text[passage.start : passage.end] != passage.text:
                continue  # updated since the search
            if known and (known.article.published or LONG_AGO) >= (article.published or LONG_AGO):
                continue
            if quotable := tuple(quotable_sentences(archive, article, passage)):
                rank = known.rank if known else len(candidates) + 1
                candidates[passage.text] = Candidate(
                    passage, article, rank, quotable, hit.similarity if comparable else None
                )
    return list(candidates.values())


def searched(question: str) -> str:
    """With a capital, however it was typed: the model tells the two apart."""
    return regex.sub(r"\p{L}", lambda first: first.group().upper(), question, count=1)


def quotable_sentences(archive: Archive, article: Article, passage: Passage) -> list[Span]:
    """The passage's sentences, but for those of paragraphs that are no news."""
    spans = [(start, end) for start, end in paragraphs(article.text) if start < passage.end and passage.start < end]
    texts = [article.text[slice(*span)] for span in spans]
    repeated = archive.repeated_paragraphs(article, texts)
    news = [
        span
        for span, text, is_repeated in zip(spans, texts, repeated, strict=True)
        if not is_repeated and kind_of_boilerplate(text) is None
    ]
    return [
        (start, end)
        for span in news
        for start, end in sentences_of(article.text, span, article.language)
        # Also one that the splitter had to cut, for it is longer than the model reads.
        if start < passage.end and passage.start < end
    ]
