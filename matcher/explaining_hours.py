"""What other hours of the newcomer would change: said only where it is true."""

from typing import Final

import numpy as np

from matcher.case import Case
from matcher.facts import Column
from matcher.features import FEATURES
from matcher.ranking import Ranking
from models.rules import MatchingRules

_TIME: Final = FEATURES.index("time")


def tell_if_you_could_come_then(case: Case) -> str:
    """What the newcomer could change, where it would make this group the first, whatever it changes for the others."""
    if case.ranked.row == case.first.row:
        return ""
    rivals, least = case.rivals, case.rules.levels.possible_closeness.value
    scores, own = _scores_if_free(rivals, case.rules), rivals.rows == case.ranked.row
    worth = scores - case.rules.balance.unanswered_cost.value * rivals.open_conditions
    best = worth[~own & (rivals.closeness >= least)].max(initial=-np.inf)
    would_be = (np.minimum(rivals.closeness, scores)[own] >= least) & (worth[own] > best)
    return " It would be our first suggestion if you could come then." if would_be.any() else ""


def _scores_if_free(ranking: Ranking, rules: MatchingRules) -> Column:
    """The best that other hours of the newcomer could do for each group, (groups,)."""
    weight = rules.weights.time
    more = weight.value * (1 - weight.neutral) - ranking.amounts[:, _TIME]
    return ranking.scores + np.where(np.isnan(ranking.values[:, _TIME]), 0.0, more)
