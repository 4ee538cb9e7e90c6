"""The facts of all groups as columns, so that a rule or a feature is asked once for each different fact, not for each
group. Which facts a rule reads is named here; what it makes of them is decided in `matcher.eligibility` and
`matcher.features`.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from math import atan2, cos, degrees, hypot, radians, sin
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.gazetteer import EARTH_RADIUS_KM, TOWN_REACH_KM, Coordinates, Towns, may_lie_at, place_key
from matcher.growing import Growing
from models.group import Group
from models.profile import ExperienceProfile
from models.vocabulary import TOPIC_IDS, Format, Hope, Role, Stage, Term, Wish

Column: TypeAlias = NDArray[np.float64]  # (rows,)
Rows: TypeAlias = NDArray[np.int64]  # places of groups in the index
EVERY_ROW: Final = slice(None)
Counts: TypeAlias = NDArray[np.int32]  # of members or of conditions
Mask: TypeAlias = NDArray[np.bool_]


_NO_CODE: Final = -1


def _topics_known(group: Group) -> frozenset[str]:
    return TOPIC_IDS.intersection(group.topics or ())


def _town(group: Group) -> str | None:
    return place_key(group.location.city) if group.location and group.location.city else None


def _land(group: Group) -> str | None:
    return group.location.country if group.location else None


# Every rule and every wish by its own name, then what features read besides.
READS: Final[dict[str, Callable[[Group], Hashable]]] = {
    "running": lambda group: group.status,
    "room": lambda group: group.is_full,
    "minors_apart": lambda group: group.eligibility.maximum_age,
    "age": lambda group: (group.eligibility.minimum_age, group.eligibility.maximum_age),
    "role": lambda group: group.eligibility.roles,
    "relation": lambda group: group.eligibility.relations,
    "stage": lambda group: group.eligibility.stages,
    "identity": lambda group: group.eligibility.identities,
    "country": lambda group: (
        group.eligibility.countries,
        group.format is Format.IN_PERSON,
        _land(group),
    ),
    "language": lambda group: group.languages,
    "guided": lambda group: (_topics_known(group), group.facilitation),
    "referral": lambda group: (bool(group.eligibility.note), group.eligibility.referral_needed),
    Wish.ONLINE: lambda group: group.format,
    Wish.IN_PERSON: lambda group: group.format,
    Wish.LISTENING_ONLY: lambda group: group.listening_only,
    Wish.CAMERA_OFF: lambda group: (group.format, group.camera_off),
    Wish.SMALL: lambda group: group.typical_size,
    Wish.FACILITATED: lambda group: group.facilitation,
    Wish.STRUCTURED: lambda group: (group.twelve_step, group.structure),
    Wish.TWELVE_STEP: lambda group: group.twelve_step,
    Wish.FAITH: lambda group: group.faith,
    Wish.SHARED_IDENTITY: lambda group: group.eligibility.identities,
    Wish.FREE: lambda group: group.cost_options,
    Wish.DROP_IN: lambda group: group.drop_in,
    "topics": _topics_known,
    "kept_for": lambda group: (group.eligibility.roles, group.eligibility.relations),
    "hopes": lambda group: group.hopes,
    "access": lambda group: group.accessibility,
    "format": lambda group: group.format,
    "town": _town,
    "town_in_country": lambda group: (_town(group), _land(group)),
    "meets": lambda group: (group.schedules, group.format is Format.IN_PERSON),
    "places_open": lambda group: group.places_open,
    "eligibility": lambda group: group.eligibility,
}


@dataclass(frozen=True)
class Examples:
    """The different values of one fact that were met so far, with a group for each. Only ever added to."""

    groups: list[Group] = field(default_factory=list)
    code_of: dict[Hashable, int] = field(default_factory=dict)

    def code(self, value: Hashable, group: Group) -> int:
        """The code of a value; a new one's example is `group`."""
        code = self.code_of.setdefault(value, len(self.groups))
        if code == len(self.groups):
            self.groups.append(group)
        return code


