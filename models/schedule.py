"""Recurring meetings: an RFC 5545 rule in an IANA time zone, and the moments it stands for.

Times are wall-clock times where the group meets, so 19:00 stays 19:00 when the clocks change.
The clock is never read here: every question takes the moment it is asked at.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice, takewhile
from typing import Annotated, Self, cast
from zoneinfo import ZoneInfo, available_timezones

from dateutil.rrule import rrule, rrulestr
from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from models.text import Record
from models.vocabulary import DayPart

# Rules are tried in the last years there are, where any search ends soon: dateutil looks no further than 9999. Forty
# years have every kind of year in them.
_LATE_YEAR = 9960
_CALENDAR_REPEATS_YEARS = 400
_WEEKS_OF_A_MONTH, _WEEKS_OF_A_YEAR = 5, 53
# Rules are read no further ahead than this: a yearly meeting is found, an impossible one ends.
_HORIZON_DAYS = 400
_KEPT_STARTS = 12
_PARTS = {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYSETPOS", "BYMONTH", "WKST", "UNTIL", "COUNT"}
_FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
_NOON_HOUR, _EVENING_HOUR = 12, 17
_SATURDAY = 5
_ZONES = frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _ZONES:
        raise ValueError("is not an IANA time zone; write one such as 'Europe/London' or 'America/New_York'")
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]


class Schedule(Record):
    """One recurring meeting of a group."""

    rule: str = Field(max_length=200)
    """An RFC 5545 recurrence rule without time parts: `FREQ=MONTHLY;BYDAY=2TU,4TU`."""
    start_time: time
    """When it starts, on the clock of `time_zone`."""
    time_zone: TimeZone
    duration_minutes: int | None = Field(default=None, ge=5, le=24 * 60)
    first_date: date | None = None
    """The first meeting. Needed when the rule counts (INTERVAL above 1, COUNT), else it may be unknown."""

    @field_validator("start_time")
    @classmethod
    def _on_the_groups_own_clock(cls, start_time: time) -> time:
        if start_time.tzinfo is not None:
            raise ValueError("must have no offset: it is on the clock of time_zone")
        return start_time

    @field_validator("rule")
    @classmethod
    def _readable_rule(cls, text: str) -> str:
        return _read_rule(text.strip().upper().removeprefix("RRULE:"))

    @model_validator(mode="after")
    def _first_date_where_the_rule_counts(self) -> Self:
        if self.first_date is not None:
            return self
        if self._counts:
            raise ValueError("first_date is needed when the rule has INTERVAL or COUNT, to count from")
        if not self._names_its_day:
            raise ValueError("the rule must name its day (such as BYDAY=TU), or first_date must be given")
        return self

    @model_validator(mode="after")
    def _comes_true(self, info: ValidationInfo) -> Self:
        # What was stored before this was asked is JSON (`api.storage.documents`): it stays readable, without meetings.
        if info.mode != "json" and not _comes_true(self.rule, self._counted_from):
            raise ValueError("the rule names a day that never comes, or its INTERVAL or COUNT is below 1")
        return self

    @property
    def _counted_from(self) -> date | None:
        """The first date where the rule means something else from another one."""
        return self.first_date if self._counts or not self._names_its_day else None

    @property
    def _counts(self) -> bool:
        parts = _parts_of(self.rule)
        return "COUNT" in parts or int(parts.get("INTERVAL", "1")) > 1

    @property
    def _names_its_day(self) -> bool:
        parts = _parts_of(self.rule)
        named = "BYDAY" in parts or "BYMONTHDAY" in parts
        return parts["FREQ"] == "DAILY" or (named and (parts["FREQ"] != "YEARLY" or "BYMONTH" in parts))

    def meetings_after(self, moment: datetime, limit: int) -> list[datetime]:
        """The next `limit` starts later than `moment` (aware), within 400 days, in the group's own zone."""
        first, seconds = _first_starts(self, moment.astimezone(UTC).date())
        later = list(first[bisect_right(seconds, moment.timestamp()) :])
        if len(later) >= limit or len(first) < _KEPT_STARTS:
            return later[:limit]
        return list(islice((start for start in self._starts_from(moment) if start > moment), limit))

    def _starts_from(self, moment: datetime) -> Iterator[datetime]:
        zone = ZoneInfo(self.time_zone)
        # A day earlier on the wall, so that no hour lost or repeated by a change of clocks hides a meeting.
        wall = moment.astimezone(zone).replace(tzinfo=None) - timedelta(days=1)
        for start in self._walls_from(wall, last=wall + timedelta(days=_HORIZON_DAYS)):
            # Through UTC, so that a time the clocks skip becomes the one they jump to.
            yield start.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)

    def _walls_from(self, wall: datetime, last: datetime) -> Iterator[datetime]:
        """The starts on the group's own clock, from `wall` to `last`."""
        if not _comes_true(self.rule, self._counted_from):
            return iter(())
        parts = _parts_of(self.rule)
        first = self._first_start(wall)
        end = min(last, _until_of(parts) or last)
        # A rule may hold COUNT or UNTIL, not both: one that counts is cut off here.
        rule = cast("rrule", rrulestr(_without_until(self.rule), dtstart=first))
        starts = (rule if "COUNT" in parts else rule.replace(until=end)).xafter(wall, inc=True)
        return takewhile(lambda start: start <= end, starts)

    def _first_start(self, wall: datetime) -> datetime:
        """Where to begin reading the rule: its first date, or the day of `wall` where that makes no difference."""
        earliest = max(self.first_date or date.min, wall.date())
        return datetime.combine(self._counted_from or earliest, self.start_time)


