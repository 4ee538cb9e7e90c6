"""Where the directory is read: from a replica, where there is one and it holds enough, else from the primary.

Decides the order in which they are asked. What is read is the caller's.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from sqlalchemy import Connection

from api.storage.database import Database
from models.errors import StorageUnavailable

T = TypeVar("T")
Query = Callable[[Connection], T]
Check = Callable[[Connection], bool]
Way = Callable[[Database], AbstractContextManager[Connection]]


def _always(_connection: Connection) -> bool:
    return True


class Places:
    """The primary, and a replica that may stand in for it."""

    def __init__(self, primary: Database, replica: Database | None = None) -> None:
        self.primary = primary
        self.replica = replica

    def read(self, query: Query[T], suffices: Check) -> T:
        """From the replica if it `suffices`, else from the primary. Raises StorageUnavailable."""
        return _first_answer(query, [*self._replica_if(suffices), (self.primary, _always)])

    def read_somewhere(self, query: Query[T], suffices: Check) -> T:
        """As `read`; but while the primary is gone, an older answer from the replica is better than none."""
        return _first_answer(query, [*self._replica_if(suffices), (self.primary, _always), *self._replica_if(_always)])

    def read_newest(self, query: Query[T]) -> T:
        """One query to the primary; to the replica while that is gone. Raises StorageUnavailable."""
        return _first_answer(query, [(self.primary, _always), *self._replica_if(_always)], Database.asking)

    def close(self) -> None:
        self.primary.close()
        if self.replica is not None:
            self.replica.close()

    def _replica_if(self, suffices: Check) -> list[tuple[Database, Check]]:
        return [] if self.replica is None else [(self.replica, suffices)]


def _first_answer(query: Query[T], places: list[tuple[Database, Check]], way: Way = Database.reading) -> T:
    troubles: list[StorageUnavailable] = []
    # One that didn't answer a moment ago comes last: finding out again may take seconds.
    for database, suffices in sorted(places, key=lambda place: place[0].seems_gone):
        try:
            with way(database) as connection:
                if suffices(connection):
                    return query(connection)
        except StorageUnavailable as trouble:
            troubles.append(trouble)
    raise troubles[0] if troubles else StorageUnavailable("The replica holds less than was read before.")
