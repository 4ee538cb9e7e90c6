"""The features of one group at a time, written as one would on paper: what `matcher.features` must agree with."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from matcher.eligibility import has_wish
from matcher.features import FURTHER_ALONG
from matcher.situation import Situation
from models.group import Group
from models.profile import ExperienceProfile
from models.rules import MatchingRules
from models.schedule import Schedule, day_part, next_meeting
from models.vocabulary import BROADER_TOPIC, TOPIC_IDS, Format, Hope, Importance, Role, Stage, Term, Topic, Wish

Values = dict[str, float | None]


@dataclass(frozen=True)
class Told:
    """A group and what its members told."""

    group: Group
    profiles: tuple[ExperienceProfile, ...]

    @property
    def roles(self) -> Counter[Role]:
        return Counter(profile.role for profile in self.profiles if profile.role)

    @property
    def stages(self) -> Counter[Stage]:
        return Counter(profile.stage for profile in self.profiles if profile.stage)

    @property
    def can_share(self) -> Counter[Hope]:
        return Counter(hope for profile in self.profiles for hope in set(profile.can_share or ()))


def measure_facts(told: Told, situation: Situation, rules: MatchingRules) -> Values:
    """The features that are not made from the newcomer's words."""
    return {
        "topics": _topics(told, situation, rules),
        "role": _role(told, situation, rules),
        "stage": _stage(told, situation, rules),
        "further_along": _further_along(told, situation, rules),
        "hopes": _hopes(told, situation, rules),
        "time": _time(told, situation, rules),
        "travel": _travel(told, situation, rules),
        "soon": _soon(told, situation, rules),
        "ease": _ease(told, situation, rules),
        "access": _access(told, situation),
        "language": _language(told, situation),
        "fresh": _fresh(told, situation, rules),
        "room": _room(told, rules),
    }


def _topics(told: Told, situation: Situation, rules: MatchingRules) -> float | None:
    wanted = situation.intake.topics
    offered = {Topic(topic) for topic in told.group.topics or () if topic in TOPIC_IDS}
    if not wanted or not offered:
        return None
    return sum(_covers(offered, topic, rules) for topic in wanted) / len(wanted)


def _covers(offered: set[Topic], topic: Topic, rules: MatchingRules) -> float:
    if topic in offered:
        return 1.0
    return rules.scales.broader_topic.value if BROADER_TOPIC.get(topic) in offered else 0.0


def _role(told: Told, situation: Situation, rules: MatchingRules) -> float | None:
    stated = situation.intake.role
    role = situation.supposed.role
    welcome = told.group.eligibility.roles
    if role is None:
        return None
    if (welcome and role not in welcome) or _is_another_relation(told, situation):
        value: float | None = 0.0
    elif welcome and len(welcome) == 1:
        value = 1.0
    else:
        value = _share_of_voices(told.roles, role, rules)
    return value if stated else _half_believed(value, rules.weights.role.neutral, rules)


def _is_another_relation(told: Told, situation: Situation) -> bool:
    """Whether the group is kept for parents, say, and the newcomer seems to be a partner."""
    kept_for, own = told.group.eligibility.relations, situation.supposed.relation
    return bool(kept_for) and own is not None and own not in (kept_for or ())


def _stage(told: Told, situation: Situation, rules: MatchingRules) -> float | None:
    stated = situation.intake.stage
    stage = situation.supposed.stage
    welcome = told.group.eligibility.stages
    if stage is None:
        return None
    value = float(stage in welcome) if welcome else _share_of_voices(told.stages, stage, rules)
    return value if stated else _half_believed(value, rules.weights.stage.neutral, rules)


def _share_of_voices(told: dict[Role, int] | dict[Stage, int], own: Term, rules: MatchingRules) -> float | None:
    """How many members share the newcomer's role or stage; from half of them on it is all one could wish."""
    voices = sum(told.values())
    if voices < rules.limits.voices_to_mention.value:
        return None
    same = sum(count for term, count in told.items() if term == own)
    return min(1.0, same / voices / rules.scales.enough_share.value)


def _half_believed(value: float | None, neutral: float, rules: MatchingRules) -> float | None:
    """A reading that no one confirmed moves a group less far than an answer."""
    return None if value is None else neutral + (value - neutral) * rules.scales.read_not_confirmed.value


