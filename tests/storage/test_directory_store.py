"""Groups and profiles in the database, on SQLite and on PostgreSQL."""

import random
import sqlite3
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from api.storage.database import Database
from api.storage.directory_store import (
    GROUPS,
    PROFILES,
    Changes,
    DirectoryStore,
    DirectoryVersion,
    Outcome,
    StoredVector,
)
from api.storage.tables import groups
from models.errors import Conflict, NotFound, StorageUnavailable
from models.group import Group
from models.profile import ExperienceProfile
from tests import records
from tests.records import a_group, a_profile

_LONG_SECONDS = 20.0
# Examples share one database: each test that uses this makes its ids or its whole content its own.
shared_database = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def put_group(store: DirectoryStore, group: Group) -> Outcome:
    return store.put(GROUPS, [group], {})[0]


def put_profile(store: DirectoryStore, profile: ExperienceProfile) -> Outcome:
    return store.put(PROFILES, [profile], {})[0]


@shared_database
@given(group=records.groups)
def test_any_valid_group_comes_back_as_it_was(store: DirectoryStore, group: Group) -> None:
    put_group(store, group)
    assert store.group(group.id) == group
    assert put_group(store, group) is Outcome.UNCHANGED


@shared_database
@given(profile=records.profiles)
def test_any_valid_profile_comes_back_as_it_was(store: DirectoryStore, profile: ExperienceProfile) -> None:
    put_group(store, a_group(profile.group_id))
    put_profile(store, profile)
    assert store.profile(profile.id) == profile
    assert put_profile(store, profile) is Outcome.UNCHANGED


def test_putting_says_what_it_did_and_only_a_change_makes_a_version(store: DirectoryStore) -> None:
    numbers = [store.version().number]
    outcomes = []
    for name in ("Tuesday circle", "Tuesday circle", "Thursday circle"):
        outcomes.append(put_group(store, a_group(name=name)))
        numbers.append(store.version().number)
    assert outcomes == [Outcome.CREATED, Outcome.UNCHANGED, Outcome.CHANGED]
    assert numbers == [0, 1, 1, 2]


def test_what_is_not_known_and_what_is_known_to_be_none_stay_different(store: DirectoryStore) -> None:
    put_group(store, a_group("g1", topics=None))
    put_group(store, a_group("g2", topics=[]))
    assert (store.group("g1").topics, store.group("g2").topics) == (None, ())


def test_a_profile_needs_its_group(store: DirectoryStore) -> None:
    assert put_profile(store, a_profile()) is Outcome.GROUP_MISSING
    assert store.version().number == 0
    with pytest.raises(NotFound):
        store.profile("p1")


def test_two_records_of_one_id_are_refused_together(store: DirectoryStore) -> None:
    with pytest.raises(Conflict):
        store.put(GROUPS, [a_group("g1"), a_group("g2"), a_group("g1", name="Another")], {})
    assert store.groups() == []


def test_deleting_a_group_deletes_all_that_is_its_own(store: DirectoryStore) -> None:
    vector = StoredVector("fake", "digest", np.ones(4, dtype=np.float32))
    store.put(GROUPS, [a_group()], {"g1": vector})
    store.put(PROFILES, [a_profile()], {"p1": vector})
    store.delete_group("g1")
    counts = store.counts("fake")
    assert (counts.groups, counts.profiles, counts.encoded_groups, counts.encoded_profiles) == (0, 0, 0, 0)
    assert put_profile(store, a_profile()) is Outcome.GROUP_MISSING


@pytest.mark.parametrize("id_", ["g9", "", "\0", "\ud800", "x" * 1000])
def test_what_is_not_there_is_not_found(id_: str, store: DirectoryStore) -> None:
    for ask in (store.group, store.profile, store.delete_group, store.delete_profile):
        with pytest.raises(NotFound):
            ask(id_)
    with pytest.raises(NotFound):
        store.profiles(group_id=id_)


