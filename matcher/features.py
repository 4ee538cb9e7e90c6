"""Features: named values in [0, 1] of each group for one newcomer, or NaN for "not known".

How much each counts is decided by the rules' weights. Hard facts are judged in `matcher.eligibility`, not here. A value
that follows from the listing alone is worked out once for each different fact (`matcher.facts`).
"""

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import has_wish
from matcher.facts import EVERY_ROW, Column, Counts, Facts, Rows, numbers
from matcher.index import DirectoryIndex, Query
from matcher.situation import Situation
from models.group import Group
from models.rules import MatchingRules, Weights
from models.vocabulary import BROADER_TOPIC, TOPIC_IDS, Format, Hope, Importance, Role, Stage, Term, Topic, Wish

FEATURES: Final = tuple(Weights.model_fields)
SUBJECT_FEATURES: Final = ("shared_experience", "same_subject", "same_words", "topics")
"""The features that say whether a group is about what the newcomer is going through."""
FURTHER_ALONG: Final = (Stage.LONG_TERM, Stage.RECOVERING)
_DAY: Final = 86_400.0  # seconds
_AHEAD: Final = [list(Stage).index(stage) for stage in FURTHER_ALONG]

Values = dict[str, Column]


@dataclass(frozen=True)
class WordValues:
    """The features made from the newcomer's words; each array is (rows,) in [0, 1]."""

    shared_experience: Column
    same_subject: Column
    same_words: Column
    subject_were_they_silent: Column
    """What `same_subject` would be if the groups' members had told nothing."""

    def of(self, places: Rows) -> "WordValues":
        """Those at these places, in their order."""
        return WordValues(**{name: column[places] for name, column in vars(self).items()})


def weigh_words(
    query: Query, index: DirectoryIndex, rules: MatchingRules, rows: Rows | slice = EVERY_ROW
) -> WordValues:
    """The newcomer's words and their vector against these groups.

    What the description and what the members say add up to one evidence: the more members speak, the more of it is
    theirs.
    """
    centres = index.centres
    description, experience = centres.evidence(query.vector, rows)
    return WordValues(
        shared_experience=_centred(experience, rules),
        same_subject=_centred(description, rules),
        same_words=np.clip(index.words.nearness(query.words, rows), 0.0, 1.0),
        subject_were_they_silent=_centred(centres.were_they_silent(description, rows), rules),
    )


def nearness(words: WordValues, rules: MatchingRules) -> Column:
    """What the newcomer's words alone would earn each group, (rows,)."""
    weights = rules.weights
    return (
        weights.shared_experience.value * words.shared_experience
        + weights.same_subject.value * words.same_subject
        + weights.same_words.value * words.same_words
    )


def _centred(evidence: Column, rules: MatchingRules) -> Column:
    """Evidence as a value in [0, 1]: from .5 up it speaks for a group, below against it."""
    return np.clip(0.5 + evidence / (2 * rules.scales.evidence_most.value), 0.0, 1.0)


def measure_facts(rows: Rows, index: DirectoryIndex, situation: Situation, rules: MatchingRules) -> Values:
    """The features that are not made from the newcomer's words, each (rows,)."""
    facts = index.facts
    return {
        "topics": _topics(rows, facts, situation, rules),
        "role": _role(rows, facts, situation, rules),
        "stage": _stage(rows, facts, situation, rules),
        "further_along": _further_along(rows, facts, situation, rules),
        "hopes": _hopes(rows, facts, situation, rules),
        "time": _time(rows, index, situation, rules),
        "travel": _travel(rows, facts, situation, rules),
        "soon": _soon(rows, index, situation, rules),
        "ease": _ease(rows, facts, situation, rules),
        "access": _access(rows, facts, situation),
        "language": _language(rows, facts, situation),
        "fresh": _fresh(rows, facts, situation, rules),
        "room": _room(rows, facts, rules),
    }


def unknown(rows: Rows) -> Column:
    """What is not known of any of them."""
    return np.full(len(rows), np.nan)


def _topics(rows: Rows, facts: Facts, situation: Situation, rules: MatchingRules) -> Column:
    wanted = situation.intake.topics
    if not wanted:
        return unknown(rows)
    return facts.listed["topics"].measure(rows, lambda group: _share_covered(wanted, group, rules))


def _share_covered(wanted: tuple[Topic, ...], group: Group, rules: MatchingRules) -> float | None:
    offered = TOPIC_IDS.intersection(group.topics or ())
    if not offered:
        return None
    return sum(_covers(offered, topic, rules) for topic in wanted) / len(wanted)


