"""A group's meetings as a calendar file (RFC 5545). Holds nothing about whoever downloads it."""

from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vRecur

from models.group import Group, Location
from models.schedule import Schedule

_CLOCK_CHANGES_KNOWN_TO = date(2038, 1, 1)


def write_calendar(group: Group, now: datetime) -> bytes | None:
    """One event for each of the group's schedules that has a meeting after `now`; None when there is none."""
    starts = [_first_start(schedule, now) for schedule in group.schedules or ()]
    events = [_event(group, number, start, now) for number, start in enumerate(starts) if start]
    if not events:
        return None
    calendar = Calendar.new(prodid="-//Kindred//Group meetings//EN", uid=_uid(group), subcomponents=events)
    calendar.add_missing_timezones(first_date=date(now.year - 1, 1, 1), last_date=_CLOCK_CHANGES_KNOWN_TO)
    return bytes(calendar.to_ical())


def _first_start(schedule: Schedule, now: datetime) -> datetime | None:
    """Where the series begins, on the wall of the group's own clock."""
    upcoming = schedule.meetings_after(now, 1)
    if not upcoming:
        return None
    if "COUNT=" in schedule.rule and schedule.first_date:
        # A count runs from the first meeting of all, so the series must begin there.
        before = datetime.combine(schedule.first_date, time(), ZoneInfo(schedule.time_zone)) - timedelta(minutes=1)
        upcoming = schedule.meetings_after(before, 1)
    # Put together again, because a start in an hour that the clocks skip is shown moved.
    return datetime.combine(upcoming[0].date(), schedule.start_time, ZoneInfo(schedule.time_zone))


def _event(group: Group, number: int, start: datetime, now: datetime) -> Event:
    schedule = (group.schedules or ())[number]
    minutes = schedule.duration_minutes
    event = Event.new(
        uid=_uid(group, number),
        stamp=now.astimezone(UTC),
        summary=group.name,
        start=start,
        end=start + timedelta(minutes=minutes) if minutes else None,
        description=group.joining.how if group.joining else None,
        location=_place(group.location) if group.location else None,
        url=group.joining.url if group.joining else None,
    )
    event.add("rrule", _rule(schedule))
    return event


def _uid(group: Group, number: int | None = None) -> str:
    """The same for the same group each time, so that importing again renews instead of doubling."""
    meeting = "" if number is None else f".{number}"
    return f"{quote(group.id, safe='')}{meeting}@kindred"


def _rule(schedule: Schedule) -> vRecur:
    """The schedule's rule; its last day on the group's clock becomes the moment in UTC that RFC 5545 asks for."""
    rule: vRecur = vRecur.from_ical(schedule.rule)
    if "UNTIL" in rule:
        last = rule["UNTIL"][0]
        wall = last.replace(tzinfo=None) if isinstance(last, datetime) else datetime.combine(last, time(23, 59, 59))
        rule["UNTIL"] = [wall.replace(tzinfo=ZoneInfo(schedule.time_zone)).astimezone(UTC)]
    return rule


def _place(location: Location) -> str | None:
    return ", ".join(part for part in (location.name, location.address, location.city) if part) or None
