"""`kindred bench`: runs the measurements, says what it is doing and how long it may take, and writes the report.

Decides what is measured in which order, and how much of it in a quick and in a full run. What each measures is decided
in the module of its name.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import click

from api.settings import read_settings
from models.errors import InvalidInput

if TYPE_CHECKING:
    from scripts.bench.figures import Run

MISSED: Final = 1
_TEXTS: Final = 256
_TOLD_EACH: Final = 320

Say = Callable[[str], None]


@dataclass(frozen=True)
class Amounts:
    """How much is measured."""

    full: bool
    sizes: tuple[int, ...]
    groups_served: int
    """In the directory behind HTTP, and the peers'."""
    seconds_a_size: float
    seconds_each: float
    """For each concurrency of each server."""
    seconds_encoding: float
    imported: int
    starts: int


@dataclass(frozen=True)
class Job:
    """What a measurement is given."""

    amounts: Amounts
    work: Path
    say: Say


@dataclass(frozen=True)
class Step:
    """One measurement: the field of `Run` that it fills."""

    name: str
    what: str
    minutes: float
    """About how long it takes in a quick run, on two free cores."""
    minutes_full: float
    measure: Callable[[Job], Any]


def _encoding(job: Job) -> object:
    from scripts.bench.apart import run_apart

    return run_apart(_compare_encoders, job.amounts.seconds_encoding)


def _compare_encoders(seconds: float) -> object:
    from scripts.bench.encoders import own_encoder, reference_encoder
    from scripts.bench.encoding import compare_encoders
    from scripts.bench.texts import stories

    return compare_encoders(own_encoder(), reference_encoder(), stories(_TEXTS), seconds)


def _quality(job: Job) -> object:
    from scripts.bench.quality import measure_quality
    from scripts.bench.texts import are_real_cases_here

    if not are_real_cases_here():
        raise InvalidInput("The real newcomers aren't here; docs/evaluation.md says how to fetch them.")

    def tell(done: int, total: int) -> None:
        if done == total or done % _TOLD_EACH == 0:
            job.say(f"{done:,} of {total:,} texts encoded")

    return measure_quality(job.amounts.full, tell)


def _growth(job: Job) -> object:
    from scripts.bench.growth import measure_growth

    amounts = job.amounts
    return measure_growth(job.work, amounts.sizes, amounts.seconds_a_size, (amounts.groups_served,), job.say)


def _serving(job: Job) -> object:
    from scripts.bench.serving import measure_serving

    return measure_serving(_served_directory(job), job.amounts.seconds_each)


def _peers(job: Job) -> object:
    from scripts.bench.peers.compare import compare_with_peers

    return compare_with_peers(_served_directory(job), job.work, job.amounts.seconds_each, job.say)


def _start(job: Job) -> object:
    from scripts.bench.serving import measure_start

    return measure_start(job.amounts.starts)


def _importing(job: Job) -> object:
    from scripts.bench.apart import run_apart
    from scripts.bench.importing import measure_importing

    return run_apart(measure_importing, job.amounts.imported, _say)


def _overload(job: Job) -> object:
    from scripts.bench.serving import measure_overload

    return measure_overload(_served_directory(job), job.amounts.seconds_each)


def _served_directory(job: Job) -> Any:
    from scripts.bench.growth import prepare_directory

    groups = job.amounts.groups_served
    return prepare_directory(job.work / f"{groups}-groups", groups)


STEPS: Final = (
    Step("encoding", "the encoder, beside sentence-transformers", 0.7, 2, _encoding),
    Step("quality", "what is found on the real newcomers", 0.5, 15, _quality),
    Step("growth", "requests, memory and start as the directory grows", 4, 30, _growth),
    Step("serving", "Kindred behind HTTP", 2, 2, _serving),
    Step("start", "from start to ready, with the demo directory", 1, 1, _start),
    Step("importing", "importing profiles", 2, 60, _importing),
    Step("overload", "ten times as many requests as can be answered", 1, 2, _overload),
    Step("peers", "others on the same directory", 12, 17, _peers),
)
_NAMES: Final = tuple(step.name for step in STEPS)


