"""The figures of an evaluation as lines of a terminal, with the words for them.

Decides how figures are laid out. The figures themselves are made in `matcher.evaluation` and `matcher.calibration`.
"""

from collections.abc import Sequence

from matcher.calibration import KEPT_PERCENT, Calibration, RefusalCurve
from matcher.evaluation import Change, Comparison, Figure, Refusals, Report, Slice
from models.recommendation import Fit

_CHANGES_SHOWN = 10
_NAME_WIDTH = 33
_CELL_WIDTH = 24
_SHARE_WIDTH = 19
_SLICED_BY = {"story": "By length of the story", "profiles": "By profiles of the judged group", "kind": "By kind"}


def lay_out(about: dict[str, str], report: Report, comparison: Comparison | None) -> list[str]:
    """The figures as lines of a terminal."""
    lines = [", ".join(f"{name} {value}" for name, value in about.items()), ""]
    lines += _table("Macro over groups", [report.overall])
    for by, title in _SLICED_BY.items():
        if report.slices[by]:
            lines += ["", *_table(title, report.slices[by])]
    lines += ["", *_calibrated(report), "", *say_refusals(report.refusals)]
    lines += _declined(report.refusal_curve) if report.refusal_curve else []
    return lines + (["", *_compared(comparison)] if comparison else [])


def _table(title: str, slices: Sequence[Slice]) -> list[str]:
    names = [name.rjust(_CELL_WIDTH) for name in slices[0].figures]
    heading = f"{title:<{_NAME_WIDTH}} {'newcomers':>9}{''.join(names)}"
    return [heading, *(f"{one.name:<{_NAME_WIDTH}} {one.newcomers:>9}{_cells(one.figures)}" for one in slices)]


def _cells(figures: dict[str, Figure], sign: str = "") -> str:
    texts = (f"{one.value:{sign}.3f} [{one.low:{sign}.3f}, {one.high:{sign}.3f}]" for one in figures.values())
    return "".join(text.rjust(_CELL_WIDTH) for text in texts)


def _calibrated(report: Report) -> list[str]:
    levels = [f"{say_level(level.fit)}, right" for level in report.calibration.levels]
    lines = [_row("Calibration of the first three", "groups", "error", *levels)]
    lines.append(_held("of those who have a judged group", report.calibration))
    return [*lines, _held("of all", report.calibration_of_all)] if report.refusal_curve else lines


def _held(name: str, calibration: Calibration) -> str:
    shares = (f"{say_share(level.right)} of {level.claims}" for level in calibration.levels)
    return _row(name, calibration.claims, f"{calibration.error:.3f}", *shares)


def _row(name: str, count: int | str, *cells: str) -> str:
    return f"{name:<{_NAME_WIDTH}} {count:>9}{''.join(cell.rjust(_SHARE_WIDTH) for cell in cells)}"


def say_level(fit: Fit) -> str:
    """A level as a word."""
    return fit.value.replace("_", " ")


def say_share(share: float | None) -> str:
    """A share with three digits; a dash: there is nothing to take a share of."""
    return "–" if share is None else f"{share:.3f}"


def _declined(curve: RefusalCurve) -> list[str]:
    heads = (say_keeping(curve), f"now: {curve.present.closeness:.3f}")
    rows = [(name, count, say_share(keeping), say_share(now)) for name, count, keeping, now in list_declined(curve)]
    return [_row("At this threshold on closeness", "newcomers", *heads), *(_row(*row) for row in rows)]


def say_keeping(curve: RefusalCurve) -> str:
    """The threshold to aim at."""
    return f"keep {KEPT_PERCENT} %: " + (f"{curve.keeping.closeness:.3f}" if curve.keeping else "none")


def list_declined(curve: RefusalCurve) -> list[tuple[str, int, float | None, float]]:
    """Who; how many newcomers; which share at the threshold to aim at; which at the present one."""
    keeping, now = curve.keeping, curve.present
    return [
        ("kept, of those who have a group", curve.with_group, keeping.kept if keeping else None, now.kept),
        (
            "declined, of those who have none",
            curve.without_group,
            keeping.declined if keeping else None,
            now.declined,
        ),
        *((f"declined, {one.kind}", one.newcomers, one.keeping, one.present) for one in curve.kinds),
    ]


def say_refusals(refusals: Refusals) -> list[str]:
    """How often people are told that nothing is close, in sentences."""
    told = f"Told that nothing is close: {refusals.with_group_refused} of {refusals.with_group} who have a judged group"
    if not refusals.without_group:
        return [f"{told}."]
    return [f"{told}; {refusals.without_group_refused} of {refusals.without_group} who have none."]


def _compared(comparison: Comparison) -> list[str]:
    difference = f"{'Difference':<{_NAME_WIDTH}} {'':>9}{_cells(comparison.differences, '+')}"
    counts = f"{len(comparison.wins)} newcomers win, {len(comparison.losses)} lose, {comparison.unchanged} stay."
    return [difference, counts, *_changes("win", comparison.wins), *_changes("lose", comparison.losses)]


def _changes(verb: str, changes: Sequence[Change]) -> list[str]:
    lines = [f"  {verb}: {one.id} ({one.before or 'out'} → {one.after or 'out'})" for one in changes[:_CHANGES_SHOWN]]
    more = len(changes) - _CHANGES_SHOWN
    return lines + ([f"  … and {more} more {verb}. --json FILE names them all."] if more > 0 else [])
