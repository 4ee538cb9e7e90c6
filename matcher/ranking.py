"""The score: a weighted sum of features, as signed contributions. Nothing else decides the order of groups."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
from numpy.typing import NDArray

from matcher.facts import Column, Counts, Mask, Rows
from matcher.features import FEATURES, SUBJECT_FEATURES, Values
from models.recommendation import Contribution, Fit
from models.rules import Levels, MatchingRules

_SUBJECT_COLUMNS = [FEATURES.index(feature) for feature in SUBJECT_FEATURES]

_NOT_COLUMNS = ("ids", "levels")


@dataclass(frozen=True)
class Candidates:
    """The groups that retrieval returned and eligibility let through, with their features; each array is (rows,)."""

    rows: Rows
    """Their places in the index."""
    values: Values
    """A column for each of FEATURES."""
    open_conditions: Counts
    """How many conditions of each the newcomer has not answered."""
    doubted: Mask
    """Which would be out if what was read from the story were confirmed."""
    subject_were_they_silent: Column
    """What `same_subject` would be if its members had told nothing."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its score."""

    row: int
    """Its place in the index."""
    group_id: str
    values: NDArray[np.float64]  # (features,), NaN where not known
    amounts: NDArray[np.float64]  # (features,)
    score: float
    closeness: float
    """The part of the score that is about what the newcomer is going through."""
    probability: float
    """How probable it is that a thoughtful person would name this group."""
    fit: Fit
    doubted: bool
    subject_were_they_silent: float


@dataclass(frozen=True)
class Ranking:
    """Candidates with their scores, best first; each array is (groups,) unless it says otherwise."""

    rows: Rows
    values: NDArray[np.float64]  # (groups, features)
    amounts: NDArray[np.float64]  # (groups, features)
    scores: Column
    closeness: Column
    probabilities: Column
    close: Mask
    """Which are close at all."""
    open_conditions: Counts
    doubted: Mask
    subject_were_they_silent: Column
    ids: Sequence[str]
    """Those of the whole index."""
    levels: Levels

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Ranked]:
        return (self[place] for place in range(len(self)))

    def __getitem__(self, place: int) -> Ranked:
        closeness, score = float(self.closeness[place]), float(self.scores[place])
        probability = float(self.probabilities[place])
        return Ranked(
            row=int(self.rows[place]),
            group_id=self.id_of(place),
            values=self.values[place],
            amounts=self.amounts[place],
            score=score,
            closeness=closeness,
            probability=probability,
            fit=call_fit(min(closeness, score), probability, self.levels),
            doubted=bool(self.doubted[place]),
            subject_were_they_silent=float(self.subject_were_they_silent[place]),
        )

    def id_of(self, place: int) -> str:
        """Of the group at this place."""
        return self.ids[int(self.rows[place])]

    def of(self, places: Rows) -> "Ranking":
        """Those at these places, in their order."""
        columns = {name: column.take(places, axis=0) for name, column in vars(self).items() if name not in _NOT_COLUMNS}
        return Ranking(**columns, ids=self.ids, levels=self.levels)


def rank(candidates: Candidates, ids: Sequence[str], rules: MatchingRules) -> Ranking:
    """Best first; groups with the same score stand in the order of their ids. `ids` are those of the whole index."""
    values = stack_features(candidates.values)
    amounts = weigh(values, rules)
    scores = amounts.sum(axis=1)
    closeness = amounts[:, _SUBJECT_COLUMNS].sum(axis=1)
    ranking = Ranking(
        rows=candidates.rows,
        values=values,
        amounts=amounts,
        scores=scores,
        closeness=closeness,
        probabilities=estimate_probability(closeness, scores, rules.levels),
        close=np.minimum(closeness, scores) >= rules.levels.possible_closeness.value,
        open_conditions=candidates.open_conditions,
        doubted=candidates.doubted,
        subject_were_they_silent=candidates.subject_were_they_silent,
        ids=ids,
        levels=rules.levels,
    )
    return ranking.of(_order(ranking))


def _order(ranking: Ranking) -> Rows:
    order = np.lexsort((-ranking.scores, ~ranking.close))
    ordered = ranking.scores[order]
    if (ordered[1:] != ordered[:-1]).all():
        return order
    return np.lexsort(([ranking.ids[row] for row in ranking.rows.tolist()], -ranking.scores, ~ranking.close))


def stack_features(values: Values) -> NDArray[np.float64]:
    """A column for each of FEATURES as one table, (candidates, features)."""
    return np.stack([values[feature] for feature in FEATURES], axis=1)


def weigh(values: NDArray[np.float64], rules: MatchingRules) -> NDArray[np.float64]:
    """Values (candidates, features), NaN where not known → contributions of the same shape.

    What is not known earns nothing and costs nothing.
    """
    weights, neutrals = np.array(rules.weights.pairs).T  # each (features,)
    return np.asarray(np.where(np.isnan(values), 0.0, weights * (values - neutrals)))


def estimate_probability(closeness: Column, scores: Column, levels: Levels) -> Column:
    """How probable each group is to be a right one, (groups,), calibrated on labelled cases.

    What speaks against a group counts; what is merely handy about it can't make up for being about something else. The
    further a group's closeness lies behind the closest one's, the likelier it is that the other was meant.
    """
    against = np.minimum(closeness, scores)
    behind = closeness.max(initial=-np.inf) - closeness
    logits = levels.base.value + levels.closeness.value * against - levels.behind_closest.value * behind
    return np.asarray(1 / (1 + np.exp(-logits)))


def call_fit(against: float, probability: float, levels: Levels) -> Fit:
    """The level of a group, from its closeness less what speaks against it, and from how probable it is to be right.

    Whether a group is close at all does not depend on the others: where several fit, none is the only right one.
    """
    if against < levels.possible_closeness.value:
        return Fit.NOT_CLOSE
    if probability < levels.good.value:
        return Fit.POSSIBLE
    return Fit.GOOD if probability < levels.strong.value else Fit.STRONG


def list_contributions(one: Ranked, rules: MatchingRules) -> tuple[Contribution, ...]:
    """What each feature gave to the score; together they are all of it."""
    return tuple(
        Contribution(feature, None if isnan(value) else value, *pair, amount)
        for feature, value, pair, amount in zip(
            FEATURES, one.values.tolist(), rules.weights.pairs, one.amounts.tolist(), strict=True
        )
    )
