"""Starting: the port, the demo directory, and a real server from first word to last."""

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest

from api.service import Service, open_service
from api.settings import Settings
from matcher.encoder import FakeEncoder
from models.errors import InvalidInput
from scripts import importing
from scripts.cli import INTERRUPTED
from scripts.importing import load_demo
from scripts.serving import take_port
from tests.records import a_group, a_profile

# On a machine that is new to it, the server makes its encoder ready first.
_LONGEST_SECONDS = 300


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A demo directory of one group and one profile."""
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "groups.jsonl").write_text(a_group("g1").model_dump_json())
    (folder / "profiles.jsonl").write_text(a_profile("p1", "g1").model_dump_json())
    monkeypatch.setattr(importing, "DEMO", folder)
    return folder


@pytest.fixture
def service(tmp_path: Path, demo: Path) -> Iterator[Service]:  # noqa: ARG001
    opened = open_service(Settings(data_dir=tmp_path / "data"), FakeEncoder())
    yield opened
    opened.close()


def counts(service: Service) -> tuple[int, int]:
    held = service.store.counts(service.encoder.identity)
    return held.groups, held.profiles


def test_an_empty_directory_is_filled_with_the_demo(service: Service) -> None:
    load_demo(service)
    assert counts(service) == (1, 1)


def test_a_directory_that_holds_groups_is_left_alone(service: Service) -> None:
    service.directory.put_group(a_group("own"))
    load_demo(service)
    assert counts(service) == (1, 0)


def test_without_the_demo_the_directory_stays_empty(tmp_path: Path, demo: Path) -> None:  # noqa: ARG001
    service = open_service(Settings(data_dir=tmp_path / "data", demo=False), FakeEncoder())
    load_demo(service)
    assert counts(service) == (0, 0)
    service.close()


def test_a_demo_that_was_cut_short_is_loaded_to_the_end_at_the_next_start(service: Service, demo: Path) -> None:
    profiles = (demo / "profiles.jsonl").rename(demo / "later")
    with pytest.raises(FileNotFoundError):
        load_demo(service)
    profiles.rename(demo / "profiles.jsonl")
    load_demo(service)
    assert counts(service) == (1, 1)
    service.directory.delete_profile("p1")
    load_demo(service)
    assert counts(service) == (1, 0)


def test_a_taken_port_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(InvalidInput, match=rf"^Port {port} on 127\.0\.0\.1 is taken\. .+KINDRED_PORT={port + 1} "):
            take_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(InvalidInput, match=r"^192\.0\.2\.1 is not an address of this machine"):
        take_port("192.0.2.1", 8000)


def test_a_server_says_where_it_is_answers_and_stops_calmly(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"KINDRED_DATA_DIR": str(tmp_path), "KINDRED_PORT": str(port), "KINDRED_DEMO": "0"}
    with a_server(settings) as server:
        assert server.stdout is not None
        first = [server.stdout.readline(), server.stdout.readline()]
        assert first[1] == f"Kindred is at http://127.0.0.1:{port} – stop it with Ctrl-C.\n"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=30) as reply:
            assert json.load(reply)["ready"]
        server.send_signal(signal.SIGINT)
        rest = server.stdout.read()
        status = server.wait(timeout=30)
    assert "Traceback" not in rest
    assert rest.strip().endswith("Stopped.")
    assert status == INTERRUPTED


def test_nothing_looks_for_garbage_through_what_is_there_when_the_server_has_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"KINDRED_DATA_DIR": str(tmp_path), "KINDRED_PORT": str(port), "KINDRED_DEMO": "0"}
    with a_server(settings, "-c", TELL_OF_GARBAGE_AT_THE_END) as server:
        assert server.stdout is not None
        while "Kindred is at" not in (line := server.stdout.readline()):
            assert line
        server.send_signal(signal.SIGINT)
        is_searched, made, left_out = map(int, server.stdout.read().splitlines()[-1].split())
    assert is_searched
    # More than Python by itself waits for, which leaves out nothing.
    assert made > gc.get_threshold()[0]
    assert left_out > 100_000


TELL_OF_GARBAGE_AT_THE_END = """
import atexit, gc, runpy, sys
atexit.register(lambda: print(+gc.isenabled(), gc.get_threshold()[0], gc.get_freeze_count(), flush=True))
sys.argv = ["kindred", "serve"]
runpy.run_module("scripts.cli", run_name="__main__")
"""


@contextmanager
def a_server(settings: dict[str, str], *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """`kindred serve`. Killed when the test ends, however it ends, and when nothing more can be expected of it: whoever
    reads what it says then comes to the end.
    """
    command = [sys.executable, *(arguments or ("-m", "scripts.cli", "serve"))]
    with subprocess.Popen(
        command, env={**os.environ, **settings}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        limit = Timer(_LONGEST_SECONDS, server.kill)
        limit.start()
        try:
            yield server
        finally:
            limit.cancel()
            server.kill()
