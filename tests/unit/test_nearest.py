"""Searching rows: the order of what is found, the smallest directories, and what is kept in files."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from matcher.nearest import NearestRows
from matcher.vectors import Vectors, VectorSums

DIMENSIONS = 24
ROWS = 600


def draw(count: int) -> tuple[Vectors, NDArray[np.float32], NDArray[np.float32]]:
    """Rows, offsets and stories."""
    rng = np.random.default_rng(5)
    return (
        Vectors.exactly(rng.standard_normal((count, DIMENSIONS)).astype(np.float32)).packed(),
        rng.random(count).astype(np.float32),
        rng.standard_normal((50, DIMENSIONS)).astype(np.float32),
    )


def test_rows_come_best_first_with_their_offset_taken_off() -> None:
    rows = Vectors.exactly(np.array([[1, 0], [2, 0], [3, 0]], dtype=np.float32))
    built = NearestRows.build(rows, np.array([0, 0, 2.5], dtype=np.float32), np.eye(2, dtype=np.float32))
    assert built.search(np.array([1, 0], dtype=np.float32), None, 3).tolist() == [1, 0, 2]


def test_equals_come_in_the_order_of_the_directory() -> None:
    rows = Vectors.exactly(np.ones((40, 2), dtype=np.float32))
    built = NearestRows.build(rows, np.zeros(40, dtype=np.float32), np.eye(2, dtype=np.float32))
    assert built.search(np.array([1, 0], dtype=np.float32), None, 5).tolist() == [0, 1, 2, 3, 4]


def test_a_directory_of_equal_groups_can_be_searched_by_codes() -> None:
    rows = Vectors.exactly(np.ones((ROWS, DIMENSIONS), dtype=np.float32))
    built = NearestRows.build(rows, np.zeros(ROWS, dtype=np.float32), draw(1)[2], exact_most=10)
    assert built.search(draw(1)[2][0], None, 3).tolist() == [0, 1, 2]


def test_an_empty_directory_has_nothing_to_find() -> None:
    rows, offsets, stories = draw(0)
    built = NearestRows.build(rows, offsets, stories)
    assert len(built.search(stories[0], None, 10)) == 0
    assert len(built.search(stories[0], np.zeros(0, dtype=bool), 10)) == 0


def test_one_group_is_found_however_many_are_asked_for() -> None:
    rows, offsets, stories = draw(1)
    assert NearestRows.build(rows, offsets, stories).search(stories[0], None, 10).tolist() == [0]


def test_nothing_is_found_where_nothing_is_allowed() -> None:
    rows, offsets, stories = draw(ROWS)
    built = NearestRows.build(rows, offsets, stories, exact_most=10)
    assert len(built.search(stories[0], np.zeros(ROWS, dtype=bool), 10)) == 0


@pytest.mark.parametrize("exact_most", [10, ROWS])
def test_what_was_saved_answers_as_before(tmp_path: Path, exact_most: int) -> None:
    rows, offsets, stories = draw(ROWS)
    built = NearestRows.build(rows, offsets, stories, exact_most)
    built.save(tmp_path)
    opened = NearestRows.open(tmp_path, rows, offsets)
    allowed = np.arange(ROWS) % 3 > 0
    for story in stories:
        assert opened.search(story, allowed, 20).tolist() == built.search(story, allowed, 20).tolist()


def test_only_what_is_not_kept_elsewhere_is_saved(tmp_path: Path) -> None:
    NearestRows.build(*draw(ROWS), exact_most=10).save(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"codes.faiss", "exact_most.npy", "plan.npz"}


def test_rows_that_are_sums_are_found_like_rows_of_their_own() -> None:
    rows, offsets, stories = draw(ROWS)
    halves = Vectors.exactly(rows.take() / 2)
    sums = NearestRows.build(VectorSums(halves, halves), offsets, stories, exact_most=10)
    alone = NearestRows.build(Vectors.exactly(rows.take()), offsets, stories, exact_most=10)
    for story in stories:
        assert sums.search(story, None, 20).tolist() == alone.search(story, None, 20).tolist()
