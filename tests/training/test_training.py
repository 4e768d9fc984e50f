"""What the reader is trained on and with: small, quick, and by hand where it can be."""

import json
import random
from dataclasses import replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer

from index import model
from index.e5_file import read_e5_file
from training.average import averaged
from training.code_switching import LEXICON, switched
from training.data import Document, Question, read_written
from training.encoder import ALIGNED, Adapted, Attention, Layout, SpanReader
from training.examples import Examples, Text, batches, token_span, without_answer
from training.loss import loss
from training.negatives import close_question, retrieve_wrong_passages
from training.variants import as_typed, keywords, without_accents

PARAGRAPHS = (
    "Marie Curie was born in Warsaw in 1867. Pierre Curie was born in Paris in 1859.",
    "The first prize was given in 1903. The largest laboratory stood in Berlin.",
)


def document() -> Document:
    text = "\n".join(PARAGRAPHS)
    cut = len(PARAGRAPHS[0])
    return Document("own:0", "The Curies", "en", text, ((0, cut), (cut + 1, len(text))))


def question(text: str = "Where was Marie Curie born?", answer: str = "Warsaw", paragraph: int = 0) -> Question:
    held = document()
    start = held.text.index(answer)
    return Question(text, "en", held, paragraph, (start, start + len(answer)))


@cache
def tokenizer() -> Any:
    return Tokenizer.from_file(str(model.bundled_model() / model.TOKENIZER_FILE))


def examples(*questions: Question) -> Examples:
    return Examples(questions, {id(each.document): list(each.document.paragraphs) for each in questions}, tokenizer())


def test_the_marked_tokens_are_the_answer_in_every_form() -> None:
    asked = [question(), question("When was the first prize given?", "1903", 1)]
    asked[0].wrong = [(asked[1].document, asked[1].document.paragraphs[1])]
    drawn = examples(*asked)
    groups = list(chain.from_iterable(drawn.epoch(seed) for seed in range(20)))
    assert {len(group) for group in groups} == {1, 2, 3}
    for group in groups:
        for text in group:
            assert text.tokens[0] == 0
            assert text.tokens[-1] == 2
            if text.start >= 0:
                assert tokenizer().decode(text.tokens[text.start : text.end + 1]).rstrip(".") in {"Warsaw", "1903"}
                assert text.first <= text.start <= text.end < len(text.tokens) - 1
    assert any(text.start < 0 for group in groups for text in group)


def test_the_same_seed_draws_the_same() -> None:
    drawn = examples(question())
    assert list(drawn.epoch(3)) == list(drawn.epoch(3))


def test_batches_hold_every_group_once_and_about_so_many_tokens() -> None:
    groups = [[Text([0] * length, 1, -1, -1)] for length in range(5, 105)]
    made = list(batches(iter(groups), 300, 4, random.Random(0)))
    assert sorted(len(group[0].tokens) for batch in made for group in batch) == list(range(5, 105))
    assert all(sum(len(text.tokens) for group in batch for text in group) < 300 + 105 for batch in made)


@pytest.mark.parametrize(("span", "expected"), [((0, 1), (0, 0)), ((2, 5), (1, 2)), ((1, 2), (-1, -1))])
def test_the_tokens_of_a_span(span: tuple[int, int], expected: tuple[int, int]) -> None:
    assert token_span([(0, 1), (2, 3), (4, 5)], span) == expected


def test_close_questions_ask_of_something_else() -> None:
    random_ = random.Random(0)
    made = {close_question(question(), random_) for _ in range(40)}
    assert "Where was Pierre Curie born?" not in made, "a name that shares a word may be the same person"
    assert any(each and "Marie Curie" not in each for each in made)
    assert {close_question(question("When was the first prize given?", "1903", 1), random_) for _ in range(20)} >= {
        "When was the last prize given?"
    }
    assert close_question(question("so what"), random_) is None


