"""How far confidence can be trusted, in a picture: the risk-coverage curve and the reliability diagram."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # matplotlib is an extra, and takes most of a second to import
    from matplotlib.axes import Axes

    from qa.evaluate import Evaluation, Figures
    from qa.scoring import Bin

FORMATS = (".svg", ".png")
# Told apart by whoever sees colours differently, and in print.
BLUE, ORANGE, GREY, PALE = "#1f5f99", "#c8500a", "#6b7280", "#dbe4ee"
DASHED: dict[str, Any] = {"color": GREY, "linewidth": 1, "linestyle": (0, (4, 3))}
BESIDE: dict[str, Any] = {"textcoords": "offset points"}
FEW = 200  # answers that can be told apart as points of a curve
SETTINGS: dict[Any, Any] = {
    "font.size": 10,
    "axes.edgecolor": GREY,
    "axes.labelcolor": "#1f2937",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "xtick.color": GREY,
    "ytick.color": GREY,
    "svg.hashsalt": "groundwire",  # the same figures make the same file
}


def check(path: Path) -> None:
    """BadInput where nothing could be drawn to this file."""
    from index.errors import BadInput

    if path.suffix.lower() not in FORMATS:
        raise BadInput(f"--plot {path}: expected a name that ends in {' or '.join(FORMATS)}")
    file = path.expanduser().absolute()
    if not file.parent.is_dir():
        raise BadInput(f"--plot {path}: there is no folder {path.parent}; create it, or name a file elsewhere")
    if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        why = "is a folder" if file.is_dir() else "cannot be written"
        raise BadInput(f"--plot {path}: {why}; name a file elsewhere")
    if find_spec("matplotlib") is None:
        raise BadInput("--plot needs matplotlib: pip install matplotlib")


def draw(evaluation: "Evaluation", path: Path) -> None:
    """Draw both to a file, which is replaced."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from qa.scoring import reliability

    with rc_context(SETTINGS):
        figure = Figure(figsize=(10, 4.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        _risk_coverage(left, evaluation)
        _reliability(right, reliability(evaluation.confidence, evaluation.right), evaluation.figures)
        is_svg = path.suffix.lower() == ".svg"
        figure.savefig(path.expanduser(), dpi=160, metadata={"Date": None} if is_svg else None)


def _risk_coverage(axes: "Axes", evaluation: "Evaluation") -> None:
    from matplotlib.patheffects import withStroke

    from qa.evaluate import PRECISION
    from qa.scoring import risk_coverage

    figures = evaluation.figures
    coverage, risk = (100 * part for part in risk_coverage(evaluation.confidence, evaluation.right))
    few = len(coverage) <= FEW
    # At the borders, markers are drawn whole.
    axes.plot(
        coverage, risk, color=BLUE, linewidth=1.8, marker="o" if few else None, markersize=2.5, clip_on=False, zorder=3
    )
    axes.axhline(100 * (1 - PRECISION), **DASHED)
    axes.annotate("95% precision", (100, 100 * (1 - PRECISION)), (0, 4), **BESIDE, color=GREY, ha="right")
    if figures.coverage_at_95:
        axes.axvspan(0, 100 * figures.coverage_at_95, color=PALE, alpha=0.6, linewidth=0)
    if figures.precision is not None:
        now = (100 * figures.answered / figures.questions, 100 * (1 - figures.precision))
        axes.plot(*now, "o", color=ORANGE, markersize=8, clip_on=False, zorder=4)
        side = "left" if now[0] < 50 else "right"
        # Wherever the curve runs, the words stay readable on it.
        halo = [withStroke(linewidth=3.5, foreground="white")]
        place = (10 if side == "left" else -10, 9)
        axes.annotate("as answered", now, place, **BESIDE, color=ORANGE, ha=side, path_effects=halo, zorder=5)
    axes.set_title(f"Risk and coverage: {100 * (figures.coverage_at_95 or 0):.0f}% answered at 95% precision")
    axes.set_xlabel("questions answered, the surest first (%)")
    axes.set_ylabel("of these, wrong (%)")
    axes.set_xlim(0, 100)
    axes.set_ylim(0, min(max(1.15 * float(risk.max()), 10), 100))


def _reliability(axes: "Axes", bins: "list[Bin]", figures: "Figures") -> None:
    axes.plot((0, 100), (0, 100), **DASHED)
    axes.bar(
        [100 * each.low + 0.5 for each in bins],
        [100 * each.count / figures.questions for each in bins],
        width=[100 * (each.high - each.low) - 1 for each in bins],
        align="edge", color=PALE, label="share of the questions, and how many",
    )  # fmt: skip
    for each in bins:
        top = (50 * (each.low + each.high), 100 * each.count / figures.questions)
        axes.annotate(f"{each.count:,}", top, (0, 3), **BESIDE, color=GREY, ha="center", fontsize=8)
    x, y = [100 * each.confidence for each in bins], [100 * each.right for each in bins]
    axes.plot(x, y, color=BLUE, linewidth=1.8, marker="o", markersize=5, label="right", clip_on=False, zorder=3)
    axes.set_title(f"Reliability: calibration error {100 * (figures.calibration_error or 0):.1f}%")
    axes.set_xlabel("confidence (%)")
    axes.set_ylabel("right (%)")
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    axes.figure.legend(frameon=False, loc="outside lower right", ncols=2, fontsize=9)
