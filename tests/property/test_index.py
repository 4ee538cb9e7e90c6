"""Searching the index keeps its laws, whatever the directory holds."""

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.encoder import FakeEncoder
from matcher.facts import Column
from matcher.features import nearness, weigh_words
from matcher.index import COMPARED_EACH_MOST, DirectoryIndex
from matcher.ranking import Candidates
from matcher.recommend import find_candidates, pose
from matcher.rulebook import default_rules
from matcher.screening import Screening
from matcher.situation import Situation
from matcher.text import encode_passages, split_into_windows
from tests.records import a_group, a_profile
from tests.situations import a_situation, an_entry, an_index

ENCODER = FakeEncoder()
RULES = default_rules()
WORDS = ("drains", "shower", "bag", "bottle", "quiet", "hospital", "Sunday", "ileostomy", "mother", "dizzy")
TEXT = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


def near(index: DirectoryIndex, text: str) -> Column:
    return index.words.nearness(index.learned.terms.weigh(text))


def found_for(situation: Situation, index: DirectoryIndex) -> Candidates:
    query = pose(situation.intake, index, ENCODER)
    return find_candidates(query, Screening.of(index.facts, situation, RULES), index)


@given(st.lists(TEXT, max_size=6), TEXT)
@settings(max_examples=40)
def test_word_features_lie_between_nothing_and_all(texts: list[str], story: str) -> None:
    groups = [a_group(), a_group(id="other", description="Something else.")]
    index = an_index(groups, [a_profile(id=str(n), experience=text) for n, text in enumerate(texts)])
    words = weigh_words(index.query(story, ENCODER.encode([story])[0]), index, RULES)
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
    assert other.ids == ["bottle", "drains", "quiet"]
    for mine, theirs in zip(one.centres.evidence(vector), other.centres.evidence(vector), strict=True):
        assert mine == pytest.approx(theirs, abs=1e-5)
    assert near(one, "drains") == pytest.approx(near(other, "drains"))


@given(st.lists(TEXT, min_size=1, max_size=8), st.data())
@settings(max_examples=30)
def test_a_change_replaces_what_it_names_and_nothing_else(texts: list[str], data: st.DataObject) -> None:
    groups = [a_group(id=f"g{n}", description=text, places_open=n) for n, text in enumerate(texts)]
    profiles = [a_profile(id=f"p{n}", group_id=f"g{n}", experience=text) for n, text in enumerate(texts)]
    index = an_index(groups, profiles)
    removed = data.draw(st.sets(st.sampled_from(index.ids)))
    again = [an_entry(group, profiles, ENCODER) for group in groups if group.id not in removed]
    extra = an_entry(a_group(id="new", description="quiet Sunday"), [], ENCODER)
    newer = index.changed([*again, extra], removed, "2")
    present = newer.present
    assert sorted(newer.ids[row] for row in present) == sorted({*index.ids, "new"} - removed)
    assert [newer.group(row).id for row in present] == [newer.ids[row] for row in present]
    # Made again of the same texts, every group stands where it stood.
    vector = ENCODER.encode(["drains and a quiet bag"])[0]
    for id_ in set(index.ids) - removed:
        before, [after] = index.ids.index(id_), [row for row in present if newer.ids[row] == id_]
        for mine, theirs in zip(index.centres.evidence(vector), newer.centres.evidence(vector), strict=True):
            assert theirs[after] == pytest.approx(mine[before], abs=1e-5)
        assert near(newer, "drains and a quiet bag")[after] == pytest.approx(
            near(index, "drains and a quiet bag")[before], abs=1e-5
        )
        assert newer.facts.listed["room"].codes[after] == index.facts.listed["room"].codes[before]
    assert index.version == "1"
    assert len(index.present) == len(texts)


@pytest.fixture(scope="module")
def large() -> DirectoryIndex:
    """So many groups that not each is compared."""
    words = [*WORDS, *(f"word{n}" for n in range(200))]
    random = Random(5)
    return an_index(
        a_group(id=f"g{n}", name=f"Group {n}", description=" ".join(random.choices(words, k=6)), places_open=n % 50)
        for n in range(COMPARED_EACH_MOST + 200)
    )


@pytest.mark.parametrize("answers", [{}, {"age": 40}, {"languages": ["cy"]}, {"place": "Leeds"}])
def test_what_is_found_without_comparing_each_is_what_comparing_each_finds(
    large: DirectoryIndex, answers: dict[str, Any]
) -> None:
    each, situation = replace(large, shortcuts=None), a_situation(story="my ileostomy and word7 word31", **answers)
    found, expected = (found_for(situation, index) for index in (large, each))
    assert len(found.rows) == len(expected.rows) == 200
    assert list(found.rows[:20]) == list(expected.rows[:20])


def test_groups_added_to_a_large_directory_are_found_and_those_removed_are_not(large: DirectoryIndex) -> None:
    situation = a_situation(story="ileostomy ileostomy xylophone")
    best = large.ids[found_for(situation, large).rows[0]]
    added = an_entry(a_group(id="new", description="xylophone ileostomy"), [], ENCODER)
    newer = large.changed([added], [best], "2")
    rows = found_for(situation, newer).rows
    assert newer.ids[rows[0]] == "new"
    assert best not in {newer.ids[row] for row in rows}
    assert newer.drift == pytest.approx(2 / len(large.ids))


def test_each_profile_counts_for_its_own_group() -> None:
    groups = [a_group(id=name) for name in "abc"]
    index = an_index(groups, [a_profile(id=str(n), group_id="b") for n in range(3)])
    assert list(index.centres.voices > 0) == [False, True, False]


def test_an_empty_directory_is_searched_without_complaint() -> None:
    index, vector = an_index([]), ENCODER.encode(["anything"])[0]
    for column in (*index.centres.evidence(vector), near(index, "anything")):
        assert column.shape == (0,)
    assert nearness(weigh_words(index.query("anything", vector), index, RULES), RULES).shape == (0,)


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
