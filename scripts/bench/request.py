"""Measures whole recommendations inside one process: from an intake to JSON, and how much of that is not encoding.

Decides what is timed. HTTP is measured in `scripts.bench.serving`.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from time import perf_counter
from typing import Final, TypeVar

from api.presenting import present_recommendations
from api.service import Service
from matcher.encoder import Matrix, TextEncoder
from matcher.text import encode_passages
from models.intake import Intake
from scripts.bench.figures import Requests, Times
from scripts.bench.sampling import PARTS, Sampler

_HOTTEST: Final = 15
_WARMING: Final = 3
_LEAST: Final = 3

T = TypeVar("T")


class TimedEncoder:
    """Stands in for the encoder it is made of, and counts the seconds that it takes."""

    def __init__(self, encoder: TextEncoder) -> None:
        self.identity = encoder.identity
        self.dimensions = encoder.dimensions
        self.window_words = encoder.window_words
        self.streams = encoder.streams
        self.seconds = 0.0
        self._encoder = encoder

    def encode(self, texts: Sequence[str]) -> Matrix:
        begun = perf_counter()
        try:
            return self._encoder.encode(texts)
        finally:
            self.seconds += perf_counter() - begun


def measure_requests(
    service: Service, encoder: TimedEncoder, stories: Sequence[str], most: int, seconds: float
) -> Requests:
    """Up to `most` requests, and no more than fit into `seconds`; as many again for where their time goes.

    `encoder` is the one that `service` was opened with.
    """
    for story in stories[:_WARMING]:
        answer(service, story)
    timed = list(_for_a_while(stories, most, seconds, lambda story: _time_one(service, encoder, story)))
    with Sampler() as sampler:
        sampled = sum(1 for _ in _for_a_while(stories, most, seconds / 2, lambda story: answer(service, story)))
    return Requests(
        whole=Times.of_seconds([whole for whole, _, _ in timed]),
        encoding=Times.of_seconds([encoding for _, encoding, _ in timed]),
        alone=Times.of_seconds([alone for _, _, alone in timed]),
        outside=Times.of_seconds([whole - encoding for whole, encoding, _ in timed]),
        parts={part: round(1000 * sampler.parts[part] / sampled, 3) for part in PARTS},
        hottest=tuple(
            (function, round(1000 * seconds_spent / sampled, 3))
            for function, seconds_spent in sampler.hottest(_HOTTEST)
        ),
    )


def answer(service: Service, story: str) -> str:
    """One recommendation as the API would send it."""
    found = service.recommend(Intake(story=story))
    return present_recommendations(found).model_dump_json()


def _time_one(service: Service, encoder: TimedEncoder, story: str) -> tuple[float, float, float]:
    """Seconds of the whole, of the encoding in it, and of encoding the story alone."""
    encoded_before, begun = encoder.seconds, perf_counter()
    answer(service, story)
    whole, encoding = perf_counter() - begun, encoder.seconds - encoded_before
    begun = perf_counter()
    encode_passages([story], encoder)
    return whole, encoding, perf_counter() - begun


def _for_a_while(stories: Sequence[str], most: int, seconds: float, work: Callable[[str], T]) -> Iterator[T]:
    ends = perf_counter() + seconds
    for number, story in enumerate(islice(cycle(stories), most)):
        if number >= _LEAST and perf_counter() > ends:
            return
        yield work(story)
