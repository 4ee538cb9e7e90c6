"""The live directory: every process sees every change at its next request."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.engine import URL, make_url

from api.directory import LiveDirectory
from api.storage.database import Database
from api.storage.directory_store import GROUPS, DirectoryStore, Outcome
from api.storage.schema import prepare
from api.storage.tables import group_vectors, profile_vectors
from matcher.encoder import FakeEncoder, Matrix
from matcher.index import DirectoryIndex
from models.errors import NotFound, StorageUnavailable
from tests.records import a_group, a_profile
from tests.storage.test_directory_store import change_at_random

# Through the store alone, which loads faster than the matcher does.
_WRITE_ELSEWHERE = """
import sys
from sqlalchemy.engine import make_url
from api.storage.database import Database
from api.storage.directory_store import GROUPS, PROFILES, DirectoryStore
from models.group import Group
from models.profile import ExperienceProfile
store = DirectoryStore(Database(make_url(sys.argv[1])))
store.put(GROUPS, [Group(id="g2", name="Another", description="Elsewhere.")], {})
store.put(PROFILES, [ExperienceProfile(id="p1", group_id="g2", experience="Mine.")], {})
store.delete_group("g1")
"""


class CountingEncoder(FakeEncoder):
    """Remembers the texts that it was asked to encode."""

    def __init__(self, identity: str = "counting-1") -> None:
        self.identity = identity
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> Matrix:
        self.encoded += texts
        return super().encode(texts)


def shown(index: DirectoryIndex) -> dict[str, int]:
    """Group id → how many profiles it has."""
    return {index.ids[row]: int(index.facts.profiles[row]) for row in index.present}


def test_a_change_shows_at_the_next_look(directory: LiveDirectory) -> None:
    assert shown(directory.current()) == {}
    assert directory.put_group(a_group()) is Outcome.CREATED
    directory.put_profile(a_profile())
    assert shown(directory.current()) == {"g1": 1}
    directory.delete_profile("p1")
    assert shown(directory.current()) == {"g1": 0}
    directory.delete_group("g1")
    assert shown(directory.current()) == {}


def test_without_a_change_the_same_snapshot_is_searched(directory: LiveDirectory) -> None:
    directory.put_group(a_group())
    before = directory.current()
    directory.put_group(a_group())
    assert directory.current() is before


def test_a_change_by_another_process_shows_at_the_next_look(directory: LiveDirectory) -> None:
    directory.put_group(a_group())
    before = directory.current().version
    url = directory.store.database.url.render_as_string(hide_password=False)
    subprocess.run(
        [sys.executable, "-c", _WRITE_ELSEWHERE, url], check=True, env={**os.environ, "PYTHONPATH": os.getcwd()}
    )
    assert shown(directory.current()) == {"g2": 1}
    assert directory.current().version != before


def test_a_profile_that_moves_leaves_its_old_group(directory: LiveDirectory) -> None:
    directory.put_groups([a_group("g1"), a_group("g2")])
    directory.put_profile(a_profile(group_id="g1"))
    directory.current()
    assert directory.put_profile(a_profile(group_id="g2")) is Outcome.CHANGED
    assert shown(directory.current()) == {"g1": 0, "g2": 1}


def test_a_group_that_is_deleted_and_made_again_comes_without_its_old_profiles(directory: LiveDirectory) -> None:
    directory.put_group(a_group())
    directory.put_profile(a_profile())
    directory.current()
    directory.delete_group("g1")
    directory.put_group(a_group())
    assert shown(directory.current()) == {"g1": 0}


def test_a_profile_for_a_missing_group_is_not_found_and_not_encoded(store: DirectoryStore) -> None:
    encoder = CountingEncoder()
    with pytest.raises(NotFound, match="Add the group first"):
        LiveDirectory(store, encoder).put_profile(a_profile())
    assert encoder.encoded == []


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), looks=st.lists(st.integers(0, 5), max_size=5))
def test_step_by_step_it_comes_to_what_a_fresh_start_reads(
    sqlite_database: Database, seed: int, looks: list[int]
) -> None:
    store = DirectoryStore(sqlite_database)
    directory, choices = LiveDirectory(store, FakeEncoder()), random.Random(seed)
    for writes in looks:
        for _ in range(writes):
            change_at_random(store, choices)
        stepped, fresh = directory.current(), LiveDirectory(store, FakeEncoder()).current()
        assert shown(stepped) == shown(fresh)
        assert list(stepped.groups) == list(fresh.groups)
        np.testing.assert_array_equal(stepped.centres.experience.take(), fresh.centres.experience.take())
        assert stepped.version == fresh.version


def test_what_is_encoded_is_kept_and_not_encoded_again(store: DirectoryStore) -> None:
    first, second = CountingEncoder(), CountingEncoder()
    LiveDirectory(store, first).put_group(a_group())
    again = LiveDirectory(store, second)
    assert again.put_group(a_group(places=5)) is Outcome.CHANGED
    again.current()
    assert (len(first.encoded), second.encoded) == (1, [])


def test_new_words_get_a_new_vector(store: DirectoryStore) -> None:
    directory = LiveDirectory(store, FakeEncoder())
    directory.put_group(a_group())
    before = directory.current().descriptions.take()
    directory.put_group(a_group(description="For people who grieve a pet."))
    assert not np.allclose(directory.current().descriptions.take(), before)


def test_a_vector_of_older_words_is_not_used(store: DirectoryStore) -> None:
    LiveDirectory(store, FakeEncoder()).put_group(a_group())
    store.put(GROUPS, [a_group(description="For people who grieve a pet.")], {})
    encoder = CountingEncoder(FakeEncoder.identity)
    LiveDirectory(store, encoder).current()
    assert encoder.encoded == ["Tuesday circle: For people who grieve a pet."]


def test_deleted_vectors_are_made_again_and_kept(store: DirectoryStore) -> None:
    directory = LiveDirectory(store, FakeEncoder())
    directory.put_group(a_group())
    directory.put_profile(a_profile())
    before = directory.current()
    with store.database.writing() as connection:
        connection.execute(delete(group_vectors))
        connection.execute(delete(profile_vectors))
    rebuilt = LiveDirectory(store, FakeEncoder()).current()
    np.testing.assert_array_equal(rebuilt.descriptions.take(), before.descriptions.take())
    np.testing.assert_array_equal(rebuilt.centres.experience.take(), before.centres.experience.take())
    counts = store.counts(FakeEncoder.identity)
    assert (counts.encoded_groups, counts.encoded_profiles) == (1, 1)
    assert rebuilt.version == before.version


def test_another_encoder_makes_its_own_vectors_and_tells_how_far_it_is(store: DirectoryStore) -> None:
    LiveDirectory(store, CountingEncoder("old")).put_groups([a_group(f"g{number:03}") for number in range(300)])
    encoder, told = CountingEncoder("new"), []
    LiveDirectory(store, encoder, on_progress=lambda done, total: told.append((done, total))).current()
    assert len(encoder.encoded) == 300
    assert told == [(256, 300), (300, 300)]
    assert store.counts("new").encoded_groups == 300


def test_a_directory_that_can_only_be_read_is_still_searched(sqlite_database: Database) -> None:
    LiveDirectory(DirectoryStore(sqlite_database), CountingEncoder("old")).put_group(a_group())
    read_only = Database(make_url(f"sqlite:///file:{sqlite_database.url.database}?mode=ro&uri=true"))
    prepare(read_only)
    directory = LiveDirectory(DirectoryStore(read_only), CountingEncoder("new"))
    assert shown(directory.current()) == {"g1": 0}
    with pytest.raises(StorageUnavailable, match="read-only"):
        directory.put_group(a_group("g2"))


def test_a_database_file_put_in_its_place_is_read_whole(tmp_path: Path) -> None:
    databases = [Database(URL.create("sqlite", database=str(tmp_path / name))) for name in ("here", "other")]
    directories = []
    for database, group_id in zip(databases, ["g1", "g2"], strict=True):
        prepare(database)
        directories.append(LiveDirectory(DirectoryStore(database), FakeEncoder()))
        directories[-1].put_group(a_group(group_id))
    assert shown(directories[0].current()) == {"g1": 0}
    shutil.move(tmp_path / "other", tmp_path / "here")
    assert shown(directories[0].current()) == {"g2": 0}


def test_after_a_failure_nothing_is_half_known(store: DirectoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    directory, other = LiveDirectory(store, FakeEncoder()), LiveDirectory(store, FakeEncoder())
    other.put_groups([a_group("g1"), a_group("g2")])
    other.put_profile(a_profile(group_id="g1"))
    directory.current()
    other.put_profile(a_profile(group_id="g2"))
    with monkeypatch.context() as broken:
        broken.setattr("api.directory.Entry.of", _fail)
        with pytest.raises(MemoryError):
            directory.current()
    assert shown(directory.current()) == {"g1": 0, "g2": 1}


def test_whatever_keeps_it_from_learning_anew_is_logged_by_its_kind_alone(
    directory: LiveDirectory, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> NoReturn:
        raise ValueError("canaryword")

    monkeypatch.setattr(DirectoryIndex, "build", fail)
    directory._learn_beside()
    assert "could not be learned anew. ValueError." in caplog.text
    assert "canaryword" not in caplog.text


def _fail(*_: object) -> NoReturn:
    raise MemoryError