def test_wrong_passages_do_not_hold_the_answer() -> None:
    asked = [question(), question("When was the first prize given?", "1903", 1)]
    other = Document("own:1", "Warsaw", "en", "Warsaw lies on the Vistula. Curie left it.", ((0, 42),))
    asked.append(Question("Where does Warsaw lie?", "en", other, 0, (19, 26)))
    retrieve_wrong_passages(asked)
    for each in asked:
        assert each.answer is not None
        answer = each.document.text[slice(*each.answer)]
        assert all(answer not in wrong.text[slice(*span)] for wrong, span in each.wrong)
    assert any(wrong is asked[0].document for wrong, _ in asked[2].wrong)


def test_a_question_without_an_answer_comes_with_its_paragraph_alone() -> None:
    unanswered = replace(question("When did Marie Curie die?"), answer=None)
    groups = list(chain.from_iterable(examples(unanswered).epoch(seed) for seed in range(20)))
    assert len(groups) == 20
    assert all(len(group) == 1 and group[0].start == -1 for group in groups)
    assert any("1867" in tokenizer().decode(group[0].tokens) for group in groups)


def test_the_length_of_a_text_tells_nothing_of_whether_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Marie Curie was born in Warsaw. " + "Nobody knows how long the laboratory stood in Berlin. " * 30
    held = Document("own:0", "The Curies", "en", text.strip(), ((0, len(text) - 1),))
    asked = Question("Where was Marie Curie born?", "en", held, 0, (24, 30))
    asked.wrong = [(replace(held, text=text.replace("Warsaw", "August").strip()), held.paragraphs[0])]
    drawn = examples(asked, replace(asked, answer=None, wrong=[]))
    for short in (0.0, 1.0):
        monkeypatch.setattr("training.examples.SHORT_AT_FIRST", short)
        monkeypatch.setattr("training.examples.SHORT_AT_LAST", short)
        texts = [text for seed in range(20) for group in drawn.epoch(seed) for text in group]
        answering, others = (
            [len(each.tokens) - each.first for each in texts if (each.start >= 0) is answers]
            for answers in (True, False)
        )
        assert len(others) > 20
        assert max(answering) - min(others) <= 10, "tokens; a question may be a few longer"


