"""Arrays in `.npy` files that are written row by row, and mapped with room for more.

Decides nothing about what is in them. A mapped array may be extended as one in memory may: what is added stays there
and never reaches the file.
"""

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from matcher.growing import Growing

_ROOM = 1.06
"""As much as may change before everything is learned anew (`api.directory`), and a little more."""


class RowsFile:
    """A file that rows are appended to. Leaves a hole behind the last, which takes no room on most disks."""

    def __init__(self, file: Path) -> None:
        self._opened = file.open("wb")
        self._rows = 0
        self._form: tuple[np.dtype[Any], tuple[int, ...]] | None = None

    def append(self, rows: NDArray[Any]) -> None:
        """All rows of one file have the same type and length."""
        if self._form is None:
            self._form = rows.dtype, rows.shape[1:]
            self._write_head()
        assert self._form == (rows.dtype, rows.shape[1:])
        self._opened.write(np.ascontiguousarray(rows).data)
        self._rows += len(rows)

    def close(self) -> None:
        """Say how many there are, and leave room. A second time it does nothing."""
        if self._opened.closed:
            return
        end = self._opened.tell()
        if self._form is not None:
            self._opened.seek(0)
            self._write_head()
            dtype, shape = self._form
            room = int(self._rows * _ROOM) - self._rows
            self._opened.truncate(end + room * _row_bytes(dtype, shape))
        self._opened.close()

    def _write_head(self) -> None:
        # The library pads it so that it stays as long when the number of rows grows.
        assert self._form is not None
        dtype, shape = self._form
        head = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": (self._rows, *shape)}
        npy.write_array_header_1_0(self._opened, head)


def write_rows(file: Path, rows: NDArray[Any]) -> None:
    """A whole array at once."""
    opened = RowsFile(file)
    opened.append(rows)
    opened.close()


def map_rows(file: Path) -> Growing:
    """What was written, mapped, not read. Raises OSError or ValueError where it isn't such a file."""
    with file.open("rb") as opened:
        rows, dtype, shape = _read_head(opened)
        start = opened.tell()
    room = (file.stat().st_size - start) // _row_bytes(dtype, shape)
    if room < rows:
        raise ValueError("The file is shorter than it says.")
    if not room:
        return Growing.of(np.zeros((0, *shape), dtype))
    # "c": what is written to it stays in memory.
    mapped = np.memmap(file, dtype, "c", start, (room, *shape))
    # As a plain array: each slice of numpy's own kind for mapped files costs microseconds.
    return Growing(mapped.view(np.ndarray), rows)


def _read_head(opened: BinaryIO) -> tuple[int, np.dtype[Any], tuple[int, ...]]:
    npy.read_magic(opened)
    (rows, *shape), _, dtype = npy.read_array_header_1_0(opened)
    return rows, dtype, tuple(shape)


def _row_bytes(dtype: np.dtype[Any], shape: tuple[int, ...]) -> int:
    return dtype.itemsize * int(np.prod(shape, dtype=np.int64))
