"""Tells where the time of requests goes: looks a thousand times a second which function of ours is at work.

The time since the last look counts for the innermost function of ours, whatever library it has called; its module says
which part of the work it belongs to. Slows what it looks at by little, unlike a profiler that notes every call.
"""

import signal
from collections import defaultdict
from pathlib import Path
from time import perf_counter
from types import FrameType, TracebackType
from typing import Final

_STEP_SECONDS: Final = 0.001
_ROOT: Final = str(Path(__file__).parents[2])
_PACKAGES: Final = ("models", "matcher", "api")
ENCODING: Final = "encoding"
JSON: Final = "JSON"
# The part of the work that each module belongs to; models belong to whoever called them.
_PARTS: Final = {
    "reading": ("situation", "reading", "whose", "gazetteer", "synonyms", "distress"),
    ENCODING: ("encoder", "openvino_encoder", "text", "batches"),
    "eligibility": ("eligibility", "screening", "facts"),
    "search": ("index", "lexical", "terms", "pooling", "growing", "nearest", "phrasebook"),
    "features": ("features", "meetings"),
    "ranking": ("ranking", "balance"),
    "explaining": ("explanation", "explaining_words", "explaining_hours", "case", "asking"),
    "directory": ("service", "directory", "database", "directory_store"),
    JSON: ("presenting",),
}
_PART_OF: Final = {module: part for part, modules in _PARTS.items() for module in modules}
PARTS: Final = (*_PARTS, "the rest")

Place = tuple[str, str]
"""Module and function."""


class Sampler:
    """While it is entered, the main thread is looked at. Works in the main thread only."""

    def __init__(self) -> None:
        self.parts: defaultdict[str, float] = defaultdict(float)
        """Part of the work → seconds."""
        self.functions: defaultdict[str, float] = defaultdict(float)
        """Module and function → seconds, without the encoder."""

    def __enter__(self) -> "Sampler":
        self._last = perf_counter()
        self._before = signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, _STEP_SECONDS, _STEP_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)

    def _look(self, _number: int, frame: FrameType | None) -> None:
        places = _places(frame)
        part = part_of(places)
        # While a library computes, looks are put off until it returns: what then went by is its.
        now = perf_counter()
        passed, self._last = now - self._last, now
        self.parts[part] += passed
        if places and part != ENCODING:
            module, function = places[0]
            self.functions[f"{module}.{function}"] += passed

    def hottest(self, count: int) -> list[tuple[str, float]]:
        """The functions that took most, with their seconds."""
        return sorted(self.functions.items(), key=lambda one: (-one[1], one[0]))[:count]


def part_of(places: list[Place]) -> str:
    """The part of the work that a stack, innermost first, is at; with nothing of ours in it, the reply is written."""
    deciding = next((module for module, _ in places if not module.startswith("models.")), None)
    if deciding is None:
        return JSON
    return _PART_OF.get(deciding.rpartition(".")[2], "the rest")


def _places(frame: FrameType | None) -> list[Place]:
    places = []
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] in _PACKAGES and frame.f_code.co_filename.startswith(_ROOT):
            places.append((module, frame.f_code.co_name))
        frame = frame.f_back
    return places
