"""What is shown of what was ranked: three that differ, and nothing that waits for an answer. Each time a group is
passed over, that is logged as a step of its own.
"""

from collections.abc import Sequence

import numpy as np

from matcher.ranking import Ranked
from models.recommendation import Fit, Move, Outcome
from models.rules import MatchingRules


def hold_back(ranked: Sequence[Ranked]) -> tuple[list[Ranked], list[Move]]:
    """Takes out the groups that something read from the story speaks against, until the newcomer has said what is true.

    A wrong group can cost more than a missing one: people who meet "not for people like me" leave for good.
    """
    held = [one for one in ranked if one.candidate.doubts and one.fit is not Fit.NOT_CLOSE]
    moves = [Move(group_id=one.group_id, step="reading", sentence=one.candidate.doubts[0].sentence) for one in held]
    return [one for one in ranked if not one.candidate.doubts], moves


def balance(ranked: Sequence[Ranked], limit: int, rules: MatchingRules) -> tuple[list[Ranked], list[Move]]:
    """At most `limit` groups, best first, the first three unlike each other; and the moves that made it so.

    A group as good as the same as one chosen (a twin at another time, say) waits until all others have had their turn.
    """
    waiting, chosen, moves = list(ranked), list[Ranked](), list[Move]()
    while waiting and len(chosen) < limit:
        varied = len(chosen) < rules.balance.shown.value
        best = max(waiting, key=lambda one: _worth(one, chosen, rules)) if varied else waiting[0]
        moves += [_passed_over(one, chosen, rules) for one in waiting[: waiting.index(best)]] if varied else []
        chosen.append(best)
        waiting.remove(best)
    return chosen, moves


def _worth(one: Ranked, chosen: Sequence[Ranked], rules: MatchingRules) -> tuple[bool, bool, float, float]:
    """Ordered first by closeness at all, then by not being a twin, then by score less what is alike and open."""
    alike = _most_alike(one, chosen)
    twin = alike >= rules.balance.same_group_similarity.value
    worth = (
        one.score
        - rules.balance.likeness_cost.value * alike
        - rules.balance.unanswered_cost.value * open_conditions(one)
    )
    return one.fit is not Fit.NOT_CLOSE, not twin, worth, one.score


def open_conditions(one: Ranked) -> int:
    """How many conditions of the group the newcomer has not answered: one open to all is the safer suggestion."""
    return sum(finding.outcome is Outcome.UNKNOWN for finding in one.candidate.findings)


def _most_alike(one: Ranked, chosen: Sequence[Ranked]) -> float:
    return max((_likeness(one, other) for other in chosen), default=0.0)


def _likeness(one: Ranked, other: Ranked) -> float:
    """Cosine of the two descriptions, from 0; groups for other people are never alike, however alike they sound."""
    mine, theirs = one.candidate.entry, other.candidate.entry
    if mine.group.eligibility != theirs.group.eligibility:
        return 0.0
    return max(0.0, float(np.dot(mine.vector, theirs.vector)))


def _passed_over(one: Ranked, chosen: Sequence[Ranked], rules: MatchingRules) -> Move:
    """Names whichever costs the group more: being like one already chosen, or conditions that are open."""
    alike = rules.balance.likeness_cost.value * _most_alike(one, chosen)
    if alike >= rules.balance.unanswered_cost.value * open_conditions(one):
        return Move(group_id=one.group_id, step="variety", sentence="It is much like a group already suggested.")
    return Move(group_id=one.group_id, step="conditions", sentence="It has conditions that were not answered.")
