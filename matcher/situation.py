"""The newcomer's side of a comparison: the intake, and what follows from it once for all groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import asin, cos, radians, sin, sqrt
from zoneinfo import ZoneInfo

from matcher.reading import only_reading, read_statements
from models.group import Location
from models.intake import Intake
from models.recommendation import Statement
from models.vocabulary import ZONE_OF_COUNTRY, Role, Stage

Coordinates = tuple[float, float]  # latitude, longitude, in degrees
_EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True)
class Situation:
    """What is known of a newcomer at one moment."""

    intake: Intake
    now: datetime
    coordinates: Coordinates | None
    """Where the newcomer's town lies, if a group of the directory meets there."""
    zone: ZoneInfo | None
    statements: tuple[Statement, ...]
    read_role: Role | None
    read_stage: Stage | None

    def distance_km(self, location: Location | None) -> float | None:
        """As the crow flies; None: one of the two places is not known."""
        if location is None:
            return None
        if location.latitude is not None and location.longitude is not None and self.coordinates:
            return great_circle_km(self.coordinates, (location.latitude, location.longitude))
        same_town = location.city and self.intake.place and place_key(location.city) == place_key(self.intake.place)
        return 0.0 if same_town else None


def situate(intake: Intake, towns: Mapping[str, Coordinates], now: datetime) -> Situation:
    """Everything about the newcomer that does not depend on a group."""
    statements = read_statements(intake)
    role, stage = only_reading(statements, "role"), only_reading(statements, "stage")
    zone = intake.time_zone or ZONE_OF_COUNTRY.get(intake.country or "")
    return Situation(
        intake=intake,
        now=now,
        coordinates=towns.get(place_key(intake.place)) if intake.place else None,
        zone=ZoneInfo(zone) if zone else None,
        statements=statements,
        read_role=Role(role) if role else None,
        read_stage=Stage(stage) if stage else None,
    )


def place_key(place: str) -> str:
    """A town's name as it is compared: `Cork, Ireland` and `cork` are one."""
    return " ".join(place.partition(",")[0].casefold().split())


def great_circle_km(one: Coordinates, other: Coordinates) -> float:
    """The haversine distance between two points, in kilometres."""
    latitude, longitude = radians(other[0] - one[0]), radians(other[1] - one[1])
    half = sin(latitude / 2) ** 2 + cos(radians(one[0])) * cos(radians(other[0])) * sin(longitude / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * asin(sqrt(min(1.0, half)))
