"""An export writes a whole file or leaves the one that is there, and ends calmly when nobody reads on."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.service import open_service
from api.settings import Settings
from matcher.encoder import FakeEncoder
from models.errors import StorageUnavailable
from scripts.cli import INTERRUPTED
from tests.records import a_group
from tests.scripts.conftest import Kindred


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    file = tmp_path / "backups" / "groups.jsonl"
    file.parent.mkdir()
    file.write_text("the last good one\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("stopped_by", "status"), [(StorageUnavailable("The database is gone."), 2), (KeyboardInterrupt(), INTERRUPTED)]
)
def test_an_export_that_fails_half_way_leaves_the_last_good_file(
    kindred: Kindred, backup: Path, monkeypatch: pytest.MonkeyPatch, stopped_by: BaseException, status: int
) -> None:
    def break_off(_: object) -> Iterator[str]:
        yield "{}"
        raise stopped_by

    monkeypatch.setattr("api.exporting.export_groups", break_off)
    assert kindred("export", "groups", backup) == status
    assert backup.read_text(encoding="utf-8") == "the last good one\n"
    assert list(backup.parent.iterdir()) == [backup]


def test_an_export_replaces_the_file_that_a_link_leads_to_and_keeps_who_may_read_it(
    kindred: Kindred, backup: Path, data_dir: Path
) -> None:
    fill(data_dir)
    backup.chmod(0o600)
    link = backup.parent.parent / "latest.jsonl"
    link.symlink_to(backup)
    assert kindred("export", "groups", link) == 0
    assert link.is_symlink()
    assert json.loads(backup.read_text(encoding="utf-8"))["id"] == "g1"
    assert backup.stat().st_mode & 0o777 == 0o600


def test_a_new_file_is_for_this_account_alone(kindred: Kindred, tmp_path: Path, data_dir: Path) -> None:
    fill(data_dir)
    file = tmp_path / "profiles.jsonl"
    assert kindred("export", "profiles", file) == 0
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_is_no_file_is_written_to_and_not_replaced(kindred: Kindred, tmp_path: Path, data_dir: Path) -> None:
    fill(data_dir)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert kindred("export", "groups", pipe) == 0
    assert json.loads(os.read(reader, 10_000))["id"] == "g1"
    os.close(reader)
    assert pipe.is_fifo()


def test_a_folder_that_is_missing_is_one_sentence(
    kindred: Kindred, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "missing" / "groups.jsonl"
    assert kindred("export", "groups", file) == 2
    assert capsys.readouterr().err == f"kindred: {file}: can't be written: no such file or directory.\n"


@pytest.mark.parametrize("groups", [1, 60], ids=["all of it waits in a buffer", "more than a buffer holds"])
def test_an_export_that_nobody_reads_to_its_end_has_ended_well(data_dir: Path, groups: int) -> None:
    fill(data_dir, groups)
    assert run_unread("export", "groups") == (0, "")


def test_help_that_nobody_reads_has_ended_well() -> None:
    assert run_unread("--help") == (0, "")


def fill(data_dir: Path, groups: int = 1) -> None:
    service = open_service(Settings(data_dir=data_dir), FakeEncoder())
    service.directory.put_groups([a_group(f"g{number}") for number in range(1, groups + 1)])
    service.close()


def run_unread(*arguments: str) -> tuple[int, str]:
    """The exit status and standard error of a command whose standard output nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "scripts.cli", *arguments]
    ended = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    return ended.returncode, ended.stderr