def _covers(offered: frozenset[str], topic: Topic, rules: MatchingRules) -> float:
    if topic in offered:
        return 1.0
    return rules.scales.broader_topic.value if BROADER_TOPIC.get(topic) in offered else 0.0


def _role(rows: Rows, facts: Facts, situation: Situation, rules: MatchingRules) -> Column:
    role = situation.supposed.role
    if role is None:
        return unknown(rows)
    listed = facts.listed["kept_for"].measure(rows, lambda group: _role_by_listing(group, role, situation))
    values = np.where(np.isnan(listed), _share_of_voices(facts.roles[rows], list(Role).index(role), rules), listed)
    return values if situation.intake.role else _half_believed(values, rules.weights.role.neutral, rules)


def _role_by_listing(group: Group, role: Role, situation: Situation) -> float | None:
    """None: it is for several, and the members' own roles decide."""
    welcome = group.eligibility.roles
    if (welcome and role not in welcome) or _is_another_relation(group, situation):
        return 0.0
    return 1.0 if welcome and len(welcome) == 1 else None


def _is_another_relation(group: Group, situation: Situation) -> bool:
    """Whether the group is kept for parents, say, and the newcomer seems to be a partner."""
    kept_for, own = group.eligibility.relations, situation.supposed.relation
    return bool(kept_for) and own is not None and own not in (kept_for or ())


def _stage(rows: Rows, facts: Facts, situation: Situation, rules: MatchingRules) -> Column:
    stage = situation.supposed.stage
    if stage is None:
        return unknown(rows)
    listed = facts.listed["stage"].measure(rows, lambda group: _stage_by_listing(group, stage))
    values = np.where(np.isnan(listed), _share_of_voices(facts.stages[rows], list(Stage).index(stage), rules), listed)
    return values if situation.intake.stage else _half_believed(values, rules.weights.stage.neutral, rules)


def _stage_by_listing(group: Group, stage: Stage) -> float | None:
    welcome = group.eligibility.stages
    return float(stage in welcome) if welcome else None


def _share_of_voices(told: Counts, own: int, rules: MatchingRules) -> Column:
    """How many members share the newcomer's role or stage; from half of them on it is all one could wish.

    `told` (rows, terms) counts members, `own` is the newcomer's column.
    """
    return _share_of_members(told[:, own], told.sum(axis=1), rules)


def _share_of_members(same: Counts, voices: Counts, rules: MatchingRules) -> Column:
    shares = np.minimum(1.0, same / np.maximum(voices, 1) / rules.scales.enough_share.value)
    return np.where(voices < rules.limits.voices_to_mention.value, np.nan, shares)


def _half_believed(values: Column, neutral: float, rules: MatchingRules) -> Column:
    """A reading that no one confirmed moves a group less far than an answer."""
    return neutral + (values - neutral) * rules.scales.read_not_confirmed.value


def _further_along(rows: Rows, facts: Facts, situation: Situation, rules: MatchingRules) -> Column:
    if situation.intake.stage not in {Stage.FINDING_OUT, Stage.NEW, Stage.ONGOING}:
        return unknown(rows)
    told = facts.stages[rows]
    return _share_of_members(told[:, _AHEAD].sum(axis=1), told.sum(axis=1), rules)


def offered_hopes(row: int, index: DirectoryIndex, rules: MatchingRules) -> set[Hope]:
    """What the listing names, and what so many members are glad to give that no one of them is told apart."""
    given = index.facts.can_share[row] >= rules.limits.voices_to_mention.value
    listed = index.group(row).hopes or ()
    return set(listed) | {hope for hope, enough in zip(Hope, given, strict=True) if enough}


def _hopes(rows: Rows, facts: Facts, situation: Situation, rules: MatchingRules) -> Column:
    wanted = set(situation.intake.hopes or ())
    if not wanted:
        return unknown(rows)
    offered = facts.can_share[rows] >= rules.limits.voices_to_mention.value  # (rows, hopes)
    for column, hope in enumerate(Hope):
        offered[:, column] |= facts.listed["hopes"].measure(rows, partial(_lists_hope, hope)) > 0
    share = offered[:, [hope in wanted for hope in Hope]].mean(axis=1)
    return np.where(offered.any(axis=1), share, np.nan)


def _lists_hope(hope: Hope, group: Group) -> bool:
    return hope in (group.hopes or ())


