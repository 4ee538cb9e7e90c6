"""Recurring meetings: examples from calendars, and laws that hold for every rule."""

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.schedule import Schedule, day_part, next_meeting
from models.vocabulary import DayPart

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ZONES = ("Europe/London", "Europe/Dublin", "America/New_York", "America/Los_Angeles", "Asia/Kathmandu", "UTC")


def schedule(rule: str, start: str = "19:00", zone: str = "Europe/London", **facts: object) -> Schedule:
    return Schedule.model_validate({"rule": rule, "start_time": start, "time_zone": zone, **facts})


def dates_after(schedule: Schedule, moment: datetime, limit: int) -> list[date]:
    return [start.date() for start in schedule.meetings_after(moment, limit)]


def test_second_and_fourth_tuesday() -> None:
    meetings = dates_after(schedule("FREQ=MONTHLY;BYDAY=2TU,4TU"), datetime(2026, 11, 1, tzinfo=UTC), 3)
    assert meetings == [date(2026, 11, 10), date(2026, 11, 24), date(2026, 12, 8)]


def test_last_saturday() -> None:
    meetings = dates_after(schedule("FREQ=MONTHLY;BYDAY=-1SA"), datetime(2026, 11, 1, tzinfo=UTC), 2)
    assert meetings == [date(2026, 11, 28), date(2026, 12, 26)]


def test_every_second_week_counts_from_its_first_date() -> None:
    biweekly = schedule("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", first_date="2026-11-04")
    assert dates_after(biweekly, datetime(2026, 11, 5, tzinfo=UTC), 2) == [date(2026, 11, 18), date(2026, 12, 2)]


def test_seven_in_the_evening_stays_seven_when_the_clocks_change() -> None:
    before, after = schedule("FREQ=WEEKLY;BYDAY=TU").meetings_after(datetime(2026, 10, 20, 12, tzinfo=UTC), 2)
    assert (before.hour, after.hour) == (19, 19)
    assert (before.astimezone(UTC).hour, after.astimezone(UTC).hour) == (18, 19)


def test_a_time_that_the_clocks_skip_becomes_the_one_they_jump_to() -> None:
    gap = schedule("FREQ=DAILY", start="01:30")
    [start] = gap.meetings_after(datetime(2026, 3, 28, 12, tzinfo=UTC), 1)
    assert (start.date(), start.hour, start.minute) == (date(2026, 3, 29), 2, 30)


def test_a_rule_ends_when_it_says() -> None:
    ended = schedule("FREQ=WEEKLY;BYDAY=TU;UNTIL=20261117")
    assert dates_after(ended, datetime(2026, 11, 16, tzinfo=UTC), 5) == [date(2026, 11, 17)]
    counted = schedule("FREQ=DAILY;COUNT=3", first_date="2026-11-01")
    assert dates_after(counted, datetime(2026, 11, 2, tzinfo=UTC), 5) == [date(2026, 11, 2), date(2026, 11, 3)]


NEVER = [
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;BYSETPOS=2",
    "FREQ=MONTHLY;BYDAY=1TU,9TU",
    "FREQ=MONTHLY;BYDAY=1TU,-60TU",
    "FREQ=DAILY;INTERVAL=0",
    "FREQ=DAILY;INTERVAL=-1",
    "FREQ=WEEKLY;INTERVAL=0;BYDAY=TU",
    "FREQ=DAILY;COUNT=0",
    "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
]


@pytest.mark.parametrize("rule", NEVER)
def test_a_rule_that_never_comes_true_is_refused(rule: str) -> None:
    with pytest.raises(ValidationError, match="names a day that never comes"):
        schedule(rule, first_date="2026-11-04")


@pytest.mark.parametrize("rule", NEVER)
def test_a_rule_that_never_comes_true_is_still_read_where_it_was_stored_and_has_no_meetings(rule: str) -> None:
    stored = {"rule": rule, "start_time": "00:30", "time_zone": "Europe/London", "first_date": "2026-11-04"}
    read = Schedule.model_validate_json(json.dumps(stored))
    assert read.meetings_after(datetime(2026, 11, 4, 12, tzinfo=UTC), 1) == []


