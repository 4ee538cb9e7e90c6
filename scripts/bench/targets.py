"""The bars that Kindred sets itself, each with how it is computed from what was measured, and whether it was reached.

Decides what counts as reached, and says how far off it is otherwise. Measures nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import isnan
from typing import Final, NamedTuple

from scripts.bench.asking import CROWD, OVER
from scripts.bench.figures import Answers, Run, Size


class Measured(NamedTuple):
    """A value for a bar."""

    value: float
    note: str = ""
    """What to know about it: empty when it is just what the bar asks for. Of what is no number: why."""
    is_read_off: bool = False
    """It is where a curve leads; nobody measured it."""


GROUPS: Final = 10_000
GROUPS_MOST: Final = 1_000_000
_MIB_PER_GIB: Final = 1024


class Sense(StrEnum):
    """Which way is better."""

    AT_LEAST = "at least"
    AT_MOST = "at most"


class Outcome(StrEnum):
    """What became of a bar."""

    PASSED = "passed"
    MISSED = "missed"
    READ_OFF = "read off"
    """A curve says whether it would be reached: neither passed nor missed."""
    NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Target:
    """One bar."""

    id: str
    what: str
    sense: Sense
    bound: float
    unit: str
    compute: Callable[[Run], Measured | None]


@dataclass(frozen=True)
class Verdict:
    """One bar in one run."""

    target: Target
    outcome: Outcome
    value: float | None = None
    note: str = ""

    @property
    def sentence(self) -> str:
        """As it is printed: the bar, what was measured, and how far off that is."""
        target = self.target
        bar = f"{target.what}: {target.sense.value} {_tell(target.bound, target.unit)}"
        if self.value is None:
            why = f": {self.note.rstrip('.')}" if self.note else ""
            return f"{bar}. Not measured{why}."
        off = "" if is_reached(target, self.value) else f", {how_far_off(target, self.value)}"
        note = f" ({self.note})" if self.note else ""
        if self.outcome is Outcome.READ_OFF:
            side = "beyond" if off else "within"
            return f"{bar}. Read off, not measured: {side} the bar, {_tell(self.value, target.unit)}{off}{note}."
        return f"{bar}. It is {_tell(self.value, target.unit)}{off}{note}."


def judge_run(run: Run) -> list[Verdict]:
    """Every bar, in the order of TARGETS."""
    return [judge(target, run) for target in TARGETS]


def judge(target: Target, run: Run) -> Verdict:
    """One bar. A figure that isn't one counts as not measured."""
    measured = target.compute(run)
    if measured is None:
        return Verdict(target, Outcome.NOT_MEASURED, note=run.failures.get(target.id.partition(".")[0], ""))
    if isnan(measured.value):
        return Verdict(target, Outcome.NOT_MEASURED, note=measured.note)
    outcome = Outcome.PASSED if is_reached(target, measured.value) else Outcome.MISSED
    return Verdict(target, Outcome.READ_OFF if measured.is_read_off else outcome, measured.value, measured.note)


def is_reached(target: Target, value: float) -> bool:
    """Whether a value is on the right side of a bar, or on it."""
    return value >= target.bound if target.sense is Sense.AT_LEAST else value <= target.bound


def how_far_off(target: Target, value: float) -> str:
    """In words, for a bar that was missed."""
    if target.bound == 0 or value <= 0:
        return "which is not enough" if target.sense is Sense.AT_LEAST else "which is too much"
    if target.sense is Sense.AT_LEAST:
        return f"{1 - value / target.bound:.0%} short"
    factor = value / target.bound
    return f"{factor:.1f} times too much" if factor >= 2 else f"{factor - 1:.0%} too much"


def _tell(value: float, unit: str) -> str:
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 4
    number = f"{value:,.{digits}f}"
    trimmed = number.rstrip("0").rstrip(".") if "." in number else number
    return f"{trimmed} {unit}".strip()


def _encoding_ratio(run: Run) -> Measured | None:
    if run.encoding is None:
        return None
    return Measured(run.encoding.ours_per_second / run.encoding.reference_per_second)


def _quality_loss(run: Run) -> Measured | None:
    """The most that any of recall@1, recall@3 and MRR differs from the reference's."""
    if run.quality is None:
        return None
    compared = run.quality.compared
    most = max(abs(compared.reference[name] - compared.ours[name]) for name in ("recall@1", "recall@3", "MRR"))
    return Measured(most, compared.what)


def _size_asked_for(run: Run) -> tuple[Size, str] | None:
    """The directory of 10,000 groups, or the largest smaller one."""
    sizes = [size for size in run.growth.sizes if size.groups <= GROUPS] if run.growth else []
    if not sizes:
        return None
    return sizes[-1], "" if sizes[-1].groups == GROUPS else f"at {sizes[-1].groups:,} groups only"


def _whole_to_encoding(run: Run) -> Measured | None:
    found = _size_asked_for(run)
    if found is None:
        return None
    size, note = found
    # The same text takes now one time, now nearly twice it, with what ran just before: the quicker of the two counts.
    return Measured(size.requests.whole.median / min(size.requests.alone.median, size.requests.encoding.median), note)


def _outside(run: Run) -> Measured | None:
    found = _size_asked_for(run)
    return None if found is None else Measured(found[0].requests.outside.median, found[1])


def _crowd_to_encoder(run: Run) -> Measured | None:
    if run.serving is None:
        return None
    crowd = _at(run.serving.answers, CROWD)
    if crowd is None:
        return None
    return Measured(crowd.per_second / run.serving.encoder_per_second, _smaller(run.serving.groups))


