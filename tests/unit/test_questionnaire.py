"""The questionnaire and the intake are two sides of one thing."""

from collections.abc import Callable

import pytest

from models.intake import Intake
from models.questionnaire import Kind, Question, default_questionnaire
from models.vocabulary import (
    AccessNeed,
    DayPart,
    Hope,
    Identity,
    Importance,
    Relation,
    Role,
    Stage,
    Term,
    Topic,
    Wish,
    say_country,
    say_language,
)

# Not answers to a question: what the newcomer strikes of what was read from their story.
NOT_ASKED = {"struck"}
VOCABULARIES: dict[str, type[Term]] = {
    "topics": Topic,
    "role": Role,
    "relation": Relation,
    "stage": Stage,
    "hopes": Hope,
    "wishes": Wish,
    "availability": DayPart,
    "access_needs": AccessNeed,
    "identities": Identity,
}
QUESTIONS = default_questionnaire().questions


def an_answer(question: Question) -> object:
    """Every choice at once, or the most that the question takes."""
    ids = [choice.id for choice in question.choices]
    return {
        Kind.TEXT: "x" * (question.maximum_length or 1),
        Kind.LINE: "x" * (question.maximum_length or 1),
        Kind.NUMBER: question.maximum,
        Kind.ONE_CHOICE: ids[-1] if ids else None,
        Kind.MANY_CHOICES: ids,
        Kind.WISHES: dict.fromkeys(ids, Importance.MUST),
    }[question.kind]


def test_every_answer_has_its_question_and_every_question_its_answer() -> None:
    assert {question.id for question in QUESTIONS} == set(Intake.model_fields) - NOT_ASKED


@pytest.mark.parametrize("name", VOCABULARIES)
def test_the_choices_are_the_terms_of_the_vocabulary(name: str) -> None:
    question = next(question for question in QUESTIONS if question.id == name)
    assert {choice.id for choice in question.choices} == set(VOCABULARIES[name])


@pytest.mark.parametrize(("name", "say"), [("country", say_country), ("languages", say_language)])
def test_every_country_and_language_that_can_be_picked_has_a_name_in_sentences(
    name: str, say: Callable[[str], str]
) -> None:
    question = next(question for question in QUESTIONS if question.id == name)
    # ZZ is somewhere else.
    assert [choice.id for choice in question.choices if say(choice.id) == choice.id] in ([], ["ZZ"])


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_whatever_can_be_picked_is_an_answer(question: Question) -> None:
    answer = an_answer(question)
    if question.id == "travel_km":
        answer = int(str(answer))
    assert getattr(Intake.model_validate({question.id: answer}), question.id)


def test_every_question_can_be_skipped() -> None:
    assert Intake() == Intake.model_validate({question.id: None for question in QUESTIONS})
