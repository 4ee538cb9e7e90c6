"""A calendar file means the same meetings as the schedule it was made from."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from api.formats.calendar import write_calendar
from models.schedule import Schedule
from tests.records import a_group

_RULES = [
    "FREQ=WEEKLY;BYDAY=TU",
    "FREQ=WEEKLY;BYDAY=MO,TH",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SA",
    "FREQ=MONTHLY;BYDAY=2TU,4TU",
    "FREQ=MONTHLY;BYDAY=-1FR",
    "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=15",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=WEEKLY;BYDAY=WE;COUNT=8",
    "FREQ=WEEKLY;BYDAY=SU;UNTIL=20270401",
    "FREQ=YEARLY;BYMONTH=6;BYDAY=1SA",
]
_AHEAD = 6
_schedules = st.builds(
    Schedule,
    rule=st.sampled_from(_RULES),
    start_time=st.sampled_from([time(0, 15), time(10), time(19, 30), time(23, 45)]),
    time_zone=st.sampled_from(["Europe/London", "America/New_York", "Australia/Sydney", "Asia/Kolkata"]),
    first_date=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)
_moments = st.datetimes(datetime(2026, 6, 1), datetime(2027, 5, 1)).map(lambda moment: moment.replace(tzinfo=UTC))


def _meetings(event: Event, now: datetime) -> list[datetime]:
    """The next starts that a calendar would show."""
    start = event["DTSTART"].dt
    zone = ZoneInfo(start.tzinfo.key)
    # The last moment stands in UTC; dateutil reads walls.
    rule = dict(event["RRULE"])
    last = rule.pop("UNTIL", [None])[0]
    text = ";".join(f"{name}={','.join(map(str, values))}" for name, values in rule.items())
    walls = rrulestr(text, dtstart=start.replace(tzinfo=None))
    starts = (wall.replace(tzinfo=zone) for wall in islice(walls, 2000))
    return list(islice((one for one in starts if one > now and (last is None or one <= last)), _AHEAD))


@settings(deadline=None)
@given(_schedules, _moments)
@example(
    Schedule(rule="FREQ=WEEKLY;BYDAY=SU;UNTIL=20270401", start_time=time(19), time_zone="America/New_York"),
    datetime(2027, 3, 1, tzinfo=UTC),
)
def test_the_file_gives_the_same_next_meetings(schedule: Schedule, now: datetime) -> None:
    # Schedules are read no further ahead than 400 days.
    horizon = now + timedelta(days=390)
    expected = [start for start in schedule.meetings_after(now, _AHEAD) if start < horizon]
    assume(expected)
    written = write_calendar(a_group(schedules=[schedule]), now)
    assert written is not None
    (event,) = Calendar.from_ical(written).events
    assert [start for start in _meetings(event, now) if start < horizon] == expected


@settings(max_examples=20, deadline=None)
@given(_schedules, _moments)
def test_writing_it_again_renews_the_same_entries(schedule: Schedule, now: datetime) -> None:
    group = a_group(id="a b", schedules=[schedule, schedule])
    written = [write_calendar(group, moment) for moment in (now, now + timedelta(days=1))]
    ids = [{str(event["UID"]) for event in Calendar.from_ical(file).events} for file in written if file]
    assert all(len(one) == 2 and one == ids[0] for one in ids)


def test_without_a_coming_meeting_there_is_no_file() -> None:
    ended = Schedule(rule="FREQ=WEEKLY;BYDAY=TU;UNTIL=20260101", start_time=time(19), time_zone="Europe/London")
    assert write_calendar(a_group(schedules=[ended]), datetime(2026, 11, 22, tzinfo=UTC)) is None
