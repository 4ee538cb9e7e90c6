"""The index of a directory on disk, so that a start maps it instead of reading and learning everything again.

A snapshot holds what follows from members' words, so it is as sensitive as those: only this account may read it, and it
goes as soon as a group in it is changed or deleted (`api.directory` decides when). It is made from the database and may
be deleted at any time.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, BinaryIO, overload

import numpy as np
from numpy.typing import NDArray

import matcher
import models
from api.storage.directory_records import DirectoryVersion
from api.storage.documents import read_document, write_document
from api.storage.rows_files import RowsFile, map_rows, write_rows
from matcher.facts import READS, Examples, Facts
from matcher.growing import Growing
from matcher.index import (
    DirectoryIndex,
    Entry,
    Learned,
    Shortcuts,
    centres_in,
    learn,
    place_entries,
    stories_of,
    words_in,
)
from matcher.lexical import Postings, TermWeights
from matcher.pooling import Geometry
from matcher.vectors import map_array
from matcher.weights import sha256_of
from models.group import Group
from models.rules import MatchingRules

_FORM = 5
"""Raise it when what is written below changes."""
_HASHED_BYTES_MOST = 2**24
"""Larger files, which only directories of thousands of groups have, would be read for long at each start."""
_GROUPS_READ_KEPT = 1_000
"""Groups that newcomers are answered with often are not read from their documents each time: some 7 MB."""
_ABOUT = "about.json"
_CODE = {".py", ".toml", ".txt"}


@dataclass(frozen=True)
class KeptGroups(Sequence[Group]):
    """Groups whose documents are read when they are asked for, and more that came later."""

    documents: NDArray[np.uint8]
    ends: NDArray[np.int64]  # (documents,)
    more: tuple[Group, ...] = ()

    def __len__(self) -> int:
        return len(self.ends) + len(self.more)

    @overload
    def __getitem__(self, row: int) -> Group: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[Group]: ...
    def __getitem__(self, row: int | slice) -> Group | Sequence[Group]:
        if isinstance(row, slice):
            return [self[at] for at in range(*row.indices(len(self)))]
        if row >= len(self.ends):
            return self.more[row - len(self.ends)]
        return read_again(self.document(row))

    def document(self, row: int) -> str:
        """What a kept group is read from."""
        start = self.ends[row - 1] if row else 0
        return self.documents[start : self.ends[row]].tobytes().decode()

    def __add__(self, others: Sequence[Group]) -> "KeptGroups":
        return KeptGroups(self.documents, self.ends, (*self.more, *others))


@lru_cache(maxsize=_GROUPS_READ_KEPT)
def read_again(document: str) -> Group:
    """A kept group that may have been read lately."""
    return read_document(Group, document)


def save_snapshot(
    folder: Path, version: DirectoryVersion, index: DirectoryIndex, encoder: str, documents: str | None = None
) -> None:
    """Put an index, as it was learned and not changed since, in the place of whatever is there. Raises OSError.

    `documents` is the digest of all that it was learned from; None where reading all that would take too long.
    """
    with _making(folder) as making:
        _save_columns(making / "columns", index.columns)
        _save_documents(making / "groups", list(index.groups))
        if index.shortcuts is not None:
            index.shortcuts.nearest.save(making / "nearest")
            _save_arrays(making / "postings", vars(index.shortcuts.postings))
        _save_the_rest(making, index.ids, index.facts, index.learned)
        _put_in_place(making, folder, version, index.learned, encoder, documents)


@dataclass(frozen=True)
class Piece:
    """Some groups of a large directory, placed by what was learned before; it may come from another process."""

    ids: list[str]
    documents: list[bytes]
    columns: dict[str, NDArray[Any]]
    facts: Facts

    @staticmethod
    def of(entries: Sequence[Entry], learned: Learned) -> "Piece":
        """What becomes of these groups and their members; no member's words or vector is in it."""
        groups = [entry.group for entry in entries]
        return Piece(
            ids=[group.id for group in groups],
            documents=[write_document(group).encode() for group in groups],
            columns=place_entries(entries, learned, packed=True),
            facts=Facts.of(groups, [entry.profiles for entry in entries]),
        )


