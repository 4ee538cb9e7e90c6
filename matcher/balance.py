"""Three that differ: a group much like one already chosen gives way. Each time one is passed over, that is logged."""

from collections.abc import Sequence

import numpy as np

from matcher.ranking import Ranked
from models.recommendation import Fit, Move
from models.rules import MatchingRules


def balance(ranked: Sequence[Ranked], limit: int, rules: MatchingRules) -> tuple[list[Ranked], list[Move]]:
    """At most `limit` groups, best first, the first three unlike each other; and the moves that made it so.

    A group as good as the same as one chosen (a twin at another time, say) waits until all others have had their turn.
    """
    waiting, chosen, moves = list(ranked), list[Ranked](), list[Move]()
    while waiting and len(chosen) < limit:
        varied = len(chosen) < rules.balance.shown.value
        best = max(waiting, key=lambda one: _worth(one, chosen, rules)) if varied else waiting[0]
        moves += [_passed_over(one) for one in waiting[: waiting.index(best)]] if varied else []
        chosen.append(best)
        waiting.remove(best)
    return chosen, moves


def _worth(one: Ranked, chosen: Sequence[Ranked], rules: MatchingRules) -> tuple[bool, bool, float, float]:
    """Ordered first by closeness at all, then by not being a twin, then by score less what is alike."""
    twin = any(_is_twin(one, other, rules) for other in chosen)
    likeness = max((_likeness(one, other) for other in chosen), default=0.0)
    cost = rules.balance.likeness_cost.value * max(0.0, likeness)
    return one.fit is not Fit.NOT_CLOSE, not twin, one.score - cost, one.score


def _is_twin(one: Ranked, other: Ranked, rules: MatchingRules) -> bool:
    """The same group at another time or place. Groups for other people are never twins, however alike they sound."""
    same_people = one.candidate.entry.group.eligibility == other.candidate.entry.group.eligibility
    return same_people and _likeness(one, other) >= rules.balance.same_group_similarity.value


def _likeness(one: Ranked, other: Ranked) -> float:
    """Cosine of the two descriptions."""
    return float(np.dot(one.candidate.entry.vector, other.candidate.entry.vector))


def _passed_over(one: Ranked) -> Move:
    return Move(group_id=one.group_id, step="variety", sentence="It is much like a group already suggested.")
