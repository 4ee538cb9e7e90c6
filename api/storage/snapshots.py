"""The index of a large directory on disk, so that a start maps it instead of reading and learning everything again.

A snapshot holds what follows from members' words, so it is as sensitive as those: only this account may read it, and it
goes as soon as a group in it is changed or deleted (`api.directory` decides when). It is made from the database and may
be deleted at any time.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from api.storage.directory_records import DirectoryVersion
from api.storage.documents import read_document, write_document
from matcher.facts import READS, Examples, Facts
from matcher.growing import Growing
from matcher.index import DirectoryIndex, Learned, Shortcuts
from matcher.lexical import Postings, TermWeights
from matcher.nearest import NearestRows
from matcher.pooling import Geometry
from matcher.vectors import map_array
from models.group import Group
from models.rules import MatchingRules

_FORM = 2
"""Raise it when what is written below changes."""
_ABOUT = "about.json"


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
        start = self.ends[row - 1] if row else 0
        return read_document(Group, self.documents[start : self.ends[row]].tobytes().decode())

    def __add__(self, others: Sequence[Group]) -> "KeptGroups":
        return KeptGroups(self.documents, self.ends, (*self.more, *others))


def save_snapshot(folder: Path, version: DirectoryVersion, index: DirectoryIndex, encoder: str) -> None:
    """Put an index, as it was learned and not changed since, in the place of whatever is there. Raises OSError."""
    assert index.shortcuts is not None
    making = folder.with_name(f"{folder.name}.{os.getpid()}")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700, parents=True)
    _save_arrays(making / "columns", {name: column.rows for name, column in index.columns.items()})
    _save_arrays(making / "facts", {name: column.rows for name, column in index.facts.columns.items()})
    _save_arrays(making / "geometry", vars(index.learned.geometry))
    _save_arrays(making / "terms", vars(index.learned.terms))
    _save_arrays(making / "postings", vars(index.shortcuts.postings))
    _save_documents(making / "groups", list(index.groups))
    for name, examples in index.facts.different.items():
        _save_documents(making / f"examples-{name}", examples.groups)
    index.shortcuts.nearest.save(making / "nearest")
    (making / "ids.json").write_text(json.dumps(index.ids), encoding="utf-8")
    about = _about(version.directory_id, encoder, index.learned.pooling, index.learned.words)
    kept = {"about": about, "number": version.number, "bytes": _sizes(making)}
    (making / _ABOUT).write_text(json.dumps(kept), encoding="utf-8")
    forget_snapshot(folder)
    making.rename(folder)


def open_snapshot(
    folder: Path, directory_id: str, encoder: str, rules: MatchingRules
) -> tuple[DirectoryVersion, DirectoryIndex] | None:
    """What was saved there, mapped; None where there is nothing, or it was made of something else."""
    try:
        kept = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        expected = _about(directory_id, encoder, rules.pooling, rules.words)
        if kept["about"] != expected or kept["bytes"] != _sizes(folder):
            return None
        version = DirectoryVersion(directory_id, kept["number"])
        return version, _open_index(folder, version.label, rules)
    # The library behind `nearest` raises RuntimeError for a file that it can't read.
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return None


def clear_unfinished(folder: Path) -> None:
    """Delete what a process left that ended while it was saving."""
    for left in folder.parent.glob(f"{folder.name}.*"):
        shutil.rmtree(left, ignore_errors=True)


def forget_snapshot(folder: Path) -> None:
    """Delete it. A process that has it mapped keeps what it holds until it ends."""
    shutil.rmtree(folder, ignore_errors=True)


def _about(directory_id: str, encoder: str, *chosen: Any) -> dict[str, Any]:
    """What a snapshot is made of."""
    numbers = "".join(part.model_dump_json() for part in chosen)
    rules = hashlib.sha256(numbers.encode()).hexdigest()
    return {"form": _FORM, "directory": directory_id, "encoder": encoder, "rules": rules}


def _sizes(folder: Path) -> dict[str, int]:
    """How long each file is, but for the one that says so."""
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != _ABOUT)
    return {str(file.relative_to(folder)): file.stat().st_size for file in files}


def _open_index(folder: Path, label: str, rules: MatchingRules) -> DirectoryIndex:
    ids: list[str] = json.loads((folder / "ids.json").read_text(encoding="utf-8"))
    different = {name: _examples(name, _open_documents(folder / f"examples-{name}")) for name in READS}
    nearest = NearestRows.open(folder / "nearest")
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
        groups=_open_documents(folder / "groups"),
        facts=Facts(_columns(folder / "facts"), different),
        columns=_columns(folder / "columns"),
        gone=np.zeros(len(ids), dtype=bool),
        shortcuts=Shortcuts(nearest, Postings(**_open_arrays(folder / "postings")), len(ids)),
        _row_of={id_: row for row, id_ in enumerate(ids)},
    )


def _examples(name: str, groups: Sequence[Group]) -> Examples:
    found = list(groups)
    return Examples(found, {READS[name](group): code for code, group in enumerate(found)})


def _columns(folder: Path) -> dict[str, Growing]:
    return {name: Growing.of(rows) for name, rows in _open_arrays(folder).items()}


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
    stem.with_suffix(".ends").write_bytes(np.cumsum([len(one) for one in documents], dtype=np.int64).tobytes())


def _open_documents(stem: Path) -> KeptGroups:
    ends = np.fromfile(stem.with_suffix(".ends"), dtype=np.int64)
    if not len(ends):
        return KeptGroups(np.zeros(0, np.uint8), ends)
    documents = np.memmap(stem.with_suffix(".documents"), dtype=np.uint8, mode="r")
    return KeptGroups(documents.view(np.ndarray), ends)
