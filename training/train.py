"""One training run of the reader's adapters and head, on the public questions and the project's own.

On two quiet cores an epoch takes three quarters of an hour. Stopped at any time, it goes on from its last checkpoint.
"""

import ctypes
import hashlib
import json
import math
import platform
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from index.e5_file import read_e5_file
from index.embed import FastEmbedder
from index.model import TOKENIZER_FILE, source_file
from index.split import split
from index.types import Article
from qa.read import best_pair
from qa.scoring import auroc
from training.data import TENTH, WRITTEN, Document, Question, Span, read_squad, read_written
from training.encoder import SpanReader
from training.examples import Examples, Group, batches
from training.loss import loss
from training.negatives import retrieve_wrong_passages

HELD_OUT = {"squad": slice(41, None), "piaf": slice(380, 400)}  # for checkpoints and calibration, never trained on
TRAINED_ON = {"squad": slice(0, 41), "piaf": slice(0, 380)}
HEAD = Path(__file__).parent / "head.safetensors"  # of an early run: from it all begin, so that they can be averaged
WEIGHT_OF_ANSWERING = 0.5
WARM_UP = 0.04
# Of glibc's mallopt: no large piece of memory goes back to the system between steps, which would clear it page by page
# when it is asked for again. That took a fifth of the time.
KEEP_MEMORY = {"M_MMAP_MAX": (-4, 0), "M_TRIM_THRESHOLD": (-1, 2**31 - 1), "M_TOP_PAD": (-2, 2**28)}


@dataclass(frozen=True)
class Recipe:
    """What a run is made of; written beside its result."""

    epochs: float
    rate: float
    rate_of_head: float
    rank: int
    frozen_layers: int
    tokens: int
    seed: int


def questions_of(data: Path, part: dict[str, slice]) -> list[Question]:
    return [
        *read_squad(data / "qa/squad-1.1-train-part.json.gz", "squad", "en", part["squad"]),
        *read_squad(data / "qa/piaf-1.1.json.gz", "piaf", "fr", part["piaf"]),
    ]


def written(known: list[Question], held_out: bool) -> list[Question]:
    """The project's own questions, about its own paragraphs and those that are `known`.

    Every tenth of its own paragraphs is held out; the known ones are trained on with others' questions anyway.
    """
    documents = {question.document.name: question.document for question in known}
    return [
        question
        for path in sorted(WRITTEN.glob("*.jsonl"))
        for number, record in enumerate(read_written(path, documents.values()))
        if (number % TENTH == TENTH - 1 and record[0].document.name not in documents) == held_out
        for question in record
    ]


def is_short_twin(question: Question) -> bool:
    """Every other answer of the project's own to a French question about PIAF's paragraphs.

    They have 2.7 words and PIAF's 4.4: as many of the one as of the other would teach two lengths for one thing.
    """
    if question.answer is None or question.language != "fr" or not question.document.name.startswith("piaf:"):
        return False
    return question.answer[0] % 2 == 0


def with_wrong_passages(questions: list[Question], kept_in: Path) -> list[Question]:
    """Retrieval takes some minutes: what it found is kept in a file, as long as the questions are the same."""
    documents: list[Document] = list({id(question.document): question.document for question in questions}.values())
    number = {id(document): place for place, document in enumerate(documents)}
    asked = [(question.text, question.document.text, question.answer) for question in questions]
    digest = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
    kept = json.loads(kept_in.read_text(encoding="utf-8")) if kept_in.is_file() else {}
    if kept.get("questions") != digest:
        retrieve_wrong_passages(questions)
        found = [[(number[id(document)], *span) for document, span in question.wrong] for question in questions]
        kept = {"questions": digest, "found": found}
        kept_in.write_text(json.dumps(kept), encoding="utf-8")
    for question, wrong in zip(questions, kept["found"], strict=True):
        question.wrong = [(documents[place], (start, end)) for place, start, end in wrong]
    return questions


def passages_of(questions: Sequence[Question]) -> dict[int, list[Span]]:
    embedder = FastEmbedder()
    documents = {id(question.document): question.document for question in questions}
    return {
        key: split(
            Article("training", document.text, document.title, language=document.language),
            embedder.count_tokens,
            embedder.max_tokens,
        )
        for key, document in documents.items()
    }


class Run:
    """A training run: model, optimiser and place in the schedule."""

    def __init__(self, recipe: Recipe, out: Path) -> None:
        self.recipe, self.out = recipe, out
        torch.manual_seed(recipe.seed)
        self.model = SpanReader(read_e5_file(source_file()), recipe.rank, recipe.frozen_layers)
        groups = self.model.parameter_groups(recipe.rate, recipe.rate_of_head)
        self.optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.01)
        self.seen = 0.0  # epochs
        self.steps = 0

    def step(self, batch: list[Group]) -> tuple[float, float]:
        texts = [text for group in batch for text in group]
        numbers = [number for number, group in enumerate(batch) for _ in group]
        scores, _ = self.model([text.tokens for text in texts])
        of_span, of_answering = loss(scores, texts, numbers)
        (of_span + WEIGHT_OF_ANSWERING * of_answering).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        part = self.seen / self.recipe.epochs
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * min(part / WARM_UP, (1 - part) / (1 - WARM_UP))
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.steps += 1
        return of_span.item(), of_answering.item()

    def save(self) -> None:
        """A checkpoint, and in `reader.safetensors` what would be shipped now."""
        halves = {name: value.detach().half() for name, value in self.model.trained().items()}
        recipe = json.dumps({**asdict(self.recipe), "seen": self.seen, "steps": self.steps}, indent=1)
        writers: dict[str, Callable[[Path], object]] = {
            "reader.safetensors": lambda path: save_file(halves, path),
            "latest.safetensors": lambda path: save_file(self.model.trained(), path),
            "optimiser.pt": lambda path: torch.save(self.optimiser.state_dict(), path),
            "recipe.json": lambda path: path.write_text(recipe),
        }
        for name, write in writers.items():
            write(self.out / f"{name}.part")
        for name in writers:  # all of them or none, but for a stop in this very moment
            (self.out / f"{name}.part").replace(self.out / name)

    def resume(self) -> None:
        self.load(self.out / "latest.safetensors")
        state = json.loads((self.out / "recipe.json").read_text())
        self.seen, self.steps = state["seen"], state["steps"]
        self.optimiser.load_state_dict(torch.load(self.out / "optimiser.pt", weights_only=True))

    def load(self, path: Path) -> None:
        with torch.no_grad():
            for name, value in load_file(path).items():
                self.model.get_parameter(name).copy_(value)


