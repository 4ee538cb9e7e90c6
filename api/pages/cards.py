"""What a page shows of a group: its facts in words, and for a newcomer why it may fit. Decides wording and order, not
which groups are shown. A fact that the listing doesn't give is left out or said to be unknown, never guessed.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from api.pages.meeting_words import say_for_newcomer, say_meeting, say_next, say_rhythm, say_time, say_zone
from api.presenting import page_of
from models.group import Eligibility, Group, Joining, Location
from models.recommendation import Fit, Recommendation
from models.schedule import Schedule
from models.text import say_list
from models.vocabulary import Format, Identity, Role, Stage, Status, Term, say_language

_ASK_FIRST = 2
_MEETINGS_AHEAD = 3
_FITS = {Fit.STRONG: "A strong fit", Fit.GOOD: "A good fit", Fit.POSSIBLE: "A possible fit", Fit.NOT_CLOSE: "Not close"}
_CLOSED = {
    Status.TEMPORARILY_CLOSED: "This group is closed for now.",
    Status.INACTIVE: "This group is not running.",
    Status.DEFUNCT: "This group has ended.",
}


@dataclass(frozen=True)
class WayIn:
    """One way to join: what to press or read, and where it leads."""

    label: str
    text: str
    href: str | None


@dataclass(frozen=True)
class Card:
    """One recommended group."""

    path: str
    calendar_path: str | None
    name: str
    description: str
    fit: str
    fit_words: str
    when: str
    when_for_newcomer: str | None
    where: str
    how_to_join: str | None
    ways_in: tuple[WayIn, ...]
    reasons: tuple[str, ...]
    mismatches: tuple[str, ...]
    questions: tuple[str, ...]
    more_questions: tuple[str, ...]
    first_visit: str | None
    listing: str | None
    """Where the listing came from, and when somebody last made sure of it."""


@dataclass(frozen=True)
class Meeting:
    """One schedule of a group: how often, and the next times."""

    rhythm: str | None
    next_times: tuple[str, ...]


@dataclass(frozen=True)
class GroupFacts:
    """A group's own page."""

    path: str
    calendar_path: str | None
    name: str
    description: str
    closed: str | None
    meetings: tuple[Meeting, ...]
    where: str
    how_to_join: str | None
    ways_in: tuple[WayIn, ...]
    first_visit: str | None
    facts: tuple[tuple[str, str], ...]
    """Label and sentence, in the order to show."""


def make_card(one: Recommendation) -> Card:
    """A recommendation in the words of a card."""
    group, questions = one.group, tuple(remark.sentence for remark in one.unknowns)
    return Card(
        path=page_of(group.id),
        calendar_path=_calendar_path(group) if one.next_meeting else None,
        name=group.name,
        description=group.description,
        fit=one.fit.value,
        fit_words=_FITS[one.fit],
        when=say_next(one.next_meeting) if one.next_meeting else "The listing doesn't say. Ask the group.",
        when_for_newcomer=say_for_newcomer(one.next_meeting) if one.next_meeting else None,
        where=say_where(group),
        how_to_join=group.joining.how if group.joining else None,
        ways_in=ways_in(group.joining),
        reasons=tuple(remark.sentence for remark in one.reasons),
        mismatches=tuple(remark.sentence for remark in one.mismatches),
        questions=questions[:_ASK_FIRST],
        more_questions=questions[_ASK_FIRST:],
        first_visit=group.first_visit,
        listing=_say_listing(group),
    )


def state_facts(group: Group, now: datetime) -> GroupFacts:
    """A group's listing in words, with its next meetings after `now`."""
    meetings = tuple(_meeting(schedule, now) for schedule in group.schedules or ())
    return GroupFacts(
        path=page_of(group.id),
        calendar_path=_calendar_path(group) if any(meeting.next_times for meeting in meetings) else None,
        name=group.name,
        description=group.description,
        closed=_CLOSED.get(group.status) if group.status else None,
        meetings=tuple(meeting for meeting in meetings if meeting.rhythm or meeting.next_times),
        where=say_where(group),
        how_to_join=group.joining.how if group.joining else None,
        ways_in=ways_in(group.joining),
        first_visit=group.first_visit,
        facts=tuple((label, sentence) for label, sentence in _facts(group) if sentence),
    )


def say_where(group: Group) -> str:
    """`Online`, `In person: Gipton Hub, Leeds`."""
    place = _say_place(group.location) if group.location else None
    if group.format is None:
        return place or "The listing doesn't say. Ask the group."
    if group.format in {Format.ONLINE, Format.PHONE} or place is None:
        return _capital(group.format.label)
    return f"{_capital(group.format.label)}: {place}"


