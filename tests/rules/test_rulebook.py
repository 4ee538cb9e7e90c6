"""The rules file: every number has its reason, and a wrong one is told in words."""

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
