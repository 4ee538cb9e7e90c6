"""What a command can't write is told before its work begins."""

from pathlib import Path

import pytest

from tests.records import a_group
from tests.scripts.conftest import Kindred
from tests.scripts.test_cli import write_rows


@pytest.fixture
def groups(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "groups.jsonl", a_group().model_dump(mode="json"))


@pytest.fixture
def cases(groups: Path) -> Path:
    write_rows(groups.with_name("newcomers.jsonl"), {"id": "n", "answers": {"story": "A leak."}, "good": ["g1"]})
    return groups.parent


@pytest.mark.parametrize("option", ["--json", "--page", "--vectors"])
def test_an_evaluation_begins_only_if_its_results_can_be_written(
    kindred: Kindred, cases: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    results = cases / "missing" / "results"
    assert kindred("evaluate", cases, option, results) == 2
    told = f"kindred: {option}: {results} can't be written: there is no folder {results.parent}.\n"
    assert capsys.readouterr() == ("", told)


def test_an_import_begins_only_if_its_report_can_be_written(
    kindred: Kindred, groups: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in (groups.parent / "missing", groups):
        assert kindred("import", "groups", groups, "--report", folder / "report.json") == 2
        assert capsys.readouterr().err.startswith(f"kindred: --report: {folder}/report.json can't be written: ")
    assert not data_dir.exists()


def test_what_the_account_may_not_write_is_told_before_the_work(
    kindred: Kindred, groups: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = groups.with_name("report.json")
    # Whoever runs the tests may be allowed everything.
    monkeypatch.setattr("scripts.outputs.os.access", lambda *_: False)
    assert kindred("import", "groups", groups, "--report", report) == 2
    assert capsys.readouterr().err == f"kindred: --report: {report} can't be written: permission denied.\n"
