"""The rules file: every number has its reason, and a wrong one is told in words."""

import re
import tomllib
from importlib.resources import files

import pytest

from matcher.features import FEATURES
from matcher.rulebook import default_rules, parse_rules
from models.errors import InvalidRules

TEXT = files("matcher").joinpath("default_rules.toml").read_text(encoding="utf-8")


def test_every_number_has_its_date_reason_and_source() -> None:
    sections = {
        name: section for name, section in tomllib.loads(TEXT).items() if name not in {"version", "safeguarding"}
    }
    numbers = [number for section in sections.values() for number in section.values()]
    assert len(numbers) > 40
    for number in numbers:
        assert {"value", "date", "reason", "source"} <= set(number)


def test_every_feature_has_a_weight() -> None:
    assert set(FEATURES) == set(type(default_rules().weights).model_fields)


@pytest.mark.parametrize(
    ("found", "put", "said"),
    [
        ("value = 20.0", "value = -0.2", "weights.shared_experience.value"),
        ("value = 20.0", "value = nan", "weights.shared_experience.value"),
        ("neutral = 0.5", "neutral = 2", "weights.shared_experience.neutral"),
        ("[weights.topics]", "[weights.tropics]", "weights"),
        ("[weights.topics]", "[weights.topics", "not a TOML file"),
        ('guided_topics = ["suicidal_thoughts"', 'guided_topics = ["suicide_thoughts"', "safeguarding.guided_topics"),
    ],
)
def test_a_wrong_rule_is_told_with_its_key(found: str, put: str, said: str) -> None:
    assert found in TEXT
    with pytest.raises(InvalidRules, match=r"my\.toml") as told:
        parse_rules(TEXT.replace(found, put, 1), "my.toml")
    assert said in str(told.value)


def test_levels_out_of_order_are_refused() -> None:
    strong = TEXT.index("[levels.strong]")
    with pytest.raises(InvalidRules, match="no smaller than the first"):
        parse_rules(TEXT[:strong] + TEXT[strong:].replace("value = ", "value = -", 1), "my.toml")


def with_value(key: str, value: object) -> str:
    """The rules, with another value at a key."""
    start = TEXT.index(f"[{key}]")
    return TEXT[:start] + re.sub(r"value = \S+", f"value = {value}", TEXT[start:], count=1)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pooling.half_weight_profiles", 0),
        ("pooling.whitening_half_profiles", 0),
        ("pooling.whitening_share", 1.5),
        ("words.usual_texts", 0),
        ("words.description_profiles", 0),
        ("scales.evidence_most", 0),
        ("scales.enough_share", 0),
        ("scales.plenty_of_places", 0),
        ("scales.read_not_confirmed", -0.1),
        ("limits.adult_age", 0),
        ("limits.adult_age", 17),
        ("limits.young_group_maximum_age", 120),
        ("limits.same_town_km", 0),
        ("limits.voices_to_mention", 1),
        ("limits.meetings_compared", 0),
        ("balance.shown", 0),
        ("balance.likeness_cost", -1),
    ],
)
def test_a_number_that_could_not_be_worked_with_or_would_turn_a_protection_off_is_refused(
    key: str, value: object
) -> None:
    with pytest.raises(InvalidRules, match=rf"my\.toml: '{key}\.value': Input should be "):
        parse_rules(with_value(key, value), "my.toml")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("scales.soon_days", 40, "soon_days must be below far_off_days"),
        ("scales.stale_days", 10, "fresh_days must be below stale_days"),
    ],
)
def test_days_out_of_order_are_refused(key: str, value: int, said: str) -> None:
    with pytest.raises(InvalidRules, match=said):
        parse_rules(with_value(key, value), "my.toml")


@pytest.mark.parametrize("topics", [[], ["suicidal_thoughts"], ["suicidal_thoughts", "self_harm", "grief"]])
def test_no_topic_that_must_be_guided_can_be_left_out(topics: list[str]) -> None:
    with pytest.raises(InvalidRules, match=r"guided_topics.*always eating_disorder, self_harm, suicidal_thoughts"):
        parse_rules(re.sub(r"guided_topics = .*", f"guided_topics = {topics}", TEXT), "my.toml")


def test_more_topics_may_need_a_guide() -> None:
    more = TEXT.replace("guided_topics = [", 'guided_topics = ["psychosis", ')
    assert "psychosis" in parse_rules(more, "my.toml").safeguarding.guided_topics
