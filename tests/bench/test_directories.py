"""A drawn directory is one that Kindred takes as its own: no text of it is encoded again, and it is like real ones."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from api.directory import LiveDirectory
from api.service import open_service
from api.settings import Settings
from api.storage.database import Database
from api.storage.directory_store import DirectoryStore
from matcher.encoder import FakeEncoder, Matrix
from matcher.phrasebook import all_subjects
from models.intake import Intake
from scripts.bench.directories import DOCUMENTS_EACH, PROFILES_EACH, DrawnDirectory, Seeds, draw_directory, draw_groups
from scripts.bench.large import STORED, draw_large_directory

GROUPS = 30


class PhrasesOnly(FakeEncoder):
    """Encodes nothing but the phrasebook."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        known = {phrase for subject in all_subjects().values() for phrase in subject.phrases}
        assert set(texts) <= known, "a drawn text was encoded again"
        return super().encode(texts)


@pytest.fixture(scope="module")
def seeds() -> Seeds:
    return Seeds.of_demo(FakeEncoder())


@pytest.fixture
def drawn(tmp_path: Path, seeds: Seeds) -> DrawnDirectory:
    return draw_directory(tmp_path / "drawn", GROUPS, seeds, FakeEncoder.identity)


def test_kindred_serves_it_without_encoding_any_of_it(drawn: DrawnDirectory) -> None:
    database = Database(drawn.database)
    index = LiveDirectory(DirectoryStore(database), PhrasesOnly()).current()
    database.close()
    assert len(index.ids) == GROUPS


def test_kindred_and_its_peers_have_the_same_vectors(drawn: DrawnDirectory) -> None:
    database = Database(drawn.database)
    changes = DirectoryStore(database).changes_since(None)
    database.close()
    stored = {record.id: vector.vector for record, vector in (*changes.groups, *changes.profiles) if vector}
    listings = drawn.listings()
    for row in (0, 7, GROUPS - 1):
        group = str(listings[row]["id"])
        names = [group, *(f"{group}-p{number:02d}" for number in range(PROFILES_EACH))]
        rows = drawn.vectors[row * DOCUMENTS_EACH : (row + 1) * DOCUMENTS_EACH]
        np.testing.assert_array_equal(np.stack([stored[name] for name in names]), rows)


def test_every_group_has_ten_members(drawn: DrawnDirectory) -> None:
    assert np.bincount(drawn.owners).tolist() == [DOCUMENTS_EACH] * GROUPS
    assert drawn.profiles == GROUPS * PROFILES_EACH


def test_vectors_are_of_unit_length(drawn: DrawnDirectory) -> None:
    np.testing.assert_allclose(np.linalg.norm(drawn.vectors, axis=1), 1, rtol=1e-5)


def test_members_are_nearer_to_their_own_group_than_to_others(drawn: DrawnDirectory) -> None:
    rows = np.asarray(drawn.vectors)
    centres = rows.reshape(GROUPS, DOCUMENTS_EACH, -1).mean(axis=1)
    nearest = (rows @ centres.T).argmax(axis=1)
    assert np.mean(nearest == drawn.owners) > 0.8


def test_the_same_size_is_drawn_the_same_again(drawn: DrawnDirectory, seeds: Seeds, tmp_path: Path) -> None:
    again = draw_directory(tmp_path / "again", GROUPS, seeds, FakeEncoder.identity)
    np.testing.assert_array_equal(again.vectors, drawn.vectors)
    assert again.listings() == drawn.listings()


def test_a_large_one_is_answered_from_what_is_mapped(seeds: Seeds, tmp_path: Path) -> None:
    """Its members' rows are nowhere; only the first groups can be changed."""
    large = draw_large_directory(tmp_path, 620, seeds, FakeEncoder)
    service = open_service(Settings(data_dir=tmp_path, demo=False), FakeEncoder())
    index = service.directory.current()
    assert len(index.ids) == large.groups == 620
    assert isinstance(index.columns["description"].buffer.base, np.memmap)
    assert index.facts.profiles.tolist() == [PROFILES_EACH] * 620
    assert len(service.store.groups(limit=1000)) == STORED
    found = service.recommend(Intake(story="I can't sleep since my father died."))
    assert found.recommendations
    assert found.versions.directory == index.version
    service.close()


def test_large_and_small_ones_hold_the_same_groups(seeds: Seeds, drawn: DrawnDirectory) -> None:
    first = draw_groups(0, GROUPS, seeds)
    assert [one.group.model_dump(mode="json", exclude_none=True) for one in first] == drawn.listings()
    np.testing.assert_array_equal(np.concatenate([one.vectors for one in first]), drawn.vectors)
