"""What a step of training minimises.

Start and end are normalised over all passages of a question together (Clark and Gardner, 2018), so that scores
compare between passages; and each passage by itself learns whether it answers at all.
"""

import torch
from torch import Tensor
from torch.nn import functional

from training.examples import Text

NEVER = -1e4


def loss(scores: Tensor, texts: list[Text], groups: list[int]) -> tuple[Tensor, Tensor]:
    """(of the span, of answering at all). `scores`: (texts, longest, 3); `groups`: each text's group, from 0."""
    longest = scores.shape[1]
    places = torch.arange(longest)[None, :]
    first = torch.tensor([text.first for text in texts])[:, None]
    last = torch.tensor([len(text.tokens) - 2 for text in texts])[:, None]  # before </s>
    spans = scores[:, :, :2].masked_fill(~((places >= first) & (places <= last))[:, :, None], NEVER)
    totals = torch.logsumexp(spans, 1)  # (texts, 2)
    answered = torch.tensor([text.start >= 0 for text in texts])
    answerable = totals.mean(1) - scores[:, 0, 2]
    of_answering = functional.binary_cross_entropy_with_logits(answerable, answered.float())
    rows = answered.nonzero().squeeze(1)
    if not len(rows):
        return answerable.sum() * 0, of_answering
    group = torch.tensor(groups)
    together = group[rows][:, None] == group[None, :]  # (answered, texts)
    normaliser = torch.logsumexp(totals[None].masked_fill(~together[:, :, None], NEVER), 1)
    targets = torch.tensor([(texts[row].start, texts[row].end) for row in rows.tolist()])
    right = torch.stack([spans[rows, targets[:, side], side] for side in (0, 1)], 1)
    return (normaliser - right).mean(), of_answering