@lru_cache(maxsize=50_000)
def _first_starts(schedule: Schedule, day: date) -> tuple[tuple[datetime, ...], tuple[float, ...]]:
    """The first starts from the beginning of a day (UTC), and the same in seconds since 1970: kept because every
    request of the day asks for them. Seconds are compared, since moments of two time zones take ten times as long.
    """
    midnight = datetime.combine(day, time(), UTC)
    starts = tuple(islice((start for start in schedule._starts_from(midnight) if start >= midnight), _KEPT_STARTS))
    return starts, tuple(start.timestamp() for start in starts)


def next_meeting(schedules: tuple[Schedule, ...], now: datetime) -> tuple[datetime, Schedule] | None:
    """The earliest meeting after `now` among all schedules, or None when no schedule has one."""
    upcoming = [(starts[0], schedule) for schedule in schedules if (starts := schedule.meetings_after(now, 1))]
    return min(upcoming, key=lambda meeting: meeting[0]) if upcoming else None


def day_part(start: datetime) -> DayPart:
    """The part of the week in which a meeting starts, on the clock that `start` carries."""
    weekend = start.weekday() >= _SATURDAY
    if start.hour < _NOON_HOUR:
        return DayPart.WEEKEND_MORNING if weekend else DayPart.WEEKDAY_MORNING
    if start.hour < _EVENING_HOUR:
        return DayPart.WEEKEND_AFTERNOON if weekend else DayPart.WEEKDAY_AFTERNOON
    return DayPart.WEEKEND_EVENING if weekend else DayPart.WEEKDAY_EVENING


@lru_cache(maxsize=1_000)
def _read_rule(rule: str) -> str:
    """The rule, if it can be read. Few different ones stand in very many listings."""
    parts = _parts_of(rule)
    unknown = sorted(set(parts) - _PARTS)
    if unknown:
        raise ValueError(f"only {', '.join(sorted(_PARTS))} may stand in a rule; the time is in start_time")
    if parts.get("FREQ") not in _FREQUENCIES:
        raise ValueError("needs FREQ=DAILY, WEEKLY, MONTHLY or YEARLY")
    try:
        rrulestr(_without_until(rule), dtstart=datetime(_LATE_YEAR, 1, 1))
        _until_of(parts)
    except (ValueError, KeyError, TypeError, IndexError):
        raise ValueError("is not an RFC 5545 rule; write one such as 'FREQ=WEEKLY;BYDAY=TU'") from None
    return rule


@lru_cache(maxsize=1_000)
def _comes_true(rule: str, counted_from: date | None) -> bool:
    """Whether a rule stands for any meeting. One that doesn't would be searched to the year 9999, or for ever."""
    if not _counts_right(_parts_of(rule)):
        return False
    first = counted_from or date(_LATE_YEAR, 1, 1)
    cycles = (_LATE_YEAR - first.year) // _CALENDAR_REPEATS_YEARS
    late = datetime.combine(first.replace(year=first.year + cycles * _CALENDAR_REPEATS_YEARS), time())
    return any(True for _ in rrulestr(_without_until(rule), dtstart=late))


def _counts_right(parts: dict[str, str]) -> bool:
    """Whether every number in it may stand there. dateutil takes others, and fails or never ends on them."""
    most = _WEEKS_OF_A_MONTH if parts["FREQ"] == "MONTHLY" or "BYMONTH" in parts else _WEEKS_OF_A_YEAR
    ordinals = [int(digits) for digits in re.findall(r"\d+", parts.get("BYDAY", ""))]
    return max(ordinals, default=1) <= most and all(int(parts.get(name, "1")) >= 1 for name in ("INTERVAL", "COUNT"))


def _parts_of(rule: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in rule.split(";") if part]
    return {name: value for name, _, value in pairs}


def _without_until(rule: str) -> str:
    return ";".join(part for part in rule.split(";") if part and not part.startswith("UNTIL="))


def _until_of(parts: dict[str, str]) -> datetime | None:
    """The last wall-clock moment a rule names; a bare date means to the end of that day."""
    if "UNTIL" not in parts:
        return None
    digits = re.fullmatch(r"(\d{8})(?:T(\d{6})Z?)?", parts["UNTIL"])
    if digits is None:
        raise ValueError("UNTIL must be a date such as 20271231")
    return datetime.strptime(digits[1] + (digits[2] or "235959"), "%Y%m%d%H%M%S")
