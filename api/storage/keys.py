"""Access keys: who may call what. A key's secret is shown once, when it is made, and only its digest is stored."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Row, insert, select, update

from api.storage.database import Database
from api.storage.tables import access_keys
from models.errors import Conflict, InvalidInput, NotFound
from models.text import Line

_SECRET_BYTES = 32


class Scope(StrEnum):
    """What a key opens."""

    RECOMMEND = "recommend"
    DIRECTORY = "directory"
    STAFF = "staff"


@dataclass(frozen=True)
class AccessKey:
    """A key as it may be listed: without its secret."""

    name: str
    scope: Scope
    created: datetime
    revoked: datetime | None


class KeyStore:
    """All access keys. Every method may raise StorageUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

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

    def find(self, secret: str) -> AccessKey | None:
        """The key with this secret, unless it was revoked."""
        # Looked up by digest: how long that takes tells nothing about the secret.
        query = select(access_keys).where(
            access_keys.c.secret_digest == _digest(secret), access_keys.c.revoked.is_(None)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _key(row)

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