class SnapshotInPieces:
    """A snapshot of a directory that is too large to be held at once: one piece after the other goes to the disk.

    Any method may raise OSError.
    """

    def __init__(self, folder: Path, sample: Sequence[Entry], dimensions: int, rules: MatchingRules) -> None:
        """What the directory teaches is learned from `sample`, groups from all over it."""
        self.learned = learn(sample, dimensions, rules)
        self._stories = stories_of(sample)
        self._folder, self._rules = folder, rules
        self._open_until_the_end = ExitStack()
        self._making = self._open_until_the_end.enter_context(_making(folder))
        (self._making / "columns").mkdir()
        self._columns: dict[str, RowsFile] = {}
        self._documents = (self._making / "groups.documents").open("wb")
        self._document_bytes: list[int] = []
        self._facts = Facts.of([], [])
        self._ids: list[str] = []
        self._terms = {"term_ends": 0, "listing_ends": 0}

    @property
    def groups(self) -> int:
        """How many it has so far."""
        return len(self._ids)

    def add(self, piece: Piece) -> None:
        """The next groups, in the order of their ids."""
        for name, rows in piece.columns.items():
            self._append(name, rows)
        self._documents.write(b"".join(piece.documents))
        self._document_bytes += map(len, piece.documents)
        self._facts = self._facts.joined(piece.facts)
        self._ids += piece.ids

    def _append(self, name: str, rows: NDArray[Any]) -> None:
        if name not in self._columns:
            self._columns[name] = RowsFile(self._making / "columns" / f"{name}.npy")
        if name in self._terms:
            ends = rows.astype(np.int64) + self._terms[name]
            rows, self._terms[name] = ends if not self._ids else ends[1:], int(ends[-1])
        self._columns[name].append(rows)

    def finish(self, version: DirectoryVersion, encoder: str) -> DirectoryIndex:
        """Make what finds the nearest, and put all in the place of whatever is there. Returns it mapped: whoever
        deletes it from then on does not take it away.
        """
        self._close()
        making = self._making
        _save_ends(making / "groups", self._document_bytes)
        columns = _columns(making / "columns")
        # Imported here, as where a directory is learned at once.
        from matcher.nearest import NearestRows

        NearestRows.build(*centres_in(columns).together, self._stories).save(making / "nearest")
        _save_arrays(making / "postings", vars(Postings.of(words_in(columns, self.learned.terms).rows.table)))
        _save_the_rest(making, self._ids, self._facts, self.learned)
        index = _open_index(making, version.label, self._rules)
        _put_in_place(making, self._folder, version, self.learned, encoder)
        return index

    def _close(self) -> None:
        files: list[RowsFile | BinaryIO] = [*self._columns.values(), self._documents]
        for file in files:
            file.close()

    def __enter__(self) -> "SnapshotInPieces":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left of one that was not finished."""
        self._close()
        self._open_until_the_end.close()


def open_snapshot(
    folder: Path, directory_id: str, encoder: str, rules: MatchingRules, digest_documents: Callable[[], str]
) -> tuple[DirectoryVersion, DirectoryIndex] | None:
    """What was saved there, mapped; None where there is nothing, or it was made of something else.

    `digest_documents` tells what the directory holds now; it is asked only where that was kept.
    """
    try:
        kept = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        expected = _about(directory_id, encoder, rules.pooling, rules.words)
        if kept["about"] != expected or kept["files"] != _marks(folder):
            return None
        if kept["made_of"] is not None and kept["made_of"] != [digest_documents(), _digest_of_code()]:
            return None
        version = DirectoryVersion(directory_id, kept["number"])
        return version, _open_index(folder, version.label, rules)
    # The library behind `nearest` raises RuntimeError for a file that it can't read.
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return None


def clear_unfinished(folder: Path) -> None:
    """Delete what processes left that ended while they were saving; while another is saving, later."""
    with suppress(OSError), _locked(folder.parent, fcntl.LOCK_EX | fcntl.LOCK_NB):
        for left in folder.parent.glob(f"{folder.name}.*"):
            shutil.rmtree(left, ignore_errors=True)


def forget_snapshot(folder: Path) -> None:
    """Delete it, and what was read of it. A process that has it mapped keeps what it holds until it ends."""
    read_again.cache_clear()
    shutil.rmtree(folder, ignore_errors=True)


def _about(directory_id: str, encoder: str, *chosen: Any) -> dict[str, Any]:
    """What a snapshot is made of."""
    numbers = "".join(part.model_dump_json() for part in chosen)
    rules = hashlib.sha256(numbers.encode()).hexdigest()
    return {"form": _FORM, "directory": directory_id, "encoder": encoder, "rules": rules}


@contextmanager
def _making(folder: Path) -> Iterator[Path]:
    """An empty folder beside it, which nobody else uses or deletes; gone at the end, unless it was put in place."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(folder.parent, fcntl.LOCK_SH):
        making = Path(mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
        try:
            yield making
        finally:
            shutil.rmtree(making, ignore_errors=True)


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    """Those who save share the folder that they save in; who clears it has it alone. Ends with the process, and tells
    nothing to other machines that share the disk. Raises OSError when others are in the way of one who doesn't wait.
    """
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, how)
        yield
    finally:
        os.close(opened)


def _save_the_rest(making: Path, ids: list[str], facts: Facts, learned: Learned) -> None:
    """All but the columns, the groups, and what finds the nearest by their vectors."""
    _save_columns(making / "facts", facts.columns)
    _save_arrays(making / "geometry", vars(learned.geometry))
    _save_arrays(making / "terms", vars(learned.terms))
    for name, examples in facts.different.items():
        _save_documents(making / f"examples-{name}", examples.groups)
    (making / "ids.json").write_text(json.dumps(ids), encoding="utf-8")


