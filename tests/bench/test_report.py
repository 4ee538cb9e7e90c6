"""The report tells the same figures in the same words, and nothing that was not measured."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from syrupy.assertion import SnapshotAssertion

from scripts.bench.figures import Growth, Run, write_run
from scripts.bench.report import make_page, write_report
from tests.bench.runs import MACHINE, full_run, size


def test_the_page_of_a_full_run(snapshot: SnapshotAssertion) -> None:
    assert make_page(full_run(), [("Growth", "growth.svg")]) == snapshot


def test_the_page_of_a_run_that_measured_nothing(snapshot: SnapshotAssertion) -> None:
    run = Run(MACHINE, full=False, encoder="mpnet", failures={"growth": "There was no room."})
    assert make_page(run, []) == snapshot


def test_the_base_beside_the_largest_has_a_row_of_its_own() -> None:
    sizes = (size(10_000, 3.0, 600.0), size(1_000_000, 20.0, 6000.0))
    run = replace(full_run(), growth=Growth(sizes, (), again=size(10_000, 4.5, 600.0)))
    assert "| 10,000 again, right after | 100,000 | 14.5 |" in make_page(run, [])


def test_every_figure_of_a_run_is_written(tmp_path: Path) -> None:
    write_run(full_run(), tmp_path / "run.json")
    assert TypeAdapter(Run).validate_json((tmp_path / "run.json").read_bytes()) == full_run()


def test_the_report_has_its_plots_beside_it(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="plots need the extra `report`")
    page = write_report(full_run(), tmp_path / "report").read_text(encoding="utf-8")
    for name in ("growth.svg", "parts.svg", "latency.svg"):
        assert f"({name})" in page
        assert (tmp_path / "report" / name).read_text(encoding="utf-8").count("<path") > 5
