"""What is shown of what was ranked: three that differ, and nothing that waits for an answer. Each time a group is
passed over, that is logged as a step of its own.
"""

from collections.abc import Sequence

import numpy as np

from matcher.eligibility import doubts
from matcher.facts import Column
from matcher.growing import widen
from matcher.index import DirectoryIndex
from matcher.ranking import Ranked
from matcher.situation import Situation
from models.recommendation import Fit, Move
from models.rules import MatchingRules


def hold_back(
    ranked: Sequence[Ranked], situation: Situation, index: DirectoryIndex, rules: MatchingRules
) -> tuple[list[Ranked], list[Move]]:
    """Takes out the groups that something read from the story speaks against, until the newcomer has said what is true.

    A wrong group can cost more than a missing one: people who meet "not for people like me" leave for good. Of those
    taken out, as many are named as could have been shown.
    """
    held = [one for one in ranked if one.doubted and one.fit is not Fit.NOT_CLOSE][: int(rules.balance.shown.value)]
    reasons = [doubts(index.group(one.row), situation, rules)[0].sentence for one in held]
    moves = [Move(group_id=one.group_id, step="reading", sentence=why) for one, why in zip(held, reasons, strict=True)]
    return [one for one in ranked if not one.doubted], moves


def balance(
    ranked: Sequence[Ranked], limit: int, index: DirectoryIndex, rules: MatchingRules
) -> tuple[list[Ranked], list[Move]]:
    """At most `limit` groups, best first, the first three unlike each other; and the moves that made it so.

    A group as good as the same as one chosen (a twin at another time, say) waits until all others have had their turn.
    """
    waiting, chosen, moves = list(ranked), list[Ranked](), list[Move]()
    alike = np.zeros(len(ranked))  # of each that waits, to the most alike of those chosen
    while waiting and len(chosen) < limit:
        varied = len(chosen) < rules.balance.shown.value
        best = _most_worth(waiting, alike, rules) if varied else 0
        moves += [_passed_over(one, alike[place], rules) for place, one in enumerate(waiting[:best])] if varied else []
        chosen.append(waiting.pop(best))
        alike = np.maximum(np.delete(alike, best), likeness(chosen[-1], waiting, index))
    return chosen, moves


def _most_worth(waiting: Sequence[Ranked], alike: Column, rules: MatchingRules) -> int:
    """The place of the next to choose: by closeness at all, then no twin, then score less what is alike and open."""
    close = np.array([one.fit is not Fit.NOT_CLOSE for one in waiting])
    twins = alike >= rules.balance.same_group_similarity.value
    scores = np.array([one.score for one in waiting])
    unanswered = np.array([one.open_conditions for one in waiting])
    worth = scores - rules.balance.likeness_cost.value * alike - rules.balance.unanswered_cost.value * unanswered
    # The last key counts most; of equals the first that waits is taken.
    return int(np.lexsort((np.arange(len(waiting)), -scores, -worth, twins, ~close))[0])


def likeness(one: Ranked, others: Sequence[Ranked], index: DirectoryIndex) -> Column:
    """Cosine of the descriptions, from 0; groups for other people are never alike, however alike they sound."""
    rows = np.array([other.row for other in others], dtype=np.int64)
    kept_for = index.facts.listed["eligibility"].codes
    vectors = index.description_vectors
    cosines = widen(vectors[rows]) @ widen(vectors[one.row : one.row + 1])[0]
    return np.where(kept_for[rows] == kept_for[one.row], np.maximum(cosines, 0.0), 0.0)


def _passed_over(one: Ranked, alike: float, rules: MatchingRules) -> Move:
    """Names whichever costs the group more: being like one already chosen, or conditions that are open."""
    if rules.balance.likeness_cost.value * alike >= rules.balance.unanswered_cost.value * one.open_conditions:
        return Move(group_id=one.group_id, step="variety", sentence="It is much like a group already suggested.")
    return Move(group_id=one.group_id, step="conditions", sentence="It has conditions that were not answered.")
