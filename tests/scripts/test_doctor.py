"""What the doctor says of a Kindred that is well, new, stale or ill."""

import socket
from datetime import date
from pathlib import Path

import pytest

from api.service import open_service
from api.settings import Settings
from matcher.encoder import FakeEncoder
from tests.records import a_group, a_profile
from tests.scripts.conftest import Kindred


@pytest.fixture(autouse=True)
def _a_free_port(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        monkeypatch.setenv("KINDRED_PORT", str(free.getsockname()[1]))


def fill(data_dir: Path) -> None:
    service = open_service(Settings(data_dir=data_dir), FakeEncoder())
    service.directory.put_group(a_group("fresh", assured_date=date.today()))
    service.directory.put_group(a_group("old", assured_date=date(2020, 1, 1)))
    service.directory.put_group(a_group("undated"))
    service.directory.put_profile(a_profile("p", "fresh"))
    service.close()


def test_a_new_kindred_is_well_and_no_database_is_made_by_looking(
    kindred: Kindred, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kindred("doctor") == 0
    assert "There is no database yet" in capsys.readouterr().out
    assert not data_dir.exists()


def test_stale_and_silent_groups_are_named(
    kindred: Kindred, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(data_dir)
    assert kindred("doctor") == 0
    told = capsys.readouterr().out
    assert "groups 3, profiles 1" in told
    assert "All 4 texts have a vector" in told
    assert "more than a year: 1 (old)" in told
    assert "last checked: 1 (undated)" in told
    assert "without a profile, matched by description only: 2 (old, undated)" in told


def test_a_file_that_is_no_database_is_wrong(
    kindred: Kindred, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data_dir.mkdir()
    (data_dir / "kindred.sqlite3").write_bytes(b"not a database at all" * 100)
    assert kindred("doctor") == 1
    assert "is not a database" in capsys.readouterr().out


def test_a_server_that_cant_be_reached_is_wrong_and_its_password_is_never_shown(
    kindred: Kindred, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KINDRED_DATABASE_URL", "postgresql://ada:canary@127.0.0.1:9/kindred")
    monkeypatch.setenv("KINDRED_DATABASE_REPLICA_URL", "postgresql://ada:canary@127.0.0.1:9/replica")
    assert kindred("doctor") == 1
    told = capsys.readouterr()
    assert "can't be reached" in told.out
    assert "The replica can't be compared" in told.out
    assert "canary" not in told.out + told.err


def test_a_setting_that_cant_be_meant_is_wrong(
    kindred: Kindred, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KINDRED_PORT", "eighty")
    assert kindred("doctor") == 1
    assert "KINDRED_PORT" in capsys.readouterr().out
