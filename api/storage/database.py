"""One database and the ways to speak to it: reading (one consistent moment), asking (one query), writing, rehearsing.

Decides how SQLite and PostgreSQL are opened, and the sentence for each way they fail. Knows no tables.
"""

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, Update, create_engine, event, false
from sqlalchemy import exc as sql_errors
from sqlalchemy.engine import URL

from api.storage.file_mark import FileMark, Mark
from models.errors import Conflict, StorageUnavailable

_logger = logging.getLogger(__name__)
_BUSY_MILLISECONDS = 30_000
_CONNECT_SECONDS = 10
# A line that went dead without a word is noticed within about ten seconds.
_LINE_CHECKS = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000}
_GONE_SECONDS = 30.0
_WRITES = "kindred_writes"
# At level DEBUG the engine would log every row it reads, members' words and all.
logging.getLogger("sqlalchemy.engine.Engine").addFilter(lambda record: record.levelno > logging.DEBUG)


class Database:
    """A SQLite file or a PostgreSQL database. Opens nothing until it is used."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self._is_sqlite = url.get_backend_name() == "sqlite"
        self._engine = _sqlite_engine(url) if self._is_sqlite else _postgresql_engine(url)
        self._readers = self._engine.execution_options(
            **({} if self._is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
        )
        self._askers = (
            self._readers if self._is_sqlite else self._engine.execution_options(isolation_level="AUTOCOMMIT")
        )
        self._writers = self._engine.execution_options(**{_WRITES: True})
        self._file_mark = FileMark(url) if self._is_sqlite else None
        self._silent_since: float | None = None

    @property
    def place(self) -> str:
        """Where the database is, in words, without a password."""
        if self._is_sqlite:
            return f"the database file {self.url.database}"
        return f"the PostgreSQL database {self.url.database} on {self.url.host or 'this machine'}"

    @property
    def seems_gone(self) -> bool:
        """Whether the server could not be reached a moment ago, and has not been since."""
        silent_since = self._silent_since
        return silent_since is not None and time.monotonic() - silent_since < _GONE_SECONDS

    def note_answer(self) -> None:
        """It was reached."""
        self._silent_since = None

    def note_silence(self) -> None:
        """It could not be reached."""
        self._silent_since = time.monotonic()

    def mark(self) -> Mark | None:
        """Something that differs once anything has been written since. None: it can't be had without asking."""
        return None if self._file_mark is None else self._file_mark.look()

    def mark_at_once(self) -> Mark | None:
        """The same, where it is certain without waiting for anything but the file system. None: it isn't."""
        return None if self._file_mark is None else self._file_mark.glance()

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """For one query, which needs no transaction around it. Raises StorageUnavailable."""
        with self._errors_in_words(), self._askers.begin() as connection:
            yield connection
        self.note_answer()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """All reads inside see the same moment. Raises StorageUnavailable."""
        with self._errors_in_words(), self._readers.begin() as connection:
            yield connection
        self.note_answer()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All or nothing of what is written inside is kept. Raises StorageUnavailable."""
        with self._errors_in_words():
            with self._writers.begin() as connection:
                yield connection
            if self._is_sqlite and wal_is_safe(sqlite3.sqlite_version_info):
                self._empty_the_log()
        self.note_answer()

    def rehearse(self, update: Update) -> None:
        """Raises StorageUnavailable when rows can't be updated so. Updates none, and waits for nobody who writes."""
        with self._errors_in_words(), self._engine.begin() as connection:
            if self._is_sqlite:
                connection.exec_driver_sql("PRAGMA busy_timeout = 0")
            try:
                # Both databases refuse before they look for rows.
                connection.execute(update.where(false()))
            except sql_errors.OperationalError as error:
                # Somebody who writes shows that it can be written.
                if not isinstance(error.orig, sqlite3.Error) or _family(error.orig) != sqlite3.SQLITE_BUSY:
                    raise
        self.note_answer()

    def close(self) -> None:
        self._engine.dispose()
        if self._file_mark is not None:
            self._file_mark.close()

    def _empty_the_log(self) -> None:
        """Deleted text must not stay in the write-ahead log either. What was written stays written if that fails, and
        the next write tries again.
        """
        why = "somebody else uses the file"
        try:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                is_busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        except sql_errors.DBAPIError as error:
            is_busy, why = True, type(error.orig).__name__
        if is_busy:
            _logger.warning("Deleted text may stay in the log of %s until the next write: %s.", self.place, why)

    @contextmanager
    def _errors_in_words(self) -> Iterator[None]:
        try:
            yield
        except sql_errors.IntegrityError:
            raise Conflict("That contradicts what is stored; nothing was changed.") from None
        except (sql_errors.DBAPIError, sql_errors.TimeoutError) as error:
            cause = getattr(error, "orig", None)
            if _is_silence(cause):
                self.note_silence()
            # Only its kind is logged: a driver's message may quote a row.
            _logger.warning("%s failed: %s", self.place, type(cause or error).__name__)
            raise StorageUnavailable(_sentence_for(cause, self.place)) from None


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite has the fix for the log that several connections could corrupt (3.51.3, March 2026)."""
    fixed_in_branch = {(3, 50): (3, 50, 7), (3, 44): (3, 44, 6)}
    return version >= fixed_in_branch.get(version[:2], (3, 51, 3))


def _sqlite_engine(url: URL) -> Engine:
    # A connection is opened for each use (0.2 ms), so that a file put in its place is seen at once.
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not begin transactions of its own: `_begin_sqlite` does.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    wanted = "wal" if wal_is_safe(sqlite3.sqlite_version_info) else "delete"
    # Asked first, because a file that may only be read can't be told.
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != wanted:
        connection.execute(f"PRAGMA journal_mode = {wanted}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its turn at once: a reader that turns writer would fail instead of waiting.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql_engine(url: URL) -> Engine:
    return create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=connection_arguments("kindred"))


def connection_arguments(name: str) -> dict[str, Any]:
    """How PostgreSQL is connected to; `name` is what its administrator sees."""
    return {"connect_timeout": _CONNECT_SECONDS, "application_name": name, **_LINE_CHECKS}


def _is_silence(cause: BaseException | None) -> bool:
    """Whether a server was not there, as opposed to not willing."""
    if isinstance(cause, sqlite3.Error):
        return False
    # Imported where it is needed: it takes time to load, and most installations have no server.
    import psycopg

    if not isinstance(cause, psycopg.OperationalError):
        return False
    return cause.sqlstate is None or cause.sqlstate.startswith(("08", "57P"))


def prepare_place(url: URL) -> None:
    """Make the directory and the SQLite file, readable by this account only. Raises StorageUnavailable."""
    if url.get_backend_name() != "sqlite" or "uri" in url.query:
        return
    file = Path(url.database or "")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            file.touch(mode=0o600)
    except OSError as error:
        reason = (error.strerror or "it can't be made").lower()
        raise StorageUnavailable(
            f"The database file {file} can't be made: {reason}. "
            "Set KINDRED_DATA_DIR to a directory that Kindred may write to."
        ) from None


def _sentence_for(cause: BaseException | None, place: str) -> str:
    if isinstance(cause, sqlite3.Error):
        return f"{place[0].upper()}{place[1:]} {_sqlite_trouble(cause)}"
    return f"{place[0].upper()}{place[1:]} {_postgresql_trouble(cause)}"


def _family(cause: sqlite3.Error) -> int:
    # The lowest byte of an extended code.
    return (getattr(cause, "sqlite_errorcode", None) or sqlite3.SQLITE_ERROR) & 0xFF


def _sqlite_trouble(cause: sqlite3.Error) -> str:
    sentences = {
        sqlite3.SQLITE_READONLY: "can't be written: it is read-only. Let Kindred's account write to the file and its "
        "directory, or point KINDRED_DATA_DIR elsewhere.",
        sqlite3.SQLITE_CANTOPEN: "can't be opened. Check that its directory exists and that Kindred's account may "
        "read and write there.",
        sqlite3.SQLITE_BUSY: "is busy: another process has been writing for a long time. Try again in a minute.",
        sqlite3.SQLITE_NOTADB: "is not a database. Point KINDRED_DATA_DIR or KINDRED_DATABASE_URL at Kindred's own.",
        sqlite3.SQLITE_CORRUPT: "is damaged. Put a backup in its place.",
        sqlite3.SQLITE_FULL: "can't be written: the disk is full. Make room, then try again.",
    }
    unknown = "can't be used. Run `kindred doctor`; if its tables are missing, restart Kindred to make them."
    return sentences.get(_family(cause), unknown)


def _postgresql_trouble(cause: BaseException | None) -> str:
    import psycopg

    if isinstance(cause, psycopg.errors.ReadOnlySqlTransaction):
        return "can't be written: it is read-only. Point KINDRED_DATABASE_URL at the primary server."
    if isinstance(cause, psycopg.errors.InsufficientPrivilege):
        return "refuses this account. Grant it the right to read and write Kindred's tables."
    if isinstance(cause, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
        return "lacks Kindred's tables. Restart Kindred to make them."
    if isinstance(cause, psycopg.errors.DiskFull):
        return "can't be written: its disk is full. Make room, then try again."
    return "can't be reached. Check that the server runs and that KINDRED_DATABASE_URL is right."
