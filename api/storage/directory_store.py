"""Groups and experience profiles in the database: read, written, deleted, and what changed since a version.

Every writing transaction takes its turn on the one row of `directory_state`, so versions appear in order and a reader
that asks "what changed since 41?" can't miss anything. Encodes nothing: vectors are handed in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

import numpy as np
from sqlalchemy import Connection, Row, Table, delete, func, insert, select, update

from api.storage.database import Database
from api.storage.documents import digest, read_document, write_document
from api.storage.tables import (
    deletions,
    directory_state,
    group_vectors,
    groups,
    profile_vectors,
    profiles,
)
from matcher.encoder import Vector
from models.errors import Conflict, NotFound
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
    """What a reader must take in to be at `version`; `is_everything`: forget all that was known before."""

    version: DirectoryVersion
    is_everything: bool
    groups: list[tuple[Group, StoredVector | None]]
    profiles: list[tuple[ExperienceProfile, StoredVector | None]]
    deleted_groups: list[str]
    deleted_profiles: list[str]


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


class DirectoryStore:
    """All groups and profiles. Every method may raise StorageUnavailable."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def version(self) -> DirectoryVersion:
        with self.database.reading() as connection:
            return _version(connection)

    def counts(self, encoder: str) -> Counts:
        with self.database.reading() as connection:
            return Counts(
                groups=_count(connection, groups),
                profiles=_count(connection, profiles),
                encoded_groups=_count(connection, group_vectors, encoder),
                encoded_profiles=_count(connection, profile_vectors, encoder),
            )

    def group(self, group_id: str) -> Group:
        """Raises NotFound."""
        with self.database.reading() as connection:
            return _find(connection, GROUPS, group_id)

    def profile(self, profile_id: str) -> ExperienceProfile:
        """Raises NotFound."""
        with self.database.reading() as connection:
            return _find(connection, PROFILES, profile_id)

    def groups(self, after: str = "", limit: int = 100) -> list[Group]:
        """The next groups in the order of their ids, later than the id `after`."""
        with self.database.reading() as connection:
            page = select(groups.c.document).where(groups.c.id > after).order_by(groups.c.id).limit(limit)
            return [read_document(Group, document) for document in connection.scalars(page)]

    def profiles(self, after: str = "", limit: int = 100, group_id: str | None = None) -> list[ExperienceProfile]:
        """The next profiles in the order of their ids; of one group, if it is named. Raises NotFound for that group."""
        with self.database.reading() as connection:
            page = select(profiles.c.document).where(profiles.c.id > after).order_by(profiles.c.id).limit(limit)
            if group_id is not None:
                _find(connection, GROUPS, group_id)
                page = page.where(profiles.c.group_id == group_id)
            return [read_document(ExperienceProfile, document) for document in connection.scalars(page)]

    def groups_there(self, ids: Iterable[str]) -> set[str]:
        """Those of the ids that are ids of groups."""
        with self.database.reading() as connection:
            return set(_digests(connection, groups, ids))

    def passages_encoded(self, shelf: Shelf[R], ids: Iterable[str], encoder: str) -> dict[str, str]:
        """For each of the ids that has a vector of this encoder: the digest of the passage it was made from."""
        vectors = shelf.vectors.c
        wanted = select(vectors.owner_id, vectors.passage_digest).where(
            vectors.owner_id.in_(list(ids)), vectors.encoder == encoder
        )
        with self.database.reading() as connection:
            return {row.owner_id: row.passage_digest for row in connection.execute(wanted)}

    def put(
        self, shelf: Shelf[R], records: Sequence[R], vectors: Mapping[str, StoredVector], only_new: bool = False
    ) -> list[Outcome]:
        """Create or replace records, all in one transaction; what is unchanged is left alone.

        A vector that isn't given stays as it is: readers know a stale one by its passage.

        Raises:
            Conflict: two of the records have the same id, or, if they must be new, one has an id that is taken.
        """
        ids = [record.id for record in records]
        if len(set(ids)) < len(ids):
            raise Conflict(f"Two {shelf.name}s of one request have the same id. Nothing was changed.")
        with self._one_writer() as (connection, version):
            outcomes = _put_rows(connection, shelf, records, version)
            if only_new and {Outcome.CHANGED, Outcome.UNCHANGED} & set(outcomes):
                raise Conflict(f"There is a {shelf.name} with that id already. Nothing was changed.")
            homeless = {
                record.id for record, outcome in zip(records, outcomes, strict=True) if outcome is Outcome.GROUP_MISSING
            }
            _save_vectors(connection, shelf, {id_: vectors[id_] for id_ in vectors if id_ not in homeless})
            if {Outcome.CREATED, Outcome.CHANGED} & set(outcomes):
                _set_version(connection, version)
            return outcomes

    def check_writable(self) -> None:
        """Raises StorageUnavailable when nothing can be written. Changes nothing."""
        with self._one_writer() as (connection, version):
            # SQLite notices only at the first write that a file is read-only.
            _set_version(connection, version - 1)

    def save_vectors(self, shelf: Shelf[R], vectors: Mapping[str, StoredVector]) -> None:
        """Keep vectors of records that are still there; no record changes by it."""
        with self._one_writer() as (connection, _):
            still_there = _digests(connection, shelf.rows, vectors)
            _save_vectors(connection, shelf, {id_: vectors[id_] for id_ in still_there})

    def delete_group(self, group_id: str) -> None:
        """Delete a group with its profiles and their vectors. Raises NotFound."""
        with self._one_writer() as (connection, version):
            _find(connection, GROUPS, group_id)
            members = connection.scalars(select(profiles.c.id).where(profiles.c.group_id == group_id)).all()
            _note_deletions(connection, PROFILES, members, version)
            _note_deletions(connection, GROUPS, [group_id], version)
            connection.execute(delete(groups).where(groups.c.id == group_id))
            _set_version(connection, version)

    def delete_profile(self, profile_id: str) -> None:
        """Delete a profile with its vector. Raises NotFound."""
        with self._one_writer() as (connection, version):
            _find(connection, PROFILES, profile_id)
            _note_deletions(connection, PROFILES, [profile_id], version)
            connection.execute(delete(profiles).where(profiles.c.id == profile_id))
            _set_version(connection, version)

    def changes_since(self, known: DirectoryVersion | None) -> Changes:
        """All that changed since a version, read at one moment; everything, if that version is not of this directory.

        A version from the future means that an older copy of the database was put back.
        """
        with self.database.reading() as connection:
            version = _version(connection)
            is_everything = known is None or known.directory_id != version.directory_id or known.number > version.number
            since = 0 if known is None or is_everything else known.number
            return Changes(
                version=version,
                is_everything=is_everything,
                groups=_changed(connection, GROUPS, since),
                profiles=_changed(connection, PROFILES, since),
                deleted_groups=[] if is_everything else _deleted(connection, GROUPS, since),
                deleted_profiles=[] if is_everything else _deleted(connection, PROFILES, since),
            )

    @contextmanager
    def _one_writer(self) -> Iterator[tuple[Connection, int]]:
        """A transaction that no other writer shares, with the version it makes if it changes anything."""
        with self.database.writing() as connection:
            current = connection.execute(select(directory_state.c.version).with_for_update()).scalar_one()
            yield connection, current + 1


