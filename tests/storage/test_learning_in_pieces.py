"""A very large directory is learned from some of its groups and goes to the disk in pieces; it answers as any other."""

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from api.directory import LiveDirectory
from api.storage.directory_records import Changes, DirectoryVersion
from api.storage.directory_store import DirectoryStore
from api.storage.rows_files import RowsFile, map_rows, write_rows
from api.storage.snapshots import Piece, SnapshotInPieces, forget_snapshot, open_snapshot
from matcher.encoder import FakeEncoder
from matcher.facts import READS, Facts
from matcher.index import DirectoryIndex, Entry, Learned, learn
from matcher.rulebook import default_rules
from models.rules import MatchingRules
from tests.records import a_group, a_profile
from tests.situations import an_entry
from tests.storage.kept_indexes import GROUPS, answer, forbid_learning, let_thirty_be_many

RULES, ENCODER = default_rules(), FakeEncoder()
VERSION = DirectoryVersion("a-directory", 7)
PROFILES = [a_profile(f"p{n}", group_id=f"g{n:02}", experience=f"My bag leaks at {n}") for n in range(10)]
DIMENSIONS = FakeEncoder.dimensions


@pytest.fixture(autouse=True)
def _thirty_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    let_thirty_be_many(monkeypatch)
    monkeypatch.setattr("api.directory.LEARNED_FROM_MOST", 20)
    monkeypatch.setattr("api.directory._GROUPS_AT_ONCE", 7)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def entries() -> list[Entry]:
    return [an_entry(group, PROFILES, ENCODER) for group in GROUPS]


def fill(store: DirectoryStore) -> None:
    directory = LiveDirectory(store, ENCODER)
    directory.put_groups(GROUPS)
    directory.put_profiles(PROFILES)


def save_in_pieces(folder: Path) -> DirectoryIndex:
    with SnapshotInPieces(folder, entries(), DIMENSIONS, RULES) as making:
        for start in range(0, len(GROUPS), 7):
            making.add(Piece.of(entries()[start : start + 7], making.learned))
        making.finish(VERSION, ENCODER.identity)
    found = open_snapshot(folder, VERSION.directory_id, ENCODER.identity, RULES, lambda: "")
    assert found is not None
    return found[1]


def test_learned_from_the_same_groups_it_is_the_same_in_pieces(folder: Path) -> None:
    in_pieces, at_once = save_in_pieces(folder), DirectoryIndex.build(entries(), VERSION.label, DIMENSIONS, RULES)
    assert answer(in_pieces) == answer(at_once)
    assert in_pieces.ids == at_once.ids
    assert list(in_pieces.groups) == list(at_once.groups)
    assert (in_pieces.words.rows.table != at_once.words.rows.table).nnz == 0
    np.testing.assert_array_equal(in_pieces.centres.experience.take(), at_once.centres.experience.take())
    assert folder.with_name("index").exists()
    assert [left.name for left in folder.parent.iterdir()] == ["index"]


