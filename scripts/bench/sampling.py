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
# The part of the work that each module or package belongs to; models belong to whoever called them.
_PARTS: Final = {
    "reading": (
        *("matcher.situation", "matcher.reading", "matcher.whose", "matcher.gazetteer", "matcher.cues"),
        *("matcher.synonyms", "matcher.distress"),
    ),
    ENCODING: ("matcher.encoder", "matcher.openvino_encoder", "matcher.text", "api.batching"),
    "eligibility": ("matcher.eligibility", "matcher.screening", "matcher.facts"),
    "search": (
        *("matcher.index", "matcher.lexical", "matcher.terms", "matcher.pooling", "matcher.growing"),
        *("matcher.nearest", "matcher.vectors", "matcher.phrasebook"),
    ),
    "features": ("matcher.features", "matcher.meetings"),
    "ranking": ("matcher.ranking", "matcher.balance"),
    "explaining": (
        *("matcher.explanation", "matcher.explaining_words", "matcher.explaining_hours", "matcher.case"),
        "matcher.asking",
    ),
    "directory": ("api.service", "api.directory", "api.following", "api.storage"),
    JSON: ("api.presenting",),
}
_PART_OF: Final = {module: part for part, modules in _PARTS.items() for module in modules}
MODULES: Final = tuple(_PART_OF)
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
    return _PART_OF.get(deciding) or _PART_OF.get(deciding.rpartition(".")[0], "the rest")


def _places(frame: FrameType | None) -> list[Place]:
    places = []
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] in _PACKAGES and frame.f_code.co_filename.startswith(_ROOT):
            places.append((module, frame.f_code.co_name))
        frame = frame.f_back
    return places
