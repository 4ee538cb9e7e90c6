"""Which questions are worth asking: those on which the groups at the top depend, and no others."""

from typing import Any

import pytest

from matcher.asking import choose_questions
from matcher.eligibility import RULES
from matcher.rulebook import default_rules
from matcher.screening import Screening
from models.intake import Intake
from models.questionnaire import default_questionnaire
from tests.records import a_group
from tests.situations import a_situation, rank_groups

RULES_IN_USE = default_rules()
ADULTS = {"eligibility": {"minimum_age": 18}}
WOMEN = {"eligibility": {"identities": ["women"]}}


def asked(*facts: dict[str, Any], best: float = 1.0, **answers: Any) -> tuple[str, ...]:
    """The questions, of groups with these facts, the first the best."""
    situation = a_situation(**answers)
    groups = [a_group(id=f"g{row}", **fact) for row, fact in enumerate(facts)]
    falling = [best - row / 1000 for row in range(len(facts))]
    ranked, index = rank_groups(groups, situation, falling)
    return choose_questions(ranked, Screening.of(index.facts, situation, RULES_IN_USE))


@pytest.mark.parametrize(
    ("facts", "question"),
    [
        ({"eligibility": {"roles": ["bereaved"]}}, "role"),
        ({"eligibility": {"relations": ["partner"]}}, "relation"),
        ({"eligibility": {"stages": ["new"]}}, "stage"),
        (WOMEN, "identities"),
        (ADULTS, "age"),
        ({"eligibility": {"countries": ["GB"]}}, "country"),
        ({"format": "in_person", "location": {"city": "Leeds"}}, "place"),
    ],
)
def test_a_condition_that_was_not_answered_is_asked_about(facts: dict[str, Any], question: str) -> None:
    assert asked(facts) == (question,)


def test_a_group_open_to_all_asks_nothing() -> None:
    assert asked({}) == ()
    assert asked() == ()


def test_what_was_answered_is_not_asked() -> None:
    assert asked(ADULTS, age=40) == ()


def test_what_was_read_from_the_story_is_not_asked_but_stated() -> None:
    assert asked(ADULTS, story="I'm 40 and dizzy") == ()


def test_what_was_read_in_two_ways_is_stated_both_ways_and_not_asked() -> None:
    assert asked(ADULTS, story="I'm 40. I am 41") == ()


def test_a_reading_that_was_struck_leaves_its_question_to_be_asked() -> None:
    assert asked(ADULTS, story="I'm 40 and dizzy", struck=["age:40"]) == ("age",)


def test_what_decides_about_the_best_group_comes_first_and_each_once() -> None:
    assert asked(WOMEN, ADULTS, WOMEN) == ("identities", "age")


def test_a_group_far_down_asks_nothing() -> None:
    most = int(RULES_IN_USE.limits.groups_asked_about.value)
    assert asked(*[{}] * (most - 1), ADULTS) == ("age",)
    assert asked(*[{}] * most, ADULTS) == ()


def test_a_group_about_something_else_asks_nothing() -> None:
    assert asked(ADULTS, best=0.0) == ()


def test_a_group_held_back_still_asks() -> None:
    facts = {"eligibility": {"roles": ["living_with"], "minimum_age": 18}}
    assert asked(facts, story="My mum drinks") == ("age",)


def test_whatever_is_asked_is_a_question_of_the_intake_and_the_questionnaire() -> None:
    everything = {
        "roles": ["bereaved"],
        "relations": ["partner"],
        "stages": ["new"],
        "minimum_age": 18,
        "identities": ["women"],
        "countries": ["GB"],
    }
    questions = set(asked({"eligibility": everything, "format": "in_person"}))
    assert len(questions) == 7 < len(RULES)
    assert questions <= set(Intake.model_fields)
    assert questions <= {question.id for question in default_questionnaire().questions}
