"""A directory that follows changes: what others write comes in by itself, and what was written here is never missed."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
from sqlalchemy import text

from api.directory import LiveDirectory
from api.storage.bell import ChangeBell
from api.storage.database import Database
from api.storage.directory_store import DirectoryStore
from matcher.encoder import FakeEncoder
from models.errors import StorageUnavailable
from tests.records import a_group, a_profile
from tests.storage.test_live_directory import shown

_LONG_SECONDS = 30.0


@pytest.fixture
def following(postgresql_database: Database) -> Iterator[LiveDirectory]:
    directory = LiveDirectory(DirectoryStore(postgresql_database), FakeEncoder())
    directory.current()
    directory.follow(ChangeBell(postgresql_database))
    yield directory
    directory.close()


@pytest.fixture
def elsewhere(postgresql_database: Database) -> Iterator[LiveDirectory]:
    """The same directory in another process, as far as the database can tell."""
    database = Database(postgresql_database.url)
    yield LiveDirectory(DirectoryStore(database), FakeEncoder())
    database.close()


@pytest.fixture
def bell(postgresql_database: Database) -> Iterator[ChangeBell]:
    listening = ChangeBell(postgresql_database)
    listening.wait(_LONG_SECONDS)
    yield listening
    listening.close()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LONG_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def hear(bell: ChangeBell) -> None:
    """Until it rings. That it was waited for long enough is no ring."""
    begun = time.monotonic()
    bell.wait(_LONG_SECONDS)
    assert time.monotonic() < begun + _LONG_SECONDS


def test_what_others_write_comes_in_by_itself(following: LiveDirectory, elsewhere: LiveDirectory) -> None:
    elsewhere.put_group(a_group())
    elsewhere.put_profile(a_profile())
    wait_until(lambda: shown(following.current()) == {"g1": 1})
    elsewhere.delete_group("g1")
    wait_until(lambda: shown(following.current()) == {})


def test_what_was_written_here_is_in_the_very_next_look(following: LiveDirectory) -> None:
    for number in range(20):
        following.put_group(a_group(f"g{number}"))
        assert f"g{number}" in shown(following.current())


def test_a_look_without_a_change_asks_no_database(following: LiveDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    following.put_group(a_group())
    before = following.current()
    asked_by: set[int] = set()
    reading = Database.asking
    monkeypatch.setattr(Database, "asking", lambda self: asked_by.add(threading.get_ident()) or reading(self))
    assert all(following.current() is before for _ in range(100))
    assert threading.get_ident() not in asked_by


def test_while_the_database_is_gone_the_last_that_was_read_is_searched(
    following: LiveDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    following.put_group(a_group())
    following.current()
    monkeypatch.setattr(DirectoryStore, "version", _fail)
    assert shown(following.current()) == {"g1": 0}
    following.put_group(a_group("g2"))
    assert shown(following.current()) == {"g1": 0}
    monkeypatch.undo()
    assert shown(following.current()) == {"g1": 0, "g2": 0}


def test_an_older_copy_that_is_put_back_is_read_whole(
    following: LiveDirectory, elsewhere: LiveDirectory, postgresql_database: Database
) -> None:
    elsewhere.put_groups([a_group("g1"), a_group("g2")])
    elsewhere.put_group(a_group("g3"))
    wait_until(lambda: "g3" in shown(following.current()))
    with postgresql_database.writing() as connection:
        connection.execute(text("DELETE FROM groups WHERE id = 'g3'"))
        connection.execute(text("UPDATE directory_state SET version = 1"))
    wait_until(lambda: shown(following.current()) == {"g1": 0, "g2": 0})


def test_a_look_that_fails_is_not_the_last(
    following: LiveDirectory, elsewhere: LiveDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = threading.Event()

    def fail(*_: object) -> NoReturn:
        failed.set()
        raise MemoryError

    monkeypatch.setattr("api.directory.LiveDirectory._take_in", fail)
    elsewhere.put_group(a_group())
    assert failed.wait(_LONG_SECONDS)
    monkeypatch.undo()
    wait_until(lambda: shown(following.current()) == {"g1": 0})


def test_it_rings_once_the_change_can_be_read(bell: ChangeBell, elsewhere: LiveDirectory) -> None:
    writer = threading.Thread(target=elsewhere.put_group, args=(a_group(),))
    writer.start()
    hear(bell)
    assert elsewhere.store.version().number == 1
    writer.join()


def test_what_changes_nothing_does_not_ring(bell: ChangeBell, elsewhere: LiveDirectory) -> None:
    elsewhere.put_group(a_group())
    hear(bell)
    rung = threading.Thread(target=bell.wait, args=(_LONG_SECONDS,))
    rung.start()
    elsewhere.put_group(a_group())
    elsewhere.store.check_writable()
    rung.join(0.2)
    assert rung.is_alive()
    bell.stop()
    rung.join()


def test_a_line_that_is_cut_is_mended_and_looked_behind(bell: ChangeBell, postgresql_database: Database) -> None:
    with postgresql_database.writing() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kindred listening'")
        )
    wait_until(lambda: bell.wait(_LONG_SECONDS) or not bell.is_listening)
    assert postgresql_database.seems_gone
    bell.wait(_LONG_SECONDS)
    assert bell.is_listening
    assert not postgresql_database.seems_gone


def test_waiting_ends_at_once_when_it_is_stopped(bell: ChangeBell) -> None:
    waiting = threading.Thread(target=bell.wait, args=(_LONG_SECONDS,))
    waiting.start()
    bell.stop()
    waiting.join(_LONG_SECONDS / 2)
    assert not waiting.is_alive()


def _fail(*_: object) -> NoReturn:
    raise StorageUnavailable("gone")
