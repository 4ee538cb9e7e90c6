"""Packed vectors: what packing loses, and that rows are taken and multiplied alike."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from matcher.vectors import Vectors, map_array

ROWS = arrays(np.float32, st.tuples(st.integers(0, 6), st.just(5)), elements=st.floats(-100, 100, width=32))


@given(ROWS)
def test_packing_moves_no_number_further_than_half_a_step(rows: NDArray[np.float32]) -> None:
    packed = Vectors.exactly(rows).packed()
    assert packed.rows.dtype == np.int16
    step = np.abs(rows).max(axis=1, initial=0, keepdims=True) / 32767
    assert (np.abs(packed.take() - rows) <= 0.51 * step + 1e-5 + 1e-30).all()


@given(ROWS, arrays(np.float32, 5, elements=st.floats(-1, 1, width=32)), st.booleans())
def test_a_product_is_that_of_the_rows_taken(
    rows: NDArray[np.float32], vector: NDArray[np.float32], packed: bool
) -> None:
    vectors = Vectors.exactly(rows).packed() if packed else Vectors.exactly(rows)
    chosen = np.arange(len(rows))[::-2]
    assert vectors.times(vector, chosen) == pytest.approx(vectors.take(chosen) @ vector, rel=1e-4, abs=1e-3)
    assert vectors.times(vector) == pytest.approx(vectors.take() @ vector, rel=1e-4, abs=1e-3)


def test_packing_changes_a_cosine_in_its_sixth_digit_at_most() -> None:
    rng = np.random.default_rng(1)
    rows = rng.standard_normal((500, 768)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    packed = Vectors.exactly(rows).packed()
    assert np.abs(packed.times(rows[0]) - rows @ rows[0])[1:].max() < 1e-5


def test_a_mapped_array_is_a_plain_one_that_lies_on_disk(tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", np.arange(6))
    mapped = map_array(tmp_path / "rows.npy")
    assert type(mapped) is np.ndarray
    assert isinstance(mapped.base, np.memmap)
    assert mapped.tolist() == list(range(6))
