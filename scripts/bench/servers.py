"""Starts servers as processes of their own on 127.0.0.1, waits until they are ready, and stops them.

Only processes started here are ever stopped. Decides nothing about what they serve.
"""

import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter, sleep
from typing import IO, Final

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
_LINES_TOLD: Final = 5


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
    with _running(["scripts.cli", "serve"], environment, port, seconds_most, headers) as served:
        yield served


@contextmanager
def serve_peer(name: str, directory: Path, groups: int, folder: Path, seconds_most: float) -> Iterator[Served]:
    """A peer that was built in `folder`, as `scripts.bench.peers.server` serves it."""
    port = _free_port()
    command = ["scripts.bench.peers.server", name, str(directory), str(groups), str(folder), str(port)]
    with _running(command, {}, port, seconds_most, {}) as served:
        yield served


@contextmanager
def _running(
    command: Sequence[str],
    environment: Mapping[str, str],
    port: int,
    seconds_most: float,
    headers: Mapping[str, str],
) -> Iterator[Served]:
    """`command` is a module with its arguments."""
    begun = perf_counter()
    with TemporaryFile() as written:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            env={**os.environ, **environment},
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
        )
        try:
            trouble = _wait_until_ready(process, port, begun + seconds_most)
            if trouble:
                raise InvalidInput(f"python -m {shlex.join(command)} {trouble}. {_last_lines(written)}")
            yield Served(port, process.pid, perf_counter() - begun, headers)
        finally:
            _stop(process)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, until: float) -> str:
    """What is wrong; nothing once it is ready."""
    while not _is_ready(port):
        if process.poll() is not None:
            return f"left with {process.returncode} before it was ready"
        if perf_counter() > until:
            return "was not ready in time"
        sleep(_LOOK_SECONDS)
    return ""


def _last_lines(written: IO[bytes]) -> str:
    """Nobody has asked the server for anything yet, so nobody's words are in them."""
    written.seek(0)
    lines = written.read().decode(errors="replace").splitlines()[-_LINES_TOLD:]
    return f"The last it wrote: {' | '.join(line.strip() for line in lines)}" if lines else "It wrote nothing."


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
