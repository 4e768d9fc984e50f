"""Averages the adapters of training runs: `python -m training.average RUN.safetensors… --out FILE`.

Each run's change of a matrix is a product of two narrow ones. The mean of several changes is again such a product, of
their columns and rows side by side: exact, and as wide as all of them together. Runs that started from one another
err in different places, and their mean is better than either (Wortsman et al., "Model soups", 2022).
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor


def averaged(runs: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Adapters `…_down` (rank, width) and `…_up` (width, rank), and the head, which is averaged as it is."""
    if any(run.keys() != runs[0].keys() for run in runs):
        raise ValueError("the runs have not the same adapters; average runs of one recipe")
    made: dict[str, Tensor] = {}
    for name in runs[0]:
        values = [run[name].float() for run in runs]
        if name.endswith("_down"):
            mean = torch.cat(values, 0)
        elif name.endswith("_up"):
            mean = torch.cat(values, 1) / len(runs)
        else:
            mean = torch.stack(values).mean(0)
        made[name] = mean.half().contiguous()
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+", help="their reader.safetensors")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    save_file(averaged([load_file(run) for run in options.runs]), options.out)


if __name__ == "__main__":
    main()
