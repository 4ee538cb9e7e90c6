"""Features: named values in [0, 1] of one group for one newcomer, or None for "not known".

How much each counts is decided by the rules' weights. Hard facts are judged in `matcher.eligibility`, not here.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from matcher.eligibility import has_wish
from matcher.encoder import Vector
from matcher.index import DirectoryIndex, Entry
from matcher.pooling import Column
from matcher.situation import Situation
from models.rules import MatchingRules, Weights
from models.schedule import Schedule, day_part, next_meeting
from models.vocabulary import BROADER_TOPIC, TOPIC_IDS, Format, Hope, Importance, Role, Stage, Term, Topic, Wish

FEATURES: Final = tuple(Weights.model_fields)
SUBJECT_FEATURES: Final = ("shared_experience", "same_subject", "same_words", "topics")
"""The features that say whether a group is about what the newcomer is going through."""
FURTHER_ALONG: Final = (Stage.LONG_TERM, Stage.RECOVERING)

Values = dict[str, float | None]


@dataclass(frozen=True)
class WordValues:
    """The features made from the newcomer's words, for every group; each array is (groups,) in [0, 1]."""

    shared_experience: Column
    same_subject: Column
    same_words: Column


def weigh_words(passage: str, vector: Vector, index: DirectoryIndex, rules: MatchingRules) -> WordValues:
    """The newcomer's words and their vector against every group.

    What the description and what the members say add up to one evidence: the more members speak, the more of it is
    theirs.
    """
    description, experience = index.centres(rules.pooling).evidence(vector)
    return WordValues(
        shared_experience=_centred(experience, rules),
        same_subject=_centred(description, rules),
        same_words=np.clip(index.words(rules.words).nearness(passage), 0.0, 1.0),
    )


def nearness(words: WordValues, rules: MatchingRules) -> Column:
    """What the newcomer's words alone would earn each group, (groups,): the order in which groups are judged."""
    weights = rules.weights
    return (
        weights.shared_experience.value * words.shared_experience
        + weights.same_subject.value * words.same_subject
        + weights.same_words.value * words.same_words
    )


def _centred(evidence: Column, rules: MatchingRules) -> Column:
    """Evidence as a value in [0, 1]: from .5 up it speaks for a group, below against it."""
    return np.clip(0.5 + evidence / (2 * rules.scales.evidence_most.value), 0.0, 1.0)


def measure_facts(entry: Entry, situation: Situation, rules: MatchingRules) -> Values:
    """The features that are not made from the newcomer's words."""
    return {
        "topics": _topics(entry, situation, rules),
        "role": _role(entry, situation, rules),
        "stage": _stage(entry, situation, rules),
        "further_along": _further_along(entry, situation, rules),
        "hopes": _hopes(entry, situation, rules),
        "time": _time(entry, situation, rules),
        "travel": _travel(entry, situation, rules),
        "soon": _soon(entry, situation, rules),
        "ease": _ease(entry, situation, rules),
        "access": _access(entry, situation),
        "language": _language(entry, situation),
        "fresh": _fresh(entry, situation, rules),
        "room": _room(entry, rules),
    }


def _topics(entry: Entry, situation: Situation, rules: MatchingRules) -> float | None:
    wanted = situation.intake.topics
    offered = {Topic(topic) for topic in entry.group.topics or () if topic in TOPIC_IDS}
    if not wanted or not offered:
        return None
    return sum(_covers(offered, topic, rules) for topic in wanted) / len(wanted)


def _covers(offered: set[Topic], topic: Topic, rules: MatchingRules) -> float:
    if topic in offered:
        return 1.0
    return rules.scales.broader_topic.value if BROADER_TOPIC.get(topic) in offered else 0.0


def _role(entry: Entry, situation: Situation, rules: MatchingRules) -> float | None:
    stated = situation.intake.role
    role = situation.supposed.role
    welcome = entry.group.eligibility.roles
    if role is None:
        return None
    if (welcome and role not in welcome) or _is_another_relation(entry, situation):
        value: float | None = 0.0
    elif welcome and len(welcome) == 1:
        value = 1.0
    else:
        value = _share_of_voices(entry.roles, role, rules)
    return value if stated else _half_believed(value, rules.weights.role.neutral, rules)


def _is_another_relation(entry: Entry, situation: Situation) -> bool:
    """Whether the group is kept for parents, say, and the newcomer seems to be a partner."""
    kept_for, own = entry.group.eligibility.relations, situation.supposed.relation
    return bool(kept_for) and own is not None and own not in (kept_for or ())


def _stage(entry: Entry, situation: Situation, rules: MatchingRules) -> float | None:
    stated = situation.intake.stage
    stage = situation.supposed.stage
    welcome = entry.group.eligibility.stages
    if stage is None:
        return None
    value = float(stage in welcome) if welcome else _share_of_voices(entry.stages, stage, rules)
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


