"""Newcomers for tests of the matching, and a directory in memory."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from matcher.encoder import FakeEncoder, TextEncoder
from matcher.index import DirectoryIndex, Entry
from matcher.phrasebook import Phrasebook
from matcher.situation import Situation, situate
from matcher.text import encode_passages, passage_of_group, passage_of_profile
from models.group import Group
from models.intake import Intake
from models.profile import ExperienceProfile

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday


def a_situation(towns: dict[str, tuple[float, float]] | None = None, **answers: Any) -> Situation:
    """A newcomer on a Wednesday in November."""
    return situate(Intake.model_validate(answers), towns or {}, NOW)


def an_index(
    groups: Iterable[Group], profiles: Sequence[ExperienceProfile] = (), encoder: TextEncoder | None = None
) -> DirectoryIndex:
    """The directory of these groups and profiles."""
    encoder = encoder or FakeEncoder()
    return DirectoryIndex.assemble(
        [_entry(group, profiles, encoder) for group in groups], version="1", dimensions=encoder.dimensions
    )


def _entry(group: Group, profiles: Sequence[ExperienceProfile], encoder: TextEncoder) -> Entry:
    own = [profile for profile in profiles if profile.group_id == group.id]
    vectors = encode_passages([passage_of_profile(profile) for profile in own], encoder)
    vector = encode_passages([passage_of_group(group)], encoder)[0]
    return Entry.of(group, vector, list(zip(own, vectors, strict=True)), Phrasebook(encoder).voice_of(group))
