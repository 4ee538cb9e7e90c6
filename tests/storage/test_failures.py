"""A database that can't be used: each failure is a sentence that says where and what to do, and holds no secret."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import URL, make_url

from api.storage.database import Database
from api.storage.directory_store import GROUPS, DirectoryStore
from api.storage.schema import prepare
from models.errors import StorageUnavailable
from tests.records import a_group


def failure_of(database: Database) -> str:
    with pytest.raises(StorageUnavailable) as caught:
        DirectoryStore(database).put(GROUPS, [a_group(name="canaryword")], {})
    database.close()
    assert "canaryword" not in repr(caught.value)
    assert caught.value.__suppress_context__
    return caught.value.sentence


def sqlite_at(place: Path | str) -> Database:
    return Database(URL.create("sqlite", database=str(place)))


def test_a_read_only_file_is_told(sqlite_database: Database) -> None:
    file = sqlite_database.url.database
    read_only = Database(make_url(f"sqlite:///file:{file}?mode=ro&uri=true"))
    sentence = failure_of(read_only)
    assert str(file) in sentence
    assert "read-only" in sentence
    with pytest.raises(StorageUnavailable, match="read-only"):
        DirectoryStore(read_only).check_writable()


def test_a_missing_directory_is_told(tmp_path: Path) -> None:
    sentence = failure_of(sqlite_at(tmp_path / "nowhere" / "kindred.sqlite3"))
    assert "nowhere" in sentence
    assert "can't be opened" in sentence


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageUnavailable, match="KINDRED_DATA_DIR"):
        prepare(sqlite_at(tmp_path / "file" / "kindred.sqlite3"))


def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear Sam, " * 200)
    with pytest.raises(StorageUnavailable, match="is not a database"):
        prepare(sqlite_at(file))
    assert file.read_text() == "Dear Sam, " * 200


def test_a_database_without_tables_is_told(empty_url: URL) -> None:
    if empty_url.database and empty_url.get_backend_name() == "sqlite":
        Path(empty_url.database).touch()
    assert "estart Kindred" in failure_of(Database(empty_url))


def test_a_server_that_does_not_answer_is_told_without_its_password() -> None:
    url = make_url("postgresql+psycopg://kindred:opensesame@127.0.0.1:9/kindred")
    sentence = failure_of(Database(url))
    assert "the PostgreSQL database kindred on 127.0.0.1 can't be reached".lower() in sentence.lower()
    assert "opensesame" not in sentence


def test_a_read_only_server_is_told(postgresql_database: Database) -> None:
    admin = create_engine(postgresql_database.url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(
            text(f"ALTER DATABASE {postgresql_database.url.database} SET default_transaction_read_only = on")
        )
    admin.dispose()
    read_only = Database(postgresql_database.url)
    assert "read-only" in failure_of(read_only)
    with pytest.raises(StorageUnavailable, match="read-only"):
        DirectoryStore(read_only).check_writable()
    read_only.close()


def test_a_server_that_was_restarted_is_found_again(postgresql_database: Database) -> None:
    store = DirectoryStore(postgresql_database)
    store.version()
    admin = create_engine(postgresql_database.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        ended = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        connection.execute(ended, {"name": postgresql_database.url.database})
    admin.dispose()
    assert store.version().number == 0


def test_a_busy_file_is_told(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.storage.database._BUSY_MILLISECONDS", 1)
    with sqlite_database.writing():
        assert "is busy" in failure_of(sqlite_at(str(sqlite_database.url.database)))


def test_what_is_written_counts_even_where_its_log_can_not_be_emptied(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("api.storage.database.wal_is_safe", lambda _: True)
    event.listen(sqlite_database._engine, "connect", _forbid_emptying)
    store = DirectoryStore(sqlite_database)
    store.put(GROUPS, [a_group()], {})
    assert (store.written, [group.id for group in store.groups()]) == (1, ["g1"])
    assert "may stay in the log" in caplog.text
    assert "DatabaseError" in caplog.text


def _forbid_emptying(connection: sqlite3.Connection, _record: object) -> None:
    connection.set_authorizer(
        lambda _action, what, *_: sqlite3.SQLITE_DENY if what == "wal_checkpoint" else sqlite3.SQLITE_OK
    )


def test_a_log_that_somebody_reads_is_told_and_emptied_by_the_next_write(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("api.storage.database.wal_is_safe", lambda _: True)
    monkeypatch.setattr("api.storage.database._BUSY_MILLISECONDS", 1)
    store, log = DirectoryStore(sqlite_database), Path(f"{sqlite_database.url.database}-wal")
    with sqlite_database.reading() as reader:
        reader.execute(text("SELECT version FROM directory_state")).all()
        store.put(GROUPS, [a_group(name="canaryword")], {})
        store.delete_group("g1")
        assert b"canaryword" in log.read_bytes()
    assert "may stay in the log" in caplog.text
    with sqlite_database.reading() as reader:
        store.put(GROUPS, [a_group()], {})
        assert b"canaryword" not in log.read_bytes()
