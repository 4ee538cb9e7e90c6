"""The plots of a run, as SVG. Decides how they look."""

from pathlib import Path
from typing import Final

import matplotlib as mpl

mpl.use("svg")
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from scripts.bench.asking import together
from scripts.bench.figures import Growth, Run, Times
from scripts.bench.sampling import ENCODING, PARTS

_COLOURS: Final = ("#2f7a74", "#b4552d", "#5b5ea6", "#8a7a2b", "#7a7a7a", "#a64d79", "#3d85c6", "#38761d", "#444444")
# The same figures give the same file.
mpl.rcParams |= {"svg.hashsalt": "kindred", "font.size": 11, "axes.spines.top": False, "axes.spines.right": False}


def draw_plots(run: Run, folder: Path) -> list[tuple[str, str]]:
    """Title and file name of each plot that there are figures for."""
    drawn = []
    if run.growth is not None and run.growth.sizes:
        _plot_growth(run.growth, folder / "growth.svg")
        _plot_parts(run.growth, folder / "parts.svg")
        drawn += [("How requests grow with the directory", "growth.svg"), ("What a request is made of", "parts.svg")]
    if _distributions(run):
        _plot_distributions(_distributions(run), folder / "latency.svg")
        drawn.append(("How long answers take, one request at a time", "latency.svg"))
    return drawn


def _plot_growth(growth: Growth, target: Path) -> None:
    """Milliseconds outside encoding, and memory, by groups; dashed where they are read off."""
    _, (above, below) = plt.subplots(2, 1, figsize=(6, 7), sharex=True)
    last = growth.sizes[-1]
    groups = [size.groups for size in growth.sizes]
    beyond = [last.groups, *(guess.groups for guess in growth.guesses)]
    outside = [size.requests.outside.median for size in growth.sizes]
    above.plot(groups, outside, marker="o", color=_COLOURS[0], label="outside encoding")
    above.plot(groups, [size.requests.alone.median for size in growth.sizes], color=_COLOURS[4], label="encoding alone")
    guessed = [last.requests.outside.median, *(guess.outside_ms for guess in growth.guesses)]
    above.plot(
        beyond,
        guessed,
        linestyle="--",
        marker="o",
        markevery=slice(1, None),
        markerfacecolor="white",
        color=_COLOURS[0],
    )
    above.set(xscale="log", yscale="log", ylabel="median, ms")
    above.legend(frameon=False)
    below.plot(groups, [size.memory.resident for size in growth.sizes], marker="o", color=_COLOURS[1])
    weighed = [last.memory.resident, *(guess.memory_mib for guess in growth.guesses)]
    below.plot(
        beyond,
        weighed,
        linestyle="--",
        marker="o",
        markevery=slice(1, None),
        markerfacecolor="white",
        color=_COLOURS[1],
    )
    below.set(xscale="log", yscale="log", xlabel="groups, ten profiles each", ylabel="memory, MiB")
    for axes in (above, below):
        axes.grid(alpha=0.3)
        _write_out(axes.yaxis)
    _write_out(below.xaxis, (1,))
    _save(below, target)


def _plot_parts(growth: Growth, target: Path) -> None:
    """A bar for each size, its parts one upon the other."""
    axes = plt.subplots(figsize=(6, 4.4))[1]
    names = [f"{size.groups:,}" for size in growth.sizes]
    floor = np.zeros(len(names))
    for part, colour in zip([part for part in PARTS if part != ENCODING], _COLOURS, strict=False):
        heights = np.array([size.requests.parts.get(part, 0.0) for size in growth.sizes])
        axes.bar(names, heights, bottom=floor, color=colour, label=part)
        floor += heights
    axes.set(xlabel="groups", ylabel="ms a request, without encoding")
    axes.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1, 1), reverse=True)
    _save(axes, target)


def _distributions(run: Run) -> dict[str, Times]:
    found = {}
    if run.encoding is not None:
        found["encoding one text"] = run.encoding.ours
    if run.peers is not None and run.peers.peers:
        found["Kindred, in turn with each"] = together([peer.kindred[0] for peer in run.peers.peers]).times
        found |= {peer.name: peer.answers[0].times for peer in run.peers.peers}
    elif run.serving is not None:
        found["Kindred"] = run.serving.answers[0].times
    return {name: times for name, times in found.items() if times.milliseconds}


def _plot_distributions(distributions: dict[str, Times], target: Path) -> None:
    """The share of answers that were there by then."""
    axes = plt.subplots(figsize=(6, 4.4))[1]
    for (name, times), colour in zip(distributions.items(), _COLOURS, strict=False):
        taken = np.sort(times.milliseconds)
        axes.step(taken, np.arange(1, len(taken) + 1) / len(taken), where="post", color=colour, label=name)
    axes.set(xscale="log", xlabel="ms", ylabel="share of answers", ylim=(0, 1))
    _write_out(axes.xaxis)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1, 1))
    _save(axes, target)


def _write_out(axis: Axis, digits: tuple[int, ...] = (1, 2, 5)) -> None:
    """Plain numbers on a logarithmic axis."""
    axis.set_major_locator(LogLocator(subs=digits))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axis.set_minor_formatter(NullFormatter())


def _save(axes: Axes, target: Path) -> None:
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.savefig(target, bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
