"""Whether a SQLite file is still as it was: a look of some ten microseconds, where opening it and reading takes a
millisecond.

Decides nothing about what is in the file.
"""

import os
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

from sqlalchemy.engine import URL

Mark = tuple[int, ...]


class FileMark:
    """A connection that is kept open for one question. Safe to share between threads."""

    def __init__(self, url: URL) -> None:
        # A file named by a URI may be one that can't be looked at like this; then it is read each time.
        self._file = None if "uri" in url.query else url.database
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None
        self._openings = 0

    def look(self) -> Mark | None:
        """Differs from the last one once anything was written, or another file was put in its place. None: unknown."""
        if self._file is None:
            return None
        with self._lock:
            try:
                return self._look(self._file)
            except (OSError, sqlite3.Error):
                self._close()
                return None

    def close(self) -> None:
        with self._lock:
            self._close()

    def _look(self, file: str) -> Mark:
        found = os.stat(file)
        if self._opened != (found.st_dev, found.st_ino):
            self._close()
            address = f"{Path(file).absolute().as_uri()}?mode=rw"
            self._connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
            self._opened = (found.st_dev, found.st_ino)
            self._openings += 1
        assert self._connection is not None
        # Counts what others commit; the rest tells of a file that was written over.
        ((commits,),) = self._connection.execute("PRAGMA data_version").fetchall()
        return (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size, self._openings, commits)

    def _close(self) -> None:
        with suppress(sqlite3.Error):
            if self._connection is not None:
                self._connection.close()
        self._connection = self._opened = None
