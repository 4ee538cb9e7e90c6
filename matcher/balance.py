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

# More are compared only where one of them could be chosen.
_COMPARED_FIRST = 64
# More than any score: nothing makes up for being a twin, nor that for being about something else.
_FAR_BEHIND = 1e6
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
    held = np.flatnonzero(ranking.doubted & ranking.close)[: int(rules.balance.shown.value)].tolist()
    moves = [
        Move(
            group_id=ranking.id_of(place),
            step="reading",
            sentence=doubts(index.group(int(ranking.rows[place])), situation, rules)[0].sentence,
        )
        for place in held
    ]
    return ranking.of(np.flatnonzero(~ranking.doubted)), moves


def balance(
    ranking: Ranking, limit: int, index: DirectoryIndex, rules: MatchingRules
) -> tuple[list[Ranked], list[Move]]:
    """At most `limit` groups, best first, the first three unlike each other; and the moves that made it so.

    A group as good as the same as one chosen (a twin at another time, say) waits until all others have had their turn.
    """
    turns = min(limit, len(ranking), int(rules.balance.shown.value))
    chosen, moves = _choose(ranking, turns, _COMPARED_FIRST, index, rules)
    if len(chosen) < turns:
        chosen, moves = _choose(ranking, turns, len(ranking), index, rules)
    rest = [place for place in range(min(limit, len(ranking))) if place not in chosen]
    return [ranking[place] for place in [*chosen, *rest][:limit]], moves


def _choose(
    ranking: Ranking, turns: int, compared: int, index: DirectoryIndex, rules: MatchingRules
) -> tuple[list[int], list[Move]]:
    """So many places, each the best of those left: by closeness at all, then no twin, then score less what is alike and
    open; of equals the first, which has the better score.

    Only the first `compared` are compared with each other: fewer places where one of the others might be better.
    """
    costs = rules.balance
    unanswered = costs.unanswered_cost.value * ranking.open_conditions
    at_most = ranking.scores - unanswered - np.where(ranking.close, 0.0, 2 * _FAR_BEHIND)
    others, left = at_most[compared:].max(initial=-np.inf), at_most[:compared].copy()
    likeness = _Likeness(ranking.rows[:compared], index)
    alike = np.zeros(len(left))  # to the most alike of those chosen
    chosen, moves = list[int](), list[Move]()
    while len(chosen) < turns:
        alike_cost = costs.likeness_cost.value * alike
        worth = left - alike_cost - np.where(alike >= costs.same_group_similarity.value, _FAR_BEHIND, 0.0)
        best = int(worth.argmax())
        if worth[best] <= others:
            break
        passed = [place for place in range(best) if place not in chosen]
        moves += [_pass_over(ranking.id_of(place), bool(alike_cost[place] >= unanswered[place])) for place in passed]
        chosen.append(best)
        left[best] = -np.inf
        alike = np.maximum(alike, likeness.to(best))
    return chosen, moves


class _Likeness:
    """Cosines of the descriptions, from 0; groups for other people are never alike, however alike they sound."""

    def __init__(self, rows: Rows, index: DirectoryIndex) -> None:
        self._vectors = index.descriptions.take(rows)
        self._kept_for = index.facts.listed["eligibility"].codes[rows]

    def to(self, place: int) -> Column:
        """Of each to the one at a place, (rows,)."""
        return np.where(self._kept_for == self._kept_for[place], self._vectors @ self._vectors[place], 0.0)


def _pass_over(group_id: str, is_alike: bool) -> Move:
    """Names whichever costs the group more: being like one already chosen, or conditions that are open."""
    return Move(group_id, *(_ALIKE if is_alike else _UNANSWERED))