def _further_along(entry: Entry, situation: Situation, rules: MatchingRules) -> float | None:
    if situation.intake.stage not in {Stage.FINDING_OUT, Stage.NEW, Stage.ONGOING}:
        return None
    told = sum(entry.stages.values())
    if told < rules.limits.voices_to_mention.value:
        return None
    ahead = sum(entry.stages[stage] for stage in FURTHER_ALONG)
    return min(1.0, ahead / told / rules.scales.enough_share.value)


def offered_hopes(entry: Entry, rules: MatchingRules) -> set[Hope]:
    """What the listing names, and what so many members are glad to give that no one of them is told apart."""
    enough = rules.limits.voices_to_mention.value
    return set(entry.group.hopes or ()) | {hope for hope, voices in entry.can_share.items() if voices >= enough}


def _hopes(entry: Entry, situation: Situation, rules: MatchingRules) -> float | None:
    wanted, offered = set(situation.intake.hopes or ()), offered_hopes(entry, rules)
    if not wanted or not offered:
        return None
    return len(wanted & offered) / len(wanted)


def _time(entry: Entry, situation: Situation, rules: MatchingRules) -> float | None:
    free = situation.intake.availability
    if not free or not entry.group.schedules:
        return None
    shares = [_share_in(schedule, entry, situation, rules) for schedule in entry.group.schedules]
    known = [share for share in shares if share is not None]
    return max(known) if known else None


def _share_in(schedule: Schedule, entry: Entry, situation: Situation, rules: MatchingRules) -> float | None:
    """The share of the next meetings at which the newcomer is free. Distant meetings need the newcomer's own clock."""
    starts = schedule.meetings_after(situation.now, int(rules.limits.meetings_compared.value))
    if not starts:
        return None
    if entry.group.format is not Format.IN_PERSON:
        if situation.zone is None:
            return None
        starts = [start.astimezone(situation.zone) for start in starts]
    return sum(day_part(start) in (situation.intake.availability or ()) for start in starts) / len(starts)


def _travel(entry: Entry, situation: Situation, rules: MatchingRules) -> float | None:
    if entry.group.format is None:
        return None
    if entry.group.format is not Format.IN_PERSON:
        return rules.scales.no_travel.value
    distance = situation.distance_km(entry.group.location)
    if distance is None:
        return rules.scales.another_town.value if _is_in_another_town(entry, situation) else None
    value = max(0.0, 1.0 - distance / (situation.intake.travel_km or rules.limits.travel_km.value))
    return value if situation.intake.place else _half_believed(value, rules.weights.travel.neutral, rules)


def _is_in_another_town(entry: Entry, situation: Situation) -> bool:
    """Whether the newcomer named a town, the group meets in another, and no one knows how far that is."""
    town = entry.group.location.city if entry.group.location else None
    return bool(town and situation.intake.place)


def _soon(entry: Entry, situation: Situation, rules: MatchingRules) -> float | None:
    upcoming = next_meeting(entry.group.schedules or (), situation.now)
    if upcoming is None:
        return None
    days = (upcoming[0] - situation.now) / timedelta(days=1)
    return _falling(days, rules.scales.soon_days.value, rules.scales.far_off_days.value)


def _ease(entry: Entry, situation: Situation, rules: MatchingRules) -> float | None:
    nice = [wish for wish in Wish if situation.intake.wants(wish) is Importance.NICE]
    known = [has for wish in nice if (has := has_wish(entry.group, wish, situation, rules)) is not None]
    return sum(known) / len(known) if known else None


def _access(entry: Entry, situation: Situation) -> float | None:
    needs, offered = situation.intake.access_needs, entry.group.accessibility
    if not needs or offered is None:
        return None
    return len(set(needs) & set(offered)) / len(needs)


def _language(entry: Entry, situation: Situation) -> float | None:
    """Whoever names no language has read the questions in English."""
    if situation.intake.languages or not entry.group.languages:
        return None
    return float(any(code.partition("-")[0] == "en" for code in entry.group.languages))


def _fresh(entry: Entry, situation: Situation, rules: MatchingRules) -> float | None:
    assured = entry.group.assured_date
    if assured is None:
        return None
    days = (situation.now.date() - assured).days
    return _falling(days, rules.scales.fresh_days.value, rules.scales.stale_days.value)


def _room(entry: Entry, rules: MatchingRules) -> float | None:
    places = entry.group.places_open
    return None if places is None else min(1.0, places / rules.scales.plenty_of_places.value)


def _falling(days: float, best: float, worst: float) -> float:
    """1 up to `best` days, 0 from `worst` days on, a straight line between."""
    return float(np.clip((worst - days) / (worst - best), 0.0, 1.0))
