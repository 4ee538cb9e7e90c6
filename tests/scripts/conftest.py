"""A command line on a fresh data directory, with a stand-in for the encoder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from matcher.encoder import FakeEncoder
from scripts.cli import run

Kindred = Callable[..., int]


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's database lies."""
    monkeypatch.setenv("KINDRED_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def kindred(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Kindred:  # noqa: ARG001
    """Runs a command and returns its exit status."""
    monkeypatch.setattr("api.service.load_encoder", lambda *_: FakeEncoder())
    monkeypatch.setattr("matcher.encoder.load_encoder", lambda *_: FakeEncoder())
    return lambda *arguments: run([str(argument) for argument in arguments])
