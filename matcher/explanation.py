"""Contributions become sentences: reasons, mismatches, unknowns. Nothing is calculated a second time here.

A sentence names only what moved the score: without it the group would stand lower, or higher for a mismatch. It never
holds a fact the newcomer did not state, a member's words, or what one member alone would reveal.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from matcher.case import Case
from matcher.eligibility import has_wish, judge
from matcher.explaining_hours import tell_if_you_could_come_then
from matcher.explaining_words import tell_same_subject, tell_same_words, tell_shared_experience
from matcher.facts import Counts
from matcher.features import FURTHER_ALONG, offered_hopes
from models.recommendation import Contribution, Outcome, Remark
from models.schedule import day_part
from models.text import say_list
from models.vocabulary import DayPart, Format, Importance, Role, Stage, Term, Wish, say_language

Sentence = Callable[[Case], str | None]


def give_reasons(case: Case) -> tuple[Remark, ...]:
    """What speaks for the group, what counted most first; what hardly counted is no reason."""
    least = case.rules.limits.reason_at_least.value
    earned = sorted((part for part in case.contributions if part.amount >= least), key=_by_size)
    return tuple(islice(_remarks(earned, _REASONS, case), int(case.rules.limits.reasons_shown.value)))


def name_mismatches(case: Case) -> tuple[Remark, ...]:
    """What speaks against it, what counted most first."""
    known = sorted((part for part in case.contributions if part.value is not None), key=lambda part: part.amount)
    return tuple(_remarks(known, _MISMATCHES, case))


def name_unknowns(case: Case) -> tuple[Remark, ...]:
    """What the newcomer should ask the group, because the listing doesn't say."""
    judged = judge(case.group, case.situation, case.rules)
    findings = [finding for finding in judged if finding.outcome is Outcome.UNKNOWN]
    remarks = [Remark(about=finding.rule, sentence=finding.sentence) for finding in findings]
    unknown = [part for part in case.contributions if part.value is None]
    said = {remark.sentence: remark for remark in reversed([*remarks, *_remarks(unknown, _UNKNOWNS, case)])}
    return tuple(reversed(said.values()))


def _by_size(part: Contribution) -> tuple[float, str]:
    return -abs(part.amount), part.feature


def _remarks(parts: list[Contribution], sentences: dict[str, Sentence], case: Case) -> Iterator[Remark]:
    spoken = ((part.feature, sentences[part.feature](case)) for part in parts if part.feature in sentences)
    return (Remark(about=feature, sentence=sentence) for feature, sentence in spoken if sentence)


def _topics(case: Case) -> str | None:
    own = case.group.topics or ()
    picked = [topic.label for topic in case.situation.intake.topics or () if topic in own]
    return f"It is about {say_list(picked)}, which you picked." if picked else None


def _topics_missing(case: Case) -> str | None:
    own = case.group.topics or ()
    missing = [topic.label for topic in case.situation.intake.topics or () if topic not in own]
    return f"Its listing doesn't name {say_list(missing, 'or')}." if missing else None


def _role(case: Case) -> str | None:
    """Only from an answer: what was read from the story is still a question."""
    role, welcome = case.situation.intake.role, case.group.eligibility.roles or ()
    if role is None:
        return None
    if len(welcome) == 1:
        return f"It is for {welcome[0].label}."
    # Where more than one is welcome, it is the members that speak for the group.
    return (
        f"Several there are {role.label}."
        if _are_enough(_members_who_told(case.index.facts.roles, Role, role, case), case)
        else None
    )


def _role_mismatch(case: Case) -> str | None:
    """Only from an answer. A group that the answer puts out never comes here."""
    role, relation = case.situation.intake.role, case.situation.intake.relation
    kept_for = case.group.eligibility.relations or ()
    if role is None or case.amount("role") >= 0:
        return None
    if kept_for and relation and relation not in kept_for:
        return f"It is for {say_list([one.label for one in kept_for], 'or')}. Is that you?"
    return "Most people there come for another reason than you: for themselves, or for someone else."


def _stage(case: Case) -> str | None:
    """Only from an answer: what was read from the story is still a question."""
    stage, welcome = case.situation.intake.stage, case.group.eligibility.stages
    if stage is None:
        return None
    if welcome:
        return f"It is for {say_list([one.label for one in welcome], 'or')}."
    return (
        "Several people there are at a similar point."
        if _are_enough(_members_who_told(case.index.facts.stages, Stage, stage, case), case)
        else None
    )


def _stage_mismatch(case: Case) -> str | None:
    """Only from an answer. A group that the answer puts out never comes here."""
    if case.situation.intake.stage is None or case.amount("stage") >= 0:
        return None
    return "Most people there are at another point than you."


def _further_along(case: Case) -> str | None:
    ahead = sum(_members_who_told(case.index.facts.stages, Stage, stage, case) for stage in FURTHER_ALONG)
    return "Several people there are further along than you." if _are_enough(ahead, case) else None


def _members_who_told(counts: Counts, terms: type[Term], own: Term, case: Case) -> int:
    """How many members of the group told this role or stage."""
    return int(counts[case.ranked.row, list(terms).index(own)])


def _are_enough(voices: int, case: Case) -> bool:
    """Whether so many members say it that no one of them is told apart."""
    return voices >= case.rules.limits.voices_to_mention.value


def _hopes(case: Case) -> str | None:
    shared = [
        hope.label
        for hope in case.situation.intake.hopes or ()
        if hope in offered_hopes(case.ranked.row, case.index, case.rules)
    ]
    return f"People come there for {say_list(shared)}." if shared else None


