"""The questionnaire: what a newcomer is asked, in which order and words. The default one is data beside this file."""

import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files

from models.text import Line, Record


class Kind(StrEnum):
    """What type of answer a question takes; `null` or leaving it out always means skipped."""

    TEXT = "text"
    """Text of several lines."""
    LINE = "line"
    """Text on one line."""
    NUMBER = "number"
    """A whole number from `minimum` to `maximum`."""
    ONE_CHOICE = "one_choice"
    """The id of one choice."""
    MANY_CHOICES = "many_choices"
    """A list of ids of choices; an empty list says that none is true."""
    WISHES = "wishes"
    """An object: the id of a choice → `must`, `nice` or `avoid`."""


class Choice(Record):
    """One answer that can be picked."""

    id: Line
    label: Line


class Question(Record):
    """One question; its id is the answer's field in an intake."""

    id: Line
    kind: Kind
    ask: Line
    hint: Line | None = None
    choices: tuple[Choice, ...] = ()
    maximum_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None


class Screen(Record):
    """Questions that are asked together."""

    id: Line
    title: Line
    intro: Line
    questions: tuple[Question, ...]


class Questionnaire(Record):
    """All screens, in order, under one version."""

    version: Line
    screens: tuple[Screen, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for screen in self.screens for question in screen.questions)


@cache
def default_questionnaire() -> Questionnaire:
    """The questionnaire that ships with Kindred."""
    text = files("models").joinpath("default_questionnaire.toml").read_text(encoding="utf-8")
    return Questionnaire.model_validate(tomllib.loads(text))
