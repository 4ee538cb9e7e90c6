"""What is shown of what was ranked: three that differ, and nothing that waits for an answer. Each time a group is
passed over, that is logged as a step of its own.
"""

from itertools import islice

import numpy as np

from matcher.eligibility import RULES, rules_that_doubt
from matcher.facts import Column, Mask, Rows
from matcher.index import DirectoryIndex
from matcher.ranking import Ranked, Ranking
from matcher.situation import Situation
from models.recommendation import Move, Outcome
from models.rules import MatchingRules

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
            sentence=_tell_doubt(int(ranking.rows[place]), situation, index, rules),
        )
        for place in held
    ]
    return ranking.of(np.flatnonzero(~ranking.doubted)), moves


def _tell_doubt(row: int, situation: Situation, index: DirectoryIndex, rules: MatchingRules) -> str:
    """What the first rule says that would put the group out."""
    supposed, listed = situation.as_supposed(), index.facts.listed
    found = (
        # The listing itself, which may have to be read first, is needed for its distance alone.
        RULES[name](index.group(row) if name == "distance" else listed[name].example(row), supposed, rules)
        for name in rules_that_doubt(situation)
    )
    return next(finding.sentence for finding in found if finding.outcome is Outcome.NOT_MET)


def balance(
    ranking: Ranking, limit: int, index: DirectoryIndex, rules: MatchingRules
) -> tuple[list[Ranked], list[Move]]:
    """At most `limit` groups, best first, the first three unlike each other; and the moves that made it so.

    Each time, the one is chosen that is worth most: its score, less what is like those chosen, less what is open. A
    group as good as the same as one chosen (a twin at another time, say) waits until all others have had their turn.
    """
    unanswered = rules.balance.unanswered_cost.value * ranking.open_conditions
    left = ranking.scores - unanswered - np.where(ranking.close, 0.0, 2 * _FAR_BEHIND)
    likeness = _Likeness(ranking.rows, index)
    alike = np.zeros(len(ranking))  # to the most alike of those chosen
    chosen, moves = list[int](), list[Move]()
    while len(chosen) < min(limit, len(ranking), rules.balance.shown.value):
        cost = rules.balance.likeness_cost.value * alike
        twins = alike >= rules.balance.same_group_similarity.value
        # Of equals the first, which has the better score.
        best = int((left - cost - np.where(twins, _FAR_BEHIND, 0.0)).argmax())
        moves += _pass_over(ranking, [place for place in range(best) if place not in chosen], cost >= unanswered)
        chosen.append(best)
        left[best] = -np.inf
        alike = np.maximum(alike, likeness.to(best))
    rest = (place for place in range(len(ranking)) if place not in chosen)
    return [ranking[place] for place in [*chosen, *islice(rest, limit - len(chosen))]], moves


class _Likeness:
    """Cosines of the descriptions, from 0; groups for other people are never alike, however alike they sound."""

    def __init__(self, rows: Rows, index: DirectoryIndex) -> None:
        self._vectors = index.descriptions.of(rows)
        self._kept_for = index.facts.listed["eligibility"].codes[rows]

    def to(self, place: int) -> Column:
        """Of each to the one at a place, (rows,)."""
        cosines = self._vectors.times(self._vectors.take(slice(place, place + 1))[0])
        return np.where(self._kept_for == self._kept_for[place], cosines, 0.0)


def _pass_over(ranking: Ranking, places: list[int], are_alike: Mask) -> list[Move]:
    """Names whichever costs each group more: being like one already chosen, or conditions that are open."""
    ids = [ranking.ids[row] for row in ranking.rows[places].tolist()]
    return [
        Move(id_, *(_ALIKE if like else _UNANSWERED)) for id_, like in zip(ids, are_alike[places].tolist(), strict=True)
    ]
