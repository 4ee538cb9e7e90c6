"""A directory that can't be measured leaves the figures of smaller ones; the largest has the base beside it."""

import errno
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from models.errors import InvalidInput, StorageUnavailable
from scripts.bench import growth
from scripts.bench.figures import Size
from tests.bench.runs import size

SIZES = (1_000, 10_000, 100_000)


class Drawn:
    """Stands in for drawing and measuring; `trouble` is what the first, second, … directory raises."""

    def __init__(self, trouble: dict[int, Exception]) -> None:
        self.trouble = trouble
        self.prepared = 0
        self.asked: list[int] = []

    def prepare(self, folder: Path, _groups: int) -> None:
        folder.mkdir(exist_ok=True)
        self.prepared += 1
        if self.prepared in self.trouble:
            raise self.trouble[self.prepared]

    def run(self, work: object, _folder: Path, groups: int = 0, _learning: float | None = None) -> float | Size:
        if work is not growth.measure_size:
            return 1.0
        self.asked.append(groups)
        return size(groups, 2.0 + len(self.asked), 400.0)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[Drawn]:
    found = Drawn({})
    monkeypatch.setattr(growth, "prepare_directory", found.prepare)
    monkeypatch.setattr(growth, "run_apart", found.run)
    monkeypatch.setattr(growth, "_room", lambda *_: growth.Cost(0, 1e9, 1e9, 1e9))
    return found


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "It failed: OSError at bench/test_growth.py:"),
        (StorageUnavailable("The disk is full."), "The disk is full."),
        (BrokenProcessPool(), "The process was ended, most likely for its memory or for a full disk."),
        (MemoryError(), "It failed: MemoryError at"),
    ],
)
def test_a_size_that_fails_is_the_last_and_leaves_the_earlier_ones(
    drawn: Drawn, tmp_path: Path, trouble: Exception, told: str
) -> None:
    drawn.trouble[2] = trouble
    found = growth.measure_growth(tmp_path, SIZES, 60)
    assert [one.groups for one in found.sizes] == [1_000]
    assert found.stopped.startswith(f"10,000 groups could not be measured. {told}")
    assert list(tmp_path.iterdir()) == []


def test_nothing_measured_is_a_failure_with_its_reason(drawn: Drawn, tmp_path: Path) -> None:
    drawn.trouble[1] = StorageUnavailable("The disk is full.")
    with pytest.raises(InvalidInput, match=r"1,000 groups could not be measured. The disk is full."):
        growth.measure_growth(tmp_path, SIZES, 60)


def test_the_base_is_measured_again_right_after_the_largest(drawn: Drawn, tmp_path: Path) -> None:
    found = growth.measure_growth(tmp_path, SIZES, 60, keep=(10_000,))
    assert drawn.asked == [1_000, 10_000, 100_000, 10_000]
    assert found.again == size(10_000, 6.0, 400.0)


def test_a_base_that_is_itself_the_largest_is_measured_once(drawn: Drawn, tmp_path: Path) -> None:
    assert growth.measure_growth(tmp_path, SIZES[:2], 60, keep=(10_000,)).again is None
    assert drawn.asked == [1_000, 10_000]


def test_a_base_that_fails_the_second_time_takes_nothing_with_it(drawn: Drawn, tmp_path: Path) -> None:
    drawn.trouble[4] = StorageUnavailable("The disk is full.")
    found = growth.measure_growth(tmp_path, SIZES, 60, keep=(10_000,))
    assert [one.groups for one in found.sizes] == list(SIZES)
    assert found.again is None