@dataclass(frozen=True)
class Fact:
    """One fact of every group, as a code for each different value there is."""

    codes: NDArray[np.int32]  # (groups,)
    different: Examples
    known: dict[Callable[[Group], float | None], Column] = field(default_factory=dict, compare=False)
    """What `tell` was asked for, of each code."""

    @property
    def examples(self) -> Sequence[Group]:
        """For each code, one of the groups that it is true of."""
        return self.different.groups

    def example(self, row: int) -> Group:
        """A group of which the same is true as of the one at this place."""
        return self.examples[int(self.codes[row])]

    def is_(self, value: Hashable, rows: Rows) -> Mask:
        """Of which of these groups it is so, (rows,)."""
        return np.asarray(self.codes[rows] == self.different.code_of.get(value, _NO_CODE))

    def ask(self, rows: Rows, question: Callable[[Group], bool]) -> Mask:
        """Of which of these groups it is true, (rows,): for facts that have few values."""
        return np.array([question(group) for group in self.examples], dtype=bool).take(self.codes[rows])

    def tell(self, rows: Rows, value_of: Callable[[Group], float | None]) -> Column:
        """As `measure`, of what follows from listings alone: each different fact is asked once for all newcomers."""
        if value_of not in self.known:
            self.known[value_of] = numbers(map(value_of, self.examples))
        return self.known[value_of].take(self.codes[rows])

    def measure(self, rows: Rows, value_of: Callable[[Group], float | None]) -> Column:
        """A value of each of these groups, asked once for each different fact among them; None becomes NaN."""
        codes = self.codes[rows]
        values = np.full(len(self.examples), np.nan)
        present = np.flatnonzero(np.bincount(codes))
        values[present] = numbers(value_of(self.examples[code]) for code in present.tolist())
        return values.take(codes)


@dataclass(frozen=True)
class Facts:
    """What listings and members say of every group, in the order of the index."""

    columns: dict[str, Growing]
    """The codes of every name of READS, and what the properties below name."""
    different: dict[str, Examples]
    standing: dict[Hashable, Any] = field(default_factory=dict, compare=False)
    """What was found of these facts whoever asks, kept by those who found it (`matcher.screening`)."""

    @staticmethod
    def of(groups: Sequence[Group], members: Sequence[Sequence[ExperienceProfile]]) -> "Facts":
        """The columns of these groups, and of the members of each."""
        different = {name: Examples() for name in READS}
        rows = _columns_of(groups, members, different)
        return Facts({name: Growing.of(column) for name, column in rows.items()}, different)

    def joined(self, others: "Facts") -> "Facts":
        """With the groups of others after those there are; their codes become these."""
        columns = {}
        for name, column in others.columns.items():
            rows = column.rows
            if name in READS:
                translated = [self.different[name].code(READS[name](one), one) for one in others.different[name].groups]
                rows = np.array(translated, dtype=np.int32)[rows]
            columns[name] = self.columns[name].extended(rows)
        return Facts(columns, self.different)

    def extended(self, groups: Sequence[Group], members: Sequence[Sequence[ExperienceProfile]]) -> "Facts":
        """With these groups after those there are."""
        more = _columns_of(groups, members, self.different)
        return Facts({name: column.extended(more[name]) for name, column in self.columns.items()}, self.different)

    def __len__(self) -> int:
        return len(self.profiles)

    @cached_property
    def listed(self) -> dict[str, Fact]:
        """By the names of READS."""
        return {name: Fact(self.columns[name].rows, self.different[name]) for name in READS}

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """(groups, 3): on the unit sphere, NaN where not known."""
        return self.columns["points"].rows

    @cached_property
    def assured(self) -> Column:
        """(groups,): days since the year 1, NaN where not known."""
        return self.columns["assured"].rows

    @cached_property
    def profiles(self) -> Counts:
        """How many members have told something, (groups,)."""
        return self.columns["profiles"].rows

    @cached_property
    def roles(self) -> Counts:
        """How many members told which role, (groups, roles)."""
        return self.columns["told_roles"].rows

    @cached_property
    def stages(self) -> Counts:
        """(groups, stages)."""
        return self.columns["told_stages"].rows

    @cached_property
    def can_share(self) -> Counts:
        """(groups, hopes)."""
        return self.columns["told_hopes"].rows

    def distances_km(self, rows: Rows, coordinates: Coordinates | None, town: str | None) -> Column:
        """How far these groups are from somebody in `town`, which lies at `coordinates`: as `Situation.distance_km`."""
        distances = np.full(len(rows), np.nan)
        if coordinates is None and town is None:
            return distances
        if coordinates is not None:
            distances = _kilometres(self.points[rows] - point_on_sphere(coordinates))
        if town is not None:
            named = np.flatnonzero(np.isnan(distances) & self.listed["town"].is_(place_key(town), rows))
            there = self.listed["country"].measure(
                rows[named], lambda group: may_lie_at(town, _land(group), coordinates)
            )
            distances[named[there > 0]] = 0.0
        return distances

    def locate_towns(self, rows: Rows) -> Towns:
        """Where the towns lie in which these groups meet: the middle of their places there, one for each country."""
        fact = self.listed["town_in_country"]
        known = rows[~np.isnan(self.points[rows, 0])]
        codes, points = fact.codes[known], self.points[known]
        middles = _middles(codes, points, len(fact.examples))
        reach = np.zeros(len(middles))
        np.maximum.at(reach, codes, _kilometres(points - middles[codes]))
        towns: dict[str, dict[str | None, Coordinates | None]] = {}
        for code in np.flatnonzero(np.bincount(codes)).tolist():
            town, country = _town(fact.examples[code]), _land(fact.examples[code])
            if town is not None:
                is_one = reach[code] <= TOWN_REACH_KM
                towns.setdefault(town, {})[country] = _coordinates_of(middles[code]) if is_one else None
        return towns


