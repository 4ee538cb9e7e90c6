"""The newcomer's side of a comparison: the intake, and what follows from it once for all groups."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from matcher.gazetteer import Coordinates, Towns, great_circle_km, locate_town, may_lie_at, place_key
from matcher.reading import only_reading, read_statements
from matcher.terms import terms_of
from matcher.text import passage_of_intake
from models.group import Location
from models.intake import Intake
from models.recommendation import Statement
from models.vocabulary import ZONE_OF_COUNTRY, Relation, Role, Stage

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
        city, place = location.city, self.supposed.place
        if city is None or place is None or place_key(city) != place_key(place):
            return None
        return 0.0 if may_lie_at(city, location.country, self.coordinates) else None


def situate(intake: Intake, towns: Towns, now: datetime) -> Situation:
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
        coordinates=locate_town(supposed.place, supposed.country, towns) if supposed.place else None,
        zone=ZoneInfo(zone) if zone else None,
    )
