"""Trains the reader that is shipped: `python -m training --data FOLDER`.

Two runs of the same recipe with different seeds, 75 to 80 minutes each on two quiet cores, and their mean. Stopped at
any time, it goes on where it was when it is run again with the same `--out`. The result is `reader.safetensors` in that
folder; `qa/reader/README.md` says why so.
"""

import argparse
from pathlib import Path

from safetensors.torch import load_file, save_file

from training.average import averaged
from training.train import Recipe, trained

SEEDS = (7, 8)
RANK = 96  # of what is shipped, the most: both runs beside one another, so that nothing of their mean is lost


def recipe(seed: int) -> Recipe:
    return Recipe(epochs=1.6, rate=8e-4, rate_of_head=2e-3, rank=48, frozen_layers=2, tokens=3000, seed=seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the public sets")
    parser.add_argument("--out", type=Path, default=Path("build/reader"))
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS, help="one for each run")
    options = parser.parse_args()
    runs = [trained(options.data, options.out / f"seed-{seed}", recipe(seed)) for seed in options.seeds]
    mean = averaged([load_file(run) for run in runs], [1 / len(runs)] * len(runs), RANK)
    save_file(mean, options.out / "reader.safetensors")
    print(f"the reader is {options.out / 'reader.safetensors'}")


if __name__ == "__main__":
    main()
