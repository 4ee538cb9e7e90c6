"""Opens the database for commands that need no encoder. Those that need one call `api.service.open_service`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.settings import read_settings

if TYPE_CHECKING:
    from api.storage.database import Database


@contextmanager
def open_database() -> Iterator["Database"]:
    """The database of the settings, its tables made or migrated. Raises InvalidInput, StorageUnavailable."""
    from api.storage.database import Database
    from api.storage.schema import prepare

    database = Database(read_settings().database)
    prepare(database)
    try:
        yield database
    finally:
        database.close()
