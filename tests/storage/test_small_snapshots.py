"""The index of a small directory on disk: kept by a start for the next one, until what it was made of changes."""

from pathlib import Path

import pytest
from sqlalchemy import update

from api.directory import LiveDirectory
from api.storage.directory_store import DirectoryStore
from api.storage.tables import groups
from matcher.encoder import FakeEncoder
from matcher.index import DirectoryIndex
from tests.records import a_group, a_profile
from tests.storage.kept_indexes import answer, forbid_learning


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def kept(store: DirectoryStore, folder: Path) -> DirectoryIndex:
    """The index that a first start learned and kept."""
    directory = start(store, folder)
    directory.put_groups([a_group(f"g{n}", description=f"For people who live with drains {n}") for n in range(5)])
    directory.put_profiles([a_profile(f"p{n}", group_id=f"g{n}") for n in range(4)])
    index = directory.current()
    directory.keep()
    return index


def start(store: DirectoryStore, folder: Path) -> LiveDirectory:
    return LiveDirectory(store, FakeEncoder(), snapshots=folder)


def test_the_next_start_learns_nothing_and_answers_alike(
    kept: DirectoryIndex, store: DirectoryStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_learning(monkeypatch)
    assert answer(start(store, folder).current()) == answer(kept)


@pytest.mark.usefixtures("kept")
def test_it_is_gone_as_soon_as_anything_changes(store: DirectoryStore, folder: Path) -> None:
    directory = start(store, folder)
    directory.current()
    directory.delete_profile("p1")
    directory.current()
    assert not folder.exists()
    directory.keep()
    assert start(store, folder).current().facts.profiles.tolist() == [1, 0, 1, 1, 0]


def test_a_document_that_was_changed_unseen_is_noticed(
    kept: DirectoryIndex, store: DirectoryStore, folder: Path
) -> None:
    with store.database.writing() as connection:
        document = kept.group(0).model_copy(update={"name": "Another"}).model_dump_json(exclude_none=True)
        connection.execute(update(groups).where(groups.c.id == "g0").values(document=document))
    assert start(store, folder).current().group(0).name == "Another"


@pytest.mark.parametrize("harm", ["groups.documents", "columns/description.npy", "terms/weights.npy"])
def test_a_single_harmed_byte_is_noticed(kept: DirectoryIndex, store: DirectoryStore, folder: Path, harm: str) -> None:
    whole = (folder / harm).read_bytes()
    (folder / harm).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert start(store, folder)._open() is None
    assert answer(start(store, folder).current()) == answer(kept)


@pytest.mark.usefixtures("kept")
def test_one_made_by_another_kindred_is_not_used(
    store: DirectoryStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert start(store, folder)._open() is not None
    monkeypatch.setattr("api.storage.snapshots._digest_of_code", lambda: "newer")
    assert start(store, folder)._open() is None


def test_what_changed_while_it_was_learned_is_not_kept_as_if_it_were_in_it(store: DirectoryStore, folder: Path) -> None:
    directory = start(store, folder)
    directory.put_group(a_group("g0"))
    directory.current()
    LiveDirectory(store, FakeEncoder()).put_group(a_group("g1"))
    directory.keep()
    assert not folder.exists()


def test_what_was_changed_and_changed_back_between_two_starts_shows_once(
    kept: DirectoryIndex, store: DirectoryStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.directory._SMALL_GROUPS", 3)
    monkeypatch.setattr("api.directory._DRIFT_SHARE", 1.0)
    elsewhere, before = LiveDirectory(store, FakeEncoder()), kept.group(0)
    elsewhere.put_group(before.model_copy(update={"name": "Another"}))
    elsewhere.put_group(before)
    directory = start(store, folder)
    directory.current()
    directory.keep()
    index = start(store, folder).current()
    assert sorted(index.ids[row] for row in index.present) == ["g0", "g1", "g2", "g3", "g4"]


@pytest.mark.usefixtures("kept")
def test_only_this_account_may_read_it(folder: Path) -> None:
    assert folder.stat().st_mode & 0o077 == 0
