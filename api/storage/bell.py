"""Rings when somebody has changed the directory in PostgreSQL: waiting costs the database nothing.

Decides when it is worth looking for changes, not which there are: whoever waits looks for itself, so a ring that was
missed while the connection was gone is made up for by the look that follows every new connection.
"""

import contextlib
import logging
import selectors
import socket
import threading
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from api.storage.database import Database, connection_arguments

if TYPE_CHECKING:
    import psycopg

_logger = logging.getLogger(__name__)
_CHANNEL = "kindred_directory"
_RETRY_SECONDS = 0.5


def ring(connection: Connection) -> None:
    """Wakes all who wait, once the connection's transaction is committed, and only then. Does nothing on SQLite."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_notify(_CHANNEL, "")))


class ChangeBell:
    """One connection of its own that listens, and so knows best whether the server is there.

    `wait` is for one thread; `stop` may be called by any.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection: psycopg.Connection | None = None
        self._is_warned = False
        self._stopped = threading.Event()
        # A byte in it ends the wait, which would otherwise last until the next ring.
        self._woken, self._wake = socket.socketpair()

    @property
    def is_listening(self) -> bool:
        return self._connection is not None

    def wait(self, seconds: float) -> None:
        """Until a ring, or for so long. Returns at once when it has just begun to listen: look, then wait."""
        # Imported where it is needed: it takes time to load, and most installations have no server.
        import psycopg

        try:
            if self._connection is None:
                self._listen()
            else:
                self._wait_for_ring(self._connection, seconds)
        except (psycopg.Error, OSError) as error:
            self._hang_up()
            self._database.note_silence()
            self._warn(error)
            self._stopped.wait(_RETRY_SECONDS)

    def stop(self) -> None:
        """Ends the wait that is going on, and every later one at once."""
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._wake.send(b".")

    def close(self) -> None:
        """Frees what it holds; nobody may wait any more."""
        self._hang_up()
        self._woken.close()
        self._wake.close()

    def _listen(self) -> None:
        import psycopg

        connection = psycopg.connect(self._address, autocommit=True, **connection_arguments("kindred listening"))
        self._connection = connection
        connection.execute(f"LISTEN {_CHANNEL}".encode())
        self._database.note_answer()
        if self._is_warned:
            _logger.info("Listening for changes of the directory again.")
        self._is_warned = False

    def _wait_for_ring(self, connection: "psycopg.Connection", seconds: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(connection.fileno(), selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            selector.select(seconds)
        connection.pgconn.consume_input()
        # How many rang doesn't matter: one look finds all that they wrote.
        while connection.pgconn.notifies() is not None:
            pass

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _warn(self, error: Exception) -> None:
        if not self._is_warned:
            _logger.warning("Can't listen for changes (%s): looking for them each second.", type(error).__name__)
        self._is_warned = True
