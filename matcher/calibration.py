"""How well the probabilities hold, and who is told that nothing is close: those whom nothing fits, or others too.

What the ranking claimed and how close the closest group came go in, figures come out. What is close, good or strong is
decided by the rules.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.recommendation import Fit

BINS: Final = 10
KEPT_PERCENT: Final = 90
"""Of the newcomers who have a judged group, so many must still be shown a group when the others are declined."""

Numbers = NDArray[np.float64]
Closeness = float | None
"""How close the closest group came, as `matcher.ranking.call_fit` takes it; None: a rule puts every group out."""


@dataclass(frozen=True)
class Claim:
    """What the ranking claims of one group, and whether people judged it right."""

    probability: float
    fit: Fit
    right: bool


@dataclass(frozen=True)
class Bin:
    """Claims of nearly the same probability."""

    probability: float
    """Their mean."""
    right: float
    """The share of them that is right."""
    claims: int


@dataclass(frozen=True)
class Level:
    """Claims of the same level."""

    fit: Fit
    claims: int
    right: float | None
    """The share of them that is right; None: there are none."""


@dataclass(frozen=True)
class Calibration:
    """How well probabilities and levels hold."""

    claims: int
    error: float
    """The expected calibration error: how far the bins' probabilities are from their shares right, in the mean."""
    bins: tuple[Bin, ...]
    """As many claims in each, the least probable first."""
    levels: tuple[Level, ...]
    """One for each Fit."""


@dataclass(frozen=True)
class Threshold:
    """What becomes of newcomers when a group is called a possible fit from this closeness on."""

    closeness: float
    kept: float
    """The share of those who have a judged group who are shown a group."""
    declined: float
    """The share of those who have none who are told that nothing is close."""


@dataclass(frozen=True)
class DeclinedKind:
    """Newcomers of one kind who have no judged group."""

    kind: str
    newcomers: int
    keeping: float | None
    """The share that is declined at `RefusalCurve.keeping`."""
    present: float
    """The share that is declined at `RefusalCurve.present`."""


@dataclass(frozen=True)
class RefusalCurve:
    """Who is kept and who is declined, for one threshold on closeness after another."""

    with_group: int
    without_group: int
    points: tuple[Threshold, ...]
    """From the highest threshold that keeps everyone with a judged group, by hundredths of them, upwards."""
    keeping: Threshold | None
    """The highest that keeps KEPT_PERCENT of them; None: rules alone turn more of them away."""
    present: Threshold
    kinds: tuple[DeclinedKind, ...]


def calibrate(claims: Sequence[Claim]) -> Calibration:
    """Holds the probabilities against how often they were right. The order of `claims` makes no difference."""
    probabilities = np.array([one.probability for one in claims])
    right = _share_among_equals(probabilities, np.array([one.right for one in claims], dtype=np.float64))
    bins = tuple(
        Bin(float(probabilities[rows].mean()), float(right[rows].mean()), len(rows))
        for rows in np.array_split(np.argsort(probabilities), BINS)
        if len(rows)
    )
    error = sum(one.claims * abs(one.probability - one.right) for one in bins) / max(1, len(claims))
    return Calibration(len(claims), error, bins, tuple(_level(fit, claims) for fit in Fit))


def _share_among_equals(probabilities: Numbers, right: Numbers) -> Numbers:
    """The share right among the claims of exactly the same probability: bins may part them anyhow."""
    _, value = np.unique(probabilities, return_inverse=True)
    return np.asarray((np.bincount(value, right) / np.bincount(value))[value])


def _level(fit: Fit, claims: Sequence[Claim]) -> Level:
    right = [one.right for one in claims if one.fit is fit]
    return Level(fit, len(right), sum(right) / len(right) if right else None)


def sweep_thresholds(
    with_group: Sequence[Closeness], without_group: Mapping[str, Sequence[Closeness]], present: float
) -> RefusalCurve:
    """The curve over every threshold worth setting. `without_group` is by kind; neither may be empty.

    `present` is the threshold that the rules set.
    """
    fitting = _numbers(with_group)
    kinds = {kind: _numbers(own) for kind, own in sorted(without_group.items())}
    others = np.concatenate(list(kinds.values()))
    highest = {percent: _highest_keeping(percent, fitting) for percent in range(1, 101)}
    points = [_stand(at, fitting, others) for at in sorted(set(highest.values())) if at > -np.inf]
    keeping = highest[KEPT_PERCENT] if highest[KEPT_PERCENT] > -np.inf else None
    return RefusalCurve(
        with_group=len(fitting),
        without_group=len(others),
        points=tuple(points),
        keeping=None if keeping is None else _stand(keeping, fitting, others),
        present=_stand(present, fitting, others),
        kinds=tuple(
            DeclinedKind(kind, len(own), None if keeping is None else _below(keeping, own), _below(present, own))
            for kind, own in kinds.items()
        ),
    )


def _numbers(closeness: Iterable[Closeness]) -> Numbers:
    return np.array([-np.inf if one is None else one for one in closeness])


def _highest_keeping(percent: int, fitting: Numbers) -> float:
    """The highest threshold that at least so many of `fitting` reach."""
    needed = -(-percent * len(fitting) // 100)
    return float(np.sort(fitting)[-needed])


def _stand(closeness: float, fitting: Numbers, others: Numbers) -> Threshold:
    return Threshold(closeness, kept=float((fitting >= closeness).mean()), declined=_below(closeness, others))


def _below(closeness: float, newcomers: Numbers) -> float:
    return float((newcomers < closeness).mean())
