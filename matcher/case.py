"""One group as explained to one newcomer: what its sentences are made from."""

from dataclasses import dataclass
from functools import cached_property

from matcher.features import FEATURES
from matcher.index import DirectoryIndex, Query
from matcher.ranking import Ranked, Ranking, list_contributions
from matcher.situation import Situation
from models.group import Group
from models.recommendation import Contribution
from models.rules import MatchingRules
from models.schedule import Schedule


@dataclass(frozen=True)
class Case:
    """One group as explained to one newcomer."""

    ranked: Ranked
    query: Query | None
    """The newcomer's words, if there are any."""
    situation: Situation
    index: DirectoryIndex
    rules: MatchingRules
    first: Ranked
    """The group suggested first."""
    rivals: Ranking
    """All groups that might be, this one too."""

    @cached_property
    def group(self) -> Group:
        return self.index.group(self.ranked.row)

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """When the group meets, of a group that meets at the same times: it has been worked out there already."""
        return self.index.facts.listed["meets"].example(self.ranked.row).schedules or ()

    @cached_property
    def contributions(self) -> tuple[Contribution, ...]:
        return list_contributions(self.ranked, self.rules)

    @property
    def profiles(self) -> int:
        """How many members have told something."""
        return int(self.index.facts.profiles[self.ranked.row])

    def amount(self, feature: str) -> float:
        """What a feature gave to the score."""
        return float(self.ranked.amounts[FEATURES.index(feature)])
