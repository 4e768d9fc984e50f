"""Averages the adapters of training runs.

Each run's change of a matrix is a product of two narrow ones. The mean of several changes is again such a product, of
their columns and rows side by side, as wide as all of them together, of which one may keep what matters most. Runs that
start from the same encoder err in different places, and their mean is better than each (Wortsman et al., "Model
soups", 2022).
"""

from collections.abc import Sequence

import torch
from torch import Tensor

Adapters = dict[str, Tensor]


def averaged(runs: Sequence[Adapters], shares: Sequence[float], rank: int = 0) -> Adapters:
    """Adapters `…_down` (rank, width) and `…_up` (width, rank), and the head, which is averaged as it is.

    `shares`: how much each run counts, 1 in all. `rank`: the most to keep, 0 for all.
    """
    if any(run.keys() != runs[0].keys() for run in runs):
        raise ValueError("the runs have not the same adapters; average runs of one recipe")
    made: Adapters = {}
    for name in runs[0]:
        if name.endswith("_up"):
            continue  # with its other half
        values = [run[name].float() for run in runs]
        if not name.endswith("_down"):
            made[name] = torch.stack([share * value for share, value in zip(shares, values, strict=True)]).sum(0)
            continue
        other = name.removesuffix("_down") + "_up"
        down = torch.cat(values, 0)
        up = torch.cat([share * run[other].float() for share, run in zip(shares, runs, strict=True)], 1)
        made[other], made[name] = narrowed(up, down, rank) if 0 < rank < len(down) else (up, down)
    return {name: value.half().contiguous() for name, value in made.items()}


def narrowed(up: Tensor, down: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """The product of that rank that is nearest to `up @ down` (Eckart and Young, 1936)."""
    (left, of_up), (right, of_down) = torch.linalg.qr(up), torch.linalg.qr(down.t())
    before, sizes, after = torch.linalg.svd(of_up @ of_down.t())
    roots = sizes[:rank].sqrt()
    return left @ before[:, :rank] * roots, roots[:, None] * (after[:rank] @ right.t())
