"""Draws directories of any size around real texts' vectors, to measure the index on: no real one is so large.

Uniform noise flatters approximate search: in it nothing is near anything. Here each group lives around one real text,
its listing and its members spread about that as real ones do within a group, and newcomers are real texts that no group
was drawn around. Decides nothing about the matching; how centres are pooled is `matcher.pooling`'s, followed here for
groups with ten profiles each.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.encoder import Matrix, TextEncoder
from matcher.rulebook import default_rules
from matcher.text import encode_passages
from models.rules import Pooling
from scripts.fetch_mental_health_posts import CACHE, CSV_NAME, fetch_csv, read_posts, read_rows

_DEMO = Path(__file__).parents[1] / "demo_directory"
_PROFILES_EACH = 10
_PIECE_ROWS = 50_000

Offsets = NDArray[np.float32]  # (groups,)


@dataclass(frozen=True)
class RealVectors:
    """Real texts' vectors, and the community each was written in."""

    vectors: Matrix  # (texts, dimensions)
    owners: NDArray[np.int64]  # (texts,)

    @staticmethod
    def read(encoder: TextEncoder, posts: bool) -> "RealVectors":
        """Of the demo directory's profiles and, if wished and fetched, of the Reddit Mental Health Dataset's posts.

        Posts are thousands of long texts: give a `RememberingEncoder`, and keep what it learned.
        """
        texts = [(row["group_id"], row["experience"]) for row in read_rows(_DEMO / "profiles.jsonl")]
        if posts and (CACHE / CSV_NAME).exists():
            texts += [(post.community, post.text) for post in read_posts(fetch_csv())]
        owners = np.unique([community for community, _ in texts], return_inverse=True)[1]
        return RealVectors(encode_passages([text for _, text in texts], encoder), owners.astype(np.int64))


@dataclass(frozen=True)
class Source:
    """What directories and newcomers are drawn from."""

    anchors: Matrix  # (anchors, dimensions), one of which each group lives around
    newcomers: Matrix  # (newcomers, dimensions), unit rows of texts that are no anchors
    middle: NDArray[np.float32]  # (dimensions,)
    spread: NDArray[np.float32]  # (dimensions, dimensions); times a standard normal row: how texts differ in a group
    whitening: NDArray[np.float32]  # (dimensions, dimensions)
    pooling: Pooling

    @staticmethod
    def of(real: RealVectors, rng: np.random.Generator) -> "Source":
        """Half of the texts become anchors, the other half newcomers."""
        covariance = _covariance_within(real)
        pooling = default_rules().pooling
        order = rng.permutation(len(real.vectors))
        half = len(order) // 2
        return Source(
            anchors=real.vectors[order[:half]],
            newcomers=real.vectors[order[half:]],
            middle=real.vectors.mean(axis=0),
            spread=_root(covariance).astype(np.float32),
            whitening=_whitening(covariance, pooling).astype(np.float32),
            pooling=pooling,
        )


def write_rows(file: Path, count: int, rng: np.random.Generator, source: Source) -> Offsets:
    """Directions of so many groups, (count, dimensions), into a float16 `.npy` file, since they may be more than memory
    should hold; and their offsets, (count,).
    """
    rows = np.lib.format.open_memmap(file, "w+", np.float16, (count, source.anchors.shape[1]))
    offsets = np.empty(count, dtype=np.float32)
    for piece, directions, taken_off in _draw_pieces(count, rng, source):
        rows[piece], offsets[piece] = directions, taken_off
    rows.flush()
    return offsets


def _draw_pieces(count: int, rng: np.random.Generator, source: Source) -> Iterator[tuple[slice, Matrix, Offsets]]:
    for start in range(0, count, _PIECE_ROWS):
        piece = slice(start, min(start + _PIECE_ROWS, count))
        centres = _draw_centres(piece.stop - piece.start, rng, source)
        directions = centres @ source.whitening
        offsets = source.pooling.offset_share.value / 2 * np.einsum("gd,gd->g", directions, centres)
        yield piece, directions, offsets.astype(np.float32)


def _draw_centres(count: int, rng: np.random.Generator, source: Source) -> Matrix:
    """As `matcher.pooling` would find them: of a listing, echoed, and of the mean of ten members' texts."""
    voices = _PROFILES_EACH / (_PROFILES_EACH + source.pooling.half_weight_profiles.value)
    echo = source.pooling.description_echo.value
    apart = source.anchors[rng.integers(len(source.anchors), size=count)] - source.middle
    noise = np.sqrt(((1 - voices) * echo) ** 2 + voices**2 / _PROFILES_EACH)
    strays = rng.standard_normal(apart.shape, dtype=np.float32) @ source.spread
    return np.asarray(source.middle + ((1 - voices) * echo + voices) * apart + np.float32(noise) * strays)


def _covariance_within(real: RealVectors) -> NDArray[np.float64]:
    counts = np.bincount(real.owners)
    sums = np.zeros((len(counts), real.vectors.shape[1]))
    np.add.at(sums, real.owners, real.vectors)
    deviations = real.vectors - (sums / counts[:, None])[real.owners]
    return np.asarray(deviations.T @ deviations / (len(deviations) - len(counts)))


def _root(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    values, directions = np.linalg.eigh(covariance)
    return np.asarray((directions * np.sqrt(np.maximum(values, 0))) @ directions.T)


def _whitening(covariance: NDArray[np.float64], pooling: Pooling) -> NDArray[np.float64]:
    """What pooling makes of it with very many profiles."""
    share = pooling.whitening_share.value
    scale = np.trace(covariance) / len(covariance)
    return np.asarray(np.linalg.inv(share * covariance / scale + (1 - share) * np.eye(len(covariance))))
