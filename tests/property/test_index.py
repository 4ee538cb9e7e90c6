"""Pooling and searching keep their laws, whatever the directory holds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.encoder import FakeEncoder
from matcher.features import weigh_words
from matcher.rulebook import default_rules
from matcher.text import encode_passages, split_into_windows
from tests.records import a_group, a_profile
from tests.situations import an_index

ENCODER = FakeEncoder()
WORDS = ("drains", "shower", "bag", "bottle", "quiet", "hospital", "Sunday", "ileostomy", "mother", "dizzy")
TEXT = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


@given(st.lists(TEXT, min_size=2, max_size=8))
@settings(max_examples=40)
def test_agreement_is_the_mean_cosine_of_all_pairs(texts: list[str]) -> None:
    index = an_index([a_group()], [a_profile(id=str(n), experience=text) for n, text in enumerate(texts)])
    vectors = ENCODER.encode(texts).astype(np.float64)
    pairs = [float(vectors[i] @ vectors[j]) for i in range(len(texts)) for j in range(i)]
    assert index.profile_agreement[0] == pytest.approx(np.mean(pairs), abs=1e-5)


@given(st.lists(TEXT, min_size=1, max_size=8), TEXT)
@settings(max_examples=40)
def test_similarity_to_profiles_is_the_mean_cosine(texts: list[str], story: str) -> None:
    index = an_index([a_group()], [a_profile(id=str(n), experience=text) for n, text in enumerate(texts)])
    vector = ENCODER.encode([story])[0]
    assert index.similarities(story, vector).profiles[0] == pytest.approx(
        float(np.mean(ENCODER.encode(texts) @ vector)), abs=1e-5
    )


@given(st.lists(TEXT, max_size=6), TEXT)
@settings(max_examples=40)
def test_word_features_lie_between_nothing_and_all(texts: list[str], story: str) -> None:
    groups = [a_group(), a_group(id="other", description="Something else.")]
    index = an_index(groups, [a_profile(id=str(n), experience=text) for n, text in enumerate(texts)])
    words = weigh_words(index.similarities(story, ENCODER.encode([story])[0]), index, default_rules())
    for column in (words.shared_experience, words.same_subject, words.same_words):
        assert column.shape == (2,)
        assert ((column >= 0) & (column <= 1)).all()


def test_the_order_in_which_groups_are_added_does_not_matter() -> None:
    groups = [a_group(id=name, description=f"About {name}.") for name in ("drains", "bottle", "quiet")]
    vector = ENCODER.encode(["drains"])[0]
    one, other = an_index(groups), an_index(reversed(groups))
    assert [entry.group.id for entry in one.entries] == ["bottle", "drains", "quiet"]
    assert np.array_equal(
        one.similarities("drains", vector).description, other.similarities("drains", vector).description
    )


def test_a_rare_word_finds_its_group_through_description_or_profile() -> None:
    groups = [a_group(id="a", description="We talk."), a_group(id="b", description="We talk about ileostomy.")]
    index = an_index([*groups, a_group(id="c")], [a_profile(group_id="c", experience="My ileostomy leaks.")])
    found = index.similarities("ileostomy", ENCODER.encode(["ileostomy"])[0])
    assert list(found.description_words > 0) == [False, True, False]
    assert list(found.profile_words > 0) == [False, False, True]


def test_an_empty_directory_is_searched_without_complaint() -> None:
    found = an_index([]).similarities("anything", ENCODER.encode(["anything"])[0])
    assert found.description.shape == found.profile_words.shape == (0,)


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
