"""Access keys: who may call what. A key's secret is shown once, when it is made, and only its digest is stored."""

import hashlib
import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, Row, insert, select, update

from api.scopes import Scope
from api.storage.database import Database
from api.storage.file_mark import Mark
from api.storage.reading import Places
from api.storage.tables import access_keys
from models.errors import Conflict, InvalidInput, NotFound, StorageUnavailable
from models.text import Line

_SECRET_BYTES = 32
# While the database is gone, nobody can revoke a key either; but it may be gone only from here.
_TRUSTED_SECONDS = 3600.0


@dataclass(frozen=True)
class AccessKey:
    """A key as it may be listed: without its secret."""

    name: str
    scope: Scope
    created: datetime
    revoked: datetime | None


@dataclass(frozen=True)
class _Found:
    """A key as it was when it was last looked up."""

    key: AccessKey
    mark: Mark | None
    moment: float

    @property
    def is_trusted(self) -> bool:
        return time.monotonic() - self.moment < _TRUSTED_SECONDS


class KeyStore:
    """All access keys. Every method may raise StorageUnavailable."""

    def __init__(self, database: Database, replica: Database | None = None) -> None:
        self._database = database
        self._places = Places(database, replica)
        # By digest; keys that aren't known are not kept, so that it can't be made to grow.
        self._found: dict[str, _Found] = {}

    def create(self, name: str, scope: Scope, now: datetime) -> str:
        """Make a key and return its secret, `kindred_<scope>_<43 characters>`: it can't be had again.

        Raises:
            Conflict: a key of that name exists, revoked or not.
            InvalidInput: the name is empty, too long, or not on one line.
        """
        secret = f"kindred_{scope.value}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        row = {"name": _readable(name), "scope": scope.value, "secret_digest": _digest(secret), "created": now}
        with self._database.writing() as connection:
            if connection.scalar(select(access_keys.c.id).where(access_keys.c.name == row["name"])) is not None:
                raise Conflict("There is a key of that name already. Choose another name.")
            connection.execute(insert(access_keys), row)
        return secret

    def find_at_once(self, secret: str) -> AccessKey | None:
        """The key with this secret, where that is certain without asking the database. None: ask it."""
        found, mark = self._found.get(_digest(secret)), self._database.mark_at_once()
        return found.key if found is not None and mark is not None and found.mark == mark else None

    def find(self, secret: str) -> AccessKey | None:
        """The key with this secret, unless it was revoked.

        While no database can be asked, a key that was good within the last hour still is.
        """
        digest = _digest(secret)
        found, mark = self._found.get(digest), self._database.mark()
        if found is not None and mark is not None and found.mark == mark:
            return found.key
        if found is not None and found.is_trusted and self._database.seems_gone:
            return found.key
        try:
            key = self._places.read_newest(lambda connection: _key_with(connection, digest))
        except StorageUnavailable:
            if found is None or not found.is_trusted:
                raise
            return found.key
        self._keep(digest, key, mark)
        return key

    def all_keys(self) -> list[AccessKey]:
        """All keys ever made, oldest first."""
        with self._database.reading() as connection:
            return [_key(row) for row in connection.execute(select(access_keys).order_by(access_keys.c.id))]

    def revoke(self, name: str, now: datetime) -> None:
        """Close a key for good. Raises NotFound when no open key has that name."""
        query = update(access_keys).where(access_keys.c.name == name, access_keys.c.revoked.is_(None))
        with self._database.writing() as connection:
            if connection.execute(query.values(revoked=now)).rowcount == 0:
                raise NotFound("There is no open key of that name. `kindred keys list` shows all keys.")

    def _keep(self, digest: str, key: AccessKey | None, mark: Mark | None) -> None:
        if key is None:
            self._found.pop(digest, None)
        else:
            self._found[digest] = _Found(key, mark, time.monotonic())


def _key_with(connection: Connection, digest: str) -> AccessKey | None:
    # Looked up by digest: how long that takes tells nothing about the secret.
    query = select(access_keys).where(access_keys.c.secret_digest == digest, access_keys.c.revoked.is_(None))
    row = connection.execute(query).one_or_none()
    return None if row is None else _key(row)


def _digest(secret: str) -> str:
    # 32 random bytes can't be guessed, so a plain hash is enough; a slow one would only slow every request.
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _readable(name: str) -> str:
    try:
        return TypeAdapter(Line).validate_python(name)
    except ValidationError:
        raise InvalidInput("A key's name must be one line of 1 to 300 printable characters.") from None


def _key(row: Row[*tuple[Any, ...]]) -> AccessKey:
    return AccessKey(name=row.name, scope=Scope(row.scope), created=row.created, revoked=row.revoked)
