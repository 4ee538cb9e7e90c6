"""When groups meet next is kept between newcomers, and worked out anew when the clock has moved on."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pytest

from matcher import meetings
from matcher.meetings import Calendar
from models.group import Group
from models.schedule import Schedule
from models.vocabulary import DayPart, Format
from tests.records import a_group

MONDAY = datetime(2026, 6, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def meets_on(weekday: str) -> Group:
    return a_group(schedules=(Schedule(rule=f"FREQ=WEEKLY;BYDAY={weekday}", start_time=time(20), time_zone="UTC"),))


def first_days(calendar: Calendar, groups: list[Group], now: datetime) -> list[float]:
    """How many days away the first meeting of each is."""
    codes = np.arange(len(groups), dtype=np.int32)
    return list((calendar.first_meetings(codes, groups, now) - now.timestamp()) / 86_400)


def test_first_meetings_are_those_that_come_next_at_each_moment_it_is_asked_for() -> None:
    groups = [meets_on("MO"), meets_on("WE"), a_group()]
    calendar, evening = Calendar(), timedelta(hours=12)
    moments = [MONDAY, MONDAY + timedelta(hours=1), MONDAY + evening, MONDAY + 2 * DAY + evening, MONDAY]
    left = [first_days(calendar, groups, moment)[:2] for moment in moments]
    assert left == [[0.5, 2.5], [pytest.approx(11 / 24), pytest.approx(2 + 11 / 24)], [7, 2], [5, 7], [0.5, 2.5]]
    assert np.isnan(first_days(calendar, groups, MONDAY)[2])


def test_schedules_that_turn_up_later_are_known_too() -> None:
    calendar, groups = Calendar(), [meets_on("MO")]
    assert first_days(calendar, groups, MONDAY) == [0.5]
    assert first_days(calendar, [*groups, meets_on("TU")], MONDAY) == [0.5, 1.5]


def test_how_many_meetings_suit_is_told_on_the_newcomers_own_clock() -> None:
    calendar, online = Calendar(), meets_on("MO").model_copy(update={"format": Format.ONLINE})
    here, there = (calendar.meetings(0, online, ZoneInfo(zone), MONDAY, 2) for zone in ("Europe/London", "Asia/Tokyo"))
    assert here.share_in({DayPart.WEEKDAY_EVENING}) == 1
    assert there.share_in({DayPart.WEEKDAY_EVENING}) == 0


def test_however_many_time_zones_newcomers_live_in_no_more_is_kept_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meetings, "_KEPT_MOST", 10)
    calendar, online = Calendar(), meets_on("MO").model_copy(update={"format": Format.ONLINE})
    for name in sorted(available_timezones())[:25]:
        calendar.meetings(0, online, ZoneInfo(name), MONDAY, 2)
        assert 1 <= len(calendar._known) <= 10


class GrownMeanwhile(Calendar):
    """One for which another thread has made more room whenever it is looked at again."""

    looks = 0

    @property
    def _firsts(self) -> Any:
        self.looks += 1
        return np.zeros(3 * (self.looks - 1), dtype=meetings._FIRST)

    @_firsts.setter
    def _firsts(self, firsts: Any) -> None:
        """Another thread's took its place at once."""


def test_first_meetings_are_told_while_another_thread_makes_room_for_more() -> None:
    assert first_days(GrownMeanwhile(), [meets_on("MO"), meets_on("WE")], MONDAY) == [0.5, 2.5]
