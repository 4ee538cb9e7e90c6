"""Peer (d), the floor: faiss alone. What any search costs that keeps vectors in one process and knows nothing else."""

import importlib
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matcher.encoder import Matrix, Vector
from scripts.bench.peers.recipe import NEAREST, Votes, vote

# Any: what it brings to check types by knows too little of it.
faiss: Any = importlib.import_module("faiss")
_LINKS: Final = 32
_BUILD_EFFORT: Final = 100
_SEARCH_EFFORT: Final = 200
_ROWS_AT_ONCE: Final = 50_000


def make(folder: Path) -> "FaissPeer":
    return FaissPeer(folder)


class FaissPeer:
    """A graph over vectors of a byte a dimension."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def build(self, rows: Matrix, owners: NDArray[np.int64]) -> None:
        index = faiss.IndexHNSWSQ(rows.shape[1], faiss.ScalarQuantizer.QT_8bit, _LINKS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = _BUILD_EFFORT
        index.train(np.ascontiguousarray(rows[:_ROWS_AT_ONCE]))
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            index.add(np.ascontiguousarray(rows[start : start + _ROWS_AT_ONCE]))
        faiss.write_index(index, str(self._folder / "texts.faiss"))
        np.save(self._folder / "owners.npy", owners)

    def open(self) -> None:
        self._index = faiss.read_index(str(self._folder / "texts.faiss"))
        self._parameters = faiss.SearchParametersHNSW(efSearch=_SEARCH_EFFORT)
        self._owners = np.load(self._folder / "owners.npy")

    def search(self, vector: Vector, limit: int) -> Votes:
        cosines, places = self._index.search(vector[None], NEAREST, params=self._parameters)
        found = places[0] >= 0
        return vote(zip(self._owners[places[0][found]].tolist(), cosines[0][found].tolist(), strict=True), limit)

    def close(self) -> None:
        pass
