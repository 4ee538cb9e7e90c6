"""The fast pooling agrees with a plain one, and keeps its laws: more voices count more, and no order counts."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from matcher.pooling import Centres, pool
from matcher.rulebook import default_rules
from models.rules import Pooling

POOLING = default_rules().pooling
DIMENSIONS = 6
Rows = NDArray[np.float32]


@dataclass(frozen=True)
class Directory:
    """Vectors as an index would hold them, group after group."""

    descriptions: Rows
    profiles: Rows
    owners: NDArray[np.int64]

    @property
    def counts(self) -> NDArray[np.int64]:
        return np.bincount(self.owners, minlength=len(self.descriptions))

    def pooled(self, pooling: Pooling = POOLING) -> Centres:
        return pool(self.descriptions, self.profiles, self.owners, pooling)


def unit_rows(random: np.random.Generator, number: int) -> Rows:
    rows = random.standard_normal((number, DIMENSIONS)) + 0.5
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def a_directory(counts: list[int], seed: int) -> Directory:
    random = np.random.default_rng(seed)
    return Directory(
        descriptions=unit_rows(random, len(counts)),
        profiles=unit_rows(random, sum(counts)),
        owners=np.repeat(np.arange(len(counts)), counts),
    )


def a_story(seed: int) -> NDArray[np.float32]:
    return unit_rows(np.random.default_rng(seed + 1), 1)[0]


SEEDS = st.integers(0, 2**32 - 2)
COUNTS = st.lists(st.integers(0, 12), min_size=1, max_size=7)


def plain_evidence(of: Directory, story: NDArray[np.float32], pooling: Pooling) -> list[tuple[float, float]]:
    """What `matcher.pooling` must find, written as one would on paper: group by group, number by number."""
    groups, stories = range(len(of.descriptions)), of.profiles.astype(np.float64)
    own = [[stories[p] for p in range(len(stories)) if of.owners[p] == g] for g in groups]
    means = [sum(vectors) / len(vectors) if vectors else np.zeros(DIMENSIONS) for vectors in own]
    voices = [len(vectors) / (len(vectors) + pooling.half_weight_profiles.value) for vectors in own]
    whitening = plain_whitening(own, means, pooling)
    expected = plain_expectations(of.descriptions.astype(np.float64), means, voices, whitening, pooling)
    found = []
    for g in groups:
        centre = (1 - voices[g]) * expected[g] + voices[g] * means[g]
        offset = pooling.offset_share.value * float(centre @ whitening @ centre) / 2
        description = (1 - voices[g]) * (float(expected[g] @ whitening @ story) - offset)
        found.append((description, voices[g] * (float(means[g] @ whitening @ story) - offset)))
    return found


def plain_whitening(
    own: list[list[NDArray[np.float64]]], means: list[NDArray[np.float64]], pooling: Pooling
) -> NDArray[np.float64]:
    freedom = sum(len(vectors) - 1 for vectors in own if vectors)
    covariance = np.zeros((DIMENSIONS, DIMENSIONS))
    for vectors, mean in zip(own, means, strict=True):
        for vector in vectors:
            covariance += np.outer(vector - mean, vector - mean)
    if freedom < 1:
        return np.eye(DIMENSIONS)
    covariance /= freedom
    spread = sum(covariance[d, d] for d in range(DIMENSIONS)) / DIMENSIONS
    share = pooling.whitening_share.value * freedom / (freedom + pooling.whitening_half_profiles.value)
    return np.asarray(np.linalg.inv(share * covariance / spread + (1 - share) * np.eye(DIMENSIONS)))


def plain_expectations(
    descriptions: NDArray[np.float64],
    means: list[NDArray[np.float64]],
    voices: list[float],
    whitening: NDArray[np.float64],
    pooling: Pooling,
) -> list[NDArray[np.float64]]:
    usual, belief, heard = pooling.description_echo.value, pooling.echo_belief_groups.value, sum(voices)
    everyone = sum(descriptions) / len(descriptions)
    middle = (sum(w * d for w, d in zip(voices, descriptions, strict=True)) + belief * everyone) / (heard + belief)
    stories = (sum(w * m for w, m in zip(voices, means, strict=True)) + belief * usual * everyone) / (heard + belief)
    sizes = [float((description - middle) @ whitening @ (description - middle)) for description in descriptions]
    size = sum(w * one for w, one in zip(voices, sizes, strict=True))
    together = sum(
        w * float((d - middle) @ whitening @ (m - stories)) for w, d, m in zip(voices, descriptions, means, strict=True)
    )
    prior = belief * max(sum(sizes) / len(sizes), 1e-300)
    echo = (together + prior * usual) / (size + prior)
    return [stories + echo * (description - middle) for description in descriptions]


@given(COUNTS, SEEDS)
@settings(max_examples=60)
def test_pooling_agrees_with_a_plain_one(counts: list[int], seed: int) -> None:
    directory, story = a_directory(counts, seed), a_story(seed)
    description, experience = directory.pooled().evidence(story)
    plain = plain_evidence(directory, story, POOLING)
    assert description == pytest.approx([one for one, _ in plain], abs=1e-4)
    assert experience == pytest.approx([one for _, one in plain], abs=1e-4)


@given(COUNTS, SEEDS)
def test_without_profiles_there_are_no_voices_and_no_experience(counts: list[int], seed: int) -> None:
    directory = a_directory(counts, seed)
    centres = directory.pooled()
    silent = directory.counts == 0
    assert (centres.voices[silent] == 0).all()
    assert (centres.evidence(a_story(seed))[1][silent] == 0).all()


@given(COUNTS, SEEDS)
def test_the_more_profiles_the_more_voice_and_never_all(counts: list[int], seed: int) -> None:
    voices = a_directory(counts, seed).pooled().voices
    assert ((voices >= 0) & (voices < 1)).all()
    for one, count in zip(voices, counts, strict=True):
        assert all((one > other) == (count > fewer) for other, fewer in zip(voices, counts, strict=True))


def test_at_half_weight_description_and_voices_count_the_same() -> None:
    half = int(POOLING.half_weight_profiles.value)
    assert a_directory([half, 0], seed=1).pooled().voices[0] == 0.5


@given(COUNTS, SEEDS)
@settings(max_examples=60)
def test_the_order_of_groups_does_not_matter(counts: list[int], seed: int) -> None:
    directory, story = a_directory(counts, seed), a_story(seed)
    order = np.random.default_rng(seed).permutation(len(counts))
    rows = np.concatenate([np.zeros(0, np.int64), *(np.flatnonzero(directory.owners == g) for g in order)])
    shuffled = Directory(
        directory.descriptions[order],
        directory.profiles[rows],
        np.repeat(np.arange(len(order)), directory.counts[order]),
    )
    for one, other in zip(directory.pooled().evidence(story), shuffled.pooled().evidence(story), strict=True):
        assert other == pytest.approx(one[order], abs=1e-5)


@given(COUNTS, SEEDS)
@settings(max_examples=60)
def test_the_order_of_profiles_does_not_matter(counts: list[int], seed: int) -> None:
    directory, story = a_directory(counts, seed), a_story(seed)
    order = np.random.default_rng(seed).permutation(len(directory.owners))
    shuffled = Directory(directory.descriptions, directory.profiles[order], directory.owners[order])
    for one, other in zip(directory.pooled().evidence(story), shuffled.pooled().evidence(story), strict=True):
        assert other == pytest.approx(one, abs=1e-5)


@given(st.integers(20, 60), SEEDS)
@settings(max_examples=30)
def test_one_profile_hardly_moves_the_groups_it_does_not_belong_to(groups: int, seed: int) -> None:
    one, none = a_directory([1] + [0] * (groups - 1), seed), a_directory([0] * groups, seed)
    story = a_story(seed)
    before = Directory(one.descriptions, one.profiles[:0], none.owners).pooled().evidence(story)[0]
    assert one.pooled().evidence(story)[0][1:] == pytest.approx(before[1:], abs=0.05)


def test_with_very_many_profiles_the_centre_is_their_mean() -> None:
    directory = a_directory([20_000, 20_000], seed=3)
    centres = directory.pooled(without_whitening())
    means = [directory.profiles[directory.owners == group].mean(axis=0) for group in range(2)]
    assert centres.description.take() + centres.experience.take() == pytest.approx(np.array(means), abs=1e-3)


def test_the_echo_is_learned_from_groups_that_have_both() -> None:
    """Where stories differ a tenth as much as descriptions, descriptions are soon believed a tenth."""
    random = np.random.default_rng(5)
    descriptions = unit_rows(random, 200)
    profiles = np.repeat(0.1 * descriptions, 50, axis=0)
    quiet = np.concatenate([descriptions, [-descriptions[0]]])
    pooled = pool(quiet, profiles, np.repeat(np.arange(200), 50), without_whitening())
    middle = descriptions.mean(axis=0)
    # The group without voices lies where a tenth of its difference says, not the usual share of it.
    learned = pooled.description.take()[200] - 0.1 * middle
    assert np.linalg.norm(learned) / np.linalg.norm(quiet[200] - middle) == pytest.approx(0.1, abs=0.05)


def without_whitening() -> Pooling:
    none = POOLING.whitening_share.model_copy(update={"value": 0.0})
    return POOLING.model_copy(update={"whitening_share": none})


@pytest.mark.parametrize("counts", [[], [0], [1], [0, 0, 0], [1, 1]])
def test_directories_without_groups_or_hardly_a_profile_are_pooled(counts: list[int]) -> None:
    centres = a_directory(counts, seed=2).pooled()
    for column in (*centres.evidence(a_story(2)), centres.voices):
        assert column.shape == (len(counts),)
        assert np.isfinite(column).all()


def test_profiles_that_are_all_alike_are_pooled() -> None:
    row = a_story(1)
    centres = pool(np.stack([row, row]), np.stack([row] * 6), np.repeat([0, 1], 3), POOLING)
    assert np.isfinite(np.concatenate(centres.evidence(row))).all()
