"""What the vectors and the peers' recipe find on the real newcomers: the same figures as `kindred evaluate`."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from matcher.encoder import TextEncoder
from matcher.evaluation import MEASURES, Placing, place_newcomers, summarise
from matcher.index import DirectoryIndex
from matcher.rulebook import default_rules
from matcher.text import encode_passages, passage_of_group, passage_of_profile
from scripts.bench.encoders import own_encoder, reference_encoder
from scripts.bench.figures import Quality
from scripts.bench.peers.recipe import vote_exactly
from scripts.bench.texts import REAL_VECTORS, real_cases
from scripts.cases import Cases, encode_all, make_index
from scripts.vector_cache import RememberingEncoder

NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
_SEED: Final = 0


def measure_quality(with_reference: bool, on_encoded: Callable[[int, int], None] | None = None) -> Quality:
    """On the development newcomers; vectors are remembered from run to run, the reference's apart from ours."""
    cases = real_cases()
    ours = _remember(own_encoder(), cases, REAL_VECTORS, on_encoded)
    index = make_index(cases, ours, default_rules())
    reference = _measure_reference(cases, on_encoded) if with_reference else None
    return Quality(len(cases.newcomers), _place(cases, index, ours), reference, _place_by_votes(cases, ours))


def _measure_reference(cases: Cases, on_encoded: Callable[[int, int], None] | None) -> dict[str, float]:
    # Its identity is that of our own vectors, which must not be taken for its.
    encoder = _remember(reference_encoder(), cases, REAL_VECTORS / "reference", on_encoded)
    return _place(cases, make_index(cases, encoder, default_rules()), encoder)


def _remember(
    encoder: TextEncoder, cases: Cases, folder: Path, on_encoded: Callable[[int, int], None] | None
) -> RememberingEncoder:
    remembering = RememberingEncoder(encoder, folder, on_encoded)
    encode_all(cases, remembering)
    remembering.keep()
    return remembering


def _place(cases: Cases, index: DirectoryIndex, encoder: TextEncoder) -> dict[str, float]:
    return _summarise(place_newcomers(cases.newcomers, index, encoder, default_rules(), NOW))


def _place_by_votes(cases: Cases, encoder: TextEncoder) -> dict[str, float]:
    """By the recipe that all peers follow, searching exactly."""
    ids = [group.id for group in cases.groups]
    texts = [passage_of_group(group) for group in cases.groups] + [passage_of_profile(one) for one in cases.profiles]
    rows = encode_passages(texts, encoder)
    owners = np.array([*range(len(ids)), *(ids.index(profile.group_id) for profile in cases.profiles)])
    stories = encode_passages([newcomer.intake.story or "" for newcomer in cases.newcomers], encoder)
    placings = []
    for newcomer, vector in zip(cases.newcomers, stories, strict=True):
        found = [ids[group] for group, _ in vote_exactly(vector, rows, owners, len(ids))]
        ranks = tuple(found.index(good) + 1 if good in found else None for good in newcomer.good)
        placings.append(Placing(newcomer.id, newcomer.good, ranks, False, 0, 0))
    return _summarise(placings)


def _summarise(placings: list[Placing]) -> dict[str, float]:
    figures = summarise("all", [one for one in placings if one.good], np.random.default_rng(_SEED)).figures
    return {name: round(figures[name].value, 4) for name in MEASURES}