@torch.no_grad()
def held_out_figures(run: Run, groups: list[Group]) -> str:
    """How often start and end are both right, and answerable told from not."""
    exact, scored, are_gold = 0, list[float](), list[bool]()
    for batch in batches(iter(groups), run.recipe.tokens, 1, random.Random(0)):
        texts = [text for group in batch for text in group]
        scores, _ = run.model([text.tokens for text in texts])
        for text, row in zip(texts, scores, strict=True):
            inside = row[text.first : len(text.tokens) - 1, :2]
            scored.append((torch.logsumexp(inside, 0).mean() - row[0, 2]).item())
            are_gold.append(text.start >= 0)
            if text.start >= 0:
                starts, ends = inside.float().T.numpy()
                best = best_pair(starts, ends)
                exact += best[:2] == (text.start - text.first, text.end - text.first)
    return f"exact {exact / max(1, sum(are_gold)):.3f}, AUROC {auroc(scored, are_gold) or 0:.3f}"


def trained(data: Path, out: Path, recipe: Recipe) -> Path:
    """Trains in `out`, or goes on there, and returns the file of what was learned."""
    out.mkdir(parents=True, exist_ok=True)
    if platform.libc_ver()[0] == "glibc":
        for option, value in KEEP_MEMORY.values():
            ctypes.CDLL(None).mallopt(option, value)
    questions = with_wrong_passages(questions_of(data, TRAINED_ON), out / "wrong-passages.json")
    unseen = with_wrong_passages(questions_of(data, HELD_OUT), out / "wrong-passages-held-out.json")
    own = with_wrong_passages(written(questions, held_out=False), out / "wrong-passages-written.json")
    own, unseen_own = [question for question in own if not is_short_twin(question)], written(questions, held_out=True)
    tokenizer = Tokenizer.from_file(str(FastEmbedder().folder / TOKENIZER_FILE))
    examples = Examples(questions + own, passages_of(questions + own), tokenizer)
    watched = [watched_of(kept, tokenizer) for kept in (unseen, unseen_own)]
    print(f"{len(questions)} questions, {len(unseen)} held out; of the project's own {len(own)} and {len(unseen_own)}",
          flush=True)  # fmt: skip
    run = Run(recipe, out)
    if (out / "optimiser.pt").is_file():
        run.resume()
        print(f"going on after {run.seen:.2f} epochs", flush=True)
    else:
        run.load(HEAD)
    train(run, examples, watched)
    return out / "reader.safetensors"


def watched_of(questions: list[Question], tokenizer: Tokenizer, most: int = 400) -> list[Group]:
    """Some of them, with nothing hidden or put into other languages."""
    sample = random.Random(0).sample(questions, min(most, len(questions)))
    examples = Examples(sample, passages_of(sample), tokenizer)
    examples.left = 0.0
    return list(examples.epoch(0))


def train(run: Run, examples: Examples, watched: list[list[Group]]) -> None:
    recipe = run.recipe
    examples.left = max(0.0, 1 - run.seen / recipe.epochs)
    size = sum(question.answer is not None for question in examples.questions)
    began, tokens, losses = time.monotonic(), 0, list[tuple[float, float]]()
    while run.seen < recipe.epochs:
        epoch = math.floor(run.seen)
        random_ = random.Random(1000 * recipe.seed + epoch)
        answered = epoch * float(size)
        for batch in batches(examples.epoch(1000 * recipe.seed + epoch), recipe.tokens, 40, random_):
            answered += sum(group[0].start >= 0 for group in batch)
            if answered / size <= run.seen:
                continue  # before the checkpoint that this run goes on from
            losses.append(run.step(batch))
            examples.left = max(0.0, 1 - run.seen / recipe.epochs)
            run.seen = min(answered / size, epoch + 0.9999)
            tokens += sum(len(text.tokens) for group in batch for text in group)
            if run.steps % 50 == 0:
                span, answering = (sum(each[side] for each in losses) / len(losses) for side in (0, 1))
                speed = tokens / (time.monotonic() - began)
                print(f"{run.seen:.3f} epochs: span {span:.3f}, answering {answering:.3f}, {speed:.0f} tokens/s",
                      flush=True)  # fmt: skip
                losses.clear()
            if run.steps % 500 == 0:
                run.save()
                tell(run, watched)
            if run.seen >= recipe.epochs:
                break
        run.seen = max(run.seen, min(epoch + 1, recipe.epochs))
    run.save()
    tell(run, watched)


def tell(run: Run, watched: list[list[Group]]) -> None:
    print(f"held out: {'; own: '.join(held_out_figures(run, groups) for groups in watched)}", flush=True)
