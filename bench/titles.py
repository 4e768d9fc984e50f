"""Whether a passage is found better with its article's title embedded before it: `python -m bench.titles`.

Paragraphs of SQuAD's and PIAF's training parts with their questions, and Debian's French news with English
heads; by vectors alone.
"""

import random
from collections.abc import Sequence

import numpy as np

from bench.data import parser, squad, table
from bench.retrieval import debian
from index.embed import FastEmbedder


def reciprocal_rank(
    embedder: FastEmbedder, texts: Sequence[str], queries: Sequence[str], right: Sequence[int]
) -> float:
    """Mean over the queries, each with the place of its right text."""
    passages = embedder.embed_passages(texts)
    scores = np.stack([embedder.embed_query(query) for query in queries]) @ passages.T
    own = scores[np.arange(len(right)), right]
    ranks = 1 + (scores > own[:, None]).sum(axis=1)
    return float((1 / ranks).mean())


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--questions", type=int, default=1000)
    options = arguments.parse_args()
    embedder = FastEmbedder()
    sets: list[tuple[str, list[tuple[str, str]], list[tuple[str, int]]]] = []
    for name, file, part in (
        ("SQuAD, training part", "squad-1.1-train-part.json.gz", slice(None)),
        ("PIAF, first 400 articles", "piaf-1.1.json.gz", slice(0, 400)),
    ):
        found = squad(options.data / "qa" / file, part)
        asked = random.Random(0).sample(found.questions, options.questions)
        sets.append((name, found.paragraphs, [(each.question, each.paragraph) for each in asked]))
    news = debian(options.data / "news", to_choose=True)
    place = {article.id: number for number, article in enumerate(news.articles)}
    items = [(article.title, article.text[:800]) for article in news.articles]
    sets.append(("Debian, English head → French item", items, [(text, place[min(ids)]) for text, ids in news.queries]))
    rows = []
    for name, paragraphs, queries in sets:
        forms = ([text for _, text in paragraphs], [f"{title}\n{text}" for title, text in paragraphs])
        asked_texts, right = [text for text, _ in queries], [number for _, number in queries]
        figures = [100 * reciprocal_rank(embedder, texts, asked_texts, right) for texts in forms]
        rows.append([name, *(f"{figure:.1f}" for figure in figures)])
        print(" | ".join(rows[-1]), flush=True)
    print("\n" + table(["set", "MRR, text alone", "MRR, title before it"], rows))


if __name__ == "__main__":
    main()
