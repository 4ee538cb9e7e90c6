"""Starts servers as processes of their own on 127.0.0.1, waits until they are ready, and stops them.

Only processes started here are ever stopped. Decides nothing about what they serve.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import perf_counter, sleep
from typing import Final

from api.scopes import Scope
from api.settings import Settings
from api.storage.database import Database
from api.storage.keys import KeyStore
from api.storage.schema import prepare
from models.errors import InvalidInput
from scripts.bench.figures import Memory
from scripts.bench.machine import memory_of

HOST: Final = "127.0.0.1"
_ROOT: Final = Path(__file__).parents[2]
_LOOK_SECONDS: Final = 0.02
_STOP_SECONDS: Final = 20


@dataclass(frozen=True)
class Served:
    """A server that is ready."""

    port: int
    process: int
    ready_seconds: float
    headers: Mapping[str, str]
    """What a request must bring along."""

    def memory(self) -> Memory:
        return memory_of(self.process)


@contextmanager
def serve_kindred(data_dir: Path, seconds_most: float, demo: bool = False) -> Iterator[Served]:
    """`kindred serve` on a data directory, as whoever runs it would start it. Raises InvalidInput when it isn't ready
    in time.
    """
    port = _free_port()
    environment = {
        "KINDRED_DATA_DIR": str(data_dir),
        "KINDRED_HOST": HOST,
        "KINDRED_PORT": str(port),
        "KINDRED_DEMO": str(int(demo)),
    }
    headers = {"Authorization": f"Bearer {_make_key(data_dir)}"}
    with _running([sys.executable, "-m", "scripts.cli", "serve"], environment, port, seconds_most, headers) as served:
        yield served


@contextmanager
def serve_peer(name: str, directory: Path, groups: int, folder: Path, seconds_most: float) -> Iterator[Served]:
    """A peer that was built in `folder`, as `scripts.bench.peers.server` serves it."""
    port = _free_port()
    command = [sys.executable, "-m", "scripts.bench.peers.server", name, str(directory), str(groups), str(folder)]
    with _running([*command, str(port)], {}, port, seconds_most, {}) as served:
        yield served


@contextmanager
def _running(
    command: Sequence[str],
    environment: Mapping[str, str],
    port: int,
    seconds_most: float,
    headers: Mapping[str, str],
) -> Iterator[Served]:
    begun = perf_counter()
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        cwd=_ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_ready(process, port, begun + seconds_most)
        yield Served(port, process.pid, perf_counter() - begun, headers)
    finally:
        _stop(process)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, until: float) -> None:
    while not _is_ready(port):
        if process.poll() is not None:
            raise InvalidInput("A server of the bench stopped before it was ready. Start it by hand to see why.")
        if perf_counter() > until:
            raise InvalidInput("A server of the bench was not ready in time.")
        sleep(_LOOK_SECONDS)


def _is_ready(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=30)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _make_key(data_dir: Path) -> str:
    """A key for recommendations in that directory."""
    database = Database(Settings(data_dir=data_dir).database)
    prepare(database)
    now = datetime.now(UTC)
    try:
        return KeyStore(database).create(f"bench {now.isoformat()}", Scope.RECOMMEND, now)
    finally:
        database.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])
