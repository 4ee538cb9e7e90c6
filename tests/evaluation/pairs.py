"""Minimal pairs: two stories that differ in a word or two and mean different things, and what the reader makes of them.

Decides how a reading is judged. `truth` is what a careful reader is sure of, `not` what a hasty one would wrongly take
from the story; on what stands in neither, a reading goes beyond both.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from matcher.gazetteer import Coordinates, place_key
from matcher.reading import only_reading
from matcher.situation import Situation
from models.intake import Intake
from models.recommendation import Statement
from tests.situations import a_situation

HERE = Path(__file__).parent
FACTS = ("role", "relation", "stage", "age", "place", "wish")


class Outcome(StrEnum):
    """What came of one fact of one story."""

    RIGHT = "right"
    MISSED = "missed"
    """Told, and nothing was read: the question stays open."""
    BOTH = "both"
    """More than one value was read: both are offered, none is believed."""
    WRONG = "wrong"
    QUIET = "quiet"
    """Not told, and nothing was read."""
    BEYOND = "beyond"
    """A careful reader would be sure of neither this value nor another."""


@dataclass(frozen=True)
class Story:
    """One side of a pair."""

    id: str
    kind: str
    words: str
    truth: Mapping[str, str]
    """Question → the answer; the question of a wish is `wishes.` and its name, as in a statement."""
    hasty: Mapping[str, frozenset[str]]
    """Question → answers that would be wrong."""

    def situation(self, towns: Mapping[str, Coordinates]) -> Situation:
        return a_situation(dict(towns), story=self.words)


@dataclass(frozen=True)
class Reading:
    """What came of one question that a story answers, or could be thought to."""

    story: Story
    question: str
    outcome: Outcome

    @property
    def fact(self) -> str:
        return "wish" if self.question.startswith("wishes.") else self.question


def read_pairs(name: str) -> list[Story]:
    rows = [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]
    return [_story(row, side) for row in rows for side in ("a", "b")]


def towns_of(stories: Sequence[Story]) -> dict[str, Coordinates]:
    """All towns that the stories turn on, as if a directory had groups in each."""
    told = {value for story in stories for question, value in story.truth.items() if question == "place"}
    thought = {value for story in stories for value in story.hasty.get("place", ())}
    return {place_key(town): (0.0, 0.0) for town in told | thought}


def judge_readings(stories: Sequence[Story]) -> list[Reading]:
    """What the reader makes of each story, question by question."""
    towns = towns_of(stories)
    return [reading for story in stories for reading in _judge(story, story.situation(towns))]


def believed(situation: Situation, question: str) -> str | None:
    """What is supposed of a newcomer who has confirmed nothing; a wish is believed by no one, so its one reading."""
    if question in Intake.model_fields:
        value = getattr(situation.supposed, question)
        return None if value is None else str(value)
    return only_reading(situation.statements, question)


def lay_out(readings: Sequence[Reading]) -> str:
    """The counts, one line for each kind of pair and each fact that it tells or that was read, then for each fact."""
    return "\n".join(
        [
            _line("kind", "fact", Outcome),
            *_lines(Counter((one.story.kind, one.fact, one.outcome) for one in readings)),
            *_lines(Counter(("all", one.fact, one.outcome) for one in readings)),
        ]
    )


def _story(row: dict[str, Any], side: str) -> Story:
    told = row[side]
    return Story(
        id=f"{row['id']}{side}",
        kind=row["kind"],
        words=told["story"],
        truth={question: str(value) for question, value in _questions(told["truth"])},
        hasty={question: frozenset(map(str, values)) for question, values in _questions(told["not"])},
    )


def _questions(facts: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for fact, value in facts.items():
        if fact == "wish":
            yield from ((f"wishes.{wish}", importance) for wish, importance in value.items())
        else:
            yield fact, value


def _judge(story: Story, situation: Situation) -> Iterator[Reading]:
    read = {statement.question_id for statement in situation.statements}
    for question in dict.fromkeys([*FACTS[:-1], *story.truth, *story.hasty, *sorted(read)]):
        yield Reading(story, question, _outcome(story, question, situation))


def _outcome(story: Story, question: str, situation: Situation) -> Outcome:
    value = believed(situation, question)
    told, hasty = story.truth.get(question), story.hasty.get(question, frozenset())
    if value is None:
        if _is_read(situation.statements, question):
            return Outcome.BOTH
        return Outcome.QUIET if told is None else Outcome.MISSED
    if value == told:
        return Outcome.RIGHT
    return Outcome.WRONG if told is not None or value in hasty else Outcome.BEYOND


def _is_read(statements: Sequence[Statement], question: str) -> bool:
    return any(statement.question_id == question for statement in statements)


def _lines(counts: Counter[tuple[str, str, Outcome]]) -> Iterator[str]:
    told = (key for key in sorted(counts, key=_order) if key[2] is not Outcome.QUIET)
    for kind, fact in dict.fromkeys((kind, fact) for kind, fact, _ in told):
        yield _line(kind, fact, (counts[kind, fact, outcome] for outcome in Outcome))


def _order(key: tuple[str, str, Outcome]) -> tuple[str, int]:
    return key[0], FACTS.index(key[1])


def _line(kind: str, fact: str, cells: Any) -> str:
    return f"{kind:<10} {fact:<9}" + "".join(f"{cell!s:>8}" for cell in cells)