def test_the_projects_own_questions_stand_over_their_paragraphs(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    records = [
        {"title": "Oslo", "language": "en", "text": "Oslo has a harbour. A harbour has 3 piers.", "questions": [
            {"question": "Wie viele Stege?", "language": "de", "answer": "3"},
            {"question": "Wer baute ihn?", "language": "de", "answer": None}]},
        {"key": "own:0:1", "questions": [{"question": "Où est-ce ?", "language": "fr", "answer": "in Berlin"}]},
        {"key": "absent:0:1", "questions": [{"question": "Où est-ce ?", "language": "fr", "answer": "Berlin"}]},
    ]  # fmt: skip
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    known = document()
    (first, second), (third,) = read_written(path, [known])
    assert first.answer == (34, 35) and second.answer is None
    assert (first.language, first.document.language) == ("de", "en")
    assert third.document is known and known.text[slice(*third.answer or (0, 0))] == "in Berlin"
    records[0]["questions"][0]["answer"] = "harbour"  # type: ignore[index]
    path.write_text(json.dumps(records[0]), encoding="utf-8")
    with pytest.raises(ValueError, match=r"line 1: 'harbour' stands 2 times"):
        list(read_written(path, []))


def test_questions_as_readers_type_them() -> None:
    assert without_accents("Où ça ?") == "Ou ca ?"
    assert without_accents("какой ёж") == "какой еж"
    assert {as_typed("أين ولد؟", "ar", random.Random(seed)) for seed in range(200)} == {"أين ولد؟", "أين ولد"}
    assert keywords("Where was Marie Curie born?", "en") == "Marie Curie born"
    forms = {as_typed("Où est né Émile Zola ?", "fr", random.Random(seed)) for seed in range(200)}
    assert "Où est né Émile Zola ?" in forms
    assert "Ou est ne Emile Zola ?" in forms
    assert any(form == form.lower() for form in forms)
    assert all(form.strip() for form in forms)


def texts(*starts: int) -> list[Text]:
    return [Text([0, 9, 2, 5, 6, 2], 3, start, start) for start in starts]


def test_scores_are_normalised_over_the_passages_of_one_question() -> None:
    scores = torch.zeros(2, 6, 3)
    scores[0, 3, :2] = 5.0
    right, _ = loss(scores, texts(3, -1), [0, 0])
    scores[1, 4, :2] = 9.0  # a wrong passage is surer: that costs in its own question alone
    worse, _ = loss(scores, texts(3, -1), [0, 0])
    apart, _ = loss(scores, texts(3, -1), [0, 1])
    assert worse > 3
    assert right < 0.1
    assert apart < 0.1


def test_a_passage_without_an_answer_is_to_say_so() -> None:
    scores = torch.zeros(2, 6, 3)
    scores[0, 0, 2], scores[1, 0, 2] = -8.0, 8.0
    _, told = loss(scores, texts(3, -1), [0, 1])
    _, mixed_up = loss(scores.flip(0), texts(3, -1), [0, 1])
    assert told < 0.01
    assert mixed_up > 7


def test_tokens_outside_the_passage_are_no_answers() -> None:
    scores = torch.zeros(1, 6, 3)
    scores[0, 1, :2] = 50.0
    of_span, _ = loss(scores, texts(3), [0])
    assert of_span == pytest.approx(2 * torch.log(torch.tensor(2.0)).item() / 2, abs=1e-5)


def test_gradients_of_adapted_matrices_and_attention_are_right() -> None:
    torch.manual_seed(0)
    x, weight, bias = (torch.randn(*shape) for shape in ((6, 8), (4, 8), (4,)))
    down, up = torch.randn(3, 8), torch.randn(4, 3)
    inputs = [each.bfloat16() for each in (x, weight, bias)]
    leaves = [inputs[0].requires_grad_(), down.requires_grad_(), up.requires_grad_()]
    Adapted.apply(inputs[0], inputs[1].float(), inputs[2], down, up).float().sum().backward()  # type: ignore[no-untyped-call]
    own = [each.grad.float() for each in leaves if each.grad is not None]
    y, a, b = (each.detach().float().requires_grad_() for each in leaves)
    (y @ (weight + 2.0 * b @ a).T).sum().backward()  # type: ignore[no-untyped-call]
    for found, leaf in zip(own, (y, a, b), strict=True):
        assert leaf.grad is not None
        assert torch.allclose(found, leaf.grad, rtol=0.05, atol=0.3)
    q, k, v = (torch.randn(2, 5, 4).bfloat16().requires_grad_() for _ in range(3))
    Attention.apply(q, k, v, None).float().pow(2).sum().backward()  # type: ignore[no-untyped-call]
    qf, kf, vf = (each.detach().float().requires_grad_() for each in (q, k, v))
    (torch.softmax(qf @ kf.transpose(1, 2), -1) @ vf).pow(2).sum().backward()  # type: ignore[no-untyped-call]
    for half, full in zip((q, k, v), (qf, kf, vf), strict=True):
        assert half.grad is not None
        assert full.grad is not None
        assert torch.allclose(half.grad.float(), full.grad, rtol=0.1, atol=0.1)


def test_a_text_reads_the_same_alone_and_among_longer_ones() -> None:
    torch.manual_seed(0)
    reader = SpanReader(read_e5_file(model.source_file()), rank=2, frozen_layers=11)
    short, long = [0, 500, 600, 2], [0, *range(700, 730), 2]
    with torch.no_grad():
        alone, _ = reader([short])
        together, layout = reader([long, short])
    assert layout.held.sum().item() == len(short) + len(long)
    assert torch.allclose(alone[0, : len(short)], together[1, : len(short)], atol=0.05)


def test_layout_takes_texts_apart_and_together_again() -> None:
    layout = Layout([3, 5, 1], heads=2)
    flat = torch.arange(9.0)[:, None]
    assert torch.equal(layout.flat(layout.padded(flat)), flat)
    assert layout.padded(flat)[1, :, 0].tolist() == [3, 4, 5, 6, 7] + (ALIGNED - 5) * [0]


def test_words_are_exchanged_also_those_of_the_answer() -> None:
    text = "Who was the king of France, and when was the city built?"
    answer = (text.index("the king"), text.index(","))
    seen, answers = set(), set()
    for seed in range(60):
        for language in ("fr", "ru"):
            made, (start, end) = switched(text, "en", language, answer, random.Random(seed))
            seen.add(made)
            answers.add(made[start:end])
    assert len(seen) > 30
    assert "the king of France" in answers and any("roi" in each for each in answers)
    assert any("король" in made for made in seen) and not any("—" in made for made in seen)
    nothing = "Xylophon Zebra"
    assert switched(nothing, "en", "de", (0, 0), random.Random(0)) == (nothing, (0, 0))
    assert switched(text, "en", "en", answer, random.Random(0)) == (text, answer)


def test_every_row_of_the_lexicon_has_a_word_in_every_language() -> None:
    rows = LEXICON.read_text(encoding="utf-8").splitlines()
    for row in rows:
        assert len(row.split("\t")) == len(rows[0].split("\t")) and all(cell.strip() for cell in row.split("\t")), row


def test_a_passage_without_its_answer_does_not_say_it() -> None:
    long = "The prize was given in Oslo. " + "Many people came to see it on that day, and there was music too. " * 2
    text = long + "Nobody was missing in Oslo."
    held = Document("own:0", "Prize", "en", text, ((0, len(long)), (len(long), len(text))))
    start = long.index("Oslo")
    asked = Question("Where was the prize given?", "en", held, 0, (start, start + 4))
    assert without_answer(asked, held.paragraphs[0], random.Random(0)) is None, "the other paragraph says it too"
    told = replace(asked, document=replace(held, text=text.replace("missing in Oslo", "missing at all.")))
    rest = without_answer(told, held.paragraphs[0], random.Random(0))
    assert rest is not None and rest.startswith("Nobody was missing") and "Oslo" not in rest and "music" in rest
    assert without_answer(asked, (0, len(held.text)), random.Random(0)) is None, "the rest says it too"
    assert without_answer(asked, (0, 28), random.Random(0)) is None, "nothing is left"


def test_hidden_tokens_are_never_of_the_answer() -> None:
    drawn = examples(question())
    tokens = list(range(100))
    hidden = [drawn.masked(tokens, 40, 45, random.Random(seed)) for seed in range(50)]
    assert all(each[40:46] == tokens[40:46] and each[:4] == tokens[:4] and len(each) == 100 for each in hidden)
    share = sum(token == drawn.mask for each in hidden for token in each) / 5000
    assert 0.04 < share < 0.1


def test_the_mean_of_runs_changes_each_matrix_by_the_mean_of_their_changes() -> None:
    runs = [
        {"l.down": torch.randn(3), "l_down": torch.randn(4, 6), "l_up": torch.randn(5, 4), "head": torch.randn(2)}
        for _ in range(3)
    ]
    shares = [0.5, 0.3, 0.2]
    made = averaged(runs, shares)
    changes = torch.stack([share * run["l_up"] @ run["l_down"] for share, run in zip(shares, runs, strict=True)]).sum(0)
    assert torch.allclose(made["l_up"].float() @ made["l_down"].float(), changes, atol=0.02)
    head = torch.stack([share * run["head"] for share, run in zip(shares, runs, strict=True)]).sum(0)
    assert torch.allclose(made["head"].float(), head, atol=1e-2)
    with pytest.raises(ValueError, match="not the same adapters"):
        averaged([runs[0], {"head": runs[0]["head"]}], [0.5, 0.5])


def test_a_narrower_mean_is_the_nearest_of_its_rank() -> None:
    torch.manual_seed(0)
    runs = [{"l_down": torch.randn(4, 20), "l_up": torch.randn(16, 4)} for _ in range(2)]
    whole = torch.stack([run["l_up"] @ run["l_down"] for run in runs]).mean(0)
    sizes = torch.linalg.svdvals(whole)
    for rank in (1, 3, 8):
        made = averaged(runs, [0.5, 0.5], rank)
        assert made["l_down"].shape == (rank, 20)
        lost = torch.linalg.norm(made["l_up"].float() @ made["l_down"].float() - whole)
        assert lost.item() == pytest.approx(sizes[rank:].norm().item(), abs=0.05)
