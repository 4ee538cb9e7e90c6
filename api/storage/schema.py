"""Brings a database's tables to what this Kindred needs, once, however many processes start together."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from api.storage.database import Database, prepare_place
from models.errors import StorageUnavailable

if TYPE_CHECKING:
    from alembic.config import Config

# The last of `migrations/versions`. Where the tables are up to date, alembic need not be loaded.
NEWEST = "0002"
# Any number that nothing else on the server uses: "kindred" in ASCII.
_LOCK_NUMBER = 0x6B696E64726564


def prepare(database: Database) -> None:
    """Make or migrate the tables; a database that is up to date is only read. Raises StorageUnavailable."""
    prepare_place(database.url)
    with database.reading() as connection:
        if _is_current(connection, database.place):
            return
    from alembic import command

    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER})
        # Does nothing where another process has done it while this one waited.
        command.upgrade(_config(connection), "head")


def is_prepared(database: Database) -> bool:
    """Whether the tables are there and up to date. Raises StorageUnavailable."""
    with database.reading() as connection:
        return _is_current(connection, database.place)


def _is_current(connection: Connection, place: str) -> bool:
    revision = _revision(connection)
    if revision in (NEWEST, None):
        return revision == NEWEST
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_config(connection))
    if revision not in {script.revision for script in scripts.walk_revisions()}:
        raise StorageUnavailable(
            f"{place[0].upper()}{place[1:]} was made by a newer Kindred. Install that version, or use another database."
        )
    return False


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    # Percent signs in a path would be read as interpolation.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
