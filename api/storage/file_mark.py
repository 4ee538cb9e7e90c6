"""Whether a SQLite file is still as it was: its times and sizes tell where they are proof, else SQLite is asked, on a
connection that is kept. Opening the file and reading it takes many times as long.

Decides nothing about what is in the file.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sqlalchemy.engine import URL

Mark = tuple[int, ...]

# Writes soon after each other may get the same time: on the coarsest file systems, within two seconds.
_SETTLED_NS = 3_000_000_000


class FileMark:
    """A connection that is kept open for one question. Safe to share between threads."""

    def __init__(self, url: URL, clock_ns: Callable[[], int] = time.time_ns) -> None:
        # A file named by a URI may be one that can't be looked at like this; then it is read each time.
        self._file = None if "uri" in url.query else url.database
        self._clock_ns = clock_ns
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._opened: Mark | None = None
        self._openings = 0
        self._settled: tuple[Mark, Mark] | None = None
        """What the system said of the file, and the mark that stays as long as it says the same."""

    def look(self) -> Mark | None:
        """Differs from the last one once anything was written, or another file was put in its place. None: unknown."""
        mark = self.glance()
        if mark is not None or self._file is None:
            return mark
        with self._lock:
            try:
                return self._look(self._file)
            except (OSError, sqlite3.Error):
                self._close()
                return None

    def glance(self) -> Mark | None:
        """What a look would find, where that is certain without asking SQLite, who may be kept waiting by a writer.
        None: it isn't.
        """
        settled = self._settled
        if settled is None or self._file is None:
            return None
        seen, mark = settled
        try:
            return mark if _see(self._file) == seen else None
        except OSError:
            return None

    def close(self) -> None:
        with self._lock:
            self._close()

    def _look(self, file: str) -> Mark:
        # Before SQLite is asked: what is written in between shows at the next look.
        seen = _see(file)
        if self._opened != seen[:2]:
            self._close()
            address = f"{Path(file).absolute().as_uri()}?mode=rw"
            self._connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
            self._opened = seen[:2]
            self._openings += 1
        assert self._connection is not None
        # Counts what others commit; the rest tells of a file that was written over.
        ((commits,),) = self._connection.execute("PRAGMA data_version").fetchall()
        mark = (*seen, self._openings, commits)
        self._settled = (seen, mark) if self._is_settled(seen) else None
        return mark

    def _is_settled(self, seen: Mark) -> bool:
        """Whether any later write must show. What is in a write-ahead log may show late: only an empty one is proof."""
        *_, written_ns, changed_ns, log_bytes = seen
        return log_bytes == 0 and self._clock_ns() - max(written_ns, changed_ns) > _SETTLED_NS

    def _close(self) -> None:
        with suppress(sqlite3.Error):
            if self._connection is not None:
                self._connection.close()
        self._connection = self._opened = self._settled = None


def _see(file: str) -> Mark:
    found = os.stat(file)
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns, _bytes_of(f"{file}-wal"))


def _bytes_of(file: str) -> int:
    try:
        return os.stat(file).st_size
    except FileNotFoundError:
        return 0
