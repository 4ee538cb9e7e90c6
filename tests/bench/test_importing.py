"""What is told of an import is of profiles that were really taken."""

from pathlib import Path

import pytest

from api.directory import LiveDirectory
from api.importing import ImportProgress, ImportReport, OnProgress, RowOutcome, RowReport
from matcher.encoder import FakeEncoder
from scripts.bench import importing
from scripts.bench.figures import Importing


def test_only_profiles_that_were_taken_count(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for, said = list[int](), list[str]()

    def tell(count: int) -> list[str]:
        asked_for.append(count)
        return [f"I can't sleep for {number} nights." for number in range(count - 2)] + [" ", " "]

    monkeypatch.setattr(importing, "experiences", tell)
    monkeypatch.setattr(importing, "own_encoder", FakeEncoder)
    found = importing.measure_importing(2100, said.append)
    assert asked_for == [2100]
    assert found.profiles == 2098
    assert found.per_second > 0
    assert found.encoder_per_second > 0
    assert said == ["   2,048 of 2,100 profiles"]


def test_the_encoders_own_turns_are_not_the_imports_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    def encode(texts: list[str], _: FakeEncoder) -> None:
        nonlocal now
        now += len(texts)

    def take_in(file: Path, _: LiveDirectory, on_progress: OnProgress) -> ImportReport:
        nonlocal now
        for done in range(256, 2049, 256):
            now += 64
            on_progress(ImportProgress(done, 0, 0))
        return ImportReport(file.name, (RowReport(1, "p", RowOutcome.TAKEN),) * 2048)

    monkeypatch.setattr(importing, "own_encoder", FakeEncoder)
    monkeypatch.setattr(importing, "encode_passages", encode)
    monkeypatch.setattr(importing, "import_profiles", take_in)
    monkeypatch.setattr(importing, "perf_counter", lambda: now)
    assert importing.measure_importing(2048, lambda _: None) == Importing(2048, 4.0, 1.0)