def ways_in(joining: Joining | None) -> tuple[WayIn, ...]:
    """Link, phone and e-mail, where the listing has them."""
    if joining is None:
        return ()
    ways = (
        WayIn("Web page", _bare(joining.url), joining.url) if joining.url else None,
        WayIn("Phone", joining.phone, _telephone(joining.phone)) if joining.phone else None,
        WayIn("E-mail", joining.email, _mail(joining.email)) if joining.email else None,
    )
    return tuple(way for way in ways if way)


def _calendar_path(group: Group) -> str:
    return f"{page_of(group.id)}/calendar.ics"


def _say_place(location: Location) -> str | None:
    return ", ".join(part for part in (location.name, location.address, location.city) if part) or None


def _meeting(schedule: Schedule, now: datetime) -> Meeting:
    starts = schedule.meetings_after(now, _MEETINGS_AHEAD)
    rhythm = say_rhythm(schedule)
    at = datetime.combine(now.date(), schedule.start_time)
    return Meeting(
        rhythm=f"{rhythm} at {say_time(at)}, {say_zone(schedule.time_zone)}" if rhythm else None,
        next_times=tuple(say_meeting(start, schedule.duration_minutes) for start in starts),
    )


def _facts(group: Group) -> list[tuple[str, str | None]]:
    return [
        ("Who it's for", _say_welcome(group.eligibility)),
        ("Led by", _capital(group.facilitation.label) if group.facilitation else None),
        ("How it runs", _capital(group.structure.label) if group.structure else None),
        ("Faith", _capital(group.faith.label) if group.faith else None),
        ("Size", f"About {group.typical_size} people come" if group.typical_size else None),
        ("Just listening", _yes_or_no(group.listening_only, "You can just listen", "People are asked to take part")),
        ("Camera", _yes_or_no(group.camera_off, "Your camera can stay off", "Cameras are on")),
        ("Sign-up", _yes_or_no(group.drop_in, "No need to sign up", "Sign up before you come")),
        ("Cost", _capital(group.cost_options.label) if group.cost_options else None),
        ("Languages", say_list([say_language(code) for code in group.languages or ()])),
        ("Access", _capital(say_list([need.label for need in group.accessibility or ()]))),
        ("Listing", _say_listing(group)),
    ]


def _say_welcome(eligibility: Eligibility) -> str | None:
    sentences = [
        _only_for(eligibility.roles, len(Role)),
        _only_for(eligibility.stages, len(Stage)),
        _only_for(eligibility.identities, len(Identity)),
        _say_ages(eligibility.minimum_age, eligibility.maximum_age),
        "Someone has to refer you" if eligibility.referral_needed else None,
        eligibility.note.rstrip(".") if eligibility.note else None,
    ]
    return ". ".join(sentence for sentence in sentences if sentence) or None


def _only_for(welcome: tuple[Term, ...] | None, all_there_are: int) -> str | None:
    if not welcome or len(welcome) == all_there_are:
        return None
    return f"For {say_list([term.label for term in welcome], 'or')}"


def _say_ages(low: int | None, high: int | None) -> str | None:
    if low is not None and high is not None:
        return f"Aged {low} to {high}"
    if low is not None:
        return f"Aged {low} and over"
    return f"Aged {high} and under" if high is not None else None


def _yes_or_no(fact: bool | None, yes: str, no: str) -> str | None:
    return None if fact is None else yes if fact else no


def _say_listing(group: Group) -> str | None:
    checked = group.assured_date
    said = (group.source, f"last checked {checked.day} {checked:%B %Y}" if checked else None)
    return _capital(", ".join(part for part in said if part)) or None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _bare(url: str) -> str:
    """An address as people read it, broken where it is long by the page, never cut."""
    return re.sub(r"^https?://(www\.)?", "", url).rstrip("/")


def _telephone(phone: str) -> str | None:
    """A number to dial. None when there are letters in it: "ask for Tracey" can't be dialled."""
    if re.search(r"[^\d\s()+./-]", phone) or not re.search(r"\d{3}", phone):
        return None
    return "tel:" + re.sub(r"[^\d+]", "", phone)


def _mail(email: str) -> str | None:
    return f"mailto:{quote(email, safe='@.+-_')}" if re.fullmatch(r"[^@\s]+@[^@\s]+", email) else None