@click.command()
@click.option("--only", multiple=True, type=click.Choice(_NAMES), help="Measure only this; may be given again.")
@click.option("--full", is_flag=True, help="Up to a million groups, and longer: two hours and more, 25 GB of disk.")
@click.option(
    "--groups",
    type=click.IntRange(min=20),
    help="The largest directory drawn; HTTP and others use it, too, or one of 10,000 groups where it is larger.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("bench-report"),
    show_default=True,
    help="The folder that the report is written to.",
)
def bench(only: tuple[str, ...], full: bool, groups: int | None, into: Path) -> int:
    """Measure how fast Kindred is on this machine, beside other ways of doing the same, and write a report.

    Leaves with 1 when a bar that was measured was missed. Wants the machine for itself; listens on 127.0.0.1 only, and
    stops by itself.
    """
    from scripts.bench.report import lay_out_verdicts, write_report
    from scripts.bench.targets import Outcome, judge_run

    _make_folder(into)
    amounts = _amounts(full, groups)
    run = measure_steps(
        [step for step in STEPS if not only or step.name in only], amounts, lambda run: write_report(run, into)
    )
    page = write_report(run, into)
    verdicts = judge_run(run)
    click.echo("\n".join(lay_out_verdicts(verdicts)))
    click.echo(f"The report is {page}.")
    return MISSED if any(verdict.outcome is Outcome.MISSED for verdict in verdicts) else 0


def _make_folder(folder: Path) -> None:
    """The report's. Raises InvalidInput when nothing can be written there: better now than after the first step."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise InvalidInput(f"--into: {folder} can't be written: {reason}.") from None


def _amounts(full: bool, groups: int | None) -> Amounts:
    from scripts.bench.growth import SIZES_FULL, SIZES_QUICK

    sizes: tuple[int, ...] = SIZES_FULL if full else SIZES_QUICK
    if groups is not None:
        sizes = (*(size for size in sizes if size < groups), groups)
    return Amounts(
        full=full,
        sizes=sizes,
        groups_served=min(sizes[-1], SIZES_QUICK[-1]),
        seconds_a_size=3600 if full else 600,
        seconds_each=10 if full else 6,
        seconds_encoding=120 if full else 30,
        imported=100_000 if full else 2048,
        starts=5 if full else 2,
    )


def measure_steps(steps: list[Step], amounts: Amounts, on_step: Callable[[Run], object] = lambda _: None) -> Run:
    """Every step in turn; one that can't be measured is noted, and the next goes on.

    `on_step` is called with all figures so far after each, so that a run that is cut short has a report, too.
    """
    from scripts.bench.apart import tell_failure
    from scripts.bench.figures import Run
    from scripts.bench.machine import describe_machine

    run = Run(machine=describe_machine(), full=amounts.full, encoder=read_settings().encoder)
    begun, planned = perf_counter(), 0.0
    with TemporaryDirectory(prefix="kindred-bench-") as work:
        for number, step in enumerate(steps):
            left = _minutes_left(steps[number:], amounts.full, perf_counter() - begun, planned)
            _say(f"{number + 1} of {len(steps)}: {step.what} (about {left:.0f} min to go)")
            try:
                found = step.measure(Job(amounts, Path(work), lambda what: _say(f"   {what}")))
                run = replace(run, **{step.name: found})
            # What is measured already is worth more than a traceback at the end of half an hour.
            except Exception as error:
                run.failures[step.name] = tell_failure(error)
                _say(f"   {run.failures[step.name]}")
            planned += _minutes(step, amounts.full)
            on_step(run)
    return run


def _minutes_left(steps: list[Step], full: bool, seconds: float, planned: float) -> float:
    """What is planned, times how much longer than planned it took so far."""
    pace = max(seconds / 60 / planned, 0.3) if planned else 1.0
    return max(pace * sum(_minutes(step, full) for step in steps), 1)


def _minutes(step: Step, full: bool) -> float:
    return step.minutes_full if full else step.minutes


def _say(what: str) -> None:
    click.echo(what, file=sys.stderr)
