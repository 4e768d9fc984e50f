"""How follow-up questions are understood: `python -m bench.followups --data FOLDER --db news.db`.

Three measures. Conversations of our own, two turns each, half of the second ones standing alone: the rules were tuned
on some, others were written afterwards and held out, and both are reported, with the rank of the expected article when
the archive `--db` (bench.ingest makes one) is asked the second question as it was typed, and as it was understood;
those about the sample article are asked of that one alone, passage by passage. Questions of our own, each after an
unrelated one, none of which may change. And the public set MTRAG: the words that a question, typed and understood, has
in common with the one that a person wrote in its place.
"""

import gzip
import json
import random
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.data import parser, table
from bench.retrieval import recall, reciprocal_rank
from index.archive import Archive
from index.load import load_articles
from index.types import FoundBy
from index.words import content_stems
from qa.followup import understood
from qa.types import Turn

QUESTIONS = Path(__file__).parent / "questions"
SEEDS = Path(__file__).parents[1] / "seeds"
DEPTH = 10
BY: FoundBy = "fused"


@dataclass(frozen=True)
class Conversation:
    """Two turns; the article and the text that should answer the second, where there are any."""

    turn: Turn
    second: str
    stands_alone: bool
    held_out: bool
    article: str | None
    text: str | None

    @property
    def understood(self) -> str:
        return understood(self.second, [self.turn]).question

    @property
    def left_alone(self) -> bool:
        return understood(self.second, [self.turn]).about is None


def conversations() -> list[Conversation]:
    lines = (QUESTIONS / "conversations.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        Conversation(
            Turn(each["first"], each["answer"]),
            each["second"],
            each["stands_alone"],
            each["held_out"],
            each["article"],
            each["text"],
        )
        for each in map(json.loads, lines)
    ]


def halves(found: Sequence[Conversation]) -> dict[str, list[Conversation]]:
    return {
        "tuned on": [each for each in found if not each.held_out],
        "held out": [each for each in found if each.held_out],
    }


def decisions(found: Sequence[Conversation]) -> list[str]:
    alone = [each for each in found if each.stands_alone]
    leaning = [each for each in found if not each.stands_alone]
    return [
        f"{sum(each.left_alone for each in alone)} of {len(alone)}",
        f"{sum(not each.left_alone for each in leaning)} of {len(leaning)}",
    ]


def ranks(archive: Archive, found: Iterable[Conversation], complete: bool, of_passage: bool) -> list[list[int]]:
    """For each, the rank of the expected article, or of the first passage that holds the expected text."""
    ranked: list[list[int]] = []
    for each in found:
        hits = archive.search(each.understood if complete else each.second, limit=5 * DEPTH, by=BY)
        if of_passage:
            right = [bool(each.text) and str(each.text) in hit.passage.text for hit in hits]
        else:
            order = dict.fromkeys(hit.passage.article_id for hit in hits)
            right = [article == each.article for article in order]
        ranked.append([rank for rank, is_right in enumerate(right, 1) if is_right])
    return ranked


def retrieval(archive: Archive, found: Sequence[Conversation], of_passage: bool) -> list[list[str]]:
    held = {article.id for article in archive.articles()}
    rows = []
    for half, part in halves(found).items():
        for kind, alone in (("follow-ups", False), ("standing alone", True)):
            asked = [e for e in part if e.stands_alone == alone and e.article in held and (e.text or not of_passage)]
            if not asked:
                continue
            cells = []
            for complete in (False, True):
                places = ranks(archive, asked, complete, of_passage)
                cells += [f"{100 * recall(DEPTH)(places):.0f}", f"{100 * reciprocal_rank(places):.1f}"]
            rows.append([f"{kind}, {half}", str(len(asked)), *cells])
    return rows


def unrelated() -> str:
    """How many questions change after an unrelated one."""
    files = (QUESTIONS / "french-news.jsonl", SEEDS / "questions.jsonl")
    asked = [json.loads(line)["question"] for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    chance = random.Random(0)
    changed = sum(understood(each, [Turn(chance.choice(asked), "")]).question != each for each in asked)
    return f"after an unrelated question: {changed} of {len(asked)} changed"


def mtrag(folder: Path) -> list[list[str]]:
    """Second and later turns of MTRAG's English conversations, of which only the questions are known."""
    asked, rewritten = (_mtrag_lines(folder / f"mtrag-{part}.jsonl.gz") for part in ("questions", "rewrite"))
    groups: dict[str, list[tuple[float, float, bool]]] = {"standing alone": [], "follow-ups": []}
    for identifier, turns in asked.items():
        if len(turns) == 1:
            continue
        history: list[Turn] = []
        for question in turns[:-1]:
            history.append(Turn(understood(question, history).question, ""))
        meant = understood(turns[-1], history)
        wanted, typed = content_stems(rewritten[identifier][0], "en"), content_stems(turns[-1], "en")
        before = set().union(*(content_stems(question, "en") for question in turns[:-1]))
        if not wanted - typed:
            group = "standing alone"
        elif (wanted - typed) & before:
            group = "follow-ups"
        else:  # the rewrite's new words come from an answer, which is not there, or from nowhere
            continue
        groups[group].append(
            (_overlap(typed, wanted), _overlap(content_stems(meant.question, "en"), wanted), meant.about is None)
        )
    return [
        [
            f"{name} ({part})",
            str(len(chosen)),
            f"{sum(alone for _, _, alone in chosen)}",
            *(f"{100 * sum(each[column] for each in chosen) / max(1, len(chosen)):.1f}" for column in (0, 1)),
        ]
        for name, found in groups.items()
        for part, chosen in (("all", found), ("completed", [each for each in found if not each[2]]))
    ]


def _mtrag_lines(path: Path) -> dict[str, list[str]]:
    if not path.is_file():
        raise SystemExit(f"there is no {path}; name the folder that holds the sets with --data")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = map(json.loads, file)
        return {line["_id"]: [each.strip() for each in line["text"].split("|user|:") if each.strip()] for line in lines}


def _overlap(found: set[str], wanted: set[str]) -> float:
    """F1 of two sets of words."""
    return 2 * len(found & wanted) / (len(found) + len(wanted)) if found or wanted else 1.0


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--db", help="an archive of the French news")
    options = arguments.parse_args()
    found = conversations()
    rows = [[half, *decisions(part)] for half, part in halves(found).items()]
    print(table(["conversations", "standing alone, untouched", "follow-ups, completed"], rows))
    print("\n" + unrelated() + "\n")
    head = ["", "questions", "typed: recall@10", "MRR", "understood: recall@10", "MRR"]
    if options.db:
        with Archive.open(options.db) as archive:
            print(table(["article of the news", *head[1:]], retrieval(archive, found, of_passage=False)) + "\n")
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "sample.db") as archive:
        archive.add(load_articles(SEEDS))
        print(table(["passage of the sample article", *head[1:]], retrieval(archive, found, of_passage=True)) + "\n")
    head = ["MTRAG", "questions", "left alone", "F1 with the rewrite: typed", "understood"]
    print(table(head, mtrag(options.data / "followups")))


if __name__ == "__main__":
    main()
