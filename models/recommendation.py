"""What Kindred answers: groups with reasons, mismatches and unknowns, or "nothing close" and why.

An explanation that does not add up cannot be constructed: a score is the sum of its contributions.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from models.group import Group
from models.help import Help
from models.text import Record


class Outcome(StrEnum):
    """What an eligibility rule found."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class Finding(NamedTuple):
    """What one eligibility rule found of one group, with its sentence. Made by the thousand: nothing is validated."""

    rule: str
    outcome: Outcome
    sentence: str


class Contribution(NamedTuple):
    """What one feature gave to the score: weight × (value − neutral), or 0 when the value is not known."""

    feature: str
    value: float | None
    """In [0, 1]; None: not known."""
    weight: float
    neutral: float
    amount: float

    @property
    def adds_up(self) -> bool:
        """Whether the amount is what it must be."""
        expected = 0.0 if self.value is None else self.weight * (self.value - self.neutral)
        return math.isclose(self.amount, expected, abs_tol=1e-6)


class Fit(StrEnum):
    """How well a group fits, in the only words newcomers read."""

    STRONG = "strong"
    GOOD = "good"
    POSSIBLE = "possible"
    NOT_CLOSE = "not_close"


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence about a group, and the feature or rule that it was made from."""

    about: str
    sentence: str


class NextMeeting(Record):
    """When a group meets next."""

    starts: datetime
    """In the group's own time zone."""
    starts_for_newcomer: datetime | None = None
    """The same moment on the newcomer's clock, where it is known and shows another time."""
    duration_minutes: int | None = None
    time_zone: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One group, how well it fits, and why."""

    group: Group
    next_meeting: NextMeeting | None
    fit: Fit
    score: float
    contributions: tuple[Contribution, ...]
    reasons: tuple[Remark, ...]
    mismatches: tuple[Remark, ...]
    unknowns: tuple[Remark, ...]

    def __post_init__(self) -> None:
        if not all(part.adds_up for part in self.contributions):
            raise ValueError("a contribution must be weight × (value − neutral)")
        if not math.isclose(self.score, math.fsum(part.amount for part in self.contributions), abs_tol=1e-6):
            raise ValueError("the contributions must add up to the score")


class Statement(Record):
    """Something read from the story, for the newcomer to confirm or strike. Never assumed."""

    id: str
    """`question:value`, the answer it would be."""
    question_id: str
    """Of a wish, `wishes.` and its name: `wishes.faith`, with the value `avoid`. Each wish is confirmed by itself."""
    value: str
    sentence: str
    """"You're supporting someone. Right?" """


class NothingClose(Record):
    """No group is close: why, and the nearest there are."""

    sentence: str
    nearest: tuple[Recommendation, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """One step of balancing: a group passed over, and why."""

    group_id: str
    step: str
    sentence: str


class Versions(Record):
    """What an answer was made with."""

    questionnaire: str
    rules: str
    encoder: str
    directory: str


class Recommendations(Record):
    """The whole answer to one intake."""

    recommendations: tuple[Recommendation, ...]
    nothing_close: NothingClose | None
    understood: tuple[Statement, ...]
    """What was read from the story, to confirm or strike."""
    open_questions: tuple[str, ...]
    """Ids of questions that were neither answered nor read, and whose answers decide most."""
    help: Help
    moves: tuple[Move, ...]
    versions: Versions
