"""What the vectors and the peers' recipe find on real newcomers: the same figures as `kindred evaluate`.

The development newcomers, on whom Kindred's rules and the recipe were chosen; the final ones are for
docs/matching-report.md alone.
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from matcher.encoder import TextEncoder
from matcher.evaluation import MEASURES, Placing, place_newcomers, summarise
from matcher.rulebook import default_rules
from matcher.text import encode_passages, passage_of_group, passage_of_profile
from scripts.bench.encoders import own_encoder, reference_encoder
from scripts.bench.figures import BesideReference, Quality
from scripts.bench.peers.recipe import vote_exactly
from scripts.bench.texts import REAL_VECTORS, real_cases
from scripts.cases import Cases, encode_all, make_index
from scripts.vector_cache import OnEncoded, RememberingEncoder

NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
_SEED: Final = 0
_WORDS_SHORT: Final = 25


def measure_quality(full: bool, on_encoded: OnEncoded | None = None) -> Quality:
    """On the development newcomers; vectors are remembered from run to run, the reference's apart from ours.

    The reference is so slow that only a full run gives it everything.
    """
    cases = real_cases()
    ours = _remember(own_encoder(), cases, REAL_VECTORS, on_encoded)
    compared = compare_with_reference(cases if full else shorten(cases), full, on_encoded)
    return Quality(len(cases.newcomers), _place(cases, ours), _place_by_votes(cases, ours), compared)


def shorten(cases: Cases) -> Cases:
    """The same newcomers with the first words of their stories, and descriptions alone: less is there to go by, so that
    a difference between vectors shows most.
    """
    newcomers = [
        replace(one, intake=one.intake.model_copy(update={"story": _first_words(one.intake.story)}))
        for one in cases.newcomers
    ]
    return Cases(cases.groups, (), tuple(newcomers))


def _first_words(story: str | None) -> str | None:
    return story and " ".join(story.split()[:_WORDS_SHORT])


def compare_with_reference(cases: Cases, full: bool, on_encoded: OnEncoded | None) -> BesideReference:
    """Both encoders on the same cases."""
    what = f"{len(cases.newcomers):,} newcomers"
    if not full:
        what += f"' first {_WORDS_SHORT} words, to descriptions alone"
    ours = _remember(own_encoder(), cases, REAL_VECTORS, on_encoded)
    # Its identity is that of our own vectors, which must not be taken for its.
    reference = _remember(reference_encoder(), cases, REAL_VECTORS / "reference", on_encoded)
    return BesideReference(what, _place(cases, ours), _place(cases, reference))


def _remember(encoder: TextEncoder, cases: Cases, folder: Path, on_encoded: OnEncoded | None) -> RememberingEncoder:
    remembering = RememberingEncoder(encoder, folder, on_encoded)
    encode_all(cases, remembering)
    remembering.keep()
    return remembering


def _place(cases: Cases, encoder: TextEncoder) -> dict[str, float]:
    index = make_index(cases, encoder, default_rules())
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