def _further_along(told: Told, situation: Situation, rules: MatchingRules) -> float | None:
    if situation.intake.stage not in {Stage.FINDING_OUT, Stage.NEW, Stage.ONGOING}:
        return None
    voices = sum(told.stages.values())
    if voices < rules.limits.voices_to_mention.value:
        return None
    ahead = sum(told.stages[stage] for stage in FURTHER_ALONG)
    return min(1.0, ahead / voices / rules.scales.enough_share.value)


def offered_hopes(told: Told, rules: MatchingRules) -> set[Hope]:
    """What the listing names, and what so many members are glad to give that no one of them is told apart."""
    enough = rules.limits.voices_to_mention.value
    return set(told.group.hopes or ()) | {hope for hope, voices in told.can_share.items() if voices >= enough}


def _hopes(told: Told, situation: Situation, rules: MatchingRules) -> float | None:
    wanted, offered = set(situation.intake.hopes or ()), offered_hopes(told, rules)
    if not wanted or not offered:
        return None
    return len(wanted & offered) / len(wanted)


def _time(told: Told, situation: Situation, rules: MatchingRules) -> float | None:
    free = situation.intake.availability
    if not free or not told.group.schedules:
        return None
    shares = [_share_in(schedule, told, situation, rules) for schedule in told.group.schedules]
    known = [share for share in shares if share is not None]
    return max(known) if known else None


def _share_in(schedule: Schedule, told: Told, situation: Situation, rules: MatchingRules) -> float | None:
    """The share of the next meetings at which the newcomer is free. Distant meetings need the newcomer's own clock."""
    starts = schedule.meetings_after(situation.now, int(rules.limits.meetings_compared.value))
    if not starts:
        return None
    if told.group.format is not Format.IN_PERSON:
        if situation.zone is None:
            return None
        starts = [start.astimezone(situation.zone) for start in starts]
    return sum(day_part(start) in (situation.intake.availability or ()) for start in starts) / len(starts)


def _travel(told: Told, situation: Situation, rules: MatchingRules) -> float | None:
    if told.group.format is None:
        return None
    if told.group.format is not Format.IN_PERSON:
        return rules.scales.no_travel.value
    distance = situation.distance_km(told.group.location)
    if distance is None:
        return rules.scales.another_town.value if _is_in_another_town(told, situation) else None
    willing = rules.limits.travel_km.value if situation.intake.travel_km is None else situation.intake.travel_km
    value = max(0.0, 1.0 - distance / max(willing, rules.limits.same_town_km.value))
    return value if situation.intake.place else _half_believed(value, rules.weights.travel.neutral, rules)


def _is_in_another_town(told: Told, situation: Situation) -> bool:
    """Whether the newcomer named a town, the group meets in another, and no one knows how far that is."""
    town = told.group.location.city if told.group.location else None
    return bool(town and situation.intake.place)


def _soon(told: Told, situation: Situation, rules: MatchingRules) -> float | None:
    upcoming = next_meeting(told.group.schedules or (), situation.now)
    if upcoming is None:
        return None
    days = (upcoming[0] - situation.now) / timedelta(days=1)
    return _falling(days, rules.scales.soon_days.value, rules.scales.far_off_days.value)


def _ease(told: Told, situation: Situation, rules: MatchingRules) -> float | None:
    nice = [wish for wish in Wish if situation.intake.wants(wish) is Importance.NICE]
    known = [has for wish in nice if (has := has_wish(told.group, wish, situation, rules)) is not None]
    return sum(known) / len(known) if known else None


def _access(told: Told, situation: Situation) -> float | None:
    needs, offered = situation.intake.access_needs, told.group.accessibility
    if not needs or offered is None:
        return None
    return len(set(needs) & set(offered)) / len(needs)


def _language(told: Told, situation: Situation) -> float | None:
    """Whoever names no language has read the questions in English."""
    if situation.intake.languages or not told.group.languages:
        return None
    return float(any(code.partition("-")[0] == "en" for code in told.group.languages))


def _fresh(told: Told, situation: Situation, rules: MatchingRules) -> float | None:
    assured = told.group.assured_date
    if assured is None:
        return None
    days = (situation.now.date() - assured).days
    return _falling(days, rules.scales.fresh_days.value, rules.scales.stale_days.value)


def _room(told: Told, rules: MatchingRules) -> float | None:
    places = told.group.places_open
    return None if places is None else min(1.0, places / rules.scales.plenty_of_places.value)


def _falling(days: float, best: float, worst: float) -> float:
    """1 up to `best` days, 0 from `worst` days on, a straight line between."""
    return float(np.clip((worst - days) / (worst - best), 0.0, 1.0))
