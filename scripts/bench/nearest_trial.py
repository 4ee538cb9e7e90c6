"""Measures ways to find the groups nearest to a story, by size of the directory and by filter: a table in Markdown.

What was chosen and why is in docs/decisions/0021-nearest-groups.md. usearch and hnswlib are measured where they are
installed; Kindred needs neither.

    python -m scripts.bench.nearest_trial --groups 10000 100000
    python -m scripts.bench.nearest_trial --groups 1000000 --ways kindred sq8
"""

import argparse
import importlib
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.encoder import Matrix, Vector, load_encoder
from matcher.nearest import NearestRows
from matcher.vectors import Vectors
from scripts.bench.peers.pgvector_peer import connect, start_server
from scripts.bench.synthetic import Offsets, RealVectors, Source, write_rows
from scripts.fetch_mental_health_posts import CACHE
from scripts.vector_cache import RememberingEncoder

# Any: what it brings to check types by knows too little of it.
faiss: Any = importlib.import_module("faiss")
Mask = NDArray[np.bool_]
Rows = NDArray[np.float16]
Search = Callable[[Vector, Mask | None], NDArray[np.int64]]
K = 10
_OVERFETCH = 200
_PIECE = 50_000


@dataclass(frozen=True)
class Way:
    """One way to search, ready."""

    name: str
    search: Search
    megabytes: float
    """What it holds besides the float16 rows, which all need for exact scores."""


@dataclass(frozen=True)
class Directory:
    """What is searched."""

    rows: Rows
    offsets: Offsets
    stories: Matrix

    def __len__(self) -> int:
        return len(self.rows)

    def with_offsets(self, dimensions: int = 784) -> Iterator[Matrix]:
        """Pieces of rows with the offset as one more dimension, filled up with zeros to one that processors like."""
        for start in range(0, len(self), _PIECE):
            piece = slice(start, start + _PIECE)
            wide = np.zeros((len(self.rows[piece]), dimensions), dtype=np.float32)
            wide[:, : self.rows.shape[1]] = self.rows[piece]
            wide[:, self.rows.shape[1]] = -self.offsets[piece]
            yield wide

    def scores(self, story: Vector) -> NDArray[np.float32]:
        """Of every row."""
        parts = [
            np.asarray(self.rows[at : at + _PIECE], dtype=np.float32) @ story for at in range(0, len(self), _PIECE)
        ]
        return np.concatenate(parts) - self.offsets

    def best_of(self, story: Vector, found: NDArray[np.int64]) -> NDArray[np.int64]:
        """The ten best of those found, scored exactly."""
        found = found[found >= 0]
        scores = self.rows[found].astype(np.float32) @ story - self.offsets[found]
        return found[np.argsort(-scores)[:K]]


def _kindred(directory: Directory) -> Iterator[Way]:
    halves = Vectors(directory.rows, np.ones(len(directory), dtype=np.float32))
    built = NearestRows.build(halves.packed(), directory.offsets, directory.stories)
    yield Way(
        "Kindred: PQ 128×4 bits by evidence", lambda story, allowed: built.search(story, allowed, K), _size(built)
    )


def _size(built: NearestRows) -> float:
    with TemporaryDirectory() as folder:
        built.save(Path(folder))
        return sum(file.stat().st_size for file in Path(folder).iterdir()) / 2**20


def _numpy(directory: Directory) -> Iterator[Way]:
    wide = directory.rows.astype(np.float32)

    def search(story: Vector, allowed: Mask | None) -> NDArray[np.int64]:
        scores = wide @ story - directory.offsets
        if allowed is not None:
            scores[~allowed] = -np.inf
        best = np.argpartition(-scores, K)[:K]
        return best[np.argsort(-scores[best])]

    yield Way("numpy float32, exact", search, wide.nbytes / 2**20)


def _of_faiss(name: str, index: Any, directory: Directory, parameters: Callable[[], Any]) -> Way:
    def search(story: Vector, allowed: Mask | None) -> NDArray[np.int64]:
        chosen = parameters()
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            chosen.sel = selector = faiss.IDSelectorBitmap(bits)  # noqa: F841 (kept alive)
        found = index.search(_query(story), _OVERFETCH, params=chosen)[1][0]
        return directory.best_of(story, found)

    return Way(name, search, len(faiss.serialize_index(index)) / 2**20)


def _query(story: Vector) -> Matrix:
    query = np.zeros((1, 784), dtype=np.float32)
    query[0, : len(story)], query[0, len(story)] = story, 1
    return query


