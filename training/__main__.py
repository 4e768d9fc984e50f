"""Trains the reader that is shipped, step by step: `python -m training --data FOLDER`.

Three runs on the public sets and their mean, about four hours on two quiet cores; then two from there that read the
project's own questions too, about two hours and a half, and the mean of both. Stopped at any time, it goes on where it
was when it is run again with the same `--out`. The result is `reader.safetensors` in that folder;
`qa/reader/README.md` says why these steps.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import load_file, save_file

from training.average import averaged
from training.train import Recipe, trained

RANK = 96  # of what is shipped


def recipe(epochs: float, rate: float, rate_of_head: float, seed: int = 0, rank: int = 48, written: int = 0) -> Recipe:
    return Recipe(epochs, rate, rate_of_head, rank, frozen_layers=2, tokens=3000, seed=seed, written=written)


def mean(shares: Mapping[Path, float], out: Path) -> Path:
    """Of runs, each with its share."""
    save_file(averaged([load_file(run) for run in shares], list(shares.values()), RANK), out)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the public sets")
    parser.add_argument("--out", type=Path, default=Path("build/reader"))
    options = parser.parse_args()
    data, out = options.data, options.out
    first = trained(data, out / "first", recipe(1.72, 8e-4, 2e-3))
    second = trained(data, out / "second", recipe(1.5, 6e-4, 1e-3), start_from=first)
    third = trained(data, out / "third", recipe(1.25, 8e-4, 2e-3, seed=1), head_from=first)
    public = mean({first: 1 / 3, second: 1 / 3, third: 1 / 3}, out / "public.safetensors")
    fourth = trained(data, out / "fourth", recipe(0.32, 3e-4, 4e-4, seed=4, rank=RANK, written=3), start_from=public)
    fifth = trained(data, out / "fifth", recipe(0.44, 3e-4, 4e-4, seed=5, rank=RANK, written=2), start_from=fourth)
    mean({public: 1 / 5, fifth: 4 / 5}, out / "reader.safetensors")
    print(f"the reader is {out / 'reader.safetensors'}")


if __name__ == "__main__":
    main()
