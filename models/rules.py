"""Matching rules: every number that a person chose, with the day, the reason and the source.

The default ones are data (`matcher/default_rules.toml`). Code holds none of these numbers.
"""

from datetime import date
from typing import Self

from pydantic import Field, field_validator, model_validator

from models.text import Line, Record, Text
from models.vocabulary import Topic

_ALWAYS_GUIDED = frozenset({Topic.SUICIDAL_THOUGHTS, Topic.SELF_HARM, Topic.EATING_DISORDER})


class Chosen(Record):
    """A number a person chose, and why."""

    value: float = Field(allow_inf_nan=False)
    date: date
    reason: Text
    source: Line


class NotNegative(Chosen):
    """A number from 0 on."""

    value: float = Field(ge=0, allow_inf_nan=False)


class Positive(Chosen):
    """A number above 0, because something is divided by it."""

    value: float = Field(gt=0, allow_inf_nan=False)


class Share(Chosen):
    """A number from 0 to 1."""

    value: float = Field(ge=0, le=1)


class Count(Chosen):
    """A number of things, at least one."""

    value: float = Field(ge=1, allow_inf_nan=False)


class Voices(Chosen):
    """A number of people, among whom no one is told apart: at least two."""

    value: float = Field(ge=2, allow_inf_nan=False)


class AdultAge(Chosen):
    """An age from which on nobody is under age, whatever the country's law allows besides."""

    value: float = Field(ge=18, le=120)


class YoungAge(Chosen):
    """The oldest that a group for young people takes: a group of all ages is none."""

    value: float = Field(ge=0, le=30)


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

    phrases_weight: NotNegative
    half_weight_profiles: Positive
    description_echo: NotNegative
    echo_belief_groups: Positive
    whitening_share: Share
    whitening_half_profiles: Positive
    offset_share: NotNegative


class Words(Record):
    """How the words of a group's texts become one row, whatever their number."""

    phrases_weight: NotNegative
    description_profiles: Positive
    usual_texts: Positive
    spread_cost: NotNegative


class Scales(Record):
    """Which raw values become 0 and 1."""

    evidence_most: Positive
    broader_topic: Share
    read_not_confirmed: Share
    enough_share: Positive
    no_travel: Share
    another_town: Share
    soon_days: NotNegative
    far_off_days: NotNegative
    fresh_days: NotNegative
    stale_days: NotNegative
    plenty_of_places: Positive
    small_group: Count

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.soon_days.value >= self.far_off_days.value:
            raise ValueError("soon_days must be below far_off_days")
        if self.fresh_days.value >= self.stale_days.value:
            raise ValueError("fresh_days must be below stale_days")
        return self


class Limits(Record):
    """Where things stop."""

    candidates: Count
    adult_age: AdultAge
    young_group_maximum_age: YoungAge
    travel_km: NotNegative
    same_town_km: Positive
    meetings_compared: Count
    groups_asked_about: NotNegative
    voices_to_mention: Voices
    reasons_shown: NotNegative
    rare_word_share: Share
    words_quoted: Count
    reason_at_least: NotNegative


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

    shown: Count
    same_group_similarity: NotNegative
    likeness_cost: NotNegative
    unanswered_cost: NotNegative


class Safeguarding(Record):
    """What no tuning can turn off."""

    guided_topics: tuple[Topic, ...]
    """Groups about these need someone who guides the meeting."""
    date: date
    reason: Text
    source: Line

    @field_validator("guided_topics")
    @classmethod
    def _at_least_these(cls, topics: tuple[Topic, ...]) -> tuple[Topic, ...]:
        if not set(topics) >= _ALWAYS_GUIDED:
            raise ValueError(f"may name more topics, but always {', '.join(sorted(_ALWAYS_GUIDED))}")
        return topics


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
