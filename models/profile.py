"""An experience profile: what one member of a group chose to share of their own experience, for matching only.

Its words are never shown to anyone.
"""

from datetime import date

from models.text import Identifier, Line, Record, Text
from models.vocabulary import Hope, Role, Stage


class Consent(Record):
    """That the member agreed, when, and to which wording."""

    given_date: date
    wording: Line


class ExperienceProfile(Record):
    """What one member consented to share of their lived experience."""

    id: Identifier
    group_id: Identifier
    experience: Text
    """In the member's own words."""
    role: Role | None = None
    stage: Stage | None = None
    can_share: tuple[Hope, ...] | None = None
    """What this member is glad to give to others."""
    consent: Consent | None = None
