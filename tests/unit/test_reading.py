"""What is read from a story: offered as statements, withheld when readings disagree, never offered twice."""

import pytest

from matcher.reading import only_reading, read_statements
from models.intake import Intake
from models.questionnaire import default_questionnaire
from tests.situations import a_situation

TOWNS = ("leeds", "cork")


def read(story: str, **answers: object) -> set[str]:
    return {statement.id for statement in read_statements(Intake.model_validate({"story": story, **answers}), TOWNS)}


def of(question_id: str, statements: set[str]) -> set[str]:
    return {one.partition(":")[2] for one in statements if one.startswith(f"{question_id}:")}


@pytest.mark.parametrize(
    ("story", "roles"),
    [
        ("My mum drinks too much and I hide the bottles", {"supporting"}),
        ("I'm the daughter of an alcoholic", {"supporting"}),
        ("my husband’s gambling has cost us the house", {"supporting"}),
        ("My son is 16 and has anorexia", {"supporting"}),
        ("My best friend has bipolar", {"supporting"}),
        ("I drink too much", {"living_with"}),
        ("I've been diagnosed with lupus", {"living_with"}),
        ("I was diagnosed with cancer, my husband is lovely", {"living_with"}),
        ("I lost my job", {"living_with"}),
        ("lonely", {"living_with"}),
        ("My husband died in March", {"bereaved"}),
        ("lost my husband to cancer", {"bereaved"}),
        ("we lost our baby, he was stillborn", {"bereaved"}),
        ("My dog died", {"bereaved"}),
        ("My father was an alcoholic and now I drink", {"supporting", "living_with"}),
        ("My dad died and I was diagnosed with cancer", {"bereaved", "living_with"}),
        ("My mum does not have dementia", set()),
        ("I don't drink, my wife does", {"supporting"}),
        ("hello", set()),
        ("", set()),
    ],
)
def test_whose_experience_it_is(story: str, roles: set[str]) -> None:
    assert of("role", read(story)) == roles


@pytest.mark.parametrize(
    ("story", "relations"),
    [
        ("My mum drinks too much", {"parent"}),
        ("I'm the daughter of an alcoholic", {"parent"}),
        ("my husband’s gambling has cost us the house", {"partner"}),
        ("I'm a widower", {"partner"}),
        ("My daughter is addicted to heroin", {"child"}),
        ("we lost our baby, he was stillborn", {"child"}),
        ("My brother died by suicide", {"sibling"}),
        ("My sister and my dad both have cancer", {"sibling", "parent"}),
        ("my mother-in-law has dementia", set()),
        ("I was diagnosed with cancer, my husband is lovely", set()),
    ],
)
def test_who_it_is_about(story: str, relations: set[str]) -> None:
    assert of("relation", read(story)) == relations


@pytest.mark.parametrize(
    ("story", "stages"),
    [
        ("I have not been diagnosed with anything", {"finding_out"}),
        ("Never been diagnosed with ADHD but I think I might be", {"finding_out"}),
        ("I'm waiting for the results", {"finding_out"}),
        ("I was just diagnosed with cancer", {"new"}),
        ("It is not newly diagnosed", {"finding_out"}),
        ("my dad has stage 4 cancer", {"advanced"}),
        ("I'm in the middle of chemo", {"ongoing"}),
        ("I'm 12 years sober", {"recovering"}),
        ("I've had MS for twelve years", {"long_term"}),
        ("I've been diagnosed with lupus", set()),
    ],
)
def test_where_in_it_somebody_is(story: str, stages: set[str]) -> None:
    assert of("stage", read(story)) == stages


@pytest.mark.parametrize(
    ("story", "ages"),
    [
        ("I'm 34 and I have MS", {"34"}),
        ("34f, lupus", {"34"}),
        ("woman, 52", {"52"}),
        ("I'm 45. My daughter is 16", {"45"}),
        ("I am 34. No, I'm 43", {"34", "43"}),
        ("I'm 34 weeks pregnant", set()),
        ("I'm 12 years sober", set()),
        ("I'm not 40 yet", set()),
        ("My mum, who is 80, has dementia", set()),
    ],
)
def test_how_old_the_newcomer_is(story: str, ages: set[str]) -> None:
    assert of("age", read(story)) == ages


@pytest.mark.parametrize(
    ("story", "places"),
    [
        ("I live in Leeds", {"Leeds"}),
        ("I moved from Cork to Leeds", {"Leeds", "Cork"}),
        ("popped a cork", set()),
        ("I live in Atlantis", set()),
    ],
)
def test_where_the_newcomer_is(story: str, places: set[str]) -> None:
    assert of("place", read(story)) == places


def test_what_was_answered_is_not_asked_again() -> None:
    assert read("My mum drinks and I'm 34", role="supporting", relation="parent", age=34) == set()


def test_nobody_going_through_it_themselves_is_asked_who_it_is_about() -> None:
    assert of("relation", read("My mum drinks", role="living_with")) == set()


def test_what_was_struck_is_not_said_again() -> None:
    assert read("My mum drinks", struck=["role:supporting"]) == {"relation:parent"}


def test_two_readings_that_disagree_are_both_offered_and_none_is_used() -> None:
    situation = a_situation(story="My father was an alcoholic and now I drink. I'm 34. I am 43")
    assert only_reading(situation.statements, "role") is None
    assert (situation.supposed.role, situation.supposed.age) == (None, None)


def test_striking_one_of_two_readings_leaves_the_other_to_be_used() -> None:
    story = "My father was an alcoholic and now I drink"
    assert a_situation(story=story, struck=["role:living_with"]).supposed.role == "supporting"


def test_what_was_read_never_becomes_an_answer() -> None:
    situation = a_situation(story="I'm 34. My mum drinks.")
    assert (situation.supposed.role, situation.supposed.relation, situation.supposed.age) == (
        "supporting",
        "parent",
        34,
    )
    assert (situation.intake.role, situation.intake.relation, situation.intake.age) == (None, None, None)


def test_every_statement_is_an_answer_to_its_question() -> None:
    story = (
        "I was just diagnosed. My mum has stage 4 cancer. My dad died. I'm waiting for tests, on chemo, in remission"
    )
    choices = {
        question.id: {choice.id for choice in question.choices} for question in default_questionnaire().questions
    }
    statements = read_statements(Intake(story=story + " for ten years"))
    assert {statement.question_id for statement in statements} == {"role", "relation", "stage"}
    assert len(statements) == 9
    assert all(statement.value in choices[statement.question_id] for statement in statements)
