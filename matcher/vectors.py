"""Many vectors to multiply one with: as they are, or packed into two bytes for each dimension where there are many.

A packed row is its whole numbers from -32,767 to 32,767 times one factor: ten times finer than half-precision floats of
the same size, and numpy widens it in a fourth of the time. How much nearness is worth is decided elsewhere.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.encoder import Matrix, Vector
from matcher.facts import EVERY_ROW, Rows

_MOST = 32_767
_AT_ONCE = 20_000
# So many rows stay in the processor's cache between being fetched, widened and multiplied.
_CACHED_ROWS = 64


@dataclass(frozen=True)
class Vectors:
    """Rows of float32 or packed, in memory or mapped."""

    rows: NDArray[Any]  # (rows, dimensions), float32 or int16
    factors: NDArray[np.float32]  # (rows,)

    @staticmethod
    def exactly(rows: Matrix) -> "Vectors":
        """As they are."""
        return Vectors(rows, np.ones(len(rows), dtype=np.float32))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def dimensions(self) -> int:
        return int(self.rows.shape[1])

    def packed(self) -> "Vectors":
        """Two bytes for each dimension, done in pieces."""
        rows, factors = np.empty(self.rows.shape, dtype=np.int16), np.empty(len(self), dtype=np.float32)
        for start in range(0, len(self), _AT_ONCE):
            piece = slice(start, start + _AT_ONCE)
            wide = self.take(piece)
            largest = np.abs(wide).max(axis=1, initial=0)
            factors[piece] = np.maximum(largest, np.finfo(np.float32).tiny) / _MOST
            rows[piece] = np.rint(wide / factors[piece][:, None])
        return Vectors(rows, factors)

    def take(self, rows: Rows | slice = EVERY_ROW) -> Matrix:
        """These rows as vectors, (rows, dimensions)."""
        return np.asarray(self.rows[rows] * self.factors[rows][:, None], dtype=np.float32)

    def of(self, rows: Rows) -> "Vectors":
        """These rows by themselves, widened, for whoever multiplies them more than once."""
        return Vectors(self.rows.take(rows, axis=0).astype(np.float32, copy=False), self.factors[rows])

    def times(self, vector: Vector, rows: Rows | slice = EVERY_ROW) -> NDArray[np.float32]:
        """The product of each of these rows with a vector, (rows,)."""
        if isinstance(rows, slice):
            return np.asarray((self.rows[rows].astype(np.float32, copy=False) @ vector) * self.factors[rows])
        products = np.empty(len(rows), dtype=np.float32)
        for start in range(0, len(rows), _CACHED_ROWS):
            piece = rows[start : start + _CACHED_ROWS]
            products[start : start + len(piece)] = self.rows[piece].astype(np.float32, copy=False) @ vector
        products *= self.factors[rows]
        return products


@dataclass(frozen=True)
class VectorSums:
    """Rows that are sums of the rows of two tables, which are kept anyway: no third one is."""

    first: Vectors
    second: Vectors

    def __len__(self) -> int:
        return len(self.first)

    def take(self, rows: Rows | slice = EVERY_ROW) -> Matrix:
        """As `Vectors.take`."""
        return self.first.take(rows) + self.second.take(rows)

    def times(self, vector: Vector, rows: Rows | slice = EVERY_ROW) -> NDArray[np.float32]:
        """As `Vectors.times`."""
        return self.first.times(vector, rows) + self.second.times(vector, rows)


def map_array(file: Path) -> NDArray[Any]:
    """An array that was saved, mapped and not read. Raises OSError or ValueError."""
    # As a plain array: each slice of numpy's own kind for mapped files costs microseconds.
    return np.asarray(np.load(file, mmap_mode="r").view(np.ndarray))
