"""Two sections of the evaluation page: how well the probabilities hold, and who is told that nothing is close.

Decides how these figures are drawn and tabled. The figures themselves are made in `matcher.calibration`.
"""

from collections.abc import Iterator, Sequence
from html import escape
from math import sqrt

from matcher.calibration import KEPT_PERCENT, Bin, Calibration, RefusalCurve, Threshold
from scripts.evaluation_table import list_declined, say_keeping, say_level, say_share

STYLE = """
.curve { fill: none; stroke: var(--bar); stroke-width: 2; } .diagonal { stroke: var(--line); stroke-dasharray: 4 4; }
.dot { fill: var(--bar); } .ring { fill: none; stroke: var(--line); stroke-width: 2; }
"""
_LEFT, _SIDE, _TOP, _BELOW, _WIDTH = 70, 320, 12, 50, 770  # pixels
_RADIUS, _LINE = 7, 26

Row = Sequence[str | int]


def make_calibration(judged: Calibration, of_all: Calibration | None) -> str:
    """`of_all` counts those too who have no judged group, if there are any."""
    levels = [(say_level(level.fit), level.claims, say_share(level.right)) for level in judged.levels]
    bins = [(say_share(one.probability), say_share(one.right), one.claims) for one in judged.bins]
    errors = f"Expected calibration error: {judged.error:.3f} over {judged.claims} groups"
    if of_all is not None:
        errors += f"; {of_all.error:.3f} over {of_all.claims} when those who have no judged group count too"
    return (
        f"<h2>How well the probabilities hold</h2><p>Each newcomer's first three groups: how probable it was said that "
        f"a group is right, and how often it was. {errors}.</p>{_plot_reliability(judged, of_all)}"
        f"<p>Of those who have a judged group:</p>{_table(('level', 'groups', 'share right'), levels)}"
        f"{_table(('mean probability', 'share right', 'groups'), bins)}"
    )


def make_refusals(curve: RefusalCurve) -> str:
    """Who is kept and who is declined."""
    heads = ("", "newcomers", say_keeping(curve), f"now: {curve.present.closeness:.3f}")
    rows = [(name, count, say_share(keeping), say_share(now)) for name, count, keeping, now in list_declined(curve)]
    return (
        f"<h2>The courage to say no</h2><p>The higher the closeness from which on a group is called a possible fit, "
        f"the more newcomers are told that nothing is close: those whom nothing fits, and some of the others.</p>"
        f"{_plot_curve(curve)}<p>With the closeness that keeps {KEPT_PERCENT} % of those who have a judged group, and "
        f"with the present one:</p>{_table(heads, rows)}"
    )


def _table(heads: Sequence[str], rows: Sequence[Row]) -> str:
    cells = "".join(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr>{cells}</table>"


def _plot_reliability(judged: Calibration, of_all: Calibration | None) -> str:
    marks = [f'<line class="diagonal" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>']
    marks += [_explain("dot", "those who have a judged group", 0), *_circles("dot", judged.bins)]
    if of_all is not None:
        marks += [_explain("ring", "all newcomers", 1), *_circles("ring", of_all.bins)]
    return _square("Reliability", "probability that was said", "share that was right", marks)


def _circles(look: str, bins: Sequence[Bin]) -> Iterator[str]:
    """The area is the number of groups."""
    most = max((one.claims for one in bins), default=1)
    for one in bins:
        yield _circle(look, _x(one.probability), _y(one.right), _RADIUS * sqrt(one.claims / most))


def _plot_curve(curve: RefusalCurve) -> str:
    path = " ".join(f"{_x(point.kept):.1f},{_y(point.declined):.1f}" for point in curve.points)
    marks = [f'<polyline class="curve" points="{path}"/>', *_mark("ring", "now", curve.present, 1)]
    if curve.keeping is not None:
        marks += _mark("dot", f"{KEPT_PERCENT} %", curve.keeping, 0)
    return _square("Kept and declined", "kept, of those who have a group", "declined, of those who have none", marks)


def _mark(look: str, name: str, at: Threshold, line: int) -> Iterator[str]:
    yield _circle(look, _x(at.kept), _y(at.declined), _RADIUS)
    yield _explain(look, f"{name}: {at.kept:.3f} kept, {at.declined:.3f} declined", line)


def _explain(look: str, text: str, line: int) -> str:
    x, y = _LEFT + _SIDE + 40, _TOP + 20 + _LINE * line
    return f'{_circle(look, x, y, _RADIUS)}<text x="{x + 18}" y="{y}">{escape(text)}</text>'


def _circle(look: str, x: float, y: float, radius: float) -> str:
    return f'<circle class="{look}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>'


def _square(label: str, across: str, up: str, marks: Sequence[str]) -> str:
    """A plot of shares against shares, both from 0 to 1."""
    middle = _TOP + _SIDE / 2
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_TOP + _SIDE + _BELOW}" role="img" aria-label="{escape(label)}">'
        f"{''.join(_grid())}"
        f'<text x="{_LEFT + _SIDE / 2}" y="{_TOP + _SIDE + 40}" text-anchor="middle">{escape(across)}</text>'
        f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">{escape(up)}</text>'
        f"{''.join(marks)}</svg>"
    )


def _grid() -> Iterator[str]:
    for share in (0, 0.25, 0.5, 0.75, 1):
        x, y = _x(share), _y(share)
        yield f'<line class="grid" x1="{x}" x2="{x}" y1="{_y(0)}" y2="{_y(1)}"/>'
        yield f'<line class="grid" x1="{_x(0)}" x2="{_x(1)}" y1="{y}" y2="{y}"/>'
        yield f'<text x="{x}" y="{_y(0) + 16}" text-anchor="middle">{share:g}</text>'
        yield f'<text x="{_LEFT - 8}" y="{y}" text-anchor="end">{share:g}</text>'


def _x(share: float) -> float:
    return _LEFT + _SIDE * share


def _y(share: float) -> float:
    return _TOP + _SIDE * (1 - share)
