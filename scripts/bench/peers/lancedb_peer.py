"""Peer (b): LanceDB, an embedded vector database on files, with its index of graphs over compressed vectors."""

import os
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matcher.encoder import Matrix, Vector
from scripts.bench.peers.recipe import NEAREST, Votes, vote

_ROWS_AT_ONCE: Final = 20_000
# Below this, LanceDB's own advice is to search without an index.
_INDEX_FROM_ROWS: Final = 20_000
_SEARCH_EFFORT: Final = 200


def make(folder: Path) -> "LanceDBPeer":
    return LanceDBPeer(folder)


class LanceDBPeer:
    """One table of vectors with their groups."""

    def __init__(self, folder: Path) -> None:
        # It warns that a new table is new.
        os.environ.setdefault("LANCE_LOG", "error")
        self._folder = folder

    def build(self, rows: Matrix, owners: NDArray[np.int64]) -> None:
        import lancedb

        table = None
        connection = lancedb.connect(self._folder / "lance")
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            piece = _as_arrow(rows[start : start + _ROWS_AT_ONCE], owners[start : start + _ROWS_AT_ONCE])
            if table is None:
                table = connection.create_table("texts", piece, mode="overwrite")
            else:
                table.add(piece)
        if table is not None and len(rows) >= _INDEX_FROM_ROWS:
            table.create_index(metric="cosine", index_type="IVF_HNSW_SQ", vector_column_name="vector")

    def open(self) -> None:
        import lancedb

        self._table: Any = lancedb.connect(self._folder / "lance").open_table("texts")
        self._is_indexed = bool(self._table.list_indices())

    def search(self, vector: Vector, limit: int) -> Votes:
        query = self._table.search(vector).distance_type("cosine").select(["owner", "_distance"]).limit(NEAREST)
        if self._is_indexed:
            # Scored again from the stored vectors: compressed, it tells distances on another scale, and votes go wrong.
            query = query.ef(_SEARCH_EFFORT).refine_factor(1)
        found = query.to_arrow()
        cosines = (1 - distance for distance in found["_distance"].to_pylist())
        return vote(zip(found["owner"].to_pylist(), cosines, strict=True), limit)

    def close(self) -> None:
        pass


def _as_arrow(rows: Matrix, owners: NDArray[np.int64]) -> Any:
    import pyarrow as pa

    flat = pa.array(np.ascontiguousarray(rows).reshape(-1))
    return pa.table({"owner": pa.array(owners), "vector": pa.FixedSizeListArray.from_arrays(flat, rows.shape[1])})
