"""The newcomer's side of a comparison: the intake, and what follows from it once for all groups."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import asin, cos, radians, sin, sqrt
from zoneinfo import ZoneInfo

from matcher.reading import only_reading, read_statements
from models.group import Location
from models.intake import Intake
from models.recommendation import Statement
from models.vocabulary import ZONE_OF_COUNTRY, Role

Coordinates = tuple[float, float]  # latitude, longitude, in degrees
_EARTH_RADIUS_KM = 6371.0
_READ = ("role", "relation", "stage", "place", "age")
_DECIDE_MOST = ("role", "relation", "country", "place")


@dataclass(frozen=True)
class Situation:
    """What is known of a newcomer at one moment."""

    intake: Intake
    supposed: Intake
    """The intake with what was read from the story in place of what was not answered. Never taken for true."""
    statements: tuple[Statement, ...]
    """What was read from the story, to be confirmed."""
    now: datetime
    coordinates: Coordinates | None
    """Where the supposed town lies, if a group of the directory meets there."""
    zone: ZoneInfo | None

    @property
    def open_questions(self) -> tuple[str, ...]:
        """What is worth asking before anything is suggested: it decides most, and was neither answered nor read."""
        alone = self.supposed.role in {None, Role.LIVING_WITH}
        worth_asking = [question for question in _DECIDE_MOST if question != "relation" or not alone]
        return tuple(question for question in worth_asking if getattr(self.supposed, question) is None)

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
    read = {question: value for question in _READ if (value := only_reading(statements, question)) is not None}
    supposed = Intake.model_validate({**intake.model_dump(), **read})
    zone = intake.time_zone or ZONE_OF_COUNTRY.get(intake.country or "")
    return Situation(
        intake=intake,
        supposed=supposed,
        statements=statements,
        now=now,
        coordinates=towns.get(place_key(supposed.place)) if supposed.place else None,
        zone=ZoneInfo(zone) if zone else None,
    )


def place_key(place: str) -> str:
    """A town's name as it is compared: `Cork, Ireland` and `cork` are one."""
    return " ".join(place.partition(",")[0].casefold().split())


def great_circle_km(one: Coordinates, other: Coordinates) -> float:
    """The haversine distance between two points, in kilometres."""
    latitude, longitude = radians(other[0] - one[0]), radians(other[1] - one[1])
    half = sin(latitude / 2) ** 2 + cos(radians(one[0])) * cos(radians(other[0])) * sin(longitude / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * asin(sqrt(min(1.0, half)))
