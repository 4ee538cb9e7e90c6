"""The plots of the matching report, as SVG. Decides how they look."""

from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from matcher.calibration import Calibration, RefusalCurve

_COLOUR, _OTHER = "#2f7a74", "#b4552d"
# The same figures give the same file.
mpl.rcParams |= {"svg.hashsalt": "kindred", "font.size": 11, "axes.spines.top": False, "axes.spines.right": False}


def plot_reliability(calibration: Calibration, target: Path) -> None:
    """What was said to be probable, and how often it was right."""
    axes = _axes(4.6, 4.4)
    axes.plot([0, 1], [0, 1], linestyle="--", color="grey", linewidth=1)
    said, right = [one.probability for one in calibration.bins], [one.right for one in calibration.bins]
    axes.plot(said, right, marker="o", color=_COLOUR)
    axes.set(xlabel="probability that was said", ylabel="share that was right", xlim=(0, 1), ylim=(0, 1))
    axes.set_title(f"Expected calibration error {calibration.error:.3f}")
    _save(axes, target)


def plot_refusals(curve: RefusalCurve, target: Path) -> None:
    """Whom a higher threshold keeps, and whom it declines."""
    axes = _axes(4.6, 4.4)
    kept, declined = [point.kept for point in curve.points], [point.declined for point in curve.points]
    axes.plot(kept, declined, color=_COLOUR)
    axes.plot(curve.present.kept, curve.present.declined, "o", color=_OTHER, label="as the rules are")
    if curve.keeping is not None:
        axes.plot(curve.keeping.kept, curve.keeping.declined, "D", color=_COLOUR, label="nine of ten kept")
    axes.set(xlabel="kept, of those whom a group fits", ylabel="declined, of those whom nothing fits")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, loc="lower left")
    _save(axes, target)


def _axes(width: float, height: float) -> Axes:
    return plt.subplots(figsize=(width, height))[1]


def _save(axes: Axes, target: Path) -> None:
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.savefig(target, bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
