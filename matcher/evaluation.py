"""How well the matching finds the groups that people judged to be right: measures, intervals, slices, comparisons.

The order of groups is the real flow's own (`matcher.recommend.find_candidates`, `matcher.ranking.rank`), only without
the limit on candidates. Reads no files and draws nothing: labelled cases come in, figures go out. Whether probabilities
hold is measured in `matcher.calibration`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from math import log2
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matcher.calibration import Calibration, Claim, Closeness, RefusalCurve, calibrate, sweep_thresholds
from matcher.encoder import TextEncoder
from matcher.index import DirectoryIndex
from matcher.ranking import rank
from matcher.recommend import find_candidates, pose
from matcher.screening import Screening
from matcher.situation import situate
from models.errors import InvalidInput
from models.intake import Intake
from models.rules import MatchingRules

MEASURES: Final = ("recall@1", "recall@3", "MRR", "nDCG@5")
RESAMPLES: Final = 1000
_PLACES_CLAIMED = 3
_INTERVAL_PERCENT: Final = (2.5, 97.5)
_LONGEST_WORDS: Final = ((0, "no story"), (25, "1 to 25 words"), (100, "26 to 100 words"), (250, "101 to 250 words"))
_MOST_PROFILES: Final = ((0, "none"), (5, "1 to 5"), (20, "6 to 20"), (99, "21 to 99"))

Table = NDArray[np.float64]
Ranks = tuple[int | None, ...]
OnPlaced = Callable[[int], None]
"""Called with how many newcomers are done."""


@dataclass(frozen=True)
class JudgedNewcomer:
    """One newcomer with the groups that a thoughtful person would name."""

    id: str
    intake: Intake
    good: tuple[str, ...]
    """Ids of the judged groups; none: nothing is close, and Kindred should say so."""
    kind: str | None = None


@dataclass(frozen=True)
class Placing:
    """Where one newcomer's judged groups stand in the ranking of all groups. Holds nothing of the newcomer's words."""

    id: str
    good: tuple[str, ...]
    ranks: Ranks
    """One for each judged group, from 1; None: a rule puts the group out."""
    told_nothing_close: bool
    """Whether no group at all was called a possible fit or better."""
    words: int
    """How long the story is."""
    profiles: int
    """How many members of the judged group have told something; of several groups, the most."""
    kind: str | None = None
    claims: tuple[Claim, ...] = ()
    """About the groups in the first three places, best first."""
    closeness: Closeness = None

    @property
    def best_rank(self) -> int | None:
        """Where the first of the judged groups stands."""
        return min((rank for rank in self.ranks if rank is not None), default=None)


@dataclass(frozen=True)
class Figure:
    """A measure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Slice:
    """Figures over some of the newcomers."""

    name: str
    newcomers: int
    groups: int
    figures: dict[str, Figure]
    """One for each of MEASURES."""


@dataclass(frozen=True)
class Refusals:
    """How often Kindred says that nothing is close, to those who have a judged group and to those who have none."""

    with_group: int
    with_group_refused: int
    without_group: int
    without_group_refused: int


@dataclass(frozen=True)
class Report:
    """All figures of one run."""

    overall: Slice
    slices: dict[str, tuple[Slice, ...]]
    """What was sliced by → its slices."""
    refusals: Refusals
    calibration: Calibration
    """Over newcomers who have a judged group."""
    calibration_of_all: Calibration
    """Over those, too, who have none, and for whom no claim is right."""
    refusal_curve: RefusalCurve | None
    """None: every newcomer has a judged group."""


@dataclass(frozen=True)
class Change:
    """A newcomer whose first judged group stands elsewhere in another run."""

    id: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Comparison:
    """Two runs over the same newcomers."""

    differences: dict[str, Figure]
    """For each measure, after less before; newcomers are resampled in pairs."""
    wins: tuple[Change, ...]
    """Best first: by how much the reciprocal rank rose."""
    losses: tuple[Change, ...]
    unchanged: int


def place_newcomers(
    newcomers: Sequence[JudgedNewcomer],
    index: DirectoryIndex,
    encoder: TextEncoder,
    rules: MatchingRules,
    now: datetime,
    on_placed: OnPlaced | None = None,
) -> list[Placing]:
    """Ranks every group for every newcomer, as the real flow would with no limit on candidates."""
    unlimited = _without_limit(rules, len(index.present))
    members = {index.ids[row]: int(index.facts.profiles[row]) for row in index.present}
    placings = []
    for newcomer in newcomers:
        placings.append(_place(newcomer, index, encoder, unlimited, now, members))
        if on_placed is not None:
            on_placed(len(placings))
    return placings