def _columns_of(
    groups: Sequence[Group], members: Sequence[Sequence[ExperienceProfile]], different: dict[str, Examples]
) -> dict[str, NDArray[Any]]:
    codes = {
        name: np.array([different[name].code(read(group), group) for group in groups], dtype=np.int32)
        for name, read in READS.items()
    }
    return {
        **codes,
        "points": np.array([_point(group) for group in groups], dtype=np.float64).reshape(-1, 3),
        "assured": np.array([_days(group.assured_date) for group in groups], dtype=np.float64),
        "profiles": np.array([len(own) for own in members], dtype=np.int32),
        "told_roles": _count(members, list(Role), lambda one: [one.role]),
        "told_stages": _count(members, list(Stage), lambda one: [one.stage]),
        "told_hopes": _count(members, list(Hope), lambda one: one.can_share or ()),
    }


def numbers(values: Iterable[float | None]) -> Column:
    """Values as a column, NaN where they are not known."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def point_on_sphere(coordinates: Coordinates) -> tuple[float, float, float]:
    """A place as a point at distance 1 from the middle of the earth."""
    latitude, longitude = radians(coordinates[0]), radians(coordinates[1])
    return cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)


def _middles(codes: NDArray[np.int32], points: NDArray[np.float64], most: int) -> NDArray[np.float64]:
    """The middle of the points of each code, on the unit sphere, (most, 3); 0 where there are none."""
    sums = np.stack([np.bincount(codes, axis, most) for axis in points.T], axis=1)
    lengths = np.sqrt(np.einsum("md,md->m", sums, sums))
    return np.asarray(sums / np.maximum(lengths, np.finfo(float).tiny)[:, None])


def _kilometres(apart: NDArray[np.float64]) -> Column:
    """How far points lie from others along the ground, of their differences on the unit sphere, (rows, 3)."""
    chords = np.sqrt(np.einsum("gd,gd->g", apart, apart))
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(chords / 2, 1.0)))


def _count(
    members: Sequence[Sequence[ExperienceProfile]],
    terms: Sequence[Term],
    told: Callable[[ExperienceProfile], Iterable[Term | None]],
) -> Counts:
    """How many members of each group told each term, (groups, terms)."""
    place: dict[Term | None, int] = {term: column for column, term in enumerate(terms)}
    found = [
        row * len(terms) + column
        for row, own in enumerate(members)
        for profile in own
        for column in {place[term] for term in told(profile) if term in place}
    ]
    counts = np.bincount(np.array(found, dtype=np.int64), minlength=len(members) * len(terms))
    return counts.astype(np.int32).reshape(len(members), len(terms))


def _point(group: Group) -> tuple[float, float, float]:
    location = group.location
    if location is None or location.latitude is None or location.longitude is None:
        return np.nan, np.nan, np.nan
    return point_on_sphere((location.latitude, location.longitude))


def _coordinates_of(point: NDArray[np.float64]) -> Coordinates:
    """Where a point lies, whatever its distance from the middle of the earth."""
    x, y, z = point.tolist()
    return degrees(atan2(z, hypot(x, y))), degrees(atan2(y, x))


def _days(day: date | None) -> float:
    return np.nan if day is None else float(day.toordinal())
