"""A service on a SQLite file with a fake encoder, keys of every scope, and clients that speak to it."""

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from api.scopes import Scope
from api.service import Service, open_service
from api.settings import Settings
from matcher.encoder import FakeEncoder
from models.errors import TooBusy

Headers = dict[str, str]


@pytest.fixture(scope="session")
def empty_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with an empty database to copy: making the tables takes longer than most tests."""
    folder = tmp_path_factory.mktemp("empty") / "data"
    open_service(Settings(data_dir=folder), FakeEncoder()).close()
    return folder


@pytest.fixture
def settings(tmp_path: Path, empty_data: Path) -> Settings:
    return Settings(data_dir=shutil.copytree(empty_data, tmp_path / "data"))


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    opened = open_service(settings, FakeEncoder())
    yield opened
    opened.close()


@pytest.fixture
def app(service: Service) -> FastAPI:
    return create_app(service)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def keys(service: Service) -> dict[Scope, Headers]:
    """The headers that a caller of each scope sends."""
    return make_keys(service)


@pytest.fixture
def recommend_key(keys: dict[Scope, Headers]) -> Headers:
    return keys[Scope.RECOMMEND]


@pytest.fixture
def directory_key(keys: dict[Scope, Headers]) -> Headers:
    return keys[Scope.DIRECTORY]


def make_keys(service: Service) -> dict[Scope, Headers]:
    now = datetime.now(UTC)
    return {scope: {"Authorization": f"Bearer {service.keys.create(scope.value, scope, now)}"} for scope in Scope}


@contextmanager
def every_place_taken(app: FastAPI) -> Iterator[None]:
    """While it lasts, as many look for groups as can be answered."""
    with ExitStack() as places:
        with suppress(TooBusy):
            while True:
                places.enter_context(app.state.admission.admit())
        yield


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """A real server on a free port of this machine; gives its address."""
    # It listens before the server runs, so the first request waits instead of failing.
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
