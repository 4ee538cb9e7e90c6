"""A search finds what scoring every row finds, whatever the filter, and always as many as there are to find."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from matcher.nearest import NearestRows
from matcher.vectors import Vectors
from scripts.bench.synthetic import RealVectors, Source, write_rows
from tests.encoders import real_encoder

Mask = NDArray[np.bool_]
GROUPS = 15_000
NEWCOMERS = 40


@cache
def source() -> Source:
    return Source.of(RealVectors.read(real_encoder("minilm"), posts=False), np.random.default_rng(1))


@cache
def directory() -> tuple[NDArray[np.float16], NDArray[np.float32]]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "rows.npy"
        offsets = write_rows(file, GROUPS, np.random.default_rng(2), source())
        return np.load(file), offsets


@cache
def wide() -> NDArray[np.float32]:
    return directory()[0].astype(np.float32)


@cache
def built() -> NearestRows:
    return NearestRows.build(Vectors.exactly(wide()).packed(), directory()[1], source().anchors)


def evidence(story: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(wide() @ story - directory()[1])


def at_random(share: float) -> Callable[[NDArray[np.float32]], Mask]:
    return lambda scores: np.random.default_rng(3).random(len(scores)) < share


def farthest_half(scores: NDArray[np.float32]) -> Mask:
    return scores < np.median(scores)


def one_cluster(_: NDArray[np.float32]) -> Mask:
    """The fifth of all groups that lie towards one of them."""
    towards = wide() @ (wide()[17] - wide().mean(axis=0))
    return towards > np.quantile(towards, 0.8)


FILTERS = {
    "everyone": lambda scores: np.ones(len(scores), dtype=bool),
    "half": at_random(0.5),
    "a tenth": at_random(0.1),
    "a hundredth": at_random(0.01),
    "a thousandth": at_random(0.001),
    "one cluster": one_cluster,
    "the farthest half": farthest_half,
}


@pytest.mark.parametrize("name", FILTERS)
def test_the_ten_best_are_found_under_any_filter(name: str) -> None:
    found = 0
    for story in source().newcomers[:NEWCOMERS]:
        scores = evidence(story)
        allowed = FILTERS[name](scores)
        chosen = built().search(story, allowed, 10)
        assert len(chosen) == 10
        assert allowed[chosen].all()
        best = np.argsort(-np.where(allowed, scores, -np.inf))[:10]
        found += len(np.intersect1d(chosen, best))
    assert found >= 0.99 * 10 * NEWCOMERS


@given(
    seed=st.integers(0, 1000),
    groups=st.integers(0, 400),
    k=st.integers(0, 500),
    share=st.sampled_from([0.0, 0.01, 0.3, 1.0]),
    exact_most=st.sampled_from([50, 1000]),
)
@settings(max_examples=30, deadline=None)
def test_as_many_are_found_as_are_asked_for_or_allowed(
    seed: int, groups: int, k: int, share: float, exact_most: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = Vectors.exactly(rng.standard_normal((groups, 16)).astype(np.float32))
    offsets = rng.random(groups).astype(np.float32)
    allowed = rng.random(groups) < share
    built = NearestRows.build(rows, offsets, rng.standard_normal((40, 16)).astype(np.float32), exact_most)
    chosen = built.search(rng.standard_normal(16).astype(np.float32), allowed, k)
    assert len(chosen) == len(set(chosen.tolist())) == min(k, allowed.sum())
    assert allowed[chosen].all()
