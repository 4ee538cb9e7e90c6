"""One self-contained page about an evaluation: plots as inline SVG, the same figures as tables. No script, no network.

Decides how figures are drawn. The figures themselves are made in `matcher.evaluation`. Probabilities and refusals are
drawn in `scripts.calibration_sections`.
"""

from collections.abc import Iterator, Sequence
from html import escape

from matcher.evaluation import Change, Comparison, Figure, Report, Slice
from scripts import calibration_sections

_DRAWN = "recall@3"
_TITLES = {
    "story": "By length of the story",
    "profiles": "By number of profiles of the judged group",
    "kind": "By kind of newcomer",
    "group": "By judged group",
}
_LEFT, _PLOT, _RIGHT, _ROW = 290, 400, 80, 26  # pixels
_STYLE = """
:root { color-scheme: light dark; --bar: #3a7d78; --line: #16211f; --faint: #b9c4c1; }
@media (prefers-color-scheme: dark) { :root { --bar: #4f9a94; --line: #eef3f1; --faint: #55625f; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .15rem 1rem .15rem 0; border-bottom: 1px solid var(--faint); }
small { opacity: .75; white-space: nowrap; }
svg { width: 100%; max-width: 770px; height: auto; display: block; }
svg text { font-size: 14px; fill: currentColor; dominant-baseline: middle; }
.bar { fill: var(--bar); } .interval { stroke: var(--line); stroke-width: 2; } .grid { stroke: var(--faint); }
"""


def make_page(about: dict[str, str], report: Report, comparison: Comparison | None) -> str:
    """The whole page as HTML."""
    told = escape(", ".join(f"{name} {value}" for name, value in about.items()))
    sections = [_section("All newcomers", [report.overall], _plot_measures(report.overall.figures))]
    if comparison is not None:
        sections.append(_comparison(comparison))
    for by, slices in report.slices.items():
        if slices:
            sections.append(_section(_TITLES[by], slices, _plot_slices(_TITLES[by], slices)))
    sections += _calibration(report)
    refusals = report.refusals
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Kindred: evaluation</title><style>{_STYLE}{calibration_sections.STYLE}</style>"
        f"<h1>How often the right group is found</h1><p>{told}.</p>"
        f"<p>Every figure with an interval is the mean over groups; the interval holds 95 % of bootstrap resamples. "
        f"Told that nothing is close: {refusals.with_group_refused} of {refusals.with_group} newcomers who have a "
        f"judged group, and {refusals.without_group_refused} of {refusals.without_group} who have none.</p>"
        f"{''.join(sections)}</html>\n"
    )


def _calibration(report: Report) -> list[str]:
    curve = report.refusal_curve
    if curve is None:
        return [calibration_sections.make_calibration(report.calibration, None)]
    calibrated = calibration_sections.make_calibration(report.calibration, report.calibration_of_all)
    return [calibrated, calibration_sections.make_refusals(curve)]


def _section(title: str, slices: Sequence[Slice], plot: str) -> str:
    heads = "".join(f"<th>{escape(name)}</th>" for name in slices[0].figures)
    rows = "".join(
        f"<tr><td>{escape(one.name)}</td><td>{one.newcomers}</td>{_cells(one.figures)}</tr>" for one in slices
    )
    return f"<h2>{title}</h2>{plot}<table><tr><th></th><th>newcomers</th>{heads}</tr>{rows}</table>"


def _cells(figures: dict[str, Figure], sign: str = "") -> str:
    return "".join(
        f"<td>{one.value:{sign}.3f} <small>{one.low:{sign}.3f} to {one.high:{sign}.3f}</small></td>"
        for one in figures.values()
    )


def _plot_measures(figures: dict[str, Figure]) -> str:
    return _plot("All measures", list(figures.items()), 0.0, 1.0)


def _plot_slices(title: str, slices: Sequence[Slice]) -> str:
    bars = [(f"{one.name} ({one.newcomers})", one.figures[_DRAWN]) for one in slices]
    return f"<p>{_DRAWN}; in brackets, how many newcomers.</p>{_plot(f'{title}: {_DRAWN}', bars, 0.0, 1.0)}"


def _comparison(comparison: Comparison) -> str:
    edge = max(0.01, *(max(abs(one.low), abs(one.high)) for one in comparison.differences.values()))
    plot = _plot("Differences", list(comparison.differences.items()), -edge, edge)
    return (
        f"<h2>Against the other run</h2><p>Above zero: this run is better. {len(comparison.wins)} newcomers win, "
        f"{len(comparison.losses)} lose, {comparison.unchanged} stay.</p>{plot}"
        f"{_changes('Who wins', comparison.wins)}{_changes('Who loses', comparison.losses)}"
    )


def _changes(title: str, changes: Sequence[Change]) -> str:
    rows = "".join(
        f"<tr><td>{escape(one.id)}</td><td>{one.before or 'put out'}</td><td>{one.after or 'put out'}</td></tr>"
        for one in changes
    )
    heads = "<tr><th>newcomer</th><th>place before</th><th>place now</th></tr>"
    return f"<details><summary>{title} ({len(changes)})</summary><table>{heads}{rows}</table></details>"


def _plot(label: str, bars: Sequence[tuple[str, Figure]], start: float, end: float) -> str:
    """Horizontal bars from zero with their intervals, on an axis from `start` to `end`."""
    height = _ROW * (len(bars) + 1)
    drawn = "".join(_bar(name, figure, row, start, end) for row, (name, figure) in enumerate(bars))
    return (
        f'<svg viewBox="0 0 {_LEFT + _PLOT + _RIGHT} {height}" role="img" aria-label="{escape(label)}">'
        f"{''.join(_grid(start, end, height))}{drawn}</svg>"
    )


def _bar(name: str, figure: Figure, row: int, start: float, end: float) -> str:
    value, low, high, zero = (_across(x, start, end) for x in (figure.value, figure.low, figure.high, 0.0))
    middle = _ROW * row + _ROW / 2
    sign = "+" if start < 0 else ""
    return (
        f'<text x="{_LEFT - 10}" y="{middle}" text-anchor="end">{escape(name)}</text>'
        f'<rect class="bar" x="{min(value, zero):.1f}" y="{middle - 8}" width="{abs(value - zero):.1f}" height="16"/>'
        f'<line class="interval" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"/>'
        f'<text x="{_LEFT + _PLOT + 10}" y="{middle}">{figure.value:{sign}.3f}</text>'
    )


def _grid(start: float, end: float, height: int) -> Iterator[str]:
    for step in range(5):
        value = start + (end - start) * step / 4
        x = _across(value, start, end)
        yield f'<line class="grid" x1="{x}" x2="{x}" y1="0" y2="{height - _ROW}"/>'
        yield f'<text x="{x}" y="{height - _ROW / 2}" text-anchor="middle">{value:.2g}</text>'


def _across(value: float, start: float, end: float) -> float:
    return _LEFT + _PLOT * (value - start) / (end - start)
