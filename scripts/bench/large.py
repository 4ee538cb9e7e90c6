"""Draws directories too large to be stored row by row, straight into the snapshot that a process maps and answers from.

Groups, members, words and vectors are drawn as in `scripts.bench.directories`, and go through the code by which a large
directory is learned. What is left out is the database: it holds the first few groups, so that one can be changed. What
the others' members told is never stored; a process that answers reads none of it.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from api.directory import LEARNED_FROM_MOST
from api.settings import read_settings
from api.storage.database import Database
from api.storage.directory_records import DirectoryVersion
from api.storage.directory_store import DirectoryStore
from api.storage.schema import prepare
from api.storage.snapshots import Piece, SnapshotInPieces
from matcher.encoder import TextEncoder
from matcher.index import Entry, Learned
from matcher.phrasebook import Phrasebook
from matcher.rulebook import default_rules
from scripts.bench.directories import DrawnDirectory, DrawnGroup, Seeds, draw_groups, store_groups

STORED: Final = 500
"""So many groups are in the database, too."""
LoadEncoder = Callable[[], TextEncoder]
_GROUPS_AT_ONCE: Final = 500
_PIECES_WAITING: Final = 8


def draw_large_directory(folder: Path, groups: int, seeds: Seeds, load_encoder: LoadEncoder) -> DrawnDirectory:
    """Draws and learns so many groups with ten profiles each, in as many processes as there are cores."""
    encoder = load_encoder()
    directory = DrawnDirectory(folder, groups)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    version = _store_first(directory, min(STORED, groups), seeds, encoder)
    phrasebook = Phrasebook(encoder, read_settings().cache_dir)
    starts = range(0, groups, _GROUPS_AT_ONCE)
    sample = [
        enter(drawn, phrasebook)
        for start in starts[: -(-LEARNED_FROM_MOST // _GROUPS_AT_ONCE)]
        for drawn in draw_groups(start, min(start + _GROUPS_AT_ONCE, groups), seeds)
    ]
    with SnapshotInPieces(folder / "index", sample, encoder.dimensions, default_rules()) as making:
        sample.clear()
        for piece in _draw_pieces(groups, seeds, making.learned, load_encoder):
            making.add(piece)
        making.finish(version, encoder.identity)
    return directory


def enter(drawn: DrawnGroup, phrasebook: Phrasebook) -> Entry:
    """A drawn group as the index takes it."""
    told = list(zip(drawn.members, drawn.vectors[1:], strict=True))
    return Entry.of(drawn.group, drawn.vectors[0], told, phrasebook.voice_of(drawn.group))


def _store_first(directory: DrawnDirectory, groups: int, seeds: Seeds, encoder: TextEncoder) -> DirectoryVersion:
    database = Database(directory.database)
    prepare(database)
    store = DirectoryStore(database)
    store_groups(store, draw_groups(0, groups, seeds), encoder.identity)
    version = store.version()
    database.close()
    return version


def _draw_pieces(groups: int, seeds: Seeds, learned: Learned, load_encoder: LoadEncoder) -> Iterator[Piece]:
    """In order. No more are drawn ahead than memory should hold."""
    # Each process has a core, and must not want the others'.
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    ends = [(start, min(start + _GROUPS_AT_ONCE, groups)) for start in range(0, groups, _GROUPS_AT_ONCE)]
    with ProcessPoolExecutor(
        len(os.sched_getaffinity(0)), get_context("spawn"), initializer=_begin, initargs=(seeds, learned, load_encoder)
    ) as pool:
        waiting: list[Future[Piece]] = []
        for start, end in ends:
            waiting.append(pool.submit(_draw_piece, start, end))
            if len(waiting) == _PIECES_WAITING:
                yield waiting.pop(0).result()
        for last in waiting:
            yield last.result()


_given: dict[str, tuple[Seeds, Learned, Phrasebook]] = {}
"""What this process draws with; only ever set in one of a pool."""


def _begin(seeds: Seeds, learned: Learned, load_encoder: LoadEncoder) -> None:
    _given["all"] = seeds, learned, Phrasebook(load_encoder(), read_settings().cache_dir)


def _draw_piece(start: int, end: int) -> Piece:
    seeds, learned, phrasebook = _given["all"]
    return Piece.of([enter(drawn, phrasebook) for drawn in draw_groups(start, end, seeds)], learned)
