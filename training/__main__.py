"""Trains the reader that is shipped, step by step: `python -m training --data FOLDER`.

Three runs and their mean, about four hours on two quiet cores. Stopped at any time, it goes on where it was when it is
run again with the same `--out`. The result is `reader.safetensors` in that folder; `qa/reader/README.md` says why these
steps.
"""

import argparse
from pathlib import Path

from safetensors.torch import load_file, save_file

from training.average import averaged
from training.train import Recipe, trained

RANK = 96  # of what is shipped


def recipe(epochs: float, rate: float, rate_of_head: float, seed: int = 0) -> Recipe:
    return Recipe(epochs, rate, rate_of_head, rank=48, frozen_layers=2, tokens=3000, seed=seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the public sets")
    parser.add_argument("--out", type=Path, default=Path("build/reader"))
    options = parser.parse_args()
    data, out = options.data, options.out
    first = trained(data, out / "first", recipe(1.72, 8e-4, 2e-3))
    second = trained(data, out / "second", recipe(1.5, 6e-4, 1e-3), start_from=first)
    third = trained(data, out / "third", recipe(1.25, 8e-4, 2e-3, seed=1), head_from=first)
    runs = [load_file(run) for run in (first, second, third)]
    save_file(averaged(runs, [1 / len(runs)] * len(runs), RANK), out / "reader.safetensors")
    print(f"the reader is {out / 'reader.safetensors'}")


if __name__ == "__main__":
    main()
