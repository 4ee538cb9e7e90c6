"""Access keys."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import pytest
from sqlalchemy import select

from api.scopes import Scope
from api.storage.database import Database
from api.storage.keys import AccessKey, KeyStore
from api.storage.tables import access_keys
from models.errors import Conflict, InvalidInput, NotFound, StorageUnavailable

NOW = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def keys(database: Database) -> KeyStore:
    return KeyStore(database)


def test_a_key_is_found_by_its_secret(keys: KeyStore) -> None:
    secret = keys.create("clinic", Scope.RECOMMEND, NOW)
    assert re.fullmatch(r"kindred_recommend_[\w-]{43}", secret)
    assert keys.find(secret) == AccessKey("clinic", Scope.RECOMMEND, NOW, None)


@pytest.mark.parametrize("change", [str.upper, lambda secret: secret + "x", lambda _: "", lambda _: "\0\ud800"])
def test_no_other_secret_finds_a_key(change: Callable[[str], str], keys: KeyStore) -> None:
    secret = keys.create("clinic", Scope.RECOMMEND, NOW)
    assert keys.find(change(secret)) is None


def test_the_secret_itself_is_not_stored(keys: KeyStore, database: Database) -> None:
    secret = keys.create("clinic", Scope.STAFF, NOW)
    with database.reading() as connection:
        stored = repr(connection.execute(select(access_keys)).all())
    assert secret not in stored
    assert secret.rpartition("_")[2] not in stored


def test_a_revoked_key_opens_nothing_and_is_still_listed(keys: KeyStore) -> None:
    secret = keys.create("clinic", Scope.DIRECTORY, NOW)
    keys.revoke("clinic", NOW + timedelta(days=1))
    assert keys.find(secret) is None
    assert keys.all_keys() == [AccessKey("clinic", Scope.DIRECTORY, NOW, NOW + timedelta(days=1))]


def test_a_name_is_used_once(keys: KeyStore) -> None:
    keys.create("clinic", Scope.STAFF, NOW)
    with pytest.raises(Conflict):
        keys.create("clinic", Scope.RECOMMEND, NOW)
    assert [key.scope for key in keys.all_keys()] == [Scope.STAFF]


def test_a_key_that_is_not_there_or_is_revoked_cannot_be_revoked(keys: KeyStore) -> None:
    keys.create("clinic", Scope.STAFF, NOW)
    keys.revoke("clinic", NOW)
    for name in ("clinic", "nobody"):
        with pytest.raises(NotFound):
            keys.revoke(name, NOW)


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "nul\0", "x" * 301])
def test_a_name_must_be_readable(name: str, keys: KeyStore) -> None:
    with pytest.raises(InvalidInput):
        keys.create(name, Scope.STAFF, NOW)


def test_a_key_that_another_process_revokes_opens_nothing_from_then_on(keys: KeyStore, database: Database) -> None:
    secret = keys.create("clinic", Scope.RECOMMEND, NOW)
    assert keys.find(secret) is not None
    elsewhere = Database(database.url)
    KeyStore(elsewhere).revoke("clinic", NOW)
    elsewhere.close()
    assert keys.find(secret) is None


def test_a_key_is_found_at_once_only_while_nothing_can_have_been_written(
    keys: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = keys.create("clinic", Scope.RECOMMEND, NOW)
    monkeypatch.setattr(Database, "mark", lambda _database: (1,))
    monkeypatch.setattr(Database, "mark_at_once", lambda _database: (1,))
    assert keys.find_at_once(secret) is None
    assert keys.find(secret) == keys.find_at_once(secret) is not None
    assert keys.find_at_once(secret + "x") is None
    for unlike in ((2,), None):
        monkeypatch.setattr(Database, "mark_at_once", lambda _database, mark=unlike: mark)
        assert keys.find_at_once(secret) is None


def test_a_key_of_a_database_that_must_be_asked_is_never_found_at_once(
    keys: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = keys.create("clinic", Scope.RECOMMEND, NOW)
    for look in ("mark", "mark_at_once"):
        monkeypatch.setattr(Database, look, lambda _database: None)
    assert keys.find(secret) is not None
    assert keys.find_at_once(secret) is None


def test_while_the_database_is_gone_a_key_that_was_good_still_is(
    keys: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    used, unused = keys.create("clinic", Scope.RECOMMEND, NOW), keys.create("library", Scope.RECOMMEND, NOW)
    found = keys.find(used)
    lose_the_database(monkeypatch)
    assert keys.find(used) == found
    for secret in (unused, "kindred_recommend_guessed"):
        with pytest.raises(StorageUnavailable):
            keys.find(secret)
    monkeypatch.setattr("api.storage.keys._TRUSTED_SECONDS", 0.0)
    with pytest.raises(StorageUnavailable):
        keys.find(used)


def test_a_revoked_key_is_not_remembered(keys: KeyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = keys.create("clinic", Scope.RECOMMEND, NOW)
    keys.find(secret)
    keys.revoke("clinic", NOW)
    assert keys.find(secret) is None
    lose_the_database(monkeypatch)
    with pytest.raises(StorageUnavailable):
        keys.find(secret)


def lose_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_database: Database) -> NoReturn:
        raise StorageUnavailable("gone")

    monkeypatch.setattr(Database, "asking", fail)
    monkeypatch.setattr(Database, "mark", lambda _database: None)
