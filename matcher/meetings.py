"""When groups meet next, worked out once for each set of schedules and kept until the first of its meetings is over."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from models.group import Group
from models.schedule import day_part
from models.vocabulary import DayPart, Format

_KEPT_MOST = 20_000
# Seconds since 1970.
_FIRST = np.dtype([("known_from", np.float64), ("known_until", np.float64), ("first", np.float64)])


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


class Calendar:
    """The next meetings of all groups; those of the same code, of the fact `meets`, meet at the same times.

    Safe to share between threads: at worst something is worked out twice.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, str | None, int], Meetings] = {}
        self._firsts = np.zeros(0, dtype=_FIRST)

    def meetings(self, code: int, group: Group, zone: ZoneInfo | None, now: datetime, compared: int) -> Meetings:
        """The next `compared` meetings of each schedule of `group`, which has this code.

        `zone` is the newcomer's: distant meetings are told on their own clock.
        """
        key = (code, zone.key if zone else None, compared)
        found = self._known.get(key)
        if found is None or not found.holds(now):
            # Newcomers come from very many time zones, and nothing that is kept outlasts the day.
            if len(self._known) >= _KEPT_MOST:
                self._known.clear()
            found = self._known[key] = work_out(group, zone, now, compared)
        return found

    def first_meetings(self, codes: NDArray[np.int32], examples: Sequence[Group], now: datetime) -> NDArray[np.float64]:
        """When groups of these codes meet next, (codes,), in seconds since 1970; NaN where that is not known.

        `examples` has a group for each code there is.
        """
        firsts, moment = self._make_room(len(examples)), now.timestamp()
        known = firsts[codes]
        stale = codes[(moment < known["known_from"]) | (moment >= known["known_until"])]
        for code in set(stale.tolist()):
            found = work_out(examples[code], None, now, 1)
            first = np.nan if found.first is None else found.first.timestamp()
            firsts[code] = found.known_from.timestamp(), found.known_until.timestamp(), first
        return np.asarray(firsts["first"][codes])

    def _make_room(self, codes: int) -> NDArray[np.void]:
        # Looked at once: another thread may put a longer one in its place meanwhile, or a shorter one.
        firsts = self._firsts
        if len(firsts) < codes:
            firsts = self._firsts = np.concatenate([firsts, np.zeros(codes - len(firsts), dtype=_FIRST)])
        return firsts


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