def _add(index: faiss.Index, directory: Directory) -> None:
    faiss.omp_set_num_threads(2)
    for number, piece in enumerate(directory.with_offsets()):
        if not number:
            index.train(piece)
        index.add(piece)
    faiss.omp_set_num_threads(1)


def _sq8(directory: Directory) -> Iterator[Way]:
    index = faiss.IndexScalarQuantizer(784, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    _add(index, directory)
    yield _of_faiss("faiss SQ8, flat", index, directory, faiss.SearchParameters)


def _ivf(directory: Directory) -> Iterator[Way]:
    lists = int(2 ** round(np.log2(2 * np.sqrt(len(directory)))))
    index = faiss.index_factory(784, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    _add(index, directory)
    for probes in (lists // 16, lists // 4):
        name = f"faiss IVF{lists} SQ8, nprobe {probes}"
        yield _of_faiss(name, index, directory, partial(faiss.SearchParametersIVF, nprobe=probes))


def _hnsw(directory: Directory) -> Iterator[Way]:
    index = faiss.IndexHNSWSQ(784, faiss.ScalarQuantizer.QT_8bit, 24, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 80
    _add(index, directory)
    for width in (200, 800):
        name = f"faiss HNSW24 SQ8, efSearch {width}"
        yield _of_faiss(name, index, directory, partial(faiss.SearchParametersHNSW, efSearch=width))


def _usearch(directory: Directory) -> Iterator[Way]:
    """Its Python package takes no filter: as many more are fetched as the filter will take away, on average."""
    library = importlib.import_module("usearch.index")
    index = library.Index(ndim=784, metric="ip", dtype="f16", connectivity=24, expansion_add=80)
    for number, piece in enumerate(directory.with_offsets()):
        index.add(np.arange(len(piece)) + number * _PIECE, piece, threads=2)
    for width in (200, 800):

        def search(story: Vector, allowed: Mask | None, width: int = width) -> NDArray[np.int64]:
            index.expansion_search = width
            share = 1.0 if allowed is None else max(float(allowed.mean()), 0.01)
            found = np.asarray(index.search(_query(story)[0], int(_OVERFETCH / share), threads=1).keys, dtype=np.int64)
            return directory.best_of(story, found if allowed is None else found[allowed[found]])

        yield Way(f"usearch HNSW24 f16, expansion {width}", search, index.memory_usage / 2**20)


def _hnswlib(directory: Directory) -> Iterator[Way]:
    """Its filter is a Python function, called for every row it looks at."""
    library = importlib.import_module("hnswlib")
    index = library.Index(space="ip", dim=784)
    index.init_index(max_elements=len(directory), ef_construction=80, M=24)
    for piece in directory.with_offsets():
        index.add_items(piece, num_threads=2)
    index.set_num_threads(1)
    index.set_ef(800)

    def search(story: Vector, allowed: Mask | None) -> NDArray[np.int64]:
        keep = None if allowed is None else lambda row: bool(allowed[row])
        try:
            found = index.knn_query(_query(story), _OVERFETCH, filter=keep)[0][0].astype(np.int64)
        except RuntimeError:  # fewer found than asked for
            return np.zeros(0, dtype=np.int64)
        return directory.best_of(story, found)

    yield Way("hnswlib HNSW24 float32, ef 800", search, len(directory) * (784 * 4 + 24 * 2 * 4) / 2**20)


def _pgvector(directory: Directory) -> Iterator[Way]:
    """Scanned on and on past what the filter takes away; the filter comes along as a bitmap."""
    from pgvector import HalfVector

    with TemporaryDirectory() as folder, ExitStack() as last:
        server = start_server(Path(folder))
        last.callback(server.cleanup)
        connection = last.enter_context(closing(connect(server)))
        connection.execute("CREATE TABLE centres (row integer NOT NULL, vector halfvec(784) NOT NULL)")
        with connection.cursor().copy("COPY centres FROM STDIN WITH (FORMAT BINARY)") as copy:
            copy.set_types(["int4", "halfvec"])
            for row, vector in enumerate(chain.from_iterable(directory.with_offsets())):
                copy.write_row([row, HalfVector(vector)])
        connection.execute("SET maintenance_work_mem = '2GB'; SET max_parallel_maintenance_workers = 1")
        connection.execute("CREATE INDEX centres_vector ON centres USING hnsw (vector halfvec_ip_ops); ANALYZE centres")
        connection.execute(f"SET hnsw.ef_search = {_OVERFETCH}; SET hnsw.max_scan_tuples = {len(directory)}")
        # Else the planner, which can't know how many a filter leaves, may read every row to sort them.
        connection.execute("SET enable_seqscan = off; SET enable_sort = off")
        size = connection.execute("SELECT pg_relation_size('centres_vector')").fetchone()[0] / 2**20
        for order in ("strict_order", "relaxed_order"):

            def search(story: Vector, allowed: Mask | None, order: str = order) -> NDArray[np.int64]:
                connection.execute(f"SET hnsw.iterative_scan = {order}")
                bits = None if allowed is None else np.packbits(allowed, bitorder="little").tobytes()
                found = connection.execute(
                    f"SELECT row FROM centres {'' if bits is None else 'WHERE get_bit(%(bits)s::bytea, row) = 1'} "
                    f"ORDER BY vector <#> %(story)s LIMIT {_OVERFETCH}",
                    {"bits": bits, "story": HalfVector(_query(story)[0])},
                    binary=True,
                )
                return directory.best_of(story, np.array([row for (row,) in found], dtype=np.int64))

            yield Way(f"pgvector halfvec HNSW, {order}", search, size)


WAYS = {
    "kindred": _kindred,
    "numpy": _numpy,
    "sq8": _sq8,
    "ivf": _ivf,
    "hnsw": _hnsw,
    "usearch": _usearch,
    "hnswlib": _hnswlib,
    "pgvector": _pgvector,
}


def _whatever_it_scores(mask: Mask, _: NDArray[np.float32]) -> Mask:
    return mask


def _filters(directory: Directory) -> dict[str, Callable[[NDArray[np.float32]], Mask | None]]:
    draws = np.random.default_rng(4).random(len(directory))
    at_random = {f"{share:.1%}": draws < share for share in (0.5, 0.1, 0.01, 0.001)}
    centre = directory.rows[17].astype(np.float32) - directory.rows[:_PIECE].astype(np.float32).mean(axis=0)
    towards = directory.scores(centre)
    cluster = towards > np.quantile(towards, 0.8)
    return {
        "none": lambda _: None,
        **{name: partial(_whatever_it_scores, mask) for name, mask in at_random.items()},
        "cluster (20 %)": lambda _: cluster,
        "farthest half": lambda scores: scores < np.median(scores),
    }


def measure(directory: Directory, ways: list[str], newcomers: Matrix, hard: int) -> Iterator[str]:
    """A row of the table for each way and filter; only so many newcomers for the farthest half, which is slow."""
    truth = np.stack([directory.scores(story) for story in newcomers])
    filters = _filters(directory)
    for name in ways:
        started = time.perf_counter()
        for way in WAYS[name](directory):
            built = time.perf_counter() - started
            for kind, allow in filters.items():
                count = hard if kind == "farthest half" else len(newcomers)
                times, found = [], []
                for story, scores in zip(newcomers[:count], truth, strict=False):
                    allowed = allow(scores)
                    began = time.perf_counter()
                    chosen = way.search(story, allowed)
                    times.append((time.perf_counter() - began) * 1e3)
                    left = scores if allowed is None else np.where(allowed, scores, -np.inf)
                    best = np.argpartition(-left, K)[:K]
                    best = best[left[best] > -np.inf]
                    found.append(len(np.intersect1d(chosen, best)) / max(len(best), 1))
                least, middle, late = np.min(times), np.median(times), np.quantile(times, 0.95)
                yield (
                    f"| {way.name} | {len(directory):,} | {kind} | {middle:.2f} | {least:.2f} | {late:.2f} "
                    f"| {np.mean(found):.4f} | {way.megabytes:.0f} | {built:.0f} |"
                )


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure ways to find the nearest groups.")
    parser.add_argument("--groups", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--ways", choices=list(WAYS), nargs="+", default=["kindred", "numpy", "sq8", "ivf", "hnsw"])
    parser.add_argument("--newcomers", type=int, default=100)
    parser.add_argument("--hard", type=int, default=5, help="newcomers for the farthest half")
    chosen = parser.parse_args()
    encoder = RememberingEncoder(load_encoder(), CACHE / "vectors")
    source = Source.of(RealVectors.read(encoder, posts=True), np.random.default_rng(0))
    encoder.keep()
    print("| way | groups | filter | p50 ms | least ms | p95 ms | recall@10 | MiB | build s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for groups in chosen.groups:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "rows.npy"
            offsets = write_rows(file, groups, np.random.default_rng(1), source)
            directory = Directory(np.load(file, mmap_mode="r"), offsets, source.anchors)
            for row in measure(directory, chosen.ways, source.newcomers[: chosen.newcomers], chosen.hard):
                print(row, flush=True)


if __name__ == "__main__":
    main()