def _without_limit(rules: MatchingRules, groups: int) -> MatchingRules:
    candidates = rules.limits.candidates.model_copy(update={"value": float(groups)})
    return rules.model_copy(update={"limits": rules.limits.model_copy(update={"candidates": candidates})})


def _place(
    newcomer: JudgedNewcomer,
    index: DirectoryIndex,
    encoder: TextEncoder,
    rules: MatchingRules,
    now: datetime,
    members: dict[str, int],
) -> Placing:
    situation, query = situate(newcomer.intake, index.towns, now), pose(newcomer.intake, index, encoder)
    ranked = rank(find_candidates(query, Screening.of(index.facts, situation, rules), index), index.ids, rules)
    places = {one.group_id: place for place, one in enumerate(ranked, start=1)}
    return Placing(
        id=newcomer.id,
        good=newcomer.good,
        ranks=tuple(places.get(group) for group in newcomer.good),
        told_nothing_close=not ranked.close.any(),
        words=len((newcomer.intake.story or "").split()),
        profiles=max((members[group] for group in newcomer.good), default=0),
        kind=newcomer.kind,
        claims=tuple(
            Claim(one.probability, one.fit, one.group_id in newcomer.good) for one in islice(ranked, _PLACES_CLAIMED)
        ),
        closeness=max((min(one.closeness, one.score) for one in ranked), default=None),
    )


def measure(ranks: Ranks) -> tuple[float, float, float, float]:
    """Each of MEASURES, in [0, 1], for one newcomer; `ranks` are those of the judged groups, at least one.

    Recall is the share of the judged groups that stand among the first k, of as many as could stand there.
    """
    known = [rank for rank in ranks if rank is not None]
    gained = sum(1 / log2(rank + 1) for rank in known if rank <= 5)
    best = sum(1 / log2(place + 1) for place in range(1, min(5, len(ranks)) + 1))
    return _recall(known, 1, len(ranks)), _recall(known, 3, len(ranks)), 1 / min(known, default=np.inf), gained / best


def _recall(known: list[int], first: int, judged: int) -> float:
    return sum(rank <= first for rank in known) / min(first, judged)


def report(placings: Sequence[Placing], rng: np.random.Generator, possible_closeness: float) -> Report:
    """All figures of a run that was made with the threshold `possible_closeness`.

    Raises InvalidInput when no newcomer has a judged group.
    """
    judged = [placing for placing in placings if placing.good]
    if not judged:
        raise InvalidInput("None of the newcomers has a judged group, so there is nothing to measure.")
    return Report(
        overall=summarise("all", judged, rng),
        slices={
            by: tuple(summarise(name, members, rng) for name, members in slices.items())
            for by, slices in slice_up(judged).items()
        },
        refusals=count_refusals(placings),
        calibration=calibrate([claim for one in judged for claim in one.claims]),
        calibration_of_all=calibrate([claim for one in placings for claim in one.claims]),
        refusal_curve=_sweep(placings, possible_closeness),
    )


def _sweep(placings: Sequence[Placing], possible_closeness: float) -> RefusalCurve | None:
    without_group: dict[str, list[Closeness]] = {}
    for one in placings:
        if not one.good:
            without_group.setdefault(one.kind or "no kind given", []).append(one.closeness)
    if not without_group:
        return None
    return sweep_thresholds([one.closeness for one in placings if one.good], without_group, possible_closeness)


def slice_up(judged: Sequence[Placing]) -> dict[str, dict[str, list[Placing]]]:
    """What to slice by → the name of each slice → the newcomers in it; empty slices are left out."""
    return {
        "story": _by_bounds(judged, lambda one: one.words, _LONGEST_WORDS, "over 250 words"),
        "profiles": _by_bounds(judged, lambda one: one.profiles, _MOST_PROFILES, "100 and more"),
        "kind": _by_names(judged, lambda one: (one.kind,) if one.kind else ()),
        "group": _by_names(judged, lambda one: one.good),
    }


