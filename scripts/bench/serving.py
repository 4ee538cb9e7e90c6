"""Measures Kindred behind HTTP: alone and in a crowd, beside what its encoder can do with the same texts."""

from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Final

from matcher.text import encode_passages
from scripts.bench.asking import CROWD, ROUNDS, ask, ask_too_much, together, warm
from scripts.bench.directories import DrawnDirectory
from scripts.bench.encoders import own_encoder
from scripts.bench.encoding import passage_rate
from scripts.bench.figures import Answers, Overload, Serving, Start
from scripts.bench.servers import serve_kindred
from scripts.bench.texts import stories

_FEWER: Final = (1, 8)
READY_SECONDS_MOST: Final = 900
_STORIES: Final = 256
_USED_SECONDS: Final = 2


def measure_serving(directory: DrawnDirectory, seconds_each: float) -> Serving:
    """Kindred on a drawn directory at each concurrency, and the encoder alone in turn with it in a crowd.

    Started twice, as whoever runs it does: the first time it learns, and keeps what it learned.
    """
    told, encoder = stories(_STORIES), own_encoder()
    encode_passages(told, encoder)
    with serve_kindred(directory.folder, READY_SECONDS_MOST):
        pass
    with serve_kindred(directory.folder, READY_SECONDS_MOST) as served:
        warm(served, told)
        answers = [ask(served, told, concurrency, seconds_each) for concurrency in _FEWER]
        rates, crowds = [passage_rate(encoder, told)], list[Answers]()
        for _ in range(ROUNDS):
            crowds.append(ask(served, told, CROWD, seconds_each))
            rates.append(passage_rate(encoder, told))
        answers.append(together(crowds))
        return Serving(directory.groups, directory.profiles, fmean(rates), tuple(answers), served.memory())


def measure_overload(directory: DrawnDirectory, seconds: float) -> Overload:
    """Kindred on a drawn directory with ten times as many requests as it can answer."""
    with serve_kindred(directory.folder, READY_SECONDS_MOST) as served:
        warm(served, stories(_STORIES))
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
                ask(served, stories(_STORIES), 4, _USED_SECONDS)
                memory = served.memory()
    return Start(tuple(seconds), memory)
