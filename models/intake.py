"""An intake: one newcomer's answers. None is a skipped question, which is never the same as "no".

An intake lives for one request. It is never stored, logged or repeated in an error.
"""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from models.schedule import TimeZone
from models.text import STORY_LIMIT_CHARACTERS, CountryCode, LanguageCode, Line, Record, printable
from models.vocabulary import AccessNeed, DayPart, Hope, Identity, Importance, Relation, Role, Stage, Topic, Wish

Story = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=STORY_LIMIT_CHARACTERS), AfterValidator(printable)
]


def _no_yes_or_no(number: object) -> object:
    if isinstance(number, bool):
        raise ValueError("must be a number, not true or false")
    return number


class Intake(Record):
    """One set of answers. Every field is the answer to the question of the same id."""

    story: Story | None = None
    """In the newcomer's own words; may be all there is."""
    topics: tuple[Topic, ...] | None = None
    role: Role | None = None
    relation: Relation | None = None
    """Who the person it is about is to the newcomer."""
    stage: Stage | None = None
    hopes: tuple[Hope, ...] | None = None
    wishes: dict[Wish, Importance] | None = None
    """What must, might or must not be true of a group."""
    availability: tuple[DayPart, ...] | None = None
    country: CountryCode | None = None
    """ISO 3166-1 code; ZZ: none of the countries offered."""
    place: Line | None = None
    """A town or city, as the newcomer writes it."""
    travel_km: Annotated[int | None, BeforeValidator(_no_yes_or_no)] = Field(default=None, ge=0, le=1000)
    """How far the newcomer could travel, in kilometres."""
    time_zone: TimeZone | None = None
    languages: tuple[LanguageCode, ...] | None = None
    access_needs: tuple[AccessNeed, ...] | None = None
    age: Annotated[int | None, BeforeValidator(_no_yes_or_no)] = Field(default=None, ge=0, le=120)
    identities: tuple[Identity, ...] | None = None
    struck: tuple[Line, ...] = Field(default=(), max_length=50)
    """Ids of statements read from the story that the newcomer said are wrong."""

    def wants(self, wish: Wish) -> Importance | None:
        """How much a wish counts for this newcomer; None: it was not marked."""
        return (self.wishes or {}).get(wish)

    @property
    def has_words(self) -> bool:
        return bool(self.story) or bool(self.topics)
