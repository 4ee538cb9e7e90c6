"""Where time goes is told by the function that was at work, and larger directories are read off plain curves."""

import platform
import re
import socket
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

import pytest

from api.service import open_service
from api.settings import Settings
from matcher.encoder import FakeEncoder
from scripts.bench.directories import Seeds, draw_directory
from scripts.bench.growth import Cost, extrapolate, extrapolate_line, guess_beyond, is_likely_to_fit
from scripts.bench.machine import describe_machine, memory_of
from scripts.bench.request import TimedEncoder, measure_requests
from scripts.bench.sampling import MODULES, PARTS, Sampler, part_of
from tests.bench.runs import size


def test_a_request_is_its_encoding_and_what_is_outside_it(tmp_path: Path) -> None:
    draw_directory(tmp_path, 20, Seeds.of_demo(FakeEncoder()), FakeEncoder.identity)
    encoder = TimedEncoder(FakeEncoder())
    service = open_service(Settings(data_dir=tmp_path), encoder)
    found = measure_requests(service, encoder, ["I can't sleep since my father died."], most=5, seconds=60)
    service.close()
    parts = zip(found.whole.milliseconds, found.encoding.milliseconds, found.outside.milliseconds, strict=True)
    assert all(whole == pytest.approx(encoding + outside, abs=0.01) for whole, encoding, outside in parts)
    assert len(found.whole.milliseconds) == 5
    assert set(found.parts) == set(PARTS)
    assert sum(found.parts.values()) > 0


@pytest.mark.parametrize(
    ("places", "part"),
    [
        ([("matcher.pooling", "evidence"), ("matcher.features", "weigh_words")], "search"),
        ([("models.schedule", "next_meeting"), ("matcher.features", "_soon")], "features"),
        ([("matcher.openvino_encoder", "_run"), ("matcher.recommend", "recommend")], "encoding"),
        ([("matcher.recommend", "find_candidates")], "the rest"),
        ([], "JSON"),
    ],
)
def test_a_moment_belongs_to_the_innermost_part_that_decides(places: list[tuple[str, str]], part: str) -> None:
    assert part_of(places) == part


def test_all_the_time_that_passes_is_told() -> None:
    before = perf_counter()
    with Sampler() as sampler:
        begun = perf_counter()
        while (passed := perf_counter() - begun) < 0.1:
            sum(range(10_000))
    # But for what has passed since the last look. Whatever else the machine does meanwhile is on both sides.
    assert 0.8 * passed <= sum(sampler.parts.values()) <= perf_counter() - before


def test_a_power_law_is_read_off_as_it_grew() -> None:
    assert extrapolate([(100, 1.0), (10_000, 10.0)], 1_000_000) == pytest.approx(100.0)


def test_what_did_not_grow_is_not_read_off_as_shrinking() -> None:
    assert extrapolate([(100, 2.0), (10_000, 1.0)], 1_000_000) == 1.0
    assert extrapolate_line([(100, 2.0), (10_000, 1.0)], 1_000_000) == 1.0


def test_memory_has_a_fixed_part() -> None:
    assert extrapolate_line([(1_000, 401.0), (10_000, 410.0)], 1_000_000) == pytest.approx(1_400.0)


def test_only_what_is_larger_than_all_measured_sizes_is_guessed() -> None:
    measured = [size(1_000, 1.0, 400.0), size(10_000, 2.0, 490.0)]
    found = guess_beyond(measured, (1_000, 10_000, 100_000, 100_000, 1_000_000))
    assert [(guess.groups, guess.profiles) for guess in found] == [(100_000, 1_000_000), (1_000_000, 10_000_000)]
    assert [round(guess.outside_ms, 3) for guess in found] == [4.0, 8.0]
    assert [round(guess.memory_mib) for guess in found] == [1_390, 10_390]


def test_one_size_alone_tells_no_curve() -> None:
    assert guess_beyond([size(1_000, 1.0, 400.0)], (1_000_000,)) == []


def test_the_machine_is_told_without_its_name() -> None:
    machine = describe_machine()
    assert machine.cores >= 1
    assert machine.memory_gib > 0
    assert "numpy" in machine.libraries
    name, anyway = socket.gethostname(), f"{platform.release()} {machine.processor} {list(machine.libraries)}"
    assert name in anyway or not re.search(rf"\b{re.escape(name)}\b", repr(machine))


def test_memory_of_a_process_that_is_gone_is_not_a_number() -> None:
    found = memory_of(2**22 + 1)
    assert found.resident != found.resident


@pytest.mark.parametrize(
    ("room", "fits"),
    [
        (Cost(0, 101, 1001, 1001), True),
        (Cost(0, 99, 1001, 1001), False),
        (Cost(0, 101, 999, 1001), False),
        (Cost(0, 101, 1001, 999), False),
    ],
)
def test_a_size_fits_when_time_memory_and_disk_suffice(room: Cost, fits: bool) -> None:
    costs = [Cost(1_000, 1, 10, 10), Cost(10_000, 10, 100, 100)]
    assert is_likely_to_fit(100_000, costs, room) is fits


def test_the_first_two_sizes_are_always_tried() -> None:
    assert is_likely_to_fit(1_000_000, [Cost(1_000, 99, 99, 99)], Cost(0, 0, 0, 0))


def test_every_module_that_time_is_counted_for_is_there() -> None:
    assert [name for name in MODULES if find_spec(name) is None] == []
