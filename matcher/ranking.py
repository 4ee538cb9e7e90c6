"""The score: a weighted sum of features, as signed contributions. Nothing else decides the order of groups."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from matcher.features import FEATURES, SUBJECT_FEATURES, Values
from matcher.index import Entry
from matcher.pooling import Column
from models.recommendation import Contribution, Finding, Fit
from models.rules import Levels, MatchingRules

_SUBJECT_COLUMNS = [FEATURES.index(feature) for feature in SUBJECT_FEATURES]


@dataclass(frozen=True)
class Candidate:
    """A group that retrieval returned and eligibility let through, with its features."""

    entry: Entry
    findings: tuple[Finding, ...]
    doubts: tuple[Finding, ...]
    """The rules that would put it out if what was read from the story were confirmed."""
    values: Values


@dataclass(frozen=True)
class Ranked:
    """A candidate with its score."""

    candidate: Candidate
    contributions: tuple[Contribution, ...]
    score: float
    closeness: float
    """The part of the score that is about what the newcomer is going through."""
    probability: float
    """How probable it is that a thoughtful person would name this group."""
    fit: Fit

    @property
    def group_id(self) -> str:
        return self.candidate.entry.group.id


def rank(candidates: Sequence[Candidate], rules: MatchingRules) -> list[Ranked]:
    """Best first; groups with the same score stand in the order of their ids."""
    values = np.array([[_number(c.values[f]) for f in FEATURES] for c in candidates]).reshape(-1, len(FEATURES))
    amounts = weigh(values, rules)  # (candidates, features)
    scores = amounts.sum(axis=1)
    closeness = amounts[:, _SUBJECT_COLUMNS].sum(axis=1)
    probabilities = estimate_probability(closeness, scores, rules.levels)
    ranked = [
        Ranked(
            candidate=candidate,
            contributions=_contributions(candidate.values, amounts[row], rules),
            score=float(scores[row]),
            closeness=float(closeness[row]),
            probability=float(probabilities[row]),
            fit=call_fit(float(min(closeness[row], scores[row])), float(probabilities[row]), rules.levels),
        )
        for row, candidate in enumerate(candidates)
    ]
    return sorted(ranked, key=lambda one: (one.fit is Fit.NOT_CLOSE, -one.score, one.group_id))


def weigh(values: NDArray[np.float64], rules: MatchingRules) -> NDArray[np.float64]:
    """Values (candidates, features), NaN where not known → contributions of the same shape.

    What is not known earns nothing and costs nothing.
    """
    weights = np.array([getattr(rules.weights, feature).value for feature in FEATURES])  # (features,)
    neutrals = np.array([getattr(rules.weights, feature).neutral for feature in FEATURES])  # (features,)
    return np.asarray(np.where(np.isnan(values), 0.0, weights * (values - neutrals)))


def estimate_probability(closeness: Column, scores: Column, levels: Levels) -> Column:
    """How probable each group is to be a right one, (groups,), calibrated on labelled cases.

    What speaks against a group counts; what is merely handy about it can't make up for being about something else. The
    further a group's closeness lies behind the closest one's, the likelier it is that the other was meant.
    """
    against = np.minimum(closeness, scores)
    behind = closeness.max(initial=-np.inf) - closeness
    return np.asarray(
        expit(levels.base.value + levels.closeness.value * against - levels.behind_closest.value * behind)
    )


def call_fit(against: float, probability: float, levels: Levels) -> Fit:
    """The level of a group, from its closeness less what speaks against it, and from how probable it is to be right.

    Whether a group is close at all does not depend on the others: where several fit, none is the only right one.
    """
    if against < levels.possible_closeness.value:
        return Fit.NOT_CLOSE
    if probability < levels.good.value:
        return Fit.POSSIBLE
    return Fit.GOOD if probability < levels.strong.value else Fit.STRONG


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _contributions(values: Values, amounts: NDArray[np.float64], rules: MatchingRules) -> tuple[Contribution, ...]:
    return tuple(
        Contribution(
            feature=feature,
            value=values[feature],
            weight=getattr(rules.weights, feature).value,
            neutral=getattr(rules.weights, feature).neutral,
            amount=float(amount),
        )
        for feature, amount in zip(FEATURES, amounts, strict=True)
    )