def test_a_very_large_directory_is_learned_without_being_held(
    store: DirectoryStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    learned_from: list[int] = []

    def note(some: list[Entry], dimensions: int, rules: MatchingRules) -> Learned:
        learned_from.append(len(some))
        return learn(some, dimensions, rules)

    monkeypatch.setattr("api.storage.snapshots.learn", note)
    directory = LiveDirectory(store, ENCODER, snapshots=folder)
    index = directory.current()
    assert learned_from == [15]
    assert index.ids == [group.id for group in GROUPS]
    assert index.facts.profiles.tolist() == [1] * 10 + [0] * 20
    assert isinstance(index.columns["description"].buffer.base, np.memmap)
    assert '"g' in answer(index)


def test_what_changes_while_it_is_learned_is_taken_in(
    store: DirectoryStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    elsewhere, whole, reads = LiveDirectory(store, ENCODER), store.whole, list[int]()

    def change_meanwhile(ids: Sequence[str], known: DirectoryVersion, from_primary: bool) -> Changes:
        reads.append(1)
        if len(reads) == 6:
            elsewhere.delete_group("g29")
            elsewhere.delete_profile("p0")
            elsewhere.put_group(a_group("late"))
        return whole(ids, known, from_primary)

    monkeypatch.setattr(store, "whole", change_meanwhile)
    directory = LiveDirectory(store, ENCODER, snapshots=folder)
    directory.current()
    index = directory.current()
    present = {index.ids[row]: int(index.facts.profiles[row]) for row in index.present}
    assert present == {**{group.id: int(group.id < "g10") for group in GROUPS[:29]}, "g00": 0, "late": 0}
    assert not folder.exists()


def test_a_start_leaves_alone_what_another_process_is_saving(store: DirectoryStore, folder: Path) -> None:
    fill(store)
    with SnapshotInPieces(folder, entries(), DIMENSIONS, RULES) as making:
        LiveDirectory(store, ENCODER, snapshots=folder).current()
        making.add(Piece.of(entries(), making.learned))
        making.finish(VERSION, ENCODER.identity)
    assert open_snapshot(folder, VERSION.directory_id, ENCODER.identity, RULES, lambda: "") is not None
    assert list(folder.parent.glob("index.*")) == []


def test_who_deletes_it_as_soon_as_it_is_there_costs_only_the_next_start(
    store: DirectoryStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    forbid_learning(monkeypatch)
    rename = Path.rename

    def rename_and_lose(self: Path, target: Path) -> None:
        rename(self, target)
        forget_snapshot(target)

    monkeypatch.setattr(Path, "rename", rename_and_lose)
    index = LiveDirectory(store, ENCODER, snapshots=folder).current()
    assert not folder.exists()
    assert isinstance(index.columns["description"].buffer.base, np.memmap)
    assert '"g' in answer(index)


def test_a_disk_that_does_not_take_it_costs_memory_only(
    store: DirectoryStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)

    def fail(*_: object) -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SnapshotInPieces, "add", fail)
    index = LiveDirectory(store, ENCODER, snapshots=folder).current()
    assert index.ids == [group.id for group in GROUPS]
    assert list(folder.parent.glob("index.*")) == []


def test_a_change_after_a_start_copies_nothing_that_is_mapped(folder: Path) -> None:
    index = save_in_pieces(folder)
    size = (folder / "columns" / "experience.npy").stat().st_size
    newer = index.changed([an_entry(GROUPS[3], [], ENCODER)], (), "newer")
    assert np.shares_memory(newer.centres.experience.rows, index.centres.experience.rows)
    assert (folder / "columns" / "experience.npy").stat().st_size == size
    reopened = open_snapshot(folder, VERSION.directory_id, ENCODER.identity, RULES, lambda: "")
    assert reopened is not None
    assert len(reopened[1].ids) == len(GROUPS)


def test_rows_are_read_as_they_were_written(tmp_path: Path) -> None:
    file = RowsFile(tmp_path / "rows.npy")
    for start in range(0, 100, 30):
        file.append(np.arange(start, min(start + 30, 100), dtype=np.int32).reshape(-1, 1))
    file.close()
    kept = map_rows(tmp_path / "rows.npy")
    assert kept.rows[:, 0].tolist() == list(range(100))
    assert len(kept.buffer) > kept.length
    np.testing.assert_array_equal(np.load(tmp_path / "rows.npy"), kept.rows)
    write_rows(tmp_path / "none.npy", np.zeros((0, 3), np.float16))
    assert map_rows(tmp_path / "none.npy").rows.shape == (0, 3)


def test_a_file_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.npy", np.zeros((100, 3), np.float16))
    with (tmp_path / "rows.npy").open("r+b") as opened:
        opened.truncate(300)
    with pytest.raises(ValueError, match="shorter"):
        map_rows(tmp_path / "rows.npy")


def test_facts_of_two_parts_are_those_of_the_whole() -> None:
    whole = Facts.of(GROUPS, [PROFILES[:n] for n in range(30)])
    joined = Facts.of([], [])
    for start, end in ((0, 11), (11, 30)):
        joined = joined.joined(Facts.of(GROUPS[start:end], [PROFILES[:n] for n in range(start, end)]))
    for name, column in whole.columns.items():
        if name in READS:
            values = [whole.different[name].groups[code] for code in column.rows]
            others = [joined.different[name].groups[code] for code in joined.columns[name].rows]
            assert [READS[name](one) for one in values] == [READS[name](one) for one in others]
        else:
            np.testing.assert_array_equal(column.rows, joined.columns[name].rows)
