"""Matching rules: every number that a person chose, with the day, the reason and the source.

The default ones are data (`matcher/default_rules.toml`). Code holds none of these numbers.
"""

from datetime import date
from typing import Self

from pydantic import Field, model_validator

from models.text import Line, Record, Text
from models.vocabulary import Topic


class Chosen(Record):
    """A number a person chose, and why."""

    value: float = Field(allow_inf_nan=False)
    date: date
    reason: Text
    source: Line


class Weight(Chosen):
    """How much a feature counts, and the value at which it neither earns nor costs."""

    value: float = Field(ge=0, allow_inf_nan=False)
    neutral: float = Field(ge=0, le=1)


class Weights(Record):
    """One weight for each feature. The names are the features' own."""

    shared_experience: Weight
    same_subject: Weight
    same_words: Weight
    topics: Weight
    role: Weight
    stage: Weight
    further_along: Weight
    hopes: Weight
    time: Weight
    travel: Weight
    soon: Weight
    ease: Weight
    access: Weight
    language: Weight
    fresh: Weight
    room: Weight

    @property
    def pairs(self) -> tuple[tuple[float, float], ...]:
        """Value and neutral of each, in their order."""
        return tuple((weight.value, weight.neutral) for _, weight in self)


class Pooling(Record):
    """How the voices of a group's members become one, whatever their number."""

    phrases_weight: Chosen
    half_weight_profiles: Chosen
    description_echo: Chosen
    echo_belief_groups: Chosen
    whitening_share: Chosen
    whitening_half_profiles: Chosen
    offset_share: Chosen


class Words(Record):
    """How the words of a group's texts become one row, whatever their number."""

    phrases_weight: Chosen
    description_profiles: Chosen
    usual_texts: Chosen
    spread_cost: Chosen


class Scales(Record):
    """Which raw values become 0 and 1."""

    evidence_most: Chosen
    broader_topic: Chosen
    read_not_confirmed: Chosen
    enough_share: Chosen
    no_travel: Chosen
    another_town: Chosen
    soon_days: Chosen
    far_off_days: Chosen
    fresh_days: Chosen
    stale_days: Chosen
    plenty_of_places: Chosen
    small_group: Chosen


class Limits(Record):
    """Where things stop."""

    candidates: Chosen
    adult_age: Chosen
    young_group_maximum_age: Chosen
    travel_km: Chosen
    same_town_km: Chosen
    meetings_compared: Chosen
    groups_asked_about: Chosen
    voices_to_mention: Chosen
    reasons_shown: Chosen
    rare_word_share: Chosen
    words_quoted: Chosen
    reason_at_least: Chosen


class Levels(Record):
    """From which closeness on a group is possible, and from which probability on a good or strong fit.

    The probability is logistic in the closeness and in how far that lies behind the closest group's.
    """

    base: Chosen
    closeness: Chosen
    behind_closest: Chosen
    possible_closeness: Chosen
    good: Chosen
    strong: Chosen

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not 0 <= self.good.value <= self.strong.value <= 1:
            raise ValueError("good and strong must be probabilities, the second no smaller than the first")
        return self


class Balance(Record):
    """How unlike each other the groups shown are."""

    shown: Chosen
    same_group_similarity: Chosen
    likeness_cost: Chosen
    unanswered_cost: Chosen


class Safeguarding(Record):
    """What no tuning can turn off."""

    guided_topics: tuple[Topic, ...]
    """Groups about these need someone who guides the meeting."""
    date: date
    reason: Text
    source: Line


class MatchingRules(Record):
    """One version of all rules."""

    version: Line
    weights: Weights
    pooling: Pooling
    words: Words
    scales: Scales
    limits: Limits
    levels: Levels
    balance: Balance
    safeguarding: Safeguarding
