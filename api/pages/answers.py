"""Answers as a form carries them, and the intake they make. Decides which field means what, and what to say of a
mistake. Keeps what was typed, right or wrong, so that no page loses an answer. Does not decide what is asked.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from models.intake import Intake
from models.questionnaire import Kind, Question, Questionnaire, default_questionnaire
from models.recommendation import Statement

Pair = tuple[str, str]

# Ids of statements the newcomer said are wrong, such as `place:Leeds` or `wishes.faith:avoid`, all in one hidden field.
_STRUCK, _BETWEEN = "struck", "|"
_STATEMENT = re.compile(r"[a-z_]+(?:\.[a-z_]+)?:[^|\x00-\x1f\x7f-\x9f]{1,100}")
_MOST_STRUCK = 50
_CONFIRM = "confirm_"
NEITHER = "none"
ASKED = "asked"
# Says that groups were shown already.
_SHOWN = ("shown", "yes")


@dataclass(frozen=True)
class Mistake:
    """An answer that can't be used, and what to do about it in a sentence that never repeats the answer."""

    question_id: str
    asked: str
    what_to_do: str


@dataclass(frozen=True)
class Answers:
    """The fields of one form, in the order they came; what is blank or asked nowhere is left out."""

    pairs: tuple[Pair, ...] = ()

    @staticmethod
    def from_form(sent: Iterable[tuple[str, object]]) -> "Answers":
        """From the fields of a form, as a browser sends them."""
        known = _field_names(default_questionnaire())
        texts = [(name, _as_typed(value)) for name, value in sent if isinstance(value, str) and name in known]
        return Answers(tuple(dict.fromkeys((name, text) for name, text in texts if text)))

    @staticmethod
    def of(intake: Intake) -> "Answers":
        """The fields that would make this intake."""
        pairs = [pair for question in default_questionnaire().questions for pair in _pairs_of(question, intake)]
        struck = [(_STRUCK, _BETWEEN.join(intake.struck))] if intake.struck else []
        return Answers((*pairs, *struck))

    def after_groups(self) -> "Answers":
        """The same, carrying along that groups were shown: what was left open then is not asked again."""
        return Answers(tuple(dict.fromkeys((*self.pairs, _SHOWN))))

    @property
    def come_after_groups(self) -> bool:
        return _SHOWN in self.pairs

    def first(self, name: str) -> str:
        """The answer in a field; empty: skipped."""
        return next((value for field, value in self.pairs if field == name), "")

    def has(self, name: str, value: str) -> bool:
        """Whether a choice is picked."""
        return (name, value) in self.pairs

    def any_of(self, name: str) -> bool:
        return bool(self.first(name))

    def without(self, names: Iterable[str]) -> tuple[Pair, ...]:
        """What hidden fields carry beside visible fields of these names."""
        visible = set(names)
        return tuple(pair for pair in self.pairs if pair[0] not in visible)

    def read(self) -> "Intake | tuple[Mistake, ...]":
        """The intake these answers make, or what to mend first."""
        try:
            return Intake.model_validate(self._fields())
        except ValidationError as error:
            wrong = {str(mistake["loc"][0]) for mistake in error.errors()}
        return tuple(
            Mistake(question.id, question.ask, _what_to_do(question))
            for question in default_questionnaire().questions
            if question.id in wrong
        )

    def read_words(self) -> Intake:
        """What was told, without anything else, which may hold mistakes. By this alone help is offered."""
        words = ((name, text) for name, text in self.pairs if name in {"story", "topics", "country"})
        intake = Answers(tuple(words)).read()
        return intake if isinstance(intake, Intake) else Intake()

    def _fields(self) -> dict[str, object]:
        questions = default_questionnaire().questions
        answered = {question.id: self._answer(question) for question in questions}
        struck = [part for part in self.first(_STRUCK).split(_BETWEEN) if _STATEMENT.fullmatch(part)]
        return {**answered, _STRUCK: struck[:_MOST_STRUCK]}

    def _answer(self, question: Question) -> object:
        """None: skipped. A form can't tell "none of these" from skipped, so nothing ticked is skipped."""
        if question.kind is Kind.WISHES:
            return {
                choice.id: mark for choice in question.choices if (mark := self.first(_wish(question, choice.id)))
            } or None
        if question.kind is Kind.MANY_CHOICES:
            return [value for name, value in self.pairs if name == question.id] or None
        return self.first(question.id) or None


def carry_form(sent: Iterable[tuple[str, object]]) -> tuple[Pair, ...]:
    """The fields of a form that mean something, to be sent again as they came."""
    sent = tuple(sent)
    beside = [
        (name, value) for name, value in sent if isinstance(value, str) and (name == ASKED or name.startswith(_CONFIRM))
    ]
    return (*Answers.from_form(sent).pairs, *beside)


def said_of_statements(sent: Iterable[tuple[str, object]]) -> Mapping[str, str]:
    """What the newcomer picked of what was read: the id of a question → the id of a statement, or NEITHER."""
    return {
        name.removeprefix(_CONFIRM): value
        for name, value in sent
        if name.startswith(_CONFIRM) and isinstance(value, str)
    }


def confirm(intake: Intake, statements: Iterable[Statement], said: Mapping[str, str]) -> Intake:
    """What the newcomer said of the statements read from the story: confirmed ones become answers, wrong ones are
    struck, and what they are not sure of stays a reading.
    """
    answers = intake.model_dump()
    struck = list(intake.struck)
    for statement in statements:
        if said.get(statement.question_id) == statement.id:
            _put(statement, answers)
        elif said.get(statement.question_id) == NEITHER:
            struck.append(statement.id)
    return Intake.model_validate({**answers, _STRUCK: struck[:_MOST_STRUCK]})


def _put(statement: Statement, answers: dict[str, Any]) -> None:
    """Puts what a statement says in its place; a wish joins the wishes there are."""
    question, _, wish = statement.question_id.partition(".")
    answers[question] = {**(answers[question] or {}), wish: statement.value} if wish else statement.value


def _as_typed(text: str) -> str:
    # Browsers send line ends as two characters, which would count twice against the limit.
    return text.replace("\r\n", "\n").strip()


def _field_names(questionnaire: Questionnaire) -> set[str]:
    wishes = {_wish(q, choice.id) for q in questionnaire.questions if q.kind is Kind.WISHES for choice in q.choices}
    return {question.id for question in questionnaire.questions} | wishes | {_STRUCK, _SHOWN[0]}


def _wish(question: Question, choice_id: str) -> str:
    return f"{question.id}.{choice_id}"


def _pairs_of(question: Question, intake: Intake) -> list[Pair]:
    answer = getattr(intake, question.id)
    if answer is None:
        return []
    if question.kind is Kind.WISHES:
        return [(_wish(question, wish), str(mark)) for wish, mark in answer.items()]
    if question.kind is Kind.MANY_CHOICES:
        return [(question.id, str(value)) for value in answer]
    return [(question.id, str(answer))]


def _what_to_do(question: Question) -> str:
    if question.kind is Kind.NUMBER:
        return f"Write a number from {question.minimum} to {question.maximum}, such as 42, or leave it empty."
    if question.kind in {Kind.TEXT, Kind.LINE}:
        return f"Use letters and numbers, {question.maximum_length:,} of them at most, or leave it empty."
    return "Pick from the choices, or leave it."
