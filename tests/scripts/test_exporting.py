"""An export writes a whole file or leaves the one that is there."""

import json
import os
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


def fill(data_dir: Path, groups: int = 1) -> None:
    service = open_service(Settings(data_dir=data_dir), FakeEncoder())
    service.directory.put_groups([a_group(f"g{number}") for number in range(1, groups + 1)])
    service.close()