def _time(case: Case) -> str | None:
    parts = _meets_when(case)
    free = [part.label for part in parts if part in (case.situation.intake.availability or ())]
    return f"It meets on {say_list(free)}, when you are free." if free else None


def _time_mismatch(case: Case) -> str | None:
    parts = _meets_when(case)
    own = case.situation.intake.availability or ()
    if not parts or any(part in own for part in parts):
        return None
    when, free = say_list([part.label for part in parts]), say_list([part.label for part in own])
    return f"It meets on {when}; you are free on {free}.{tell_if_you_could_come_then(case)}"


def _meets_when(case: Case) -> list[DayPart]:
    """The parts of the week in which the group meets, on the clock that counts for the newcomer."""
    group, zone = case.group, case.situation.zone
    starts = [
        start
        for schedule in case.schedules
        for start in schedule.meetings_after(case.situation.now, int(case.rules.limits.meetings_compared.value))
    ]
    if group.format is not Format.IN_PERSON and zone:
        starts = [start.astimezone(zone) for start in starts]
    return sorted({day_part(start) for start in starts}, key=list(DayPart).index)


def _travel(case: Case) -> str | None:
    """Only where one must go there, from a place that was an answer: one read from the story is still a question."""
    group = case.group
    distance = case.situation.distance_km(group.location)
    if group.format is not Format.IN_PERSON or case.situation.intake.place is None or distance is None:
        return None
    if group.location is None or group.location.city is None:
        return None
    where = f"It is in {group.location.city}"
    return f"{where}." if _is_same_town(distance, case) else f"{where}, about {distance:.0f} km away."


def _travel_mismatch(case: Case) -> str | None:
    distance = case.situation.distance_km(case.group.location)
    if distance is None or _is_same_town(distance, case) or case.amount("travel") >= 0:
        return None
    return _travel(case)


def _is_same_town(distance_km: float, case: Case) -> bool:
    return distance_km < case.rules.limits.same_town_km.value


def _soon_mismatch(case: Case) -> str | None:
    return "Its next meeting is weeks away." if case.amount("soon") < 0 else None


def _ease(case: Case) -> str | None:
    fulfilled = _wishes(case, True)
    return f"As you wished: {say_list(fulfilled)}." if fulfilled else None


def _ease_mismatch(case: Case) -> str | None:
    missed = _wishes(case, False)
    return f"Not as you wished: {say_list(missed)}." if missed else None


def _wishes(case: Case, fulfilled: bool) -> list[str]:
    nice = [wish for wish in Wish if case.situation.intake.wants(wish) is Importance.NICE]
    return [w.label for w in nice if has_wish(case.group, w, case.situation, case.rules) is fulfilled]


def _access(case: Case) -> str | None:
    offered = [need.label for need in _needs(case) if need in (case.group.accessibility or ())]
    return f"It has {say_list(offered)}." if offered else None


def _access_mismatch(case: Case) -> str | None:
    missing = [need.label for need in _needs(case) if need not in (case.group.accessibility or ())]
    return f"It doesn't list {say_list(missing, 'or')}. Ask before you go." if missing else None


def _access_unknown(case: Case) -> str | None:
    needs = [need.label for need in _needs(case)]
    return f"The listing doesn't say whether it has {say_list(needs)}." if needs else None


def _needs(case: Case) -> list[Term]:
    return list(case.situation.intake.access_needs or ())


def _language_mismatch(case: Case) -> str | None:
    if case.amount("language") >= 0:
        return None
    spoken = [say_language(code) for code in case.group.languages or ()]
    return f"It speaks {say_list(spoken)}."


def _fresh_mismatch(case: Case) -> str | None:
    assured = case.group.assured_date
    if assured is None or case.amount("fresh") >= 0:
        return None
    return f"Nobody has checked this listing since {assured:%B %Y}. Get in touch before you go."


def _fresh_unknown(case: Case) -> str | None:
    return "Nobody has said when this listing was last checked. Get in touch before you go."


def _room(case: Case) -> str | None:
    return "There are places open."


def _room_mismatch(case: Case) -> str | None:
    return "Few places are open." if case.amount("room") < 0 else None


def _time_unknown(case: Case) -> str | None:
    if not case.situation.intake.availability:
        return None
    if not _meets_when(case):
        return "The listing doesn't say when it meets."
    return "Check what time it meets on your own clock."


_REASONS: dict[str, Sentence] = {
    "shared_experience": tell_shared_experience,
    "same_subject": tell_same_subject,
    "same_words": tell_same_words,
    "topics": _topics,
    "role": _role,
    "stage": _stage,
    "further_along": _further_along,
    "hopes": _hopes,
    "time": _time,
    "travel": _travel,
    "soon": lambda case: "Its next meeting is soon.",
    "ease": _ease,
    "access": _access,
    "room": _room,
}
_MISMATCHES: dict[str, Sentence] = {
    "topics": _topics_missing,
    "role": _role_mismatch,
    "stage": _stage_mismatch,
    "time": _time_mismatch,
    "travel": _travel_mismatch,
    "soon": _soon_mismatch,
    "ease": _ease_mismatch,
    "access": _access_mismatch,
    "language": _language_mismatch,
    "fresh": _fresh_mismatch,
    "room": _room_mismatch,
}
_UNKNOWNS: dict[str, Sentence] = {"time": _time_unknown, "access": _access_unknown, "fresh": _fresh_unknown}