def _by_bounds(
    judged: Sequence[Placing], number: Callable[[Placing], int], bounds: Sequence[tuple[int, str]], beyond: str
) -> dict[str, list[Placing]]:
    slices: dict[str, list[Placing]] = {name: [] for name in (*(name for _, name in bounds), beyond)}
    for one in judged:
        slices[next((name for most, name in bounds if number(one) <= most), beyond)].append(one)
    return {name: members for name, members in slices.items() if members}


def _by_names(judged: Sequence[Placing], names: Callable[[Placing], tuple[str, ...]]) -> dict[str, list[Placing]]:
    slices: dict[str, list[Placing]] = {}
    for one in judged:
        for name in names(one):
            slices.setdefault(name, []).append(one)
    return dict(sorted(slices.items()))


def count_refusals(placings: Sequence[Placing]) -> Refusals:
    """How often each of the two kinds of newcomers is told that nothing is close."""
    refused = [one for one in placings if one.told_nothing_close]
    return Refusals(
        with_group=sum(bool(one.good) for one in placings),
        with_group_refused=sum(bool(one.good) for one in refused),
        without_group=sum(not one.good for one in placings),
        without_group_refused=sum(not one.good for one in refused),
    )


def summarise(name: str, judged: Sequence[Placing], rng: np.random.Generator) -> Slice:
    """Macro over groups: each group's mean counts the same, however many newcomers it has."""
    shares = _shares(judged)
    values = np.array([measure(one.ranks) for one in judged])
    return Slice(name, len(judged), shares.shape[1], _figures(values, shares, rng))


def compare(before: Sequence[Placing], after: Sequence[Placing], rng: np.random.Generator) -> Comparison:
    """Case by case. Raises InvalidInput when the two runs are not about the same newcomers and judged groups."""
    first = {one.id: one for one in before if one.good}
    second = {one.id: one for one in after if one.good}
    if {id: set(one.good) for id, one in first.items()} != {id: set(one.good) for id, one in second.items()}:
        raise InvalidInput("The two runs can't be compared: their newcomers or judged groups are not the same.")
    pairs = [(first[id], second[id]) for id in sorted(first)]
    gains = np.array([np.subtract(measure(new.ranks), measure(old.ranks)) for old, new in pairs])
    moved = sorted(_changes(pairs), key=lambda change: -abs(change[0]))
    wins = tuple(change for gain, change in moved if gain > 0)
    losses = tuple(change for gain, change in moved if gain < 0)
    return Comparison(
        differences=_figures(gains, _shares([old for old, _ in pairs]), rng),
        wins=wins,
        losses=losses,
        unchanged=len(pairs) - len(wins) - len(losses),
    )


def _changes(pairs: Sequence[tuple[Placing, Placing]]) -> Iterator[tuple[float, Change]]:
    for old, new in pairs:
        was, became = old.best_rank, new.best_rank
        yield 1 / (became or np.inf) - 1 / (was or np.inf), Change(old.id, was, became)


def _shares(judged: Sequence[Placing]) -> Table:
    """How much each newcomer counts for each group, (newcomers, groups): all their judged groups share them evenly."""
    columns = {group: column for column, group in enumerate(sorted({group for one in judged for group in one.good}))}
    shares = np.zeros((len(judged), len(columns)))
    for row, one in enumerate(judged):
        shares[row, [columns[group] for group in one.good]] = 1 / len(one.good)
    return shares


def _figures(values: Table, shares: Table, rng: np.random.Generator) -> dict[str, Figure]:
    """Figures of `values` (newcomers, measures); newcomers are resampled with replacement."""
    count = len(values)
    weights = rng.multinomial(count, np.full(count, 1 / count), size=RESAMPLES).astype(np.float64)
    points = _macro(values, shares, np.ones((1, count)))[0]
    lows, highs = np.percentile(_macro(values, shares, weights), _INTERVAL_PERCENT, axis=0)
    return {name: Figure(float(points[m]), float(lows[m]), float(highs[m])) for m, name in enumerate(MEASURES)}


def _macro(values: Table, shares: Table, weights: Table) -> Table:
    """The mean over groups of each group's weighted mean, (resamples, measures).

    A resample in which a group has no newcomers is a mean over the other groups.
    """
    of_groups = weights @ shares
    there = of_groups > 0
    means = [
        np.divide(weights @ (shares * values[:, [m]]), of_groups, out=np.zeros_like(of_groups), where=there)
        for m in range(values.shape[1])
    ]
    return np.stack([mean.sum(axis=1) / there.sum(axis=1) for mean in means], axis=1)
