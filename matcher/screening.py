"""The rules of `matcher.eligibility` over many groups at once: who is out, what is open, what a reading speaks against.

Each rule is asked once for each different fact that it reads (`matcher.facts`), with the very function that gives its
sentence; only distances are measured for each group.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import ANSWERS, RULES, check_wish, conditions, must_be_travelled_to, rules_that_doubt
from matcher.facts import EVERY_ROW, Counts, Fact, Facts, Mask, Rows
from matcher.situation import Situation
from models.group import Group
from models.intake import Intake
from models.recommendation import Finding, Outcome
from models.rules import MatchingRules


@dataclass(frozen=True)
class Outcomes:
    """What one rule finds of every group, as codes for each different fact that it reads."""

    rule: str
    codes: NDArray[np.int32]  # (groups,)
    is_out: Mask  # (codes,)
    is_open: Mask  # (codes,)


@dataclass(frozen=True)
class Standing:
    """What the rules find of every group, distance aside, if whoever asks answers nothing."""

    is_out: Mask  # (groups,)
    is_open: Mask  # (groups, rules)
    rules: tuple[str, ...]
    """Those that are open for some group."""

    def find_open(self, rows: Rows) -> dict[str, Mask]:
        """By rule, of which of these groups it is not answered, (rows,)."""
        return dict(zip(self.rules, self.is_open.take(rows, axis=0).T, strict=True))


@dataclass(frozen=True)
class Screening:
    """Every rule asked of every different fact, for one newcomer."""

    facts: Facts
    situation: Situation
    rules: MatchingRules
    outcomes: tuple[Outcomes, ...]
    """Of the rules that go by an answer, and of the wishes; of distance, only `by_distance`."""
    by_distance: bool
    """Whether groups out of reach are out."""
    standing: Standing | None = None
    """What holds of the rules that go by no answer. Who is out by it is out whatever is answered. None: not asked."""

    @staticmethod
    def of(facts: Facts, situation: Situation, rules: MatchingRules) -> "Screening":
        """What every rule finds, and every wish that the newcomer made a condition."""
        intake = situation.intake
        answered = [name for name, read in ANSWERS.items() if any(getattr(intake, one) is not None for one in read)]
        found = _screen(facts, situation, rules, [*_named(answered), *_wished(situation)])
        return Screening(facts, situation, rules, found, "distance" in answered, _stand(facts, situation, rules))

    @staticmethod
    def of_readings(facts: Facts, situation: Situation, rules: MatchingRules) -> "Screening":
        """What the rules that read it would find if what was read from the story were confirmed."""
        asked, supposed = rules_that_doubt(situation), situation.as_supposed()
        found = _screen(facts, supposed, rules, _named(asked))
        return Screening(facts, supposed, rules, found, by_distance="distance" in asked)

    def find_out(self, rows: Rows | slice = EVERY_ROW) -> Mask:
        """Which of these groups a rule puts out, (rows,)."""
        out = (np.zeros(len(self.facts), bool) if self.standing is None else self.standing.is_out)[rows].copy()
        for one in self.outcomes:
            if one.is_out.any():
                out |= one.is_out.take(one.codes[rows])
        if self.by_distance:
            left = np.flatnonzero(~out)
            out[left] = self._judge_distance(np.arange(len(self.facts))[rows][left])[0]
        return out

    def count_open(self, rows: Rows) -> Counts:
        """How many conditions of each of these groups are not answered, (rows,)."""
        return np.asarray(np.sum(list(self.find_open(rows).values()), axis=0, dtype=np.int32))

    def find_open(self, rows: Rows) -> dict[str, Mask]:
        """By rule, of which of these groups it is not answered, (rows,)."""
        standing = {} if self.standing is None else self.standing.find_open(rows)
        answered = {one.rule: one.is_open.take(one.codes[rows]) for one in self.outcomes}
        return {**standing, **answered, "distance": self._judge_distance(rows)[1]}

    def _judge_distance(self, rows: Rows) -> tuple[Mask, Mask]:
        """Which are out of reach, and of which it is open: as `check_distance`."""
        intake, limits = self.situation.intake, self.rules.limits
        travelled = self.facts.listed["format"].ask(rows, lambda group: must_be_travelled_to(group, self.situation))
        distances = self.facts.distances_km(rows, self.situation.coordinates, self.situation.supposed.place)
        reach = intake.travel_km if intake.travel_km is not None else limits.travel_km.value
        far = travelled & (distances > max(reach, limits.same_town_km.value))
        unknown = travelled & np.isnan(distances)
        return (far, unknown) if intake.place is not None else (np.zeros_like(far), far | unknown)


def _stand(facts: Facts, situation: Situation, rules: MatchingRules) -> Standing:
    """What the rules find of whoever answers nothing, worked out once."""
    if rules.safeguarding not in facts.standing:
        screened = _screen(facts, replace(situation, intake=Intake()), rules, _named(RULES))
        is_open = {one.rule: one.is_open.take(one.codes) for one in screened if one.is_open.any()}
        facts.standing[rules.safeguarding] = Standing(
            is_out=np.any([one.is_out.take(one.codes) for one in screened], axis=0),
            is_open=np.stack(list(is_open.values()), axis=1) if is_open else np.zeros((len(facts), 0), bool),
            rules=tuple(is_open),
        )
    found: Standing = facts.standing[rules.safeguarding]
    return found


Check = Callable[[Group, Situation, MatchingRules], Finding]


def _named(names: Iterable[str]) -> list[tuple[str, Check]]:
    return [(name, RULES[name]) for name in names if name != "distance"]


def _wished(situation: Situation) -> list[tuple[str, Check]]:
    return [(wish, partial(check_wish, wish)) for wish in conditions(situation)]


def _screen(
    facts: Facts, situation: Situation, rules: MatchingRules, checks: list[tuple[str, Check]]
) -> tuple[Outcomes, ...]:
    return tuple(_ask(facts.listed[name], name, check, situation, rules) for name, check in checks)


def _ask(fact: Fact, name: str, check: Check, situation: Situation, rules: MatchingRules) -> Outcomes:
    found = [check(group, situation, rules).outcome for group in fact.examples]
    is_out = np.array([outcome is Outcome.NOT_MET for outcome in found], dtype=bool)
    is_open = np.array([outcome is Outcome.UNKNOWN for outcome in found], dtype=bool)
    return Outcomes(name, fact.codes, is_out, is_open)