@pytest.mark.parametrize("first", ["2024-02-29", "1988-02-29", "2000-02-29"])
@pytest.mark.parametrize("rule", ["FREQ=YEARLY", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29", "FREQ=MONTHLY;BYDAY=5TU"])
def test_a_rule_that_seldom_comes_true_is_read(rule: str, first: str) -> None:
    assert dates_after(schedule(rule, first_date=first), datetime(2028, 2, 1, tzinfo=UTC), 1) == [date(2028, 2, 29)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_time": "25:00"},
        {"start_time": "19:00+01:00"},
        {"time_zone": "Mars/Olympus"},
        {"rule": "FREQ=SECONDLY"},
        {"rule": "FREQ=WEEKLY;BYDAY=XX"},
        {"rule": "every Tuesday"},
        {"rule": "FREQ=WEEKLY;BYDAY=TU;UNTIL=soon"},
        {"rule": "FREQ=WEEKLY;BYDAY=TU;BYHOUR=3"},
        {"rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"},
        {"rule": "FREQ=WEEKLY;INTERVAL=often;BYDAY=TU"},
        {"rule": "FREQ=WEEKLY"},
        {"rule": "FREQ=MONTHLY"},
        {"rule": "FREQ=YEARLY;BYMONTHDAY=3"},
        {"rule": ""},
    ],
)
def test_a_schedule_that_says_nothing_sure_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Schedule.model_validate({"rule": "FREQ=WEEKLY;BYDAY=TU", "start_time": "19:00", "time_zone": "UTC", **wrong})


@given(
    day=st.sampled_from(DAYS),
    start=st.times(min_value=time(4)).map(lambda moment: moment.replace(microsecond=0)),
    zone=st.sampled_from(ZONES),
    moment=st.datetimes(datetime(2024, 6, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
)
def test_a_weekly_meeting_comes_within_a_week_on_its_day_at_its_hour(
    day: str, start: time, zone: str, moment: datetime
) -> None:
    weekly = schedule(f"FREQ=WEEKLY;BYDAY={day}", start.isoformat(), zone)
    first, second = weekly.meetings_after(moment, 2)
    assert moment < first <= moment + timedelta(days=7, hours=1)
    assert first.weekday() == second.weekday() == DAYS.index(day)
    assert first.timetz().replace(tzinfo=None) == start
    assert (second.date() - first.date()).days == 7


@given(moment=st.datetimes(datetime(2024, 6, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_the_next_meeting_is_the_earliest_of_all_schedules(moment: datetime) -> None:
    both = (schedule("FREQ=WEEKLY;BYDAY=TU"), schedule("FREQ=WEEKLY;BYDAY=TH", zone="America/New_York"))
    upcoming = next_meeting(both, moment)
    assert upcoming is not None
    assert upcoming[0] == min(one.meetings_after(moment, 1)[0] for one in both)


@given(
    rule=st.sampled_from(["FREQ=WEEKLY;BYDAY=TU", "FREQ=MONTHLY;BYDAY=2TU,4TU", "FREQ=MONTHLY;BYMONTHDAY=31"]),
    first=st.dates(date(2020, 1, 1), date(2028, 1, 1)),
    moment=st.datetimes(datetime(2024, 6, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    limit=st.integers(1, 20),
)
def test_a_first_date_only_cuts_off_what_lies_before_it(rule: str, first: date, moment: datetime, limit: int) -> None:
    late = schedule(rule, first_date=first.isoformat()).meetings_after(moment, limit)
    midnight = datetime.combine(first, time(), ZoneInfo("Europe/London")) - timedelta(minutes=1)
    usual = schedule(rule).meetings_after(max(moment, midnight), limit)
    # Both read as far as their own horizon: compared up to the nearer one.
    end = moment + timedelta(days=390)
    assert [start for start in late if start <= end] == [start for start in usual if start <= end]


def test_no_schedule_no_meeting() -> None:
    assert next_meeting((), datetime(2026, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("moment", "part"),
    [
        (datetime(2026, 11, 18, 11, 59), DayPart.WEEKDAY_MORNING),
        (datetime(2026, 11, 18, 12, 0), DayPart.WEEKDAY_AFTERNOON),
        (datetime(2026, 11, 20, 17, 0), DayPart.WEEKDAY_EVENING),
        (datetime(2026, 11, 21, 9, 0), DayPart.WEEKEND_MORNING),
        (datetime(2026, 11, 22, 16, 59), DayPart.WEEKEND_AFTERNOON),
        (datetime(2026, 11, 22, 23, 0), DayPart.WEEKEND_EVENING),
    ],
)
def test_parts_of_the_week(moment: datetime, part: DayPart) -> None:
    assert day_part(moment.replace(tzinfo=ZoneInfo("Europe/London"))) is part
