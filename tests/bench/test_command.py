"""`kindred bench` says what it can't do, and one measurement that fails takes no other with it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from models.errors import InvalidInput
from scripts.bench import command
from scripts.bench.apart import run_apart
from scripts.bench.command import STEPS, Amounts, Job, Step, measure_steps
from scripts.bench.figures import Importing
from scripts.bench.targets import TARGETS
from scripts.cli import run

LITTLE = Amounts(
    full=False,
    sizes=(20,),
    groups_served=20,
    seconds_a_size=1,
    seconds_each=1,
    seconds_encoding=1,
    imported=1,
    starts=1,
)


def fail(_: Job) -> object:
    raise InvalidInput("There is no room.")


def succeed(_: Job) -> object:
    return Importing(1, 2.0, 3.0)


def test_a_measurement_that_fails_is_told_and_the_next_goes_on() -> None:
    steps = [Step("start", "a start", 1, 1, fail), Step("importing", "an import", 1, 1, succeed)]
    found = measure_steps(steps, LITTLE)
    assert found.start is None
    assert found.failures == {"start": "There is no room."}
    assert found.importing == Importing(1, 2.0, 3.0)


def crash(_: object = None) -> object:
    raise ValueError("what somebody wrote")


def crash_apart(_: Job) -> object:
    return run_apart(crash)


@pytest.mark.parametrize("measure", [crash, crash_apart])
def test_a_crash_is_told_by_its_kind_and_its_place_alone(measure: Callable[[Job], object]) -> None:
    told = measure_steps([Step("start", "a start", 1, 1, measure)], LITTLE).failures["start"]
    line = crash.__code__.co_firstlineno + 1
    assert told == f"It failed: ValueError at bench/test_command.py:{line}."


def test_what_is_being_done_and_how_long_it_may_take_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    measure_steps([Step("importing", "an import", 3, 9, succeed)], LITTLE)
    assert "1 of 1: an import (about 3 min to go)" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--only", "nothing"], ["--groups", "1"], ["--into", __file__]])
def test_what_cannot_be_meant_is_refused_in_a_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["bench", *arguments]) == 2
    assert arguments[0] in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_told_before_anything_is_measured(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "measure_steps", lambda *_: pytest.fail("something was measured"))
    (tmp_path / "file").touch()
    assert run(["bench", "--into", str(tmp_path / "file" / "report")]) == 2
    assert f"--into: {tmp_path / 'file' / 'report'} can't be written: not a directory." in capsys.readouterr().err


def test_every_bar_belongs_to_a_measurement() -> None:
    assert {target.id.partition(".")[0] for target in TARGETS} == {step.name for step in STEPS}
