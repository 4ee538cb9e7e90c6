"""The newcomer's side of a comparison: the intake, and what follows from it once for all groups."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from math import asin, cos, radians, sin, sqrt
from zoneinfo import ZoneInfo

from matcher.gazetteer import Coordinates, find_town, place_key
from matcher.reading import only_reading, read_statements
from matcher.terms import terms_of
from matcher.text import passage_of_intake
from models.group import Location
from models.intake import Intake
from models.recommendation import Statement
from models.vocabulary import ZONE_OF_COUNTRY, Relation, Role, Stage

_EARTH_RADIUS_KM = 6371.0
_READ: dict[str, Callable[[str], object]] = {
    "role": Role,
    "relation": Relation,
    "stage": Stage,
    "place": str,
    "age": int,
}


@dataclass(frozen=True)
class Situation:
    """What is known of a newcomer at one moment."""

    intake: Intake
    supposed: Intake
    """The intake with what was read from the story in place of what was not answered. Never taken for true. Wishes are
    not among it: a condition is only what the newcomer makes one.
    """
    statements: tuple[Statement, ...]
    """What was read from the story, to be confirmed."""
    now: datetime
    coordinates: Coordinates | None
    """Where the supposed town lies, if that is known."""
    zone: ZoneInfo | None

    @cached_property
    def quotable(self) -> set[str]:
        """The newcomer's words, but for those of a statement that waits to be confirmed."""
        in_question = (word for statement in self.statements for word in terms_of(statement.sentence))
        return set(terms_of(passage_of_intake(self.intake))).difference(in_question)

    def as_supposed(self) -> "Situation":
        """The same situation, were everything that was read confirmed."""
        return replace(self, intake=self.supposed)

    def distance_km(self, location: Location | None) -> float | None:
        """As the crow flies; None: one of the two places is not known."""
        if location is None:
            return None
        if location.latitude is not None and location.longitude is not None and self.coordinates:
            return great_circle_km(self.coordinates, (location.latitude, location.longitude))
        place = self.supposed.place
        return 0.0 if location.city and place and place_key(location.city) == place_key(place) else None


def situate(intake: Intake, towns: Mapping[str, Coordinates], now: datetime) -> Situation:
    """Everything about the newcomer that does not depend on a group; `towns` are those of the directory."""
    statements = read_statements(intake, towns)
    read = {question: kind(value) for question, kind in _READ.items() if (value := only_reading(statements, question))}
    supposed = intake.model_copy(update=read) if read else intake
    zone = intake.time_zone or ZONE_OF_COUNTRY.get(intake.country or "")
    return Situation(
        intake=intake,
        supposed=supposed,
        statements=statements,
        now=now,
        coordinates=_locate(supposed, towns),
        zone=ZoneInfo(zone) if zone else None,
    )


def _locate(supposed: Intake, towns: Mapping[str, Coordinates]) -> Coordinates | None:
    """Where the newcomer's town lies: the directory's own towns first, since that is where its groups meet."""
    if supposed.place is None:
        return None
    return towns.get(place_key(supposed.place)) or find_town(supposed.place, supposed.country)


def great_circle_km(one: Coordinates, other: Coordinates) -> float:
    """The haversine distance between two points, in kilometres."""
    latitude, longitude = radians(other[0] - one[0]), radians(other[1] - one[1])
    half = sin(latitude / 2) ** 2 + cos(radians(one[0])) * cos(radians(other[0])) * sin(longitude / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * asin(sqrt(min(1.0, half)))
