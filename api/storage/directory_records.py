"""What the directory's store speaks of: versions, changes, outcomes, vectors, and the tables of each kind of record."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from sqlalchemy import Table

from api.storage.tables import group_vectors, groups, profile_vectors, profiles
from matcher.encoder import Vector
from models.group import Group
from models.profile import ExperienceProfile

R = TypeVar("R", Group, ExperienceProfile)


class Outcome(StrEnum):
    """What writing one record did."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    GROUP_MISSING = "group_missing"
    """A profile whose group isn't there; it was not written."""


@dataclass(frozen=True)
class DirectoryVersion:
    """Which directory, and how often it has been changed."""

    directory_id: str
    number: int

    @property
    def label(self) -> str:
        return f"{self.directory_id[:8]}-{self.number}"


@dataclass(frozen=True)
class StoredVector:
    """A passage's vector, with what it was made from and by."""

    encoder: str
    passage_digest: str
    vector: Vector


@dataclass(frozen=True)
class Changes:
    """What a reader must take in to be at `version`; `is_everything`: forget all that was known before.

    A group comes whole, with all of its profiles, whichever of them changed.
    """

    version: DirectoryVersion
    is_everything: bool
    groups: list[tuple[Group, StoredVector | None]]
    profiles: list[tuple[ExperienceProfile, StoredVector | None]]
    deleted_groups: list[str]


@dataclass(frozen=True)
class Counts:
    """How much the directory holds. The encoded ones have a vector of the encoder that was asked about."""

    groups: int
    profiles: int
    encoded_groups: int
    encoded_profiles: int


@dataclass(frozen=True)
class Shelf(Generic[R]):
    """The tables that hold one kind of record."""

    name: str
    record: type[R]
    rows: Table
    vectors: Table


GROUPS = Shelf("group", Group, groups, group_vectors)
PROFILES = Shelf("profile", ExperienceProfile, profiles, profile_vectors)
