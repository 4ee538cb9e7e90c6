"""Invented newcomers with the groups a thoughtful person would name, and what Kindred suggests to them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from matcher.eligibility import judge
from matcher.index import DirectoryIndex
from matcher.phrasebook import Phrasebook, keep_phrasebook
from matcher.recommend import recommend
from matcher.rulebook import default_rules
from matcher.situation import situate
from matcher.text import encode_passages, passage_of_group, passage_of_profile
from matcher.weights import default_cache_dir
from models.group import Group
from models.intake import Intake
from models.profile import ExperienceProfile
from models.recommendation import Outcome, Recommendations
from scripts.vector_cache import RememberingEncoder, remember_invented
from tests.encoders import real_encoder
from tests.situations import an_index

HERE = Path(__file__).parent
DEMO = HERE.parents[1] / "scripts" / "demo_directory"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Newcomer:
    """One judged newcomer."""

    id: str
    answers: dict[str, Any]
    good: frozenset[str]
    """The groups a thoughtful person would name."""
    never: dict[str, str]
    """Groups that would be wrong to show, and why; `subject` is only off the point, all else is not for them."""
    nothing_close: bool
    truth: dict[str, Any]
    """What the newcomer would answer, if asked, as far as the story lets a careful reader tell."""

    def not_for_them(self, shown: list[str]) -> set[str]:
        return {group for group in shown if self.never.get(group, "subject") != "subject"}

    def is_served_by(self, shown: list[str]) -> bool:
        return not shown if self.nothing_close else not self.good.isdisjoint(shown)


def read_newcomers(name: str) -> list[Newcomer]:
    rows = [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]
    return [Newcomer(**{**row, "good": frozenset(row["good"])}) for row in map(_known_fields, rows)]


def _known_fields(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in Newcomer.__dataclass_fields__}


@cache
def encoder() -> RememberingEncoder:
    return remember_invented(real_encoder(), default_cache_dir())


@cache
def demo_index() -> DirectoryIndex:
    groups = [Group.model_validate_json(line) for line in _lines("groups.jsonl")]
    profiles = [ExperienceProfile.model_validate_json(line) for line in _lines("profiles.jsonl")]
    # All at once is quicker than group by group.
    encode_passages([*map(passage_of_group, groups), *map(passage_of_profile, profiles)], encoder())
    keep_phrasebook(real_encoder(), default_cache_dir())
    return an_index(groups, profiles, encoder(), Phrasebook(encoder(), default_cache_dir()))


def _lines(name: str) -> Iterator[str]:
    return iter((DEMO / name).read_text(encoding="utf-8").splitlines())


def answer_what_is_asked(newcomer: Newcomer) -> dict[str, Any]:
    """The answers after the page "We understood: …, right?": what is right is confirmed, what is wrong is struck, and
    what is asked there is answered, as far as the newcomer's own words tell the answer.
    """
    reply = _recommend(newcomer.answers)
    asked = {statement.question_id for statement in reply.understood} | set(reply.open_questions)
    told = {question: value for question, value in newcomer.truth.items() if question in asked}
    wrong = [
        statement.id
        for statement in reply.understood
        if statement.question_id in told and str(told[statement.question_id]) != statement.value
    ]
    return {**newcomer.answers, **told, "struck": wrong}


def suggest(answers: dict[str, Any]) -> list[str]:
    """The ids of the groups shown."""
    return [one.group.id for one in _recommend(answers).recommendations]


def facts_against(group_id: str, newcomer: Newcomer) -> list[str]:
    """The rules that put a group out for this newcomer, given everything that is true of them."""
    index = demo_index()
    group = index.group(index.ids.index(group_id))
    everything = Intake.model_validate({**newcomer.answers, **newcomer.truth})
    findings = judge(group, situate(everything, index.towns, NOW), default_rules())
    return [finding.sentence for finding in findings if finding.outcome is Outcome.NOT_MET]


def _recommend(answers: dict[str, Any]) -> Recommendations:
    return recommend(Intake.model_validate(answers), demo_index(), encoder(), default_rules(), NOW)
