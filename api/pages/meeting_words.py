"""When and how often a group meets, in words. Decides wording only: the moments come from `models.schedule`."""

from datetime import datetime, timedelta

from models.questionnaire import default_questionnaire
from models.recommendation import NextMeeting
from models.schedule import Schedule
from models.text import say_list

_DAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
_ORDINALS = {
    "1": "first",
    "2": "second",
    "3": "third",
    "4": "fourth",
    "5": "fifth",
    "-1": "last",
    "-2": "second to last",
}
_SAID_PARTS = {"FREQ", "INTERVAL", "BYDAY", "WKST", "UNTIL"}


def say_next(meeting: NextMeeting) -> str:
    """`Tuesday 24 November, 7 pm to 8:30 pm (United Kingdom time)`."""
    return f"{say_meeting(meeting.starts, meeting.duration_minutes)} ({say_zone(meeting.time_zone)})"


def say_for_newcomer(meeting: NextMeeting) -> str | None:
    """The same moment on the newcomer's own clock, with the day where that differs."""
    own = meeting.starts_for_newcomer
    if own is None:
        return None
    return say_time(own) if own.date() == meeting.starts.date() else f"{say_day(own)}, {say_time(own)}"


def say_meeting(starts: datetime, duration_minutes: int | None) -> str:
    """`Tuesday 24 November, 7 pm to 8:30 pm`."""
    span = say_time(starts)
    if duration_minutes:
        span = f"{span} to {say_time(starts + timedelta(minutes=duration_minutes))}"
    return f"{say_day(starts)}, {span}"


def say_day(moment: datetime) -> str:
    return f"{moment:%A} {moment.day} {moment:%B}"


def say_time(moment: datetime) -> str:
    """`7 pm`, `7:30 pm`, `12 noon`, `midnight`; with spaces at which no line breaks."""
    if (moment.hour, moment.minute) == (12, 0):
        return "12\N{NO-BREAK SPACE}noon"
    if (moment.hour, moment.minute) == (0, 0):
        return "midnight"
    minutes = f":{moment.minute:02d}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minutes}\N{NO-BREAK SPACE}{'am' if moment.hour < 12 else 'pm'}"


def say_zone(zone: str) -> str:
    """`United Kingdom time`; a zone that the questionnaire doesn't name is called by its city."""
    asked = next(question for question in default_questionnaire().questions if question.id == "time_zone")
    label = next((choice.label for choice in asked.choices if choice.id == zone), None)
    return f"{label or zone.rpartition('/')[2].replace('_', ' ')} time"


def say_rhythm(schedule: Schedule) -> str | None:
    """`Every Tuesday`, `The second and fourth Tuesday of the month`; None when the rule is too odd to say shortly."""
    parts = dict(part.split("=", 1) for part in schedule.rule.split(";") if part)
    if not set(parts) <= _SAID_PARTS:
        return None
    interval = int(parts.get("INTERVAL", "1"))
    days = parts["BYDAY"].split(",") if "BYDAY" in parts else []
    if parts["FREQ"] == "DAILY" and interval == 1 and not days:
        return "Every day"
    if parts["FREQ"] == "WEEKLY" and interval in {1, 2}:
        return _say_weekly(days or _day_of(schedule), interval)
    if parts["FREQ"] == "MONTHLY" and interval == 1:
        return _say_monthly(days)
    return None


def _say_weekly(days: list[str], interval: int) -> str | None:
    if not all(day in _DAYS for day in days):
        return None
    if len(days) == len(_DAYS):
        return "Every day" if interval == 1 else None
    if days == ["MO", "TU", "WE", "TH", "FR"] and interval == 1:
        return "Every day from Monday to Friday"
    return f"{'Every' if interval == 1 else 'Every other'} {say_list([_DAYS[day] for day in days])}"


def _say_monthly(days: list[str]) -> str | None:
    ordinals, weekdays = [day[:-2] for day in days], {day[-2:] for day in days}
    if len(weekdays) != 1 or not all(ordinal in _ORDINALS for ordinal in ordinals):
        return None
    return f"The {say_list([_ORDINALS[ordinal] for ordinal in ordinals])} {_DAYS[weekdays.pop()]} of the month"


def _day_of(schedule: Schedule) -> list[str]:
    return [list(_DAYS)[schedule.first_date.weekday()]] if schedule.first_date else []
