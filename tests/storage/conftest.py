"""Fixtures for storage: databases of both kinds, and the directory on top of one."""

import pytest

from api.directory import LiveDirectory
from api.storage.database import Database
from api.storage.directory_store import DirectoryStore
from matcher.encoder import FakeEncoder
from tests.databases import (
    database,
    empty_postgresql,
    empty_sqlite,
    empty_url,
    postgresql_database,
    postgresql_url,
    sqlite_database,
)

__all__ = [
    "database",
    "empty_postgresql",
    "empty_sqlite",
    "empty_url",
    "postgresql_database",
    "postgresql_url",
    "sqlite_database",
]


@pytest.fixture
def store(database: Database) -> DirectoryStore:
    return DirectoryStore(database)


@pytest.fixture
def directory(store: DirectoryStore) -> LiveDirectory:
    return LiveDirectory(store, FakeEncoder())