def test_lists_come_in_pages_in_the_order_of_ids_on_every_database(store: DirectoryStore) -> None:
    ids = ["b", "a", "B", "é", "a-1", "a 1", "10", "9"]
    store.put(GROUPS, [a_group(id_) for id_ in ids], {})
    pages, after = [], ""
    while page := store.groups(after, limit=3):
        pages += [group.id for group in page]
        after = page[-1].id
    assert pages == sorted(ids)


def test_the_profiles_of_a_group_are_listed(store: DirectoryStore) -> None:
    store.put(GROUPS, [a_group("g1"), a_group("g2")], {})
    store.put(PROFILES, [a_profile("p1", "g1"), a_profile("p2", "g2"), a_profile("p3", "g1")], {})
    assert [profile.id for profile in store.profiles(group_id="g1")] == ["p1", "p3"]
    assert [profile.id for profile in store.profiles(after="p1")] == ["p2", "p3"]


def test_vectors_come_back_as_they_were_and_only_for_what_is_there(store: DirectoryStore) -> None:
    put_group(store, a_group())
    vector = np.random.default_rng(7).standard_normal(384).astype(np.float32)
    stored = StoredVector("fake", "digest", vector)
    store.save_vectors(GROUPS, {"g1": stored, "gone": stored})
    [(_, read)] = store.changes_since(None).groups
    assert read is not None
    np.testing.assert_array_equal(read.vector, vector)
    assert store.passages_encoded(GROUPS, ["g1", "gone"], "fake") == {"g1": "digest"}
    assert store.version().number == 1


def test_a_failed_write_leaves_nothing_behind(store: DirectoryStore) -> None:
    broken = {"p2": StoredVector("x" * 10, None, np.ones(4, dtype=np.float32))}  # type: ignore[arg-type]  # what fails
    put_group(store, a_group())
    with pytest.raises(Conflict):
        store.put(PROFILES, [a_profile("p1"), a_profile("p2")], broken)
    assert store.profiles() == []
    assert store.version().number == 1


def test_another_directory_or_an_older_copy_is_read_whole(store: DirectoryStore) -> None:
    put_group(store, a_group())
    version = store.version()
    for known in (None, DirectoryVersion("other", 1), DirectoryVersion(version.directory_id, 99)):
        changes = store.changes_since(known)
        assert changes.is_everything
        assert [group.id for group, _ in changes.groups] == ["g1"]
    assert not store.changes_since(version).is_everything
    assert store.changes_since(version).groups == []


def take_in(seen: dict[tuple[str, str], Group | ExperienceProfile], changes: Changes) -> None:
    """What a reader does with changes: the plain twin of the live directory."""
    touched = {*changes.deleted_groups, *(group.id for group, _ in changes.groups)}
    for (kind, id_), record in list(seen.items()):
        if (record.group_id if isinstance(record, ExperienceProfile) else id_) in touched:
            del seen[kind, id_]
    seen.update({("group", group.id): group for group, _ in changes.groups})
    seen.update({("profile", profile.id): profile for profile, _ in changes.profiles})


def change_at_random(store: DirectoryStore, choices: random.Random) -> None:
    """One write of any kind; many ids are used again and again."""
    group_id, profile_id = choices.choice("abc"), choices.choice("pqrs")
    group, profile = a_group(group_id, places=choices.randint(1, 3)), a_profile(profile_id, group_id)
    try:
        choices.choice(
            [
                lambda: store.put(GROUPS, [group], {}),
                lambda: store.put(PROFILES, [profile], {}),
                lambda: store.delete_group(group_id),
                lambda: store.delete_profile(profile_id),
            ]
        )()
    except NotFound:
        return


def everything(store: DirectoryStore) -> dict[tuple[str, str], Group | ExperienceProfile]:
    seen: dict[tuple[str, str], Group | ExperienceProfile] = {}
    take_in(seen, store.changes_since(None))
    return seen


