"""What is read from a story: offered as statements, withheld when readings disagree, never offered twice."""

import pytest

from matcher.reading import only_reading, read_statements
from models.intake import Intake
from models.questionnaire import default_questionnaire


def read(story: str, **answers: object) -> set[str]:
    return {statement.id for statement in read_statements(Intake.model_validate({"story": story, **answers}))}


@pytest.mark.parametrize(
    ("story", "statements"),
    [
        ("My mum drinks too much and I hide the bottles", {"role:supporting"}),
        ("I'm the daughter of an alcoholic", {"role:supporting"}),
        ("my husband’s gambling has cost us the house", {"role:supporting"}),
        ("I drink too much", {"role:living_with"}),
        ("I've been diagnosed with lupus", {"role:living_with"}),
        ("My husband died in March", {"role:bereaved"}),
        ("we lost our baby, he was stillborn", {"role:bereaved"}),
        ("I have not been diagnosed with anything", {"stage:finding_out"}),
        ("I'm waiting for the results", {"stage:finding_out"}),
        ("I was just diagnosed with cancer", {"role:living_with", "stage:new"}),
        ("my dad has stage 4 cancer", {"role:supporting", "stage:advanced"}),
        ("I've had MS for twelve years", {"role:living_with", "stage:long_term"}),
        ("I lost my job", set()),
        ("lonely", set()),
        ("", set()),
    ],
)
def test_a_story_is_read(story: str, statements: set[str]) -> None:
    assert read(story) == statements


def test_what_was_answered_is_not_asked_again() -> None:
    assert read("My mum drinks", role="living_with") == set()


def test_what_was_struck_is_not_said_again() -> None:
    assert read("My mum drinks", struck=["role:supporting"]) == set()


def test_two_readings_that_disagree_are_both_offered_and_none_is_used() -> None:
    statements = read_statements(Intake(story="My father was an alcoholic and now I drink"))
    assert {statement.value for statement in statements} == {"supporting", "living_with"}
    assert only_reading(statements, "role") is None


def test_every_statement_is_an_answer_to_its_question() -> None:
    story = (
        "I was just diagnosed. My mum has stage 4 cancer. My dad died. I'm waiting for tests, on chemo, in remission"
    )
    choices = {
        question.id: {choice.id for choice in question.choices} for question in default_questionnaire().questions
    }
    statements = read_statements(Intake(story=story + " for ten years"))
    assert len(statements) == 9
    assert all(statement.value in choices[statement.question_id] for statement in statements)
