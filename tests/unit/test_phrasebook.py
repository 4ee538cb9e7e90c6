"""The phrasebook knows subjects by their names, and its vectors are means of its phrases."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from matcher.encoder import FakeEncoder, Matrix
from matcher.phrasebook import Phrasebook, all_subjects, keep_phrasebook, subjects_of
from matcher.text import encode_passages
from tests.records import a_group


def about(**listing: str | list[str]) -> list[str]:
    plain = {"name": "Thursday circle", "description": "We meet and talk.", "topics": []}
    return [subject.id for subject in subjects_of(a_group(**{**plain, **listing}))]


def test_every_subject_has_names_two_voices_and_words() -> None:
    assert len(all_subjects()) > 300
    for subject in all_subjects().values():
        assert subject.names
        assert len(subject.voices) == 2
        assert all(25 <= len(voice.split()) <= 60 for voice in subject.voices), subject.id
        assert len(subject.words.split(",")) >= 20, subject.id


def test_every_name_begins_with_a_word_so_that_it_can_be_found() -> None:
    for subject in all_subjects().values():
        assert all(name[0].isalnum() for name in subject.names), subject.id


def test_no_voice_and_no_list_of_words_stands_twice() -> None:
    phrases = [phrase for subject in all_subjects().values() for phrase in subject.phrases]
    assert len(set(phrases)) == len(phrases)


@pytest.mark.parametrize(
    ("listing", "subjects"),
    [
        ({"name": "ADHD evenings"}, ["adhd"]),
        ({"name": "Health anxiety together"}, ["health_anxiety"]),
        ({"name": "People with adhd’s odd cousins"}, ["adhd"]),
        ({"description": "For anyone with bipolar disorder."}, ["bipolar"]),
        ({"topics": ["depression"]}, ["depression"]),
        ({"name": "Depression circle", "description": "Some of us have ADHD."}, ["depression"]),
        ({"name": "Madhdoor singers"}, []),
        ({}, []),
    ],
)
def test_a_group_is_about_what_its_name_tells_else_its_topics_else_its_description(
    listing: dict[str, str | list[str]], subjects: list[str]
) -> None:
    assert about(**listing) == subjects


def test_the_voice_of_a_group_is_the_mean_of_its_phrases() -> None:
    encoder = FakeEncoder()
    [adhd] = subjects_of(a_group(name="ADHD evenings"))
    expected = encode_passages(adhd.phrases, encoder).mean(axis=0)
    assert np.allclose(Phrasebook(encoder).voice_of(a_group(name="ADHD evenings")), expected, atol=1e-6)


def test_a_group_about_nothing_known_has_no_voice() -> None:
    group = a_group(name="Thursday circle", description="We meet and talk.", topics=[])
    assert not Phrasebook(FakeEncoder()).voice_of(group).any()


class CountingEncoder(FakeEncoder):
    """Knows how many texts it was given."""

    given = 0

    def encode(self, texts: Sequence[str]) -> Matrix:
        self.given += len(texts)
        return np.full((len(texts), self.dimensions), 1 / np.sqrt(self.dimensions), dtype=np.float32)


def test_what_was_kept_is_not_encoded_again(tmp_path: Path) -> None:
    keep_phrasebook(FakeEncoder(), tmp_path)
    encoder, group = CountingEncoder(), a_group(name="ADHD evenings")
    kept = Phrasebook(encoder, tmp_path).voice_of(group)
    keep_phrasebook(encoder, tmp_path)
    assert encoder.given == 0
    assert np.array_equal(kept, Phrasebook(FakeEncoder()).voice_of(group))


def test_what_was_kept_and_harmed_is_not_used_and_is_made_again(tmp_path: Path) -> None:
    keep_phrasebook(CountingEncoder(), tmp_path)
    file = next(tmp_path.rglob("vectors.npy"))
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    encoder = CountingEncoder()
    Phrasebook(encoder, tmp_path).voice_of(a_group(name="ADHD evenings"))
    assert encoder.given == 3
    keep_phrasebook(encoder, tmp_path)
    assert file.read_bytes() == whole


def test_another_encoder_has_a_phrasebook_of_its_own(tmp_path: Path) -> None:
    keep_phrasebook(CountingEncoder(), tmp_path)
    other = CountingEncoder()
    other.identity = "fake-2"
    Phrasebook(other, tmp_path).voice_of(a_group(name="ADHD evenings"))
    assert other.given == 3
