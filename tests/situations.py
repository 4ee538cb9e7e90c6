"""Newcomers for tests of the matching, and a directory in memory."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from matcher.eligibility import RULES, rules_that_doubt
from matcher.encoder import FakeEncoder, TextEncoder, Vector
from matcher.features import FEATURES, measure_facts
from matcher.index import DirectoryIndex, Entry
from matcher.phrasebook import Phrasebook
from matcher.ranking import Candidates, Ranking, rank
from matcher.rulebook import default_rules
from matcher.screening import Screening
from matcher.situation import Situation, situate
from matcher.text import encode_passages, passage_of_group, passage_of_profile
from models.group import Group
from models.intake import Intake
from models.profile import ExperienceProfile
from models.recommendation import Finding, Outcome
from models.rules import MatchingRules

_AXES = 16
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday


def a_situation(towns: dict[str, tuple[float, float]] | None = None, **answers: Any) -> Situation:
    """A newcomer on a Wednesday in November; `towns` are those of listings that name no country."""
    return situate(Intake.model_validate(answers), {name: {None: at} for name, at in (towns or {}).items()}, NOW)


def an_index(
    groups: Iterable[Group],
    profiles: Sequence[ExperienceProfile] = (),
    encoder: TextEncoder | None = None,
    phrasebook: Phrasebook | None = None,
) -> DirectoryIndex:
    """The directory of these groups and profiles."""
    encoder = encoder or FakeEncoder()
    phrasebook = phrasebook or Phrasebook(encoder)
    entries = [an_entry(group, profiles, encoder, phrasebook) for group in groups]
    return DirectoryIndex.build(entries, "1", encoder.dimensions, default_rules())


def rank_groups(
    groups: Sequence[Group],
    situation: Situation,
    values: Sequence[float] = (),
    vectors: Sequence[Vector] = (),
    with_facts: bool = False,
) -> tuple[Ranking, DirectoryIndex]:
    """These groups as ranked by how much the words of their listings say (and by their facts, if so wished), and their
    index.
    """
    rules, unknown = default_rules(), np.full(len(groups), np.nan)
    entries = [Entry.of(group, vector, []) for group, vector in zip(groups, vectors or _far_apart(groups), strict=True)]
    index = DirectoryIndex.build(entries, "1", _AXES, rules)
    of_ids = dict(zip([group.id for group in groups], values or [1.0] * len(groups), strict=True))
    rows, screening = np.arange(len(groups)), Screening.of(index.facts, situation, rules)
    facts = measure_facts(rows, index, situation, rules) if with_facts else {}
    candidates = Candidates(
        rows=rows,
        values={
            **dict.fromkeys(FEATURES, unknown),
            **facts,
            "same_subject": np.array([of_ids[id_] for id_ in index.ids]),
        },
        open_conditions=screening.count_open(rows),
        doubted=Screening.of_readings(index.facts, situation, rules).find_out(rows),
        subject_were_they_silent=unknown,
    )
    return rank(candidates, index.ids, rules), index


def doubts(group: Group, situation: Situation, rules: MatchingRules) -> tuple[Finding, ...]:
    """What the rules find that would put the group out if what was read from the story were confirmed."""
    supposed = situation.as_supposed()
    found = (RULES[name](group, supposed, rules) for name in rules_that_doubt(situation))
    return tuple(finding for finding in found if finding.outcome is Outcome.NOT_MET)


def towards(axis: int) -> Vector:
    """A vector unlike that of any other axis."""
    return np.eye(_AXES, dtype=np.float32)[axis]


def _far_apart(groups: Sequence[Group]) -> list[Vector]:
    return [towards(axis) for axis in range(len(groups))]


def an_entry(
    group: Group, profiles: Sequence[ExperienceProfile], encoder: TextEncoder, phrasebook: Phrasebook | None = None
) -> Entry:
    """A group with those of the profiles that are its own."""
    phrasebook = phrasebook or Phrasebook(encoder)
    own = [profile for profile in profiles if profile.group_id == group.id]
    vectors = encode_passages([passage_of_profile(profile) for profile in own], encoder)
    vector = encode_passages([passage_of_group(group)], encoder)[0]
    return Entry.of(group, vector, list(zip(own, vectors, strict=True)), phrasebook.voice_of(group))