def is_storable(text: str) -> bool:
    """Whether both databases take it as text: no NUL, no half of a character."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _version(connection: Connection) -> DirectoryVersion:
    row = connection.execute(select(directory_state)).one()
    return DirectoryVersion(row.directory_id, row.version)


def _set_version(connection: Connection, version: int) -> None:
    connection.execute(update(directory_state).values(version=version))


def _count(connection: Connection, table: Table, encoder: str | None = None) -> int:
    query = select(func.count()).select_from(table)
    return connection.scalar(query if encoder is None else query.where(table.c.encoder == encoder)) or 0


def _find(connection: Connection, shelf: Shelf[R], id_: str) -> R:
    # An address may hold what no database takes as text.
    document = (
        connection.scalar(select(shelf.rows.c.document).where(shelf.rows.c.id == id_)) if is_storable(id_) else None
    )
    if document is None:
        raise NotFound(f"There is no {shelf.name} with that id.")
    return read_document(shelf.record, document)


def _digests(connection: Connection, table: Table, ids: Iterable[str]) -> dict[str, str]:
    query = select(table.c.id, table.c.digest).where(table.c.id.in_(list(ids)))
    return {row.id: row.digest for row in connection.execute(query)}


def _put_rows(connection: Connection, shelf: Shelf[R], records: Sequence[R], version: int) -> list[Outcome]:
    rows = [_row(record, version) for record in records]
    stored = _digests(connection, shelf.rows, [row["id"] for row in rows])
    homes = set(_digests(connection, groups, {row["group_id"] for row in rows if "group_id" in row}))
    outcomes = [_outcome(row, stored, homes) for row in rows]
    created = [row for row, outcome in zip(rows, outcomes, strict=True) if outcome is Outcome.CREATED]
    changed = [row for row, outcome in zip(rows, outcomes, strict=True) if outcome is Outcome.CHANGED]
    if created:
        connection.execute(insert(shelf.rows), created)
        ids = [row["id"] for row in created]
        connection.execute(delete(deletions).where(deletions.c.kind == shelf.name, deletions.c.id.in_(ids)))
    for row in changed:
        connection.execute(update(shelf.rows).where(shelf.rows.c.id == row["id"]).values(**row))
    return outcomes


def _row(record: Group | ExperienceProfile, version: int) -> dict[str, Any]:
    document = write_document(record)
    row: dict[str, Any] = {
        "id": record.id,
        "document": document,
        "digest": digest(document),
        "changed": version,
    }
    return row if isinstance(record, Group) else {**row, "group_id": record.group_id}


def _outcome(row: dict[str, Any], stored: Mapping[str, str], homes: set[str]) -> Outcome:
    if "group_id" in row and row["group_id"] not in homes:
        return Outcome.GROUP_MISSING
    before = stored.get(row["id"])
    if before is None:
        return Outcome.CREATED
    return Outcome.UNCHANGED if before == row["digest"] else Outcome.CHANGED


def _save_vectors(connection: Connection, shelf: Shelf[R], vectors: Mapping[str, StoredVector]) -> None:
    if not vectors:
        return
    table = shelf.vectors
    connection.execute(delete(table).where(table.c.owner_id.in_(list(vectors))))
    connection.execute(insert(table), [_vector_row(owner, vector) for owner, vector in vectors.items()])


def _vector_row(owner_id: str, stored: StoredVector) -> dict[str, str | bytes]:
    return {
        "owner_id": owner_id,
        "encoder": stored.encoder,
        "passage_digest": stored.passage_digest,
        "vector": stored.vector.astype("<f4").tobytes(),
    }


def _note_deletions(connection: Connection, shelf: Shelf[R], ids: Sequence[str], version: int) -> None:
    if ids:
        rows = [{"kind": shelf.name, "id": id_, "changed": version} for id_ in ids]
        connection.execute(insert(deletions), rows)


def _changed(connection: Connection, shelf: Shelf[R], since: int) -> list[tuple[R, StoredVector | None]]:
    rows, vectors = shelf.rows.c, shelf.vectors.c
    query = (
        select(rows.document, vectors.encoder, vectors.passage_digest, vectors.vector)
        .select_from(shelf.rows.outerjoin(shelf.vectors, vectors.owner_id == rows.id))
        .where(rows.changed > since)
        .order_by(rows.id)
    )
    return [(read_document(shelf.record, row.document), _stored_vector(row)) for row in connection.execute(query)]


def _stored_vector(row: Row[*tuple[Any, ...]]) -> StoredVector | None:
    if row.vector is None:
        return None
    return StoredVector(row.encoder, row.passage_digest, np.frombuffer(row.vector, dtype="<f4"))


def _deleted(connection: Connection, shelf: Shelf[R], since: int) -> list[str]:
    query = select(deletions.c.id).where(deletions.c.kind == shelf.name, deletions.c.changed > since)
    return list(connection.scalars(query))
