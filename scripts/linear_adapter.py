"""A low-rank linear map on vectors, learned so that what people write lies nearer to their own group than to others.

Decides what such a map learns from and how it is held to the identity. Whether it helps groups that it did not learn
from is judged in `scripts.adapter_trial`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy, log_softmax, normalize

from matcher.encoder import Matrix

RANK: Final = 24
STEPS: Final = 200
_RATE: Final = 3e-3
_TEMPERATURE: Final = 0.07
_LISTING_TEMPERATURE: Final = 0.05
_GROUPS_SHARE: Final = 0.8
_PROFILES_EACH: Final = 6

Map = NDArray[np.float32]  # (dimensions, dimensions), the identity plus a matrix of rank RANK


@dataclass(frozen=True)
class Lessons:
    """What some groups teach: each needs at least two profiles."""

    listings: Matrix  # (groups, dimensions)
    profiles: Matrix  # (profiles, dimensions)
    owners: NDArray[np.int64]  # (profiles,) the row of the group each belongs to


def apply_map(rows: Matrix, learned: Map) -> Matrix:
    """The rows in the new space, each as long as it was."""
    moved = rows @ learned
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    scale = np.linalg.norm(rows, axis=1, keepdims=True) / np.maximum(lengths, np.finfo(np.float32).tiny)
    return np.asarray(moved * scale, dtype=np.float32)


def learn_map(lessons: Lessons, hold: float, seed: int = 0) -> Map:
    """I + UVᵀ. `hold`, from 0, is what leaving the identity costs beside what is gained; infinite: the identity.

    In every batch, profiles of the same group attract each other and their listing, and others repel them.
    """
    if np.isinf(hold):
        return np.eye(lessons.listings.shape[1], dtype=np.float32)
    rng, chance = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    dimensions, pull = lessons.listings.shape[1], 1 / (1 + hold)
    outward = (torch.randn(dimensions, RANK, generator=chance) / dimensions**0.5).requires_grad_()
    inward = torch.zeros(dimensions, RANK, requires_grad=True)
    steps = torch.optim.Adam([outward, inward], lr=_RATE)
    slower = torch.optim.lr_scheduler.LinearLR(steps, 1.0, 0.0, STEPS)
    listings, profiles = torch.from_numpy(lessons.listings), torch.from_numpy(lessons.profiles)
    for _ in range(STEPS):
        batch = _draw(lessons.owners, rng)
        seen = profiles[batch]
        owners = torch.from_numpy(lessons.owners[batch])
        confusion = contrast(_move(seen, outward, inward), _move(listings, outward, inward), owners)
        # The squared length of UVᵀ, without making it.
        left = ((outward.T @ outward) * (inward.T @ inward)).sum()
        steps.zero_grad()
        (pull * confusion + (1 - pull) * left).backward()
        steps.step()
        slower.step()
    return np.asarray((torch.eye(dimensions) + outward @ inward.T).detach().numpy())


def contrast(profiles: torch.Tensor, listings: torch.Tensor, owners: torch.Tensor) -> torch.Tensor:
    """How easily profiles are taken for another group's, by each other and by the listings; unit rows."""
    alone = torch.eye(len(profiles))
    own = (owners[:, None] == owners[None]).float() - alone
    near = log_softmax(profiles @ profiles.T / _TEMPERATURE - 1e4 * alone, dim=1)
    among_profiles = -((near * own).sum(1) / own.sum(1)).mean()
    return among_profiles + cross_entropy(profiles @ listings.T / _LISTING_TEMPERATURE, owners)


def _move(rows: torch.Tensor, outward: torch.Tensor, inward: torch.Tensor) -> torch.Tensor:
    return normalize(rows + rows @ outward @ inward.T, dim=1)


def _draw(owners: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Profiles of most of the groups, a few of each: another mixture in every batch."""
    groups = np.unique(owners)
    chosen = rng.permutation(groups)[: max(2, round(len(groups) * _GROUPS_SHARE))]
    own = [np.flatnonzero(owners == group) for group in chosen]
    return np.concatenate([rng.choice(rows, min(_PROFILES_EACH, len(rows)), replace=False) for rows in own])