def _against_peer(name: str) -> Callable[[Run], Measured | None]:
    """Our throughput to the peer's, each at its best concurrency."""

    def compute(run: Run) -> Measured | None:
        if run.peers is None:
            return None
        peer = next((one for one in run.peers.peers if one.name == name), None)
        if peer is None:
            return Measured(float("nan"), run.peers.missing.get(name, ""))
        theirs = _best(peer.answers)
        return Measured(_best(peer.kindred) / theirs if theirs else float("nan"), _smaller(run.peers.groups))

    return compute


def _quality_to_peers(run: Run) -> Measured | None:
    if run.quality is None:
        return None
    above = run.quality.ours["recall@3"] - run.quality.peers["recall@3"]
    return Measured(above, "on development newcomers, which our rules were chosen on")


def _growth(run: Run) -> Measured | None:
    """How many times the time outside encoding takes, from 10,000 to 1,000,000 groups: beside each other where both
    were measured.
    """
    start = next((size for size in run.growth.sizes if size.groups == GROUPS), None) if run.growth else None
    end = _at_most_groups(run)
    if run.growth is None or start is None or end is None:
        return None
    if run.growth.again is not None and not end.outside_ms.is_read_off:
        start = run.growth.again
    return end.outside_ms._replace(value=end.outside_ms.value / start.requests.outside.median)


def _memory(run: Run) -> Measured | None:
    end = _at_most_groups(run)
    return None if end is None else end.memory_mib._replace(value=end.memory_mib.value / _MIB_PER_GIB)


class _AtMost(NamedTuple):
    """What a million groups take."""

    outside_ms: Measured
    memory_mib: Measured


def _at_most_groups(run: Run) -> _AtMost | None:
    if run.growth is None:
        return None
    for size in run.growth.sizes:
        if size.groups == GROUPS_MOST:
            return _AtMost(Measured(size.requests.outside.median), Measured(size.memory.resident))
    for guess in run.growth.guesses:
        if guess.groups == GROUPS_MOST:
            note = f"by the curve up to {run.growth.sizes[-1].groups:,} groups"
            return _AtMost(Measured(guess.outside_ms, note, True), Measured(guess.memory_mib, note, True))
    return None


def _import_share(run: Run) -> Measured | None:
    if run.importing is None:
        return None
    return Measured(run.importing.per_second / run.importing.encoder_per_second, f"{run.importing.profiles:,} profiles")


def _resident(run: Run) -> Measured | None:
    return None if run.start is None else Measured(run.start.memory.resident)


def _ready(run: Run) -> Measured | None:
    return None if run.start is None else Measured(sorted(run.start.seconds)[len(run.start.seconds) // 2])


def _goodput(run: Run) -> Measured | None:
    if run.overload is None:
        return None
    peak, times = run.overload.peak_per_second, run.overload.offered_per_second / run.overload.peak_per_second
    note = "" if round(times, 1) >= OVER else f"at {times:.1f} times only"
    return Measured(run.overload.good_per_second / peak, note)


def _refusal(run: Run) -> Measured | None:
    return None if run.overload is None else Measured(run.overload.refusals.percentile(99), "99 of 100 are quicker")


def _help_failed(run: Run) -> Measured | None:
    return None if run.overload is None else Measured(float(run.overload.help_failed))


def _at(answers: tuple[Answers, ...], concurrency: int) -> Answers | None:
    return next((one for one in answers if one.concurrency == concurrency), None)


def _best(answers: tuple[Answers, ...]) -> float:
    return max((one.per_second for one in answers), default=0.0)


def _smaller(groups: int) -> str:
    return "" if groups >= GROUPS else f"at {groups:,} groups only"


_LEAST, _MOST = Sense.AT_LEAST, Sense.AT_MOST
TARGETS: Final = (
    Target("encoding.rate", "Texts encoded a second, to sentence-transformers'", _LEAST, 3.3, "×", _encoding_ratio),
    Target("quality.loss", "Recall and MRR, off the reference's vectors", _MOST, 0.003, "", _quality_loss),
    Target("growth.whole", "A whole request, to encoding its text alone", _MOST, 1.5, "×", _whole_to_encoding),
    Target("growth.outside", "Everything but encoding", _MOST, 3.0, "ms", _outside),
    Target("serving.crowd", "Requests a second, 64 at once, to the encoder's", _LEAST, 0.85, "", _crowd_to_encoder),
    Target(
        "peers.transformers",
        "Requests a second, to sentence-transformers with semantic_search",
        _LEAST,
        10.0,
        "×",
        _against_peer("sentence-transformers"),
    ),
    Target("peers.lancedb", "Requests a second, to LanceDB", _LEAST, 1.0, "×", _against_peer("LanceDB")),
    Target("peers.pgvector", "Requests a second, to pgvector", _LEAST, 1.0, "×", _against_peer("pgvector")),
    Target("quality.peers", "recall@3, above the peers'", _LEAST, 0.0, "", _quality_to_peers),
    Target("growth.rate", "Time outside encoding, from 10,000 to 1,000,000 groups", _MOST, 10.0, "×", _growth),
    Target("growth.memory", "Memory with a million groups", _MOST, 8.0, "GiB", _memory),
    Target("importing.share", "Profiles imported a second, to the encoder's rate", _LEAST, 0.85, "", _import_share),
    Target("start.memory", "Memory with the demo directory", _MOST, 500.0, "MiB", _resident),
    Target("start.seconds", "From start to ready", _MOST, 3.0, "s", _ready),
    Target("overload.goodput", "Good answers at ten times capacity, to the peak", _LEAST, 0.8, "", _goodput),
    Target("overload.refusal", "From a request to its refusal", _MOST, 50.0, "ms", _refusal),
    Target("overload.help", "Help pages that failed meanwhile", _MOST, 0.0, "", _help_failed),
)
