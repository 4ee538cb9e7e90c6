"""Searching the index keeps its laws, whatever the directory holds."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.encoder import FakeEncoder
from matcher.features import nearness, weigh_words
from matcher.rulebook import default_rules
from matcher.text import encode_passages, split_into_windows
from tests.records import a_group, a_profile
from tests.situations import an_index

ENCODER = FakeEncoder()
RULES = default_rules()
WORDS = ("drains", "shower", "bag", "bottle", "quiet", "hospital", "Sunday", "ileostomy", "mother", "dizzy")
TEXT = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


@given(st.lists(TEXT, max_size=6), TEXT)
@settings(max_examples=40)
def test_word_features_lie_between_nothing_and_all(texts: list[str], story: str) -> None:
    groups = [a_group(), a_group(id="other", description="Something else.")]
    index = an_index(groups, [a_profile(id=str(n), experience=text) for n, text in enumerate(texts)])
    words = weigh_words(story, ENCODER.encode([story])[0], index, RULES)
    for column in (words.shared_experience, words.same_subject, words.same_words):
        assert column.shape == (2,)
        assert ((column >= 0) & (column <= 1)).all()
    assert words.shared_experience[1] == 0.5


@given(st.lists(TEXT, max_size=6), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_in_which_groups_and_profiles_are_added_does_not_matter(texts: list[str], random: Random) -> None:
    groups = [a_group(id=name, description=f"About {name}.") for name in ("drains", "bottle", "quiet")]
    profiles = [a_profile(id=str(n), group_id=groups[n % 2].id, experience=text) for n, text in enumerate(texts)]
    vector = ENCODER.encode(["drains"])[0]
    one = an_index(groups, profiles)
    other = an_index(random.sample(groups, 3), random.sample(profiles, len(profiles)))
    assert [entry.group.id for entry in other.entries] == ["bottle", "drains", "quiet"]
    for mine, theirs in zip(
        one.centres(RULES.pooling).evidence(vector), other.centres(RULES.pooling).evidence(vector), strict=True
    ):
        assert mine == pytest.approx(theirs, abs=1e-5)
    assert one.words(RULES.words).nearness("drains") == pytest.approx(other.words(RULES.words).nearness("drains"))


def test_centres_are_made_once_for_each_snapshot_and_for_each_version_of_the_rules() -> None:
    index = an_index([a_group()], [a_profile()])
    stronger = RULES.pooling.model_copy(
        update={"half_weight_profiles": RULES.pooling.half_weight_profiles.model_copy(update={"value": 1.0})}
    )
    assert index.centres(RULES.pooling) is index.centres(default_rules().pooling)
    assert index.centres(stronger).voices[0] == 0.5 > index.centres(RULES.pooling).voices[0]


def test_each_profile_counts_for_its_own_group() -> None:
    groups = [a_group(id=name) for name in "abc"]
    index = an_index(groups, [a_profile(id=str(n), group_id="b") for n in range(3)])
    assert list(index.centres(RULES.pooling).voices > 0) == [False, True, False]


def test_an_empty_directory_is_searched_without_complaint() -> None:
    index, vector = an_index([]), ENCODER.encode(["anything"])[0]
    for column in (*index.centres(RULES.pooling).evidence(vector), index.words(RULES.words).nearness("anything")):
        assert column.shape == (0,)
    assert nearness(weigh_words("anything", vector, index, RULES), RULES).shape == (0,)


@given(st.text(min_size=1).filter(str.strip), st.integers(1, 50))
def test_windows_lose_no_word_and_are_never_too_long(text: str, window_words: int) -> None:
    windows = split_into_windows(text, window_words)
    assert " ".join(windows).split() == text.split()
    assert all(len(window.split()) <= window_words for window in windows)


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=500).map(" ".join))
@settings(max_examples=20)
def test_long_passages_keep_unit_length(passage: str) -> None:
    [row] = encode_passages([passage], ENCODER)
    assert np.linalg.norm(row) == pytest.approx(1.0, abs=1e-5)
