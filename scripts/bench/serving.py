"""Measures Kindred behind HTTP: alone and in a crowd, beside what its encoder can do with the same texts."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from scripts.bench.apart import run_apart
from scripts.bench.asking import ask, ask_too_much
from scripts.bench.directories import DrawnDirectory
from scripts.bench.encoders import own_encoder
from scripts.bench.encoding import best_rate
from scripts.bench.figures import Overload, Serving, Start
from scripts.bench.servers import serve_kindred
from scripts.bench.texts import stories

CONCURRENCIES: Final = (1, 8, 64)
READY_SECONDS_MOST: Final = 900
_STORIES: Final = 256
_RATE_ROUNDS: Final = 2
_WARMING_SECONDS: Final = 2


def measure_serving(directory: DrawnDirectory, seconds_each: float) -> Serving:
    """Kindred on a drawn directory at each concurrency; the encoder's own best right before, with nothing else busy.

    Started twice, as whoever runs it does: the first time it learns, and keeps what it learned.
    """
    told = stories(_STORIES)
    with serve_kindred(directory.folder, READY_SECONDS_MOST):
        pass
    encoder_rate = run_apart(_best_rate, told)
    with serve_kindred(directory.folder, READY_SECONDS_MOST) as served:
        ask(served, told, 1, _WARMING_SECONDS)
        answers = tuple(ask(served, told, concurrency, seconds_each) for concurrency in CONCURRENCIES)
        return Serving(directory.groups, directory.profiles, encoder_rate, answers, served.memory())


def measure_overload(directory: DrawnDirectory, seconds: float) -> Overload:
    """Kindred on a drawn directory with ten times as many requests as it can answer."""
    with serve_kindred(directory.folder, READY_SECONDS_MOST) as served:
        ask(served, stories(_STORIES), 1, _WARMING_SECONDS)
        return ask_too_much(served, stories(_STORIES), seconds)


def measure_start(times: int) -> Start:
    """`kindred serve` with the demo directory: loaded once, then started again and again."""
    with TemporaryDirectory(prefix="kindred-bench-") as folder:
        data_dir = Path(folder)
        with serve_kindred(data_dir, READY_SECONDS_MOST, demo=True):
            pass
        seconds = []
        for _ in range(times):
            with serve_kindred(data_dir, READY_SECONDS_MOST, demo=True) as served:
                seconds.append(round(served.ready_seconds, 2))
                ask(served, stories(_STORIES), 4, _WARMING_SECONDS)
                memory = served.memory()
    return Start(tuple(seconds), memory)


def _best_rate(told: Sequence[str]) -> float:
    return best_rate(own_encoder(), told, _RATE_ROUNDS)
