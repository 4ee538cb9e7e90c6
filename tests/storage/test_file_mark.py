"""The mark of a SQLite file: another one after every commit and every other file, the same one otherwise."""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL, make_url

from api.storage.file_mark import FileMark

_HOUR_NS = 3_600_000_000_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a place with % and ?.sqlite3"
    write(path, "CREATE TABLE t (n INTEGER)")
    return path


@pytest.fixture
def mark(file: Path) -> FileMark:
    return FileMark(URL.create("sqlite", database=str(file)))


@pytest.fixture(params=["delete", "wal"])
def settled(request: pytest.FixtureRequest, file: Path) -> Iterator[FileMark]:
    """A mark whose file was last written an hour ago, with either journal."""
    write(file, f"PRAGMA journal_mode = {request.param}")
    mark = FileMark(URL.create("sqlite", database=str(file)), lambda: time.time_ns() + _HOUR_NS)
    mark.look()
    os.utime(file, ns=(0, time.time_ns() - _HOUR_NS))
    mark.look()
    yield mark
    mark.close()


def write(path: Path, command: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(command)
    connection.close()


def test_it_stays_while_nothing_is_written(mark: FileMark) -> None:
    assert mark.look() is not None
    assert mark.look() == mark.look()


def test_every_commit_changes_it(mark: FileMark, file: Path) -> None:
    seen = {mark.look()}
    for number in range(50):
        write(file, f"INSERT INTO t VALUES ({number})")
        seen.add(mark.look())
    assert len(seen) == 51


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_commits_are_seen_with_either_journal(journal: str, mark: FileMark, file: Path) -> None:
    write(file, f"PRAGMA journal_mode = {journal}")
    before = mark.look()
    write(file, "INSERT INTO t VALUES (1)")
    assert mark.look() != before


def test_another_file_in_its_place_changes_it(mark: FileMark, file: Path) -> None:
    before = mark.look()
    copy = file.with_name("copy")
    shutil.copy(file, copy)
    shutil.move(copy, file)
    assert mark.look() != before


def test_a_file_that_is_written_over_changes_it(mark: FileMark, file: Path) -> None:
    before = mark.look()
    file.write_bytes(b"Dear Sam, " * 2000)
    assert mark.look() != before


def test_what_can_not_be_looked_at_has_none(mark: FileMark, file: Path) -> None:
    mark.look()
    file.unlink()
    assert mark.look() is None
    assert not file.exists()
    assert FileMark(make_url(f"sqlite:///file:{file}?mode=ro&uri=true")).look() is None


def test_it_can_be_had_again_after_closing(mark: FileMark) -> None:
    before = mark.look()
    mark.close()
    after = mark.look()
    assert after is not None
    assert after != before
    mark.close()


def test_a_glance_is_enough_where_nothing_was_written_for_long(settled: FileMark) -> None:
    assert settled.glance() is not None
    assert settled.glance() == settled.look()


def test_a_glance_is_not_enough_soon_after_a_commit(mark: FileMark, file: Path) -> None:
    write(file, "INSERT INTO t VALUES (1)")
    mark.look()
    assert mark.glance() is None


def test_what_is_written_after_long_is_seen(settled: FileMark, file: Path) -> None:
    before = settled.look()
    write(file, "INSERT INTO t VALUES (1)")
    assert settled.glance() is None
    assert settled.look() != before


def test_what_is_in_the_log_only_is_seen(settled: FileMark, file: Path) -> None:
    before = settled.look()
    writer = sqlite3.connect(file, isolation_level=None)
    for number in range(3):
        writer.execute(f"INSERT INTO t VALUES ({number})")
        assert settled.glance() is None
        assert settled.look() != before
        before = settled.look()
    writer.close()


def test_what_takes_the_place_of_something_as_long_in_the_log_is_seen(file: Path) -> None:
    write(file, "PRAGMA journal_mode = wal")
    writer = sqlite3.connect(file, isolation_level=None)
    mark = FileMark(URL.create("sqlite", database=str(file)), lambda: time.time_ns() + _HOUR_NS)
    writer.execute("INSERT INTO t VALUES (1)")
    writer.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
    before, log = mark.look(), file.with_name(f"{file.name}-wal")
    length = log.stat().st_size
    writer.execute("INSERT INTO t VALUES (2)")
    assert log.stat().st_size == length > 0
    assert mark.look() != before
    mark.close()
    writer.close()


def test_a_file_whose_time_is_put_back_is_seen(settled: FileMark, file: Path) -> None:
    times = os.stat(file)
    file.write_bytes(bytes(reversed(file.read_bytes())))
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert settled.glance() is None


def test_a_file_that_is_gone_is_not_taken_for_the_same(settled: FileMark, file: Path) -> None:
    file.unlink()
    assert settled.glance() is None
    assert settled.look() is None
