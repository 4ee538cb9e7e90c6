"""What is shown of what was ranked: three that differ, and nothing that waits for an answer. Each time a group is
passed over, that is logged as a step of its own.
"""

import numpy as np

from matcher.eligibility import doubts
from matcher.facts import Column, Rows
from matcher.index import DirectoryIndex
from matcher.ranking import Ranked, Ranking
from matcher.situation import Situation
from models.recommendation import Move
from models.rules import MatchingRules

_ALIKE = ("variety", "It is much like a group already suggested.")
_UNANSWERED = ("conditions", "It has conditions that were not answered.")


def hold_back(
    ranking: Ranking, situation: Situation, index: DirectoryIndex, rules: MatchingRules
) -> tuple[Ranking, list[Move]]:
    """Takes out the groups that something read from the story speaks against, until the newcomer has said what is true.

    A wrong group can cost more than a missing one: people who meet "not for people like me" leave for good. Of those
    taken out, as many are named as could have been shown.
    """
    if not ranking.doubted.any():
        return ranking, []
    held = np.flatnonzero(ranking.doubted & ranking.close)[: int(rules.balance.shown.value)]
    moves = [
        Move(
            group_id=str(ranking.ids[place]),
            step="reading",
            sentence=doubts(index.group(int(ranking.rows[place])), situation, rules)[0].sentence,
        )
        for place in held
    ]
    return ranking.of(~ranking.doubted), moves


def balance(
    ranking: Ranking, limit: int, index: DirectoryIndex, rules: MatchingRules
) -> tuple[list[Ranked], list[Move]]:
    """At most `limit` groups, best first, the first three unlike each other; and the moves that made it so.

    A group as good as the same as one chosen (a twin at another time, say) waits until all others have had their turn.
    """
    waiting, chosen, moves = np.arange(len(ranking)), list[int](), list[Move]()
    alike = np.zeros(len(ranking))  # to the most alike of those chosen
    while len(waiting) and len(chosen) < min(limit, rules.balance.shown.value):
        if chosen:
            alike = np.maximum(alike, likeness(ranking.rows[chosen[-1]], ranking.rows, index))
        best = _most_worth(ranking, waiting, alike, rules)
        moves += _pass_over(ranking, waiting[:best], alike, rules)
        chosen.append(int(waiting[best]))
        waiting = np.delete(waiting, best)
    chosen += waiting[: limit - len(chosen)].tolist()
    return [ranking[place] for place in chosen], moves


def _most_worth(ranking: Ranking, waiting: Rows, alike: Column, rules: MatchingRules) -> int:
    """The place among those waiting of the next to choose: by closeness at all, then no twin, then score less what is
    alike and open; of equals the first, which has the better score.
    """
    twins = alike[waiting] >= rules.balance.same_group_similarity.value
    unanswered = rules.balance.unanswered_cost.value * ranking.open_conditions[waiting]
    worth = ranking.scores[waiting] - rules.balance.likeness_cost.value * alike[waiting] - unanswered
    behind = 2 * ~ranking.close[waiting] + twins
    foremost = np.flatnonzero(behind == behind.min())
    return int(foremost[worth[foremost].argmax()])


def likeness(row: int, others: Rows, index: DirectoryIndex) -> Column:
    """Cosine of the descriptions, from 0; groups for other people are never alike, however alike they sound."""
    kept_for = index.facts.listed["eligibility"].codes
    cosines = index.descriptions.times(index.descriptions.take(np.array([row]))[0], others)
    return np.where(kept_for[others] == kept_for[row], np.maximum(cosines, 0.0), 0.0)


def _pass_over(ranking: Ranking, places: Rows, alike: Column, rules: MatchingRules) -> list[Move]:
    """Names whichever costs each group more: being like one already chosen, or conditions that are open."""
    unanswered = rules.balance.unanswered_cost.value * ranking.open_conditions[places]
    is_alike = rules.balance.likeness_cost.value * alike[places] >= unanswered
    return [
        Move(group_id, *(_ALIKE if like else _UNANSWERED))
        for group_id, like in zip(ranking.ids[places].tolist(), is_alike.tolist(), strict=True)
    ]