def _time(rows: Rows, index: DirectoryIndex, situation: Situation, rules: MatchingRules) -> Column:
    """The share of the next meetings at which the newcomer is free."""
    free = frozenset(situation.intake.availability or ())
    if not free:
        return unknown(rows)
    meets, compared = index.facts.listed["meets"], int(rules.limits.meetings_compared.value)
    present, places = np.unique(meets.codes[rows], return_inverse=True)
    found = (
        index.calendar.meetings(code, meets.examples[code], situation.zone, situation.now, compared)
        for code in present.tolist()
    )
    return numbers([own.share_in(free) for own in found])[places]


def _soon(rows: Rows, index: DirectoryIndex, situation: Situation, rules: MatchingRules) -> Column:
    meets, now = index.facts.listed["meets"], situation.now
    firsts = index.calendar.first_meetings(meets.codes[rows], meets.examples, now)
    return _falling((firsts - now.timestamp()) / _DAY, rules.scales.soon_days.value, rules.scales.far_off_days.value)


def _travel(rows: Rows, facts: Facts, situation: Situation, rules: MatchingRules) -> Column:
    """Where no one needs to travel; else how near, or that it is in another town and no one knows how far that is."""
    goes_there = facts.listed["format"].tell(rows, _goes_there)
    travel_km, limits = situation.intake.travel_km, rules.limits
    reach = max(limits.travel_km.value if travel_km is None else travel_km, limits.same_town_km.value)
    near = np.maximum(0.0, 1.0 - facts.distances_km(rows, situation.coordinates, situation.supposed.place) / reach)
    near = near if situation.intake.place else _half_believed(near, rules.weights.travel.neutral, rules)
    if situation.intake.place:
        elsewhere = facts.listed["town"].measure(rows, lambda group: _in_another_town(group, rules))
        near = np.where(np.isnan(near), elsewhere, near)
    return np.where(goes_there == 0, rules.scales.no_travel.value, np.where(goes_there == 1, near, np.nan))


def _goes_there(group: Group) -> float | None:
    return None if group.format is None else float(group.format is Format.IN_PERSON)


def _in_another_town(group: Group, rules: MatchingRules) -> float | None:
    return rules.scales.another_town.value if group.location and group.location.city else None


def _ease(rows: Rows, facts: Facts, situation: Situation, rules: MatchingRules) -> Column:
    """The share of the wishes marked nice that come true, of those of which it is known."""
    nice = [wish for wish in Wish if situation.intake.wants(wish) is Importance.NICE]
    if not nice:
        return unknown(rows)
    has = [facts.listed[wish].measure(rows, partial(_has_wish, wish, situation, rules)) for wish in nice]
    return _mean_of_known(np.stack(has, axis=1))


def _has_wish(wish: Wish, situation: Situation, rules: MatchingRules, group: Group) -> bool | None:
    return has_wish(group, wish, situation, rules)


def _mean_of_known(table: NDArray[np.float64]) -> Column:
    known = ~np.isnan(table)
    total = np.where(known, table, 0.0).sum(axis=1)
    return np.where(known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), np.nan)


def _access(rows: Rows, facts: Facts, situation: Situation) -> Column:
    needs = situation.intake.access_needs
    if not needs:
        return unknown(rows)
    return facts.listed["access"].measure(rows, lambda group: _share_offered(needs, group.accessibility))


def _share_offered(needs: tuple[Term, ...], offered: tuple[Term, ...] | None) -> float | None:
    return None if offered is None else len(set(needs) & set(offered)) / len(needs)


def _language(rows: Rows, facts: Facts, situation: Situation) -> Column:
    """Whoever names no language has read the questions in English."""
    if situation.intake.languages:
        return unknown(rows)
    return facts.listed["language"].tell(rows, _speaks_english)


def _speaks_english(group: Group) -> float | None:
    if not group.languages:
        return None
    return float(any(code.partition("-")[0] == "en" for code in group.languages))


def _fresh(rows: Rows, facts: Facts, situation: Situation, rules: MatchingRules) -> Column:
    days = situation.now.date().toordinal() - facts.assured[rows]
    return _falling(days, rules.scales.fresh_days.value, rules.scales.stale_days.value)


def _room(rows: Rows, facts: Facts, rules: MatchingRules) -> Column:
    places = facts.listed["places_open"].tell(rows, _places_open)
    return np.minimum(1.0, places / rules.scales.plenty_of_places.value)


def _places_open(group: Group) -> float | None:
    return group.places_open


def _falling(days: Column, best: float, worst: float) -> Column:
    """1 up to `best` days, 0 from `worst` days on, a straight line between."""
    return np.clip((worst - days) / (worst - best), 0.0, 1.0)
