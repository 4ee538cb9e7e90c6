"""Measures how a request, the memory and the start grow with the directory, and reads larger ones off the curve.

Each size is drawn, opened and measured in a process of its own. Decides which sizes fit into a run: one that would take
too long or too much memory, as the ones before it tell, is not measured but read off, and is called a guess.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from math import exp, log
from pathlib import Path
from time import perf_counter
from typing import Final

from api.service import Service, open_service
from api.settings import Settings
from models.errors import InvalidInput
from models.profile import ExperienceProfile
from scripts.bench.apart import run_apart, tell_failure
from scripts.bench.directories import PROFILES_EACH, DrawnDirectory, Seeds, draw_directory
from scripts.bench.encoders import own_encoder
from scripts.bench.figures import Growth, Guess, Size
from scripts.bench.large import draw_large_directory
from scripts.bench.machine import memory_of
from scripts.bench.request import TimedEncoder, measure_requests
from scripts.bench.targets import GROUPS, GROUPS_MOST
from scripts.bench.texts import INVENTED_VECTORS, stories
from scripts.vector_cache import RememberingEncoder

SIZES_QUICK: Final = (1_000, 3_000, 10_000)
SIZES_FULL: Final = (1_000, 10_000, 100_000, 1_000_000)
STORED_MOST: Final = 20_000
"""Larger ones are drawn without their members' rows (`scripts.bench.large`)."""
_REQUESTS: Final = 100
_SHARE_MOST: Final = 0.7
_ALWAYS_TRIED: Final = 2
_MIB: Final = 2**20
_BLOCK_BYTES: Final = 512

OnSize = Callable[[str], None]
"""Called with what is being done."""


@dataclass(frozen=True)
class Cost:
    """What it took to measure so many groups, or may take at most."""

    groups: int
    seconds: float
    memory_mib: float
    stored_mib: float


def measure_growth(
    work: Path, sizes: Sequence[int], seconds_a_size: float, keep: Sequence[int] = (), on_size: OnSize = print
) -> Growth:
    """All `sizes`, ascending, that are likely to fit; directories are thrown away but those of `keep`.

    The first that fails is the last, and what was measured before it is kept. Raises InvalidInput when that is nothing.
    """
    measured: list[Size] = []
    costs: list[Cost] = []
    stopped = ""
    for groups in sizes:
        if not is_likely_to_fit(groups, costs, _room(work, seconds_a_size)):
            stopped = f"{groups:,} groups are more than this run has time or room for."
            break
        folder = work / f"{groups}-groups"
        begun = perf_counter()
        found = _try_size(folder, groups, on_size)
        if isinstance(found, str):
            stopped = f"{groups:,} groups could not be measured. {found}"
            shutil.rmtree(folder, ignore_errors=True)
            break
        measured.append(found)
        stored = sum(file.stat().st_blocks * _BLOCK_BYTES for file in folder.rglob("*")) / _MIB
        costs.append(Cost(groups, perf_counter() - begun, found.memory.resident, stored))
        if groups not in keep:
            shutil.rmtree(folder)
    if not measured:
        raise InvalidInput(stopped)
    if stopped:
        on_size(f"{stopped} They are read off the curve.")
    again = _measure_again(work / f"{GROUPS}-groups", on_size) if measured[-1].groups > GROUPS else None
    return Growth(tuple(measured), tuple(guess_beyond(measured, (*sizes, GROUPS_MOST))), again, stopped)


def _try_size(folder: Path, groups: int, on_size: OnSize) -> Size | str:
    """Its figures, or why there are none."""
    try:
        on_size(f"{groups:,} groups: drawing")
        prepare_directory(folder, groups)
        learning_seconds = None
        if groups <= STORED_MOST:
            on_size(f"{groups:,} groups: learning")
            learning_seconds = run_apart(_time_learning, folder)
        on_size(f"{groups:,} groups: asking")
        return run_apart(measure_size, folder, groups, learning_seconds)
    except BrokenProcessPool:
        # The system ends a process that takes all memory, or that writes to a mapped file when the disk is full.
        return "The process was ended, most likely for its memory or for a full disk."
    # Whatever it was, the sizes before it were measured.
    except Exception as error:
        return tell_failure(error)


def _measure_again(folder: Path, on_size: OnSize) -> Size | None:
    """The size that the largest is compared with, right after that: the machine is now quick and now slow."""
    found = _try_size(folder, GROUPS, on_size)
    if isinstance(found, str):
        on_size(f"{GROUPS:,} groups could not be measured again. {found}")
        return None
    return found


