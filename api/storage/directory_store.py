"""Groups and experience profiles in the database: read, written, deleted, and what changed since a version.

Every writing transaction takes its turn on the one row of `directory_state`, so versions appear in order and a reader
that asks "what changed since 41?" can't miss anything. Encodes nothing: vectors are handed in.
"""

import hashlib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, Table, delete, func, insert, or_, select, true, update

from api.storage.bell import ring
from api.storage.database import Database
from api.storage.directory_records import (
    GROUPS,
    PROFILES,
    Changes,
    Counts,
    DirectoryVersion,
    Outcome,
    R,
    Shelf,
    StoredVector,
)
from api.storage.documents import digest, read_document, write_document
from api.storage.file_mark import Mark
from api.storage.reading import Places, Query, T
from api.storage.tables import deletions, directory_state, group_vectors, groups, profile_vectors, profiles
from models.errors import Conflict, NotFound
from models.group import Group
from models.profile import ExperienceProfile


@dataclass
class _Turn:
    """A writer's turn: a transaction that no other writer shares, and the version it makes if it changes anything."""

    connection: Connection
    version: int
    has_changed: bool = False

    def change(self) -> None:
        _set_version(self.connection, self.version)
        ring(self.connection)
        self.has_changed = True


class DirectoryStore:
    """All groups and profiles. Every method may raise StorageUnavailable.

    What newcomers and readers of the directory are shown may come from a replica, but never from one that lacks what
    this process wrote.
    """

    def __init__(self, database: Database, replica: Database | None = None) -> None:
        self.database = database
        self._places = Places(database, replica)
        self._written = 0
        self._lock = threading.Lock()
        self._last_read: tuple[Mark, DirectoryVersion] | None = None

    @property
    def written(self) -> int:
        """The number of the newest version that this process made; 0: none."""
        return self._written

    def version(self) -> DirectoryVersion:
        """The newest one; while the primary is gone, the replica's."""
        mark, last = self.database.mark(), self._last_read
        if mark is not None and last is not None and last[0] == mark:
            return last[1]
        version = self._places.read_newest(_version)
        self._last_read = None if mark is None else (mark, version)
        return version

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
        return self._places.read_somewhere(lambda connection: _find(connection, GROUPS, group_id), self._holds_mine)

    def profile(self, profile_id: str) -> ExperienceProfile:
        """Raises NotFound."""
        return self._places.read_somewhere(lambda connection: _find(connection, PROFILES, profile_id), self._holds_mine)

    def groups(self, after: str = "", limit: int = 100) -> list[Group]:
        """The next groups in the order of their ids, later than the id `after`."""
        page = select(groups.c.document).where(groups.c.id > after).order_by(groups.c.id).limit(limit)
        documents = self._places.read_somewhere(lambda connection: connection.scalars(page).all(), self._holds_mine)
        return [read_document(Group, document) for document in documents]

    def profiles(self, after: str = "", limit: int = 100, group_id: str | None = None) -> list[ExperienceProfile]:
        """The next profiles in the order of their ids; of one group, if it is named. Raises NotFound for that group."""
        page = select(profiles.c.document).where(profiles.c.id > after).order_by(profiles.c.id).limit(limit)
        if group_id is not None:
            page = page.where(profiles.c.group_id == group_id)

        def read(connection: Connection) -> Sequence[str]:
            if group_id is not None:
                _find(connection, GROUPS, group_id)
            return connection.scalars(page).all()

        documents = self._places.read_somewhere(read, self._holds_mine)
        return [read_document(ExperienceProfile, document) for document in documents]

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
        with self._one_writer() as turn:
            connection = turn.connection
            outcomes = _put_rows(connection, shelf, records, turn.version)
            if only_new and {Outcome.CHANGED, Outcome.UNCHANGED} & set(outcomes):
                raise Conflict(f"There is a {shelf.name} with that id already. Nothing was changed.")
            homeless = {
                record.id for record, outcome in zip(records, outcomes, strict=True) if outcome is Outcome.GROUP_MISSING
            }
            _save_vectors(connection, shelf, {id_: vectors[id_] for id_ in vectors if id_ not in homeless})
            if {Outcome.CREATED, Outcome.CHANGED} & set(outcomes):
                turn.change()
            return outcomes

    def check_writable(self) -> None:
        """Raises StorageUnavailable when nothing may be written. Changes nothing, and waits for no writer."""
        self.database.rehearse(update(directory_state).values(version=directory_state.c.version))

    def save_vectors(self, shelf: Shelf[R], vectors: Mapping[str, StoredVector]) -> None:
        """Keep vectors of records that are still there; no record changes by it."""
        with self._one_writer() as turn:
            still_there = _digests(turn.connection, shelf.rows, vectors)
            _save_vectors(turn.connection, shelf, {id_: vectors[id_] for id_ in still_there})

    def delete_group(self, group_id: str) -> None:
        """Delete a group with its profiles and their vectors. Raises NotFound."""
        with self._one_writer() as turn:
            connection = turn.connection
            _find(connection, GROUPS, group_id)
            _note_deletion(connection, group_id, turn.version)
            connection.execute(delete(groups).where(groups.c.id == group_id))
            turn.change()

    def delete_profile(self, profile_id: str) -> None:
        """Delete a profile with its vector. Raises NotFound."""
        with self._one_writer() as turn:
            _touch(turn.connection, [_find(turn.connection, PROFILES, profile_id).group_id], turn.version)
            turn.connection.execute(delete(profiles).where(profiles.c.id == profile_id))
            turn.change()

    def group_ids(self, known: DirectoryVersion, from_primary: bool = False) -> list[str]:
        """Of all groups, in order, as of this version or a later one."""
        return self._read_as_new(
            lambda one: list(one.scalars(select(groups.c.id).order_by(groups.c.id))), known, from_primary
        )

    def whole(self, ids: Sequence[str], known: DirectoryVersion, from_primary: bool = False) -> Changes:
        """Those of these groups that are there, with all of their profiles, as of this version or a later one."""
        return self._read_as_new(lambda one: _whole(one, ids), known, from_primary)

    def changes_since(self, known: DirectoryVersion | None, from_primary: bool = False) -> Changes:
        """All that changed since a version, read at one moment; everything, if that version is not of this directory.

        A version from the future means that an older copy of the database was put back. From a replica, which may be
        behind, it would mean nothing: one that lacks what is known, or what this process wrote, isn't read.
        """

        return self._read_as_new(lambda one: _changes(one, known), known, from_primary)

    def _read_as_new(self, query: Query[T], known: DirectoryVersion | None, from_primary: bool) -> T:
        def is_as_new(connection: Connection) -> bool:
            version = _version(connection)
            is_later = known is None or (version.directory_id == known.directory_id and version.number >= known.number)
            return is_later and version.number >= self._written

        if not from_primary:
            return self._places.read(query, is_as_new)
        with self.database.reading() as connection:
            return query(connection)

    def digest_documents(self) -> tuple[DirectoryVersion, str]:
        """A SHA-256 of all documents as they are stored, and the version they are of."""

        def read(connection: Connection) -> tuple[DirectoryVersion, str]:
            whole = hashlib.sha256()
            for table in (groups, profiles):
                documents = connection.scalars(select(table.c.document).order_by(table.c.id))
                whole.update(digest("\n".join(documents)).encode())
            return _version(connection), whole.hexdigest()

        return self._places.read(read, self._holds_mine)

    def close(self) -> None:
        self._places.close()

    def _holds_mine(self, connection: Connection) -> bool:
        return _version(connection).number >= self._written

    @contextmanager
    def _one_writer(self) -> Iterator[_Turn]:
        with self.database.writing() as connection:
            current = connection.execute(select(directory_state.c.version).with_for_update()).scalar_one()
            turn = _Turn(connection, current + 1)
            yield turn
        if turn.has_changed:
            with self._lock:
                self._written = max(self._written, turn.version)


