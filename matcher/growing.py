"""Arrays that grow at their end: a change to the directory adds rows and leaves what requests are reading as it is."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ROOM = 1.25


@dataclass(frozen=True)
class Growing:
    """The first rows of a buffer. Only the newest of those that share a buffer may be extended."""

    buffer: NDArray[Any]
    length: int

    @staticmethod
    def of(rows: NDArray[Any]) -> "Growing":
        return Growing(rows, len(rows))

    @property
    def rows(self) -> NDArray[Any]:
        return self.buffer[: self.length]

    def extended(self, more: NDArray[Any]) -> "Growing":
        """With rows added. They are written where no earlier view looks, or everything moves to a larger buffer."""
        length, buffer = self.length + len(more), self.buffer
        if length > len(buffer):
            buffer = np.empty((int(length * _ROOM), *buffer.shape[1:]), dtype=buffer.dtype)
            buffer[: self.length] = self.rows
        buffer[self.length : length] = more
        return Growing(buffer, length)