def prepare_directory(folder: Path, groups: int) -> DrawnDirectory:
    """Such a directory in the folder, drawn unless it is there from earlier in this run."""
    if not (folder / "drawn").exists():
        run_apart(_draw, folder, groups)
    return DrawnDirectory(folder, groups)


def measure_size(folder: Path, groups: int, learning_seconds: float | None) -> Size:
    """The figures of one drawn directory, in this process, which has not learned it if its index can be kept."""
    encoder = TimedEncoder(own_encoder())
    service = open_service(Settings(data_dir=folder, demo=False), encoder)
    index_seconds = _time_index(service)
    requests = measure_requests(service, encoder, stories(_REQUESTS), _REQUESTS, seconds=20)
    size = Size(
        groups=groups,
        profiles=groups * PROFILES_EACH,
        requests=requests,
        learning_seconds=learning_seconds,
        index_seconds=index_seconds,
        memory=memory_of(os.getpid()),
        change_seconds=round(_time_change(service), 4),
    )
    service.close()
    return size


def _draw(folder: Path, groups: int) -> None:
    encoder = RememberingEncoder(own_encoder(), INVENTED_VECTORS)
    seeds = Seeds.of_demo(encoder)
    encoder.keep()
    if groups > STORED_MOST:
        draw_large_directory(folder, groups, seeds, own_encoder)
    else:
        draw_directory(folder, groups, seeds, encoder.identity)
    (folder / "drawn").touch()


def _time_learning(folder: Path) -> float:
    service = open_service(Settings(data_dir=folder, demo=False), own_encoder())
    seconds = _time_index(service)
    service.close()
    return seconds


def _time_index(service: Service) -> float:
    begun = perf_counter()
    service.directory.current()
    return round(perf_counter() - begun, 3)


def _time_change(service: Service) -> float:
    """Seconds until a change of one profile can be found by a request, its encoding included."""
    profile = service.store.profiles(limit=1)[0]
    changed = ExperienceProfile(**{**profile.model_dump(), "experience": f"{profile.experience} It gets better."})
    begun = perf_counter()
    service.directory.put_profile(changed)
    service.directory.current()
    return perf_counter() - begun


def is_likely_to_fit(groups: int, costs: Sequence[Cost], room: Cost) -> bool:
    """Whether so many groups would stay within the room, as those measured before tell; two are always tried."""
    if len(costs) < _ALWAYS_TRIED:
        return True

    def expect(of: Callable[[Cost], float]) -> float:
        return extrapolate_line([(cost.groups, of(cost)) for cost in costs], groups)

    return (
        expect(lambda cost: cost.seconds) <= room.seconds
        and expect(lambda cost: cost.memory_mib) <= room.memory_mib
        and expect(lambda cost: cost.stored_mib) <= room.stored_mib
    )


def _room(work: Path, seconds_a_size: float) -> Cost:
    """What the next size may cost at most."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _MIB
    return Cost(0, seconds_a_size, _SHARE_MOST * memory, _SHARE_MOST * shutil.disk_usage(work).free / _MIB)


def guess_beyond(measured: Sequence[Size], sizes: Sequence[int]) -> list[Guess]:
    """For each of the sizes that is larger than all that were measured; one point alone tells no curve."""
    if len(measured) < 2:
        return []
    return [_read_off(measured, groups) for groups in sorted(set(sizes)) if groups > measured[-1].groups]


def _read_off(measured: Sequence[Size], groups: int) -> Guess:
    return Guess(
        groups=groups,
        profiles=groups * PROFILES_EACH,
        outside_ms=extrapolate([(size.groups, size.requests.outside.median) for size in measured], groups),
        memory_mib=extrapolate_line([(size.groups, size.memory.resident) for size in measured], groups),
        index_seconds=extrapolate([(size.groups, size.index_seconds) for size in measured], groups),
    )


def extrapolate(points: Sequence[tuple[int, float]], at: int) -> float:
    """The power law through the last two points: as it grew there, so it grows on; never less than it was."""
    (x0, y0), (x1, y1) = points[-2:]
    exponent = max(0.0, log(max(y1, 1e-9) / max(y0, 1e-9)) / log(x1 / x0))
    return y1 * exp(exponent * log(at / x1))


def extrapolate_line(points: Sequence[tuple[int, float]], at: int) -> float:
    """The straight line through the last two points, for what has a fixed part, as memory has."""
    (x0, y0), (x1, y1) = points[-2:]
    return y1 + max(0.0, (y1 - y0) / (x1 - x0)) * (at - x1)
