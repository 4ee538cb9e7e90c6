"""The score: a weighted sum of features, as signed contributions. Nothing else decides the order of groups."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.features import FEATURES, SUBJECT_FEATURES, Values
from matcher.index import Entry
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
    ranked = [
        Ranked(
            candidate=candidate,
            contributions=_contributions(candidate.values, amounts[row], rules),
            score=float(scores[row]),
            closeness=float(closeness[row]),
            fit=call_fit(float(closeness[row]), float(scores[row]), rules.levels),
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


def call_fit(closeness: float, score: float, levels: Levels) -> Fit:
    """The level of a group. One that is about something else is never close, however handy it is."""
    if closeness < levels.possible_closeness.value or score < levels.possible_score.value:
        return Fit.NOT_CLOSE
    if score >= levels.strong_score.value and closeness >= levels.strong_closeness.value:
        return Fit.STRONG
    return Fit.GOOD if score >= levels.good_score.value else Fit.POSSIBLE


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
