"""What other hours of the newcomer would change: said only where it is true."""

from math import inf, isnan
from typing import Final

from matcher.case import Case
from matcher.features import FEATURES
from matcher.ranking import Ranked
from models.rules import MatchingRules

_TIME: Final = FEATURES.index("time")


def tell_if_you_could_come_then(case: Case) -> str:
    """What the newcomer could change, where it would make this group the first, whatever it changes for the others."""
    if case.ranked is case.first:
        return ""
    least, cost = case.rules.levels.possible_closeness.value, case.rules.balance.unanswered_cost.value
    own = _score_if_free(case.ranked, case.rules)
    others = [one for one in case.rivals if one is not case.ranked and one.closeness >= least]
    best = max((_score_if_free(one, case.rules) - cost * one.open_conditions for one in others), default=-inf)
    would_be = min(case.ranked.closeness, own) >= least and own - cost * case.ranked.open_conditions > best
    return " It would be our first suggestion if you could come then." if would_be else ""


def _score_if_free(one: Ranked, rules: MatchingRules) -> float:
    """The best that other hours of the newcomer could do for a group."""
    weight = rules.weights.time
    known = not isnan(one.values[_TIME])
    return one.score + (weight.value * (1 - weight.neutral) - float(one.amounts[_TIME]) if known else 0.0)