@shared_database
@given(seed=st.integers(0, 2**32), pauses=st.lists(st.integers(0, 6), max_size=6))
def test_a_reader_that_asks_for_changes_misses_none(store: DirectoryStore, seed: int, pauses: Iterable[int]) -> None:
    choices = random.Random(seed)
    first = store.changes_since(None)
    seen: dict[tuple[str, str], Group | ExperienceProfile] = {}
    take_in(seen, first)
    version = first.version
    for writes in pauses:
        for _ in range(writes):
            change_at_random(store, choices)
        changes = store.changes_since(version)
        take_in(seen, changes)
        version = changes.version
        assert seen == everything(store)


def test_many_writers_at_once_wait_for_each_other_and_a_reader_misses_none(store: DirectoryStore) -> None:
    seen: dict[tuple[str, str], Group | ExperienceProfile] = {}
    version = None
    with ThreadPoolExecutor(4) as writers:
        writes = [writers.submit(put_group, store, a_group(f"g{number}")) for number in range(40)]
        while not all(write.done() for write in writes):
            changes = store.changes_since(version)
            take_in(seen, changes)
            version = changes.version
    take_in(seen, store.changes_since(version))
    assert {write.result() for write in writes} == {Outcome.CREATED}
    assert len(seen) == store.version().number == 40


def test_reads_of_one_moment_do_not_see_a_write_between_them(postgresql_database: Database) -> None:
    # SQLite makes the writer wait instead, so there is no between.
    store, count = DirectoryStore(postgresql_database), select(func.count()).select_from(groups)
    with postgresql_database.reading() as connection:
        before = connection.scalar(count)
        put_group(store, a_group())
        assert connection.scalar(count) == before == 0
    assert len(store.groups()) == 1


@pytest.mark.parametrize("is_wal", [True, False])
def test_a_deleted_profile_leaves_no_word_in_the_files(
    is_wal: bool, sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.storage.database.wal_is_safe", lambda _: is_wal)
    store = DirectoryStore(sqlite_database)
    put_group(store, a_group())
    # While somebody else has the file open, its log stays too.
    somebody = sqlite3.connect(str(sqlite_database.url.database))
    somebody.execute("SELECT version FROM directory_state").fetchall()
    put_profile(store, a_profile(experience="canaryword " * 1500))
    put_profile(store, a_profile(experience="replaced"))
    put_profile(store, a_profile("p2", experience="canaryword"))
    store.delete_profile("p2")
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert any(b"Tuesday circle" in file.read_bytes() for file in files)
    assert [file.name for file in files if b"canaryword" in file.read_bytes()] == []
    somebody.close()


def test_records_that_must_be_new_never_replace_what_is_there(store: DirectoryStore) -> None:
    put_group(store, a_group("g1"))
    before = store.version()
    with pytest.raises(Conflict):
        store.put(GROUPS, [a_group("g0"), a_group("g1", name="Another")], {}, only_new=True)
    assert (store.version(), store.groups()) == (before, [a_group("g1")])


def test_asking_whether_it_can_be_written_changes_nothing(store: DirectoryStore) -> None:
    put_group(store, a_group())
    before = store.version()
    store.check_writable()
    assert store.version() == before


def test_asking_whether_it_can_be_written_leaves_no_dead_row(postgresql_database: Database) -> None:
    place = text("SELECT ctid::text, xmax::text FROM directory_state")
    with postgresql_database.reading() as connection:
        before = connection.execute(place).one()
    DirectoryStore(postgresql_database).check_writable()
    with postgresql_database.reading() as connection:
        assert connection.execute(place).one() == before


def test_asking_whether_it_can_be_written_waits_for_no_writer(store: DirectoryStore) -> None:
    with ThreadPoolExecutor(1) as beside, store._one_writer():
        beside.submit(store.check_writable).result(_LONG_SECONDS)


def test_a_stored_document_that_no_longer_fits_is_told_without_its_words(store: DirectoryStore) -> None:
    put_group(store, a_group())
    with store.database.writing() as connection:
        connection.execute(text("""UPDATE groups SET document = '{"canaryword": 1}'"""))
    with pytest.raises(StorageUnavailable) as caught:
        store.group("g1")
    assert "canaryword" not in caught.value.sentence