def is_storable(text: str) -> bool:
    """Whether both databases take it as text: no NUL, no half of a character."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _version(connection: Connection) -> DirectoryVersion:
    row = connection.execute(select(directory_state)).one()
    return DirectoryVersion(row.directory_id, row.version)


def _changes(connection: Connection, known: DirectoryVersion | None) -> Changes:
    version = _version(connection)
    is_everything = known is None or known.directory_id != version.directory_id or known.number > version.number
    since = 0 if known is None or is_everything else known.number
    is_changed = true() if is_everything else or_(groups.c.changed > since, groups.c.members_changed > since)
    return Changes(
        version=version,
        is_everything=is_everything,
        groups=_read(connection, GROUPS, is_changed),
        profiles=_read(connection, PROFILES, is_changed),
        deleted_groups=[] if is_everything else _deleted(connection, since),
    )


def _whole(connection: Connection, ids: Sequence[str]) -> Changes:
    is_one = groups.c.id.in_(ids)
    return Changes(
        version=_version(connection),
        is_everything=False,
        groups=_read(connection, GROUPS, is_one),
        profiles=_read(connection, PROFILES, is_one),
        deleted_groups=[],
    )


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
    if shelf is PROFILES:
        _note_members(connection, created + changed, version)
    if created:
        connection.execute(insert(shelf.rows), created)
        ids = [row["id"] for row in created]
        connection.execute(delete(deletions).where(deletions.c.kind == shelf.name, deletions.c.id.in_(ids)))
    for row in changed:
        connection.execute(update(shelf.rows).where(shelf.rows.c.id == row["id"]).values(**row))
    return outcomes


def _note_members(connection: Connection, written: Sequence[dict[str, Any]], version: int) -> None:
    """That the profiles of these groups change, and of those that they move away from."""
    ids = [row["id"] for row in written]
    left = connection.scalars(select(profiles.c.group_id).where(profiles.c.id.in_(ids))).all()
    _touch(connection, {*left, *(row["group_id"] for row in written)}, version)


def _touch(connection: Connection, group_ids: Iterable[str], version: int) -> None:
    connection.execute(update(groups).where(groups.c.id.in_(list(group_ids))).values(members_changed=version))


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


def _note_deletion(connection: Connection, group_id: str, version: int) -> None:
    connection.execute(insert(deletions), {"kind": GROUPS.name, "id": group_id, "changed": version})


def _read(
    connection: Connection, shelf: Shelf[R], is_changed: ColumnElement[bool]
) -> list[tuple[R, StoredVector | None]]:
    """The groups of which that is true, or the profiles in them, in the order of their ids."""
    rows, vectors = shelf.rows.c, shelf.vectors.c
    source = shelf.rows.outerjoin(shelf.vectors, vectors.owner_id == rows.id)
    if shelf.rows is not groups:
        source = source.join(groups, groups.c.id == shelf.rows.c.group_id)
    query = (
        select(rows.document, vectors.encoder, vectors.passage_digest, vectors.vector)
        .select_from(source)
        .where(is_changed)
        .order_by(rows.id)
    )
    return [(read_document(shelf.record, row.document), _stored_vector(row)) for row in connection.execute(query)]


def _stored_vector(row: Row[*tuple[Any, ...]]) -> StoredVector | None:
    if row.vector is None:
        return None
    return StoredVector(row.encoder, row.passage_digest, np.frombuffer(row.vector, dtype="<f4"))


def _deleted(connection: Connection, since: int) -> list[str]:
    query = select(deletions.c.id).where(deletions.c.kind == GROUPS.name, deletions.c.changed > since)
    return list(connection.scalars(query))