def _put_in_place(
    making: Path, folder: Path, version: DirectoryVersion, learned: Learned, encoder: str, documents: str | None = None
) -> None:
    about = _about(version.directory_id, encoder, learned.pooling, learned.words)
    made_of = None if documents is None else [documents, _digest_of_code()]
    kept = {"about": about, "number": version.number, "made_of": made_of, "files": _marks(making)}
    (making / _ABOUT).write_text(json.dumps(kept), encoding="utf-8")
    forget_snapshot(folder)
    making.rename(folder)


def _digest_of_code() -> str:
    """Of all that decides what is learned, the phrasebook and lists of words, too."""
    whole = hashlib.sha256()
    for package in (matcher, models):
        for file in sorted(Path(package.__path__[0]).rglob("*")):
            if file.suffix in _CODE:
                whole.update(sha256_of(file).encode())
    return whole.hexdigest()


def _marks(folder: Path) -> dict[str, int | str]:
    """What each file is known by again, but for the one that says so: its SHA-256, or, of a large one, its length."""
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != _ABOUT)
    return {str(file.relative_to(folder)): _mark(file) for file in files}


def _mark(file: Path) -> int | str:
    size = file.stat().st_size
    return sha256_of(file) if size <= _HASHED_BYTES_MOST else size


def _open_index(folder: Path, label: str, rules: MatchingRules) -> DirectoryIndex:
    ids: list[str] = json.loads((folder / "ids.json").read_text(encoding="utf-8"))
    # Many are the same groups: each is read once.
    read = cache(partial(read_document, Group))
    different = {name: _examples(name, _read_all(folder / f"examples-{name}", read)) for name in READS}
    columns = _columns(folder / "columns")
    shortcuts = _open_shortcuts(folder, columns, len(ids))
    return DirectoryIndex(
        version=label,
        learned=Learned(
            pooling=rules.pooling,
            words=rules.words,
            geometry=Geometry(**_open_arrays(folder / "geometry")),
            terms=TermWeights(**_open_arrays(folder / "terms")),
            groups=len(ids),
        ),
        ids=ids,
        groups=_open_documents(folder / "groups") if shortcuts else _read_all(folder / "groups", read),
        facts=Facts(_columns(folder / "facts"), different),
        columns=columns,
        gone=np.zeros(len(ids), dtype=bool),
        shortcuts=shortcuts,
        _row_of={id_: row for row, id_ in enumerate(ids)},
    )


def _open_shortcuts(folder: Path, columns: dict[str, Growing], groups: int) -> Shortcuts | None:
    if not (folder / "nearest").exists():
        return None
    from matcher.nearest import NearestRows

    postings = Postings(**_open_arrays(folder / "postings"))
    return Shortcuts(NearestRows.open(folder / "nearest", *centres_in(columns).together), postings, groups)


def _examples(name: str, groups: list[Group]) -> Examples:
    return Examples(groups, {READS[name](group): code for code, group in enumerate(groups)})


def _columns(folder: Path) -> dict[str, Growing]:
    return {file.stem: map_rows(file) for file in folder.glob("*.npy")}


def _save_columns(folder: Path, columns: Mapping[str, Growing]) -> None:
    folder.mkdir()
    for name, column in columns.items():
        write_rows(folder / f"{name}.npy", column.rows)


def _save_arrays(folder: Path, arrays: Mapping[str, Any]) -> None:
    folder.mkdir()
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)


def _open_arrays(folder: Path) -> dict[str, Any]:
    """Arrays are mapped, not read; single numbers are numbers."""
    kept = {file.stem: map_array(file) for file in folder.glob("*.npy")}
    return {name: array if array.ndim else array.item() for name, array in kept.items()}


def _save_documents(stem: Path, groups: Sequence[Group]) -> None:
    documents = [write_document(group).encode() for group in groups]
    stem.with_suffix(".documents").write_bytes(b"".join(documents))
    _save_ends(stem, [len(one) for one in documents])


def _save_ends(stem: Path, lengths: Sequence[int]) -> None:
    stem.with_suffix(".ends").write_bytes(np.cumsum(lengths, dtype=np.int64).tobytes())


def _read_all(stem: Path, read: Callable[[str], Group]) -> list[Group]:
    kept = _open_documents(stem)
    return [read(kept.document(row)) for row in range(len(kept))]


def _open_documents(stem: Path) -> KeptGroups:
    ends = np.fromfile(stem.with_suffix(".ends"), dtype=np.int64)
    if not len(ends):
        return KeptGroups(np.zeros(0, np.uint8), ends)
    documents = np.memmap(stem.with_suffix(".documents"), dtype=np.uint8, mode="r")
    return KeptGroups(documents.view(np.ndarray), ends)
