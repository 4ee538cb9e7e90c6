"""Measures the encoder alone: as Kindred runs it, and as sentence-transformers does in full precision, in turn.

In turn, so that a busy moment of the machine falls on both. What runs them is decided in `matcher.encoder`.
"""

from collections.abc import Sequence
from statistics import fmean, median
from time import perf_counter
from typing import Final

import numpy as np

from matcher.encoder import TextEncoder
from matcher.text import encode_passages
from scripts.bench.figures import Encoding, Times

_BATCH_TEXTS: Final = 64
_WARMING_TEXTS: Final = 16
_SINGLES: Final = 8


def compare_encoders(ours: TextEncoder, reference: TextEncoder, texts: Sequence[str], seconds: float) -> Encoding:
    """Rounds for about so many seconds, at least one; each encodes a batch, and some single texts, with both."""
    for encoder in (ours, reference):
        encoder.encode(texts[:_WARMING_TEXTS])
    rates: list[tuple[float, float]] = []
    singles: list[tuple[float, float]] = []
    ends = perf_counter() + seconds
    while not rates or perf_counter() < ends:
        batch = _batch(texts, len(rates))
        rates.append((_rate(ours, batch), _rate(reference, batch)))
        singles += [(_seconds(ours, [text]), _seconds(reference, [text])) for text in batch[:_SINGLES]]
    compared = texts[:_WARMING_TEXTS]
    cosines = np.einsum("td,td->t", ours.encode(compared), reference.encode(compared))
    return Encoding(
        texts=len(rates) * _BATCH_TEXTS,
        words=round(fmean(len(text.split()) for text in texts), 1),
        ours_per_second=median(rate for rate, _ in rates),
        reference_per_second=median(rate for _, rate in rates),
        ours=Times.of_seconds([taken for taken, _ in singles]),
        reference=Times.of_seconds([taken for _, taken in singles]),
        least_cosine=float(cosines.min()),
        runtime=getattr(ours, "runtime", ours.identity),
        reference_runtime=getattr(reference, "runtime", reference.identity),
    )


def passage_rate(encoder: TextEncoder, texts: Sequence[str]) -> float:
    """Texts a second in batches, long ones in windows as everywhere."""
    begun = perf_counter()
    encode_passages(texts, encoder)
    return len(texts) / (perf_counter() - begun)


def _batch(texts: Sequence[str], number: int) -> list[str]:
    return [texts[place % len(texts)] for place in range(number * _BATCH_TEXTS, (number + 1) * _BATCH_TEXTS)]


def _rate(encoder: TextEncoder, texts: Sequence[str]) -> float:
    return len(texts) / _seconds(encoder, texts)


def _seconds(encoder: TextEncoder, texts: Sequence[str]) -> float:
    begun = perf_counter()
    encoder.encode(texts)
    return perf_counter() - begun
