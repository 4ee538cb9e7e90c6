"""Every stored column, with how private it is and how long it is kept.

Groups and profiles are whole validated documents; a column of their own stands only where SQL needs one.
A changed table needs a migration beside it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator


class Privacy(StrEnum):
    """How much harm it could do if it were read."""

    ORDINARY = "ordinary"
    """Public, or about no person."""
    PERSONAL = "personal"
    """About somebody, or of use to pass for somebody."""
    SENSITIVE = "sensitive"
    """About somebody's health."""


@dataclass(frozen=True)
class Kept:
    """How private a column is, and how long it is kept, in words."""

    privacy: Privacy
    how_long: str


class UtcMoment(TypeDecorator[datetime]):
    """An aware moment, in UTC: SQLite has no zones of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


_WITH_GROUP = "until the group is deleted"
_WITH_PROFILE = "until the profile or its group is deleted"
_ALWAYS = "as long as the database"
_WITH_KEY = "as long as the database, so that a revoked key can still be named"

# Sorted by code point in both databases, so that pages of a list are the same in each.
_IDENTIFIER = String(200).with_variant(String(200, collation="C"), "postgresql")


def _kept(privacy: Privacy, how_long: str) -> dict[str, Any]:
    return {"kept": Kept(privacy, how_long)}


metadata = MetaData()

directory_state = Table(
    "directory_state",
    metadata,
    Column("only_row", Integer, primary_key=True, info=_kept(Privacy.ORDINARY, _ALWAYS)),
    Column("directory_id", String(32), nullable=False, info=_kept(Privacy.ORDINARY, _ALWAYS)),
    Column("version", BigInteger, nullable=False, info=_kept(Privacy.ORDINARY, _ALWAYS)),
    CheckConstraint("only_row = 1", name="one_directory"),
)

groups = Table(
    "groups",
    metadata,
    Column("id", _IDENTIFIER, primary_key=True, info=_kept(Privacy.ORDINARY, _WITH_GROUP)),
    Column("document", Text, nullable=False, info=_kept(Privacy.ORDINARY, _WITH_GROUP)),
    Column("digest", String(64), nullable=False, info=_kept(Privacy.ORDINARY, _WITH_GROUP)),
    Column("changed", BigInteger, nullable=False, index=True, info=_kept(Privacy.ORDINARY, _WITH_GROUP)),
    Column(
        "members_changed",
        BigInteger,
        nullable=False,
        index=True,
        server_default="0",
        info=_kept(Privacy.ORDINARY, _WITH_GROUP),
    ),
)

profiles = Table(
    "profiles",
    metadata,
    Column("id", _IDENTIFIER, primary_key=True, info=_kept(Privacy.PERSONAL, _WITH_PROFILE)),
    Column(
        "group_id",
        _IDENTIFIER,
        ForeignKey("groups.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
        info=_kept(Privacy.SENSITIVE, _WITH_PROFILE),
    ),
    Column("document", Text, nullable=False, info=_kept(Privacy.SENSITIVE, _WITH_PROFILE)),
    # A digest of short words can be guessed back, so it counts as the words.
    Column("digest", String(64), nullable=False, info=_kept(Privacy.SENSITIVE, _WITH_PROFILE)),
    Column("changed", BigInteger, nullable=False, index=True, info=_kept(Privacy.ORDINARY, _WITH_PROFILE)),
)

deletions = Table(
    "deletions",
    metadata,
    Column("kind", String(10), primary_key=True, info=_kept(Privacy.ORDINARY, "until the id is used again")),
    Column("id", _IDENTIFIER, primary_key=True, info=_kept(Privacy.PERSONAL, "until the id is used again")),
    Column(
        "changed", BigInteger, nullable=False, index=True, info=_kept(Privacy.ORDINARY, "until the id is used again")
    ),
)

group_vectors = Table(
    "group_vectors",
    metadata,
    Column(
        "owner_id",
        _IDENTIFIER,
        ForeignKey("groups.id", ondelete="CASCADE"),
        primary_key=True,
        info=_kept(Privacy.ORDINARY, _WITH_GROUP),
    ),
    Column("encoder", String(300), nullable=False, info=_kept(Privacy.ORDINARY, _WITH_GROUP)),
    Column("passage_digest", String(64), nullable=False, info=_kept(Privacy.ORDINARY, _WITH_GROUP)),
    Column("vector", LargeBinary, nullable=False, info=_kept(Privacy.ORDINARY, _WITH_GROUP)),
)

profile_vectors = Table(
    "profile_vectors",
    metadata,
    Column(
        "owner_id",
        _IDENTIFIER,
        ForeignKey("profiles.id", ondelete="CASCADE"),
        primary_key=True,
        info=_kept(Privacy.PERSONAL, _WITH_PROFILE),
    ),
    Column("encoder", String(300), nullable=False, info=_kept(Privacy.ORDINARY, _WITH_PROFILE)),
    Column("passage_digest", String(64), nullable=False, info=_kept(Privacy.SENSITIVE, _WITH_PROFILE)),
    # Vectors can be turned back into words.
    Column("vector", LargeBinary, nullable=False, info=_kept(Privacy.SENSITIVE, _WITH_PROFILE)),
)

access_keys = Table(
    "access_keys",
    metadata,
    Column("id", Integer, primary_key=True, info=_kept(Privacy.ORDINARY, _WITH_KEY)),
    Column("name", String(300), nullable=False, unique=True, info=_kept(Privacy.PERSONAL, _WITH_KEY)),
    Column("scope", String(20), nullable=False, info=_kept(Privacy.ORDINARY, _WITH_KEY)),
    Column("secret_digest", String(64), nullable=False, unique=True, info=_kept(Privacy.PERSONAL, _WITH_KEY)),
    Column("created", UtcMoment, nullable=False, info=_kept(Privacy.ORDINARY, _WITH_KEY)),
    Column("revoked", UtcMoment, nullable=True, info=_kept(Privacy.ORDINARY, _WITH_KEY)),
)
