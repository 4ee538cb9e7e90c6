"""When groups meet next, worked out once for each set of schedules and kept until the first of its meetings is over."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from models.group import Group
from models.schedule import day_part
from models.vocabulary import DayPart, Format


@dataclass(frozen=True)
class Meetings:
    """The next meetings of one set of schedules."""

    known_from: datetime
    known_until: datetime
    """From then on they must be worked out again."""
    first: datetime | None
    """The next meeting of all."""
    day_parts: tuple[tuple[DayPart, ...], ...]
    """Of the next meetings, schedule by schedule, on the clock that counts; empty where that is not known."""

    def holds(self, now: datetime) -> bool:
        return self.known_from <= now < self.known_until

    def share_in(self, free: AbstractSet[DayPart]) -> float | None:
        """The share of meetings that start while the newcomer is free, of the schedule that suits best."""
        shares = [sum(part in free for part in parts) / len(parts) for parts in self.day_parts]
        return max(shares, default=None)


@dataclass(frozen=True)
class Calendar:
    """The next meetings of all groups. Safe to share between threads: at worst something is worked out twice."""

    _known: dict[tuple[int, str | None, int], Meetings] = field(default_factory=dict)

    def meetings(self, code: int, group: Group, zone: ZoneInfo | None, now: datetime, compared: int) -> Meetings:
        """The next `compared` meetings of each schedule of `group`; groups of the same `code` meet at the same times.

        `zone` is the newcomer's: distant meetings are told on their own clock.
        """
        key = (code, zone.key if zone else None, compared)
        found = self._known.get(key)
        if found is None or not found.holds(now):
            found = self._known[key] = work_out(group, zone, now, compared)
        return found


def work_out(group: Group, zone: ZoneInfo | None, now: datetime, compared: int) -> Meetings:
    """The next meetings of a group, as of now."""
    starts = [schedule.meetings_after(now, compared) for schedule in group.schedules or ()]
    first = min((own[0] for own in starts if own), default=None)
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    on_site = group.format is Format.IN_PERSON
    if not on_site:
        starts = [[start.astimezone(zone) for start in own] for own in starts] if zone else []
    return Meetings(
        known_from=now,
        # Rules are read so many days ahead: each day may bring a meeting into sight.
        known_until=min(first, tomorrow) if first else tomorrow,
        first=first,
        day_parts=tuple(tuple(map(day_part, own)) for own in starts if own),
    )
