"""The index of a large directory on disk: mapped at the next start, and gone as soon as it holds what was deleted."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from api.directory import LiveDirectory
from api.storage.directory_store import DirectoryStore
from api.storage.snapshots import read_again
from matcher.encoder import FakeEncoder
from matcher.index import DirectoryIndex
from matcher.rulebook import default_rules
from models.rules import MatchingRules
from tests.records import a_group, a_profile
from tests.storage.kept_indexes import GROUPS, answer, forbid_learning, let_thirty_be_many

RULES = default_rules()


@pytest.fixture(autouse=True)
def _thirty_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    let_thirty_be_many(monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def start(
    store: DirectoryStore, folder: Path, encoder: FakeEncoder | None = None, rules: MatchingRules | None = None
) -> LiveDirectory:
    return LiveDirectory(store, encoder or FakeEncoder(), rules=rules, snapshots=folder)


@pytest.fixture
def saved(store: DirectoryStore, folder: Path) -> DirectoryIndex:
    """The index that a first start learned, of a directory that it saved."""
    directory = start(store, folder)
    directory.put_groups(GROUPS)
    directory.put_profiles([a_profile(f"p{n}", group_id=f"g{n:02}") for n in range(10)])
    return directory.current()


def test_the_next_start_maps_it_and_answers_alike(
    saved: DirectoryIndex, store: DirectoryStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_learning(monkeypatch)
    again = start(store, folder).current()
    assert answer(again) == answer(saved)
    kept = again.columns["description"].buffer
    assert isinstance(kept.base, np.memmap)


@pytest.mark.usefixtures("saved")
def test_what_changed_since_is_taken_in(store: DirectoryStore, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forbid_learning(monkeypatch)
    elsewhere = LiveDirectory(store, FakeEncoder())
    elsewhere.put_group(a_group("new", description="ileostomy drains"))
    elsewhere.delete_group("g00")
    elsewhere.delete_profile("p1")
    directory = start(store, folder)
    index = directory.current()
    present = {index.ids[row]: index.facts.profiles[row] for row in index.present}
    assert present.keys() == {"new", *(group.id for group in GROUPS[1:])}
    assert (present["g01"], present["g02"]) == (0, 1)
    assert index.group(len(GROUPS)).id in {"new", "g01"}


@pytest.mark.usefixtures("saved")
def test_it_is_gone_as_soon_as_it_holds_what_was_deleted(store: DirectoryStore, folder: Path) -> None:
    directory = start(store, folder)
    directory.put_group(a_group("new"))
    directory.current()
    assert folder.exists()
    directory.current().group(0)
    assert read_again.cache_info().currsize > 0
    directory.delete_profile("p1")
    directory.current()
    assert not folder.exists()
    assert read_again.cache_info().currsize == 0
    assert answer(directory.current())


@pytest.mark.parametrize("harm", ["groups.documents", "ids.json", "about.json", "columns/description.npy"])
def test_a_harmed_one_is_made_anew(saved: DirectoryIndex, store: DirectoryStore, folder: Path, harm: str) -> None:
    (folder / harm).unlink()
    assert answer(start(store, folder).current()) == answer(saved)
    assert (folder / harm).exists()


@pytest.mark.usefixtures("saved")
def test_one_made_of_something_else_is_not_used(store: DirectoryStore, folder: Path) -> None:
    other = FakeEncoder()
    other.identity = "other-1"
    assert start(store, folder, encoder=other)._open() is None
    stronger = RULES.pooling.offset_share.model_copy(update={"value": 0.5})
    rules = RULES.model_copy(update={"pooling": RULES.pooling.model_copy(update={"offset_share": stronger})})
    assert start(store, folder, rules=rules)._open() is None
    assert start(store, folder)._open() is not None


@pytest.mark.usefixtures("saved")
def test_only_this_account_may_read_it(folder: Path) -> None:
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("saved")
def test_what_a_process_left_unfinished_goes_at_the_next_start(store: DirectoryStore, folder: Path) -> None:
    unfinished = folder.with_name(f"{folder.name}.4321")
    shutil.copytree(folder, unfinished)
    start(store, folder).current()
    assert (folder.exists(), unfinished.exists()) == (True, False)


def test_a_folder_that_cannot_be_made_costs_only_the_next_start(store: DirectoryStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    directory = start(store, tmp_path / "file" / "index")
    directory.put_groups(GROUPS)
    assert len(directory.current().present) == len(GROUPS)
