"""The tables: made once, whoever starts first, and the same as the code says."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.engine import URL

from api.storage.database import Database, wal_is_safe
from api.storage.directory_store import DirectoryStore
from api.storage.schema import NEWEST, is_prepared, prepare
from api.storage.tables import Kept, metadata
from models.errors import StorageUnavailable


def test_every_stored_column_says_how_private_it_is_and_how_long_it_is_kept() -> None:
    columns = [column for table in metadata.tables.values() for column in table.columns]
    unclassed = [str(column) for column in columns if not isinstance(column.info.get("kept"), Kept)]
    assert unclassed == []
    assert all(column.info["kept"].how_long for column in columns)


def test_the_migrations_make_the_tables_that_the_code_expects(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == NEWEST


def test_several_processes_may_make_the_tables_at_once(empty_url: URL) -> None:
    databases = [Database(empty_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as starts:
        list(starts.map(prepare, databases))
    assert len({DirectoryStore(database).version() for database in databases}) == 1
    for database in databases:
        database.close()


def test_preparing_again_changes_nothing(database: Database) -> None:
    before = DirectoryStore(database).version()
    prepare(database)
    assert is_prepared(database)
    assert DirectoryStore(database).version() == before


def test_a_database_of_a_newer_kindred_is_refused(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageUnavailable, match="made by a newer Kindred"):
        prepare(database)


def test_the_sqlite_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "new" / "kindred.sqlite3"
    prepare(Database(URL.create("sqlite", database=str(file))))
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("version", "is_safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
    ],
)
def test_the_write_ahead_log_is_used_only_where_sqlite_is_fixed(version: tuple[int, int, int], is_safe: bool) -> None:
    assert wal_is_safe(version) is is_safe


@pytest.mark.parametrize("is_safe", [True, False])
def test_the_journal_is_chosen_when_the_file_is_opened(
    is_safe: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.storage.database.wal_is_safe", lambda _: is_safe)
    database = Database(URL.create("sqlite", database=str(tmp_path / "kindred.sqlite3")))
    prepare(database)
    with database.reading() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == ("wal" if is_safe else "delete")
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
        assert connection.scalar(text("PRAGMA secure_delete")) == 1
        assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
