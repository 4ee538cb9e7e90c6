"""What a run of the bench found: plain figures with their units, written to JSON.

Decides no bar; those are in `scripts.bench.targets`. Nothing here holds a text or a vector.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter


@dataclass(frozen=True)
class Times:
    """How long the same thing took, again and again."""

    milliseconds: tuple[float, ...]
    """In the order measured."""

    @staticmethod
    def of_seconds(seconds: Sequence[float]) -> "Times":
        return Times(tuple(round(1000 * value, 3) for value in seconds))

    def percentile(self, share: float) -> float:
        """In milliseconds; nan when nothing was measured."""
        return float(np.percentile(self.milliseconds, share)) if self.milliseconds else float("nan")

    @property
    def median(self) -> float:
        return self.percentile(50)


@dataclass(frozen=True)
class Machine:
    """Where the run was made; no name and no address of it."""

    processor: str
    cores: int
    memory_gib: float
    extensions: tuple[str, ...]
    """Those that multiply matrices of small numbers quickly."""
    system: str
    python: str
    libraries: dict[str, str]
    load_before: float
    """How many processes wanted a core, on average, in the minute before the run: more than 0.5 blurs every figure."""


@dataclass(frozen=True)
class Memory:
    """Of one process with its children, in MiB."""

    resident: float
    """Everything mapped in: what other processes share counts in full."""
    proportional: float
    """What is shared counts by its share."""
    own: float
    """Of what is resident: what isn't mapped from files, and so can't be dropped and read again."""


@dataclass(frozen=True)
class Encoding:
    """The encoder as Kindred runs it, and sentence-transformers in full precision, in turn, on the same texts."""

    texts: int
    words: float
    ours_per_second: float
    reference_per_second: float
    ours: Times
    """One text at a time."""
    reference: Times
    least_cosine: float
    """Between the two vectors of one text."""
    runtime: str
    reference_runtime: str


@dataclass(frozen=True)
class BesideReference:
    """The same newcomers' judged groups, with our vectors and with the reference's."""

    what: str
    """Which newcomers and groups."""
    ours: dict[str, float]
    """Measure (`matcher.evaluation.MEASURES`) → value."""
    reference: dict[str, float]


@dataclass(frozen=True)
class Quality:
    """The real newcomers' judged groups: by Kindred, and by the peers' recipe."""

    newcomers: int
    ours: dict[str, float]
    """Measure (`matcher.evaluation.MEASURES`) → value."""
    peers: dict[str, float]
    compared: BesideReference


@dataclass(frozen=True)
class Requests:
    """Whole recommendations inside one process, one after the other, from an intake to JSON."""

    whole: Times
    encoding: Times
    """Of the whole, what the encoder took."""
    alone: Times
    """The same stories encoded with nothing around it."""
    outside: Times
    """The whole less its encoding."""
    parts: dict[str, float]
    """Part of the work → milliseconds of a mean request."""
    hottest: tuple[tuple[str, float], ...]
    """Function → milliseconds of a mean request, the most first; without the encoder."""


@dataclass(frozen=True)
class Size:
    """One directory."""

    groups: int
    profiles: int
    requests: Requests
    learning_seconds: float | None
    """From stored rows to an index that answers; None: its rows were drawn, not stored."""
    index_seconds: float
    """From the start to an index that answers, in a fresh process: mapped where it was kept, else learned."""
    memory: Memory
    """Of the process that answers, after it has."""
    change_seconds: float
    """From one changed profile to the next request's index."""


@dataclass(frozen=True)
class Guess:
    """A directory too large for this machine or this run, read off the curve through the sizes that were measured."""

    groups: int
    profiles: int
    outside_ms: float
    memory_mib: float
    index_seconds: float


@dataclass(frozen=True)
class Growth:
    """The same requests at several sizes, the smallest first."""

    sizes: tuple[Size, ...]
    guesses: tuple[Guess, ...]
    again: Size | None = None
    """10,000 groups once more, right after the largest directory."""
    stopped: str = ""
    """Why larger ones were not measured, in a sentence."""


@dataclass(frozen=True)
class Answers:
    """What a server did with so many requests at a time."""

    concurrency: int
    per_second: float
    times: Times
    failed: int


@dataclass(frozen=True)
class Serving:
    """Kindred behind HTTP on a drawn directory."""

    groups: int
    profiles: int
    encoder_per_second: float
    """The encoder alone on the same texts in batches, in turn with the largest crowd."""
    answers: tuple[Answers, ...]
    memory: Memory


@dataclass(frozen=True)
class PeerServing:
    """A peer behind the same HTTP interface on the same directory, in turn with Kindred, with the same requests."""

    name: str
    what: str
    build_seconds: float
    answers: tuple[Answers, ...]
    kindred: tuple[Answers, ...]
    memory: Memory
    agreement: float
    """Share of the first three groups that the same recipe finds by exact search."""


@dataclass(frozen=True)
class Peers:
    """Everyone on the same directory."""

    groups: int
    profiles: int
    peers: tuple[PeerServing, ...]
    missing: dict[str, str]
    """Peer → why it wasn't measured."""


@dataclass(frozen=True)
class Start:
    """`kindred serve` when it is set up and the demo directory is loaded."""

    seconds: tuple[float, ...]
    """From start to ready, each time."""
    memory: Memory
    """After some requests."""


@dataclass(frozen=True)
class Importing:
    """`kindred import profiles`, in turn with the encoder alone on the same texts."""

    profiles: int
    """That were taken."""
    per_second: float
    encoder_per_second: float


@dataclass(frozen=True)
class Overload:
    """Ten times as many requests as can be answered, in rounds."""

    peak_per_second: float
    """Mean of what a crowd was answered before and after each round of it."""
    offered_per_second: float
    """As they were really sent."""
    good_per_second: float
    refused: int
    failed: int
    refusals: Times
    help_pages: Times
    help_failed: int


@dataclass(frozen=True)
class Run:
    """One run. None: it was not measured."""

    machine: Machine
    full: bool
    encoder: str
    """As the settings name it."""
    encoding: Encoding | None = None
    quality: Quality | None = None
    growth: Growth | None = None
    serving: Serving | None = None
    peers: Peers | None = None
    start: Start | None = None
    importing: Importing | None = None
    overload: Overload | None = None
    failures: dict[str, str] = field(default_factory=dict)
    """Measurement → why it gave no figure."""


def write_run(run: Run, file: Path) -> None:
    file.write_bytes(TypeAdapter(Run).dump_json(run, indent=1))
