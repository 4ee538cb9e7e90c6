"""A peer-support group as its listing tells it: every fact but its id, name and description may be unknown.

None always means "the listing doesn't say"; an empty list means "it says there are none".
Field names follow Open Referral HSDS where it has one.
"""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from models.schedule import Schedule
from models.text import CountryCode, Identifier, LanguageCode, Line, Record, Text
from models.vocabulary import (
    AccessNeed,
    Cost,
    Facilitation,
    Faith,
    Format,
    Hope,
    Identity,
    Relation,
    Role,
    Stage,
    Status,
    Structure,
)

Age = Annotated[int, Field(ge=0, le=120)]


class Eligibility(Record):
    """Whom the group is for. A list names everyone who is welcome; None: the listing doesn't say."""

    roles: tuple[Role, ...] | None = None
    relations: tuple[Relation, ...] | None = None
    """For those who support or have lost someone: who that person is to them."""
    stages: tuple[Stage, ...] | None = None
    minimum_age: Age | None = None
    maximum_age: Age | None = None
    identities: tuple[Identity, ...] | None = None
    """Only for people of one of these identities; empty: open to all."""
    countries: tuple[CountryCode, ...] | None = None
    """Only for people living in one of these countries; empty: from anywhere."""
    referral_needed: bool | None = None
    note: Line | None = None
    """A condition that no field holds, in a sentence to show: "For patients of St Anne's"."""

    @model_validator(mode="after")
    def _ages_in_order(self) -> Self:
        if self.minimum_age is not None and self.maximum_age is not None and self.minimum_age > self.maximum_age:
            raise ValueError("minimum_age is above maximum_age")
        return self


class Location(Record):
    """Where a group meets in person."""

    name: Line | None = None
    address: Line | None = None
    city: Line | None = None
    region: Line | None = None
    country: CountryCode | None = None
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)

    @model_validator(mode="after")
    def _both_coordinates_or_neither(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude must be given together")
        return self


class Joining(Record):
    """How to come for the first time."""

    how: Line | None = None
    url: Line | None = None
    email: Line | None = None
    phone: Line | None = None

    @model_validator(mode="after")
    def _a_web_address(self) -> Self:
        if self.url is not None and not self.url.lower().startswith(("https://", "http://")):
            raise ValueError("url must start with https:// or http://")
        return self


class FactSource(Record):
    """Where one fact came from, and when somebody last made sure of it."""

    source: Line
    assured_date: date | None = None


class Group(Record):
    """A peer-support group, as listed."""

    id: Identifier
    name: Line
    description: Text
    topics: tuple[Line, ...] | None = None
    """What it is about: terms of `vocabulary.Topic` where one fits, and the listing's own tags."""
    status: Status | None = None
    eligibility: Eligibility = Eligibility()
    format: Format | None = None
    location: Location | None = None
    schedules: tuple[Schedule, ...] | None = Field(default=None, max_length=50)
    languages: tuple[LanguageCode, ...] | None = None
    places: int | None = Field(default=None, ge=0)
    """How many people it can hold."""
    places_open: int | None = Field(default=None, ge=0)
    """How many more people can join now; 0 is full."""
    typical_size: int | None = Field(default=None, ge=1)
    """How many people usually come to one meeting."""
    hopes: tuple[Hope, ...] | None = None
    """What people come for, as the listing tells it."""
    facilitation: Facilitation | None = None
    structure: Structure | None = None
    faith: Faith | None = None
    twelve_step: bool | None = None
    listening_only: bool | None = None
    """Whether people may just listen."""
    camera_off: bool | None = None
    drop_in: bool | None = None
    """Whether people can come without signing up."""
    cost_options: Cost | None = None
    accessibility: tuple[AccessNeed, ...] | None = None
    joining: Joining | None = None
    first_visit: Text | None = None
    """What a first visit is like, in a few sentences to show."""
    source: Line | None = None
    """Where the listing came from."""
    assured_date: date | None = None
    """When somebody last made sure that the listing is right."""
    fact_sources: dict[str, FactSource] = {}
    """For facts that came from elsewhere than `source`: field name → where from, and when assured."""

    @model_validator(mode="after")
    def _sources_name_fields(self) -> Self:
        if not self.fact_sources.keys() <= type(self).model_fields.keys():
            raise ValueError("fact_sources may name only fields of a group")
        return self

    @model_validator(mode="after")
    def _no_more_open_than_there_are(self) -> Self:
        if self.places is not None and self.places_open is not None and self.places_open > self.places:
            raise ValueError("places_open is above places")
        return self

    @property
    def is_full(self) -> bool:
        return self.places_open == 0

    @property
    def meets_in_person(self) -> bool | None:
        return None if self.format is None else self.format in {Format.IN_PERSON, Format.HYBRID}

    @property
    def meets_remotely(self) -> bool | None:
        return None if self.format is None else self.format is not Format.IN_PERSON
