"""How every peer turns the nearest texts into groups: the texts vote, each with its cosine.

The same for all, so that they differ only in how they search; chosen because it finds the most on real newcomers
(docs/decisions/0022). Groups' listings and members' profiles are searched alike.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matcher.encoder import Matrix, Vector

NEAREST: Final = 100

Votes = list[tuple[int, float]]
"""Groups' rows with their sums, the best first."""


def vote(nearest: Iterable[tuple[int, float]], limit: int) -> Votes:
    """Up to `limit` groups from (group, cosine) of the nearest texts."""
    sums: dict[int, float] = {}
    for group, cosine in nearest:
        sums[group] = sums.get(group, 0.0) + cosine
    return sorted(sums.items(), key=lambda one: (-one[1], one[0]))[:limit]


def vote_exactly(vector: Vector, rows: Matrix, owners: NDArray[np.int64], limit: int) -> Votes:
    """The same by comparing with every text: what approximate search is held against."""
    cosines = rows @ vector
    places = np.argpartition(-cosines, min(NEAREST, len(cosines)) - 1)[:NEAREST]
    return vote(zip(owners[places].tolist(), cosines[places].tolist(), strict=True), limit)
