"""One centre for each group, from its description and its members' profiles, whatever their number.

A group with two voices must compete fairly with one that has a hundred. Each centre is therefore an empirical-Bayes
estimate: it starts where the description says a group's stories should lie, and moves towards the mean of its members'
profiles as there are more of them. What varies within groups (how people write) counts less than what varies between
them (what they write about): the space is whitened by the covariance within groups, as in linear discriminant analysis.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.encoder import Matrix, Vector
from matcher.facts import EVERY_ROW, Column, Rows
from models.rules import Pooling

Square = NDArray[np.float64]  # (dimensions, dimensions)
Table = NDArray[np.float64]  # (groups, dimensions)


@dataclass(frozen=True)
class Centres:
    """Directions to multiply a story's vector with, and what to take off, for each group."""

    description: Matrix
    experience: Matrix
    description_offset: Column
    experience_offset: Column
    listing_offset: Column
    """What would be taken off for the description if it had to speak alone."""
    voices: Column
    """How much of each centre are its members' voices, in [0, 1)."""

    def evidence(self, vector: Vector, rows: Rows | slice = EVERY_ROW) -> tuple[Column, Column]:
        """How much a story speaks for each of these groups, by its description and by its members' experience, (rows,).

        Their sum is the log-likelihood of the story under the group, up to a constant and a factor.
        """
        return (
            self.description[rows] @ vector - self.description_offset[rows],
            self.experience[rows] @ vector - self.experience_offset[rows],
        )

    def were_they_silent(self, description: Column, rows: Rows | slice = EVERY_ROW) -> Column:
        """The evidence of each description if it had to speak alone, from what it says beside its members, (rows,)."""
        alone = (description + self.description_offset[rows]) / (1 - self.voices[rows])
        return np.asarray(alone - self.listing_offset[rows])


def fill_out(descriptions: Matrix, voices: Matrix, pooling: Pooling) -> Matrix:
    """Descriptions with what people usually write of their subjects, unit rows, (groups, dimensions).

    `voices` are mean vectors of phrases; zeros leave a description as it is.
    """
    rows = descriptions + pooling.phrases_weight.value * voices
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, np.finfo(np.float32).tiny), dtype=np.float32)


def pool(descriptions: Matrix, profiles: Matrix, owners: NDArray[np.int64], pooling: Pooling) -> Centres:
    """The centres of all groups.

    `descriptions` are (groups, dimensions), `profiles` (profiles, dimensions), both of unit rows; `owners` (profiles,)
    gives the row of the group each profile belongs to.
    """
    counts = np.bincount(owners, minlength=len(descriptions)).astype(np.float64)
    means = _means(profiles, owners, counts)
    whitening = _whitening(profiles, means, owners, pooling)
    voices = counts / (counts + pooling.half_weight_profiles.value)
    expected = _expect_from_descriptions(descriptions.astype(np.float64), means, voices, whitening, pooling)
    centres = (1 - voices)[:, None] * expected + voices[:, None] * means
    offset = pooling.offset_share.value * np.einsum("gd,gd->g", centres @ whitening, centres) / 2
    listing_offset = pooling.offset_share.value * np.einsum("gd,gd->g", expected @ whitening, expected) / 2
    return Centres(
        description=((1 - voices)[:, None] * (expected @ whitening)).astype(np.float32),
        experience=(voices[:, None] * (means @ whitening)).astype(np.float32),
        description_offset=(1 - voices) * offset,
        experience_offset=voices * offset,
        listing_offset=listing_offset,
        voices=voices,
    )


def _means(profiles: Matrix, owners: NDArray[np.int64], counts: Column) -> Table:
    """The mean of each group's profiles, (groups, dimensions); zeros where there are none."""
    sums = np.zeros((len(counts), profiles.shape[1]))
    np.add.at(sums, owners, profiles)
    return sums / np.maximum(counts, 1)[:, None]


def _whitening(profiles: Matrix, means: Table, owners: NDArray[np.int64], pooling: Pooling) -> Square:
    """The inverse of the covariance within groups, shrunk to the identity, more so while there are few profiles."""
    identity = np.eye(profiles.shape[1])
    freedom = len(owners) - len(np.unique(owners))
    if freedom < 1:
        return identity
    deviations = profiles - means[owners].astype(np.float32)
    covariance = (deviations.T @ deviations).astype(np.float64) / freedom
    spread = np.trace(covariance) / len(covariance)
    if spread <= 0:
        return identity
    share = pooling.whitening_share.value * freedom / (freedom + pooling.whitening_half_profiles.value)
    return np.asarray(np.linalg.inv(share * covariance / spread + (1 - share) * identity))


def _expect_from_descriptions(
    descriptions: Table, means: Table, voices: Column, whitening: Square, pooling: Pooling
) -> Table:
    """Where a group's stories should lie, given its description only, (groups, dimensions).

    Descriptions differ more than stories do: by how much, and where stories lie as a whole, is learned from the groups
    that have both. A few of them hardly move what is usual: their words are their own, not everyone's.
    """
    if not len(descriptions):
        return descriptions
    usual, belief = pooling.description_echo.value, pooling.echo_belief_groups.value
    everyone, heard = descriptions.mean(axis=0), voices.sum()
    middle = (voices @ descriptions + belief * everyone) / (heard + belief)
    middle_of_stories = (voices @ means + belief * usual * everyone) / (heard + belief)
    apart = (descriptions - middle) @ whitening
    size = np.einsum("gd,gd->g", apart, descriptions - middle)
    together = voices @ np.einsum("gd,gd->g", apart, means - middle_of_stories)
    typical = max(float(size.mean()), np.finfo(np.float64).tiny)
    echo = (together + belief * typical * usual) / (voices @ size + belief * typical)
    return np.asarray(middle_of_stories + echo * (descriptions - middle))
