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
from matcher.vectors import Vectors, VectorSums
from models.rules import Pooling

Square = NDArray[np.float64]  # (dimensions, dimensions)
Table = NDArray[np.float64]  # (groups, dimensions)


@dataclass(frozen=True)
class Centres:
    """Directions to multiply a story's vector with, and what to take off, for each group."""

    description: Vectors
    experience: Vectors
    description_offset: Column
    experience_offset: Column
    listing_offset: Column
    """What would be taken off for the description if it had to speak alone."""
    voices: Column
    """How much of each centre are its members' voices, in [0, 1)."""

    @property
    def together(self) -> tuple[VectorSums, NDArray[np.float32]]:
        """Directions and what to take off (groups,), for the sum of both evidences."""
        offsets = self.description_offset + self.experience_offset
        return VectorSums(self.description, self.experience), offsets.astype(np.float32)

    def evidence(self, vector: Vector, rows: Rows | slice = EVERY_ROW) -> tuple[Column, Column]:
        """How much a story speaks for each of these groups, by its description and by its members' experience, (rows,).

        Their sum is the log-likelihood of the story under the group, up to a constant and a factor.
        """
        return (
            self.description.times(vector, rows) - self.description_offset[rows],
            self.experience.times(vector, rows) - self.experience_offset[rows],
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


@dataclass(frozen=True)
class Told:
    """What the vectors of groups' members come to."""

    means: Table
    """(groups, dimensions); zeros where there are none."""
    counts: Column
    """How many members of each group have told something, (groups,)."""
    apart: Matrix
    """What lies between members and the mean of their group, (profiles, dimensions)."""

    @staticmethod
    def of(profiles: Matrix, owners: NDArray[np.int64], groups: int) -> "Told":
        """`profiles` are (profiles, dimensions) of unit rows, `owners` (profiles,) the row of each one's group."""
        counts = np.bincount(owners, minlength=groups).astype(np.float64)
        means = _means(profiles, owners, counts)
        return Told(means, counts, profiles - means[owners].astype(np.float32))

    @property
    def scatter(self) -> Square:
        """The sum of the squares of what lies between members and the mean of their group."""
        return (self.apart.T @ self.apart).astype(np.float64)


@dataclass(frozen=True)
class Geometry:
    """What a directory's vectors teach: how its members' stories lie to its descriptions, and what tells them apart."""

    whitening: Square
    middle: NDArray[np.float64]  # (dimensions,), of the descriptions
    middle_of_stories: NDArray[np.float64]  # (dimensions,)
    echo: float
    """How much of what sets a description apart its members' stories have, too."""


def learn_geometry(descriptions: Matrix, told: Told, pooling: Pooling) -> Geometry:
    """What these groups teach; `descriptions` are (groups, dimensions) of unit rows.

    Descriptions differ more than stories do: by how much, and where stories lie as a whole, is learned from the groups
    that have both. A few of them hardly move what is usual: their words are their own, not everyone's.
    """
    whitening = _whitening(told, pooling)
    usual, belief = pooling.description_echo.value, pooling.echo_belief_groups.value
    rows, voices = descriptions.astype(np.float64), _voices(told.counts, pooling)
    everyone = rows.mean(axis=0) if len(rows) else np.zeros(descriptions.shape[1])
    heard = voices.sum()
    middle = (voices @ rows + belief * everyone) / (heard + belief)
    middle_of_stories = (voices @ told.means + belief * usual * everyone) / (heard + belief)
    apart = (rows - middle) @ whitening
    size = np.einsum("gd,gd->g", apart, rows - middle)
    together = voices @ np.einsum("gd,gd->g", apart, told.means - middle_of_stories)
    typical = max(float(size.mean()) if len(size) else 0.0, np.finfo(np.float64).tiny)
    echo = (together + belief * typical * usual) / (voices @ size + belief * typical)
    return Geometry(whitening, middle, middle_of_stories, float(echo))


def place_centres(descriptions: Matrix, told: Told, learned: Geometry, pooling: Pooling) -> Centres:
    """The centres of these groups, in the geometry that was learned from a whole directory."""
    voices = _voices(told.counts, pooling)
    expected = learned.middle_of_stories + learned.echo * (descriptions.astype(np.float64) - learned.middle)
    centres = (1 - voices)[:, None] * expected + voices[:, None] * told.means
    offset = _half_length(centres, learned, pooling)
    return Centres(
        description=Vectors.exactly(((1 - voices)[:, None] * (expected @ learned.whitening)).astype(np.float32)),
        experience=Vectors.exactly((voices[:, None] * (told.means @ learned.whitening)).astype(np.float32)),
        description_offset=(1 - voices) * offset,
        experience_offset=voices * offset,
        listing_offset=_half_length(expected, learned, pooling),
        voices=voices,
    )


def pool(descriptions: Matrix, profiles: Matrix, owners: NDArray[np.int64], pooling: Pooling) -> Centres:
    """The centres of all groups, in the geometry that they teach themselves. Arguments as of the functions above."""
    told = Told.of(profiles, owners, len(descriptions))
    return place_centres(descriptions, told, learn_geometry(descriptions, told, pooling), pooling)


def _half_length(centres: Table, learned: Geometry, pooling: Pooling) -> Column:
    """Half of the squared length of each, as far as the rules take it off, (groups,)."""
    return np.asarray(pooling.offset_share.value * np.einsum("gd,gd->g", centres @ learned.whitening, centres) / 2)


def _voices(counts: Column, pooling: Pooling) -> Column:
    """How much of each centre are its members' voices, (groups,)."""
    return counts / (counts + pooling.half_weight_profiles.value)


def _means(profiles: Matrix, owners: NDArray[np.int64], counts: Column) -> Table:
    """The mean of each group's profiles, (groups, dimensions); zeros where there are none."""
    sums = np.zeros((len(counts), profiles.shape[1]))
    for owner, profile in zip(owners.tolist(), profiles, strict=True):
        sums[owner] += profile
    return sums / np.maximum(counts, 1)[:, None]


def _whitening(told: Told, pooling: Pooling) -> Square:
    """The inverse of the covariance within groups, shrunk to the identity, more so while there are few profiles."""
    identity = np.eye(told.apart.shape[1])
    freedom = int(told.counts.sum()) - int(np.count_nonzero(told.counts))
    if freedom < 1:
        return identity
    covariance = told.scatter / freedom
    spread = np.trace(covariance) / len(covariance)
    if spread <= 0:
        return identity
    share = pooling.whitening_share.value * freedom / (freedom + pooling.whitening_half_profiles.value)
    return np.asarray(np.linalg.inv(share * covariance / spread + (1 - share) * identity))
