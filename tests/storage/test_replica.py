"""Which of two databases is read. SQLite files stand in for servers: which is asked doesn't depend on the kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from api.directory import LiveDirectory
from api.storage.database import Database
from api.storage.directory_store import GROUPS, DirectoryStore
from api.storage.schema import prepare
from matcher.encoder import FakeEncoder
from models.errors import NotFound, StorageUnavailable
from tests.records import a_group
from tests.storage.test_live_directory import shown


@pytest.fixture
def replica(tmp_path: Path, sqlite_database: Database) -> Iterator[Database]:
    """As the primary was at first; `copy` brings it up to date."""
    database = Database(URL.create("sqlite", database=str(tmp_path / "replica.sqlite3")))
    copy(sqlite_database, database)
    yield database
    database.close()


@pytest.fixture
def store(sqlite_database: Database, replica: Database) -> DirectoryStore:
    return DirectoryStore(sqlite_database, replica)


def copy(primary: Database, replica: Database) -> None:
    Path(str(replica.url.database)).write_bytes(Path(str(primary.url.database)).read_bytes())


def take_away(database: Database) -> None:
    Path(str(database.url.database)).rename(f"{database.url.database}.gone")


def ids(store: DirectoryStore) -> list[str]:
    return [group.id for group in store.groups()]


def put_elsewhere(database: Database, group_id: str) -> None:
    DirectoryStore(database).put(GROUPS, [a_group(group_id)], {})


def test_the_directory_is_read_from_the_replica(store: DirectoryStore, sqlite_database: Database) -> None:
    put_elsewhere(sqlite_database, "g1")
    assert ids(store) == []
    assert store.changes_since(None).groups == []
    assert store.version().number == 1


def test_what_this_process_wrote_is_read_from_where_it_is(store: DirectoryStore, replica: Database) -> None:
    store.put(GROUPS, [a_group()], {})
    assert ids(store) == ["g1"]
    assert store.group("g1").id == "g1"
    assert [group.id for group, _ in store.changes_since(None).groups] == ["g1"]
    copy(store.database, replica)
    put_elsewhere(store.database, "g2")
    assert ids(store) == ["g1"]


def test_what_was_known_is_never_unlearned_from_a_replica_that_lags(store: DirectoryStore) -> None:
    put_elsewhere(store.database, "g1")
    known = store.changes_since(None, from_primary=True).version
    changes = store.changes_since(known)
    assert (changes.version, changes.is_everything) == (known, False)


def test_a_replica_of_something_else_is_not_read(
    tmp_path: Path, sqlite_database: Database, store: DirectoryStore
) -> None:
    known = store.version()
    other = Database(URL.create("sqlite", database=str(tmp_path / "other.sqlite3")))
    prepare(other)
    put_elsewhere(other, "theirs")
    assert DirectoryStore(sqlite_database, other).changes_since(known).groups == []


def test_without_the_replica_the_primary_is_read(store: DirectoryStore, replica: Database) -> None:
    put_elsewhere(store.database, "g1")
    take_away(replica)
    assert ids(store) == ["g1"]


def test_without_the_primary_an_older_answer_is_better_than_none(store: DirectoryStore, replica: Database) -> None:
    store.put(GROUPS, [a_group("g1")], {})
    copy(store.database, replica)
    store.put(GROUPS, [a_group("g2")], {})
    take_away(store.database)
    assert ids(store) == ["g1"]
    assert store.version().number == 1
    with pytest.raises(NotFound):
        store.group("g2")
    with pytest.raises(StorageUnavailable):
        store.changes_since(None)


def test_without_either_the_trouble_of_the_one_asked_first_is_told(store: DirectoryStore, replica: Database) -> None:
    take_away(store.database)
    take_away(replica)
    with pytest.raises(StorageUnavailable, match=r"kindred\.sqlite3"):
        store.version()


def test_a_replica_is_waited_for_and_then_no_longer(store: DirectoryStore, replica: Database) -> None:
    directory = LiveDirectory(store, FakeEncoder())
    directory.current()
    put_elsewhere(store.database, "g1")
    assert not directory._refresh(from_primary=False)
    assert directory._refresh(from_primary=True)
    assert shown(directory.current()) == {"g1": 0}
    put_elsewhere(store.database, "g2")
    copy(store.database, replica)
    assert directory._refresh(from_primary=False)
    assert shown(directory.current()) == {"g1": 0, "g2": 0}


def test_one_that_did_not_answer_a_moment_ago_is_asked_last(store: DirectoryStore, replica: Database) -> None:
    put_elsewhere(store.database, "g1")
    replica.note_silence()
    assert ids(store) == ["g1"]
    store.database.note_silence()
    replica.note_answer()
    assert store.version().number == 0
