"""Hard rules, one function each: met, not met or unknown, with its sentence. *Not met* is out; *unknown* stays, and
the newcomer is told to ask the group. Similarity is never consulted here, and no weight can outvote a rule.
"""

from collections.abc import Callable, Iterable

from matcher.situation import Situation
from models.group import Group
from models.recommendation import Finding, Outcome
from models.rules import MatchingRules
from models.text import say_list
from models.vocabulary import Facilitation, Faith, Format, Importance, Role, Status, Structure, Term, Wish, say_country

Rule = Callable[[Group, Situation, MatchingRules], Finding]


def met(rule: str, sentence: str) -> Finding:
    return Finding(rule, Outcome.MET, sentence)


def not_met(rule: str, sentence: str) -> Finding:
    return Finding(rule, Outcome.NOT_MET, sentence)


def unknown(rule: str, sentence: str) -> Finding:
    return Finding(rule, Outcome.UNKNOWN, sentence)


def check_running(group: Group, situation: Situation, rules: MatchingRules) -> Finding:
    """A group that has stopped, or stands still, is out."""
    if group.status is None or group.status is Status.ACTIVE:
        return met("running", "The group is running.")
    return not_met("running", f"This group is {group.status.label}.")


def check_room(group: Group, situation: Situation, rules: MatchingRules) -> Finding:
    """A full group is out."""
    if group.is_full:
        return not_met("room", "This group is full.")
    return met("room", "No one has said that it is full.")


def check_role(group: Group, situation: Situation, rules: MatchingRules) -> Finding:
    """Whom the group is for, against whose experience the newcomer brings."""
    welcome, role = group.eligibility.roles, situation.intake.role
    if not welcome:
        if role is None:
            return met("role", "The listing names no one it is kept for.")
        return unknown("role", f"The listing doesn't say whether it is for {role.label}.")
    if role is None:
        return (
            met("role", "It is for more than one.")
            if len(welcome) > 1
            else unknown("role", f"{_only_for(welcome)} Is that you?")
        )
    if role in welcome:
        return met("role", f"It is for {_either(welcome)}.")
    return not_met("role", _only_for(welcome))


def check_relation(group: Group, situation: Situation, rules: MatchingRules) -> Finding:
    """Groups of families kept for some of them: partners, say, or parents."""
    welcome, relation = group.eligibility.relations, situation.intake.relation
    if not welcome or situation.intake.role is Role.LIVING_WITH:
        return met("relation", "It is kept for no one in the family.")
    if relation is None:
        return unknown("relation", f"{_only_for(welcome)} Is that you?")
    if relation in welcome:
        return met("relation", f"It is for {_either(welcome)}.")
    return not_met("relation", _only_for(welcome))


def check_stage(group: Group, situation: Situation, rules: MatchingRules) -> Finding:
    """Where in it the group's people are, if the group is kept for some."""
    welcome, stage = group.eligibility.stages, situation.intake.stage
    if not welcome:
        return met("stage", "It is kept for no one stage.")
    if stage is None:
        return unknown("stage", f"{_only_for(welcome)} Is that you?")
    if stage in welcome:
        return met("stage", f"It is for {_either(welcome)}.")
    return not_met("stage", _only_for(welcome))


def check_age(group: Group, situation: Situation, rules: MatchingRules) -> Finding:
    """The group's own age range."""
    low, high, age = group.eligibility.minimum_age, group.eligibility.maximum_age, situation.intake.age
    if low is None and high is None:
        return met("age", "No age range is listed.")
    sentence = _age_range(low, high)
    if age is None:
        return unknown("age", f"{sentence} Does that include you?")
    if (low is not None and age < low) or (high is not None and age > high):
        return not_met("age", sentence)
    return met("age", sentence)


def check_minors_apart(group: Group, situation: Situation, rules: MatchingRules) -> Finding:
    """People under age are shown only groups that say they are for young people. An age that was only read from the
    story holds all others back until it is confirmed or struck (see `rules_that_doubt`).
    """
    adult, young = int(rules.limits.adult_age.value), rules.limits.young_group_maximum_age.value
    age, high = situation.intake.age, group.eligibility.maximum_age
    if age is None or age >= adult:
        return met("minors_apart", f"You didn't say that you are under {adult}.")
    if high is not None and high <= young:
        return met("minors_apart", "It is for young people.")
    return not_met("minors_apart", f"This group hasn't said that it is for people under {adult}.")


def check_identity(group: Group, situation: Situation, rules: MatchingRules) -> Finding:
    """Groups kept for people of some identity. Only the newcomer says who they are."""
    kept_for, own = group.eligibility.identities, situation.intake.identities
    if not kept_for:
        return met("identity", "It is kept for no one identity.")
    if own is None:
        return unknown("identity", f"{_only_for(kept_for)} Is that you?")
    if set(own) & set(kept_for):
        return met("identity", f"It is kept for {_either(kept_for)}.")
    return not_met("identity", _only_for(kept_for))


def check_country(group: Group, situation: Situation, rules: MatchingRules) -> Finding:
    """Groups for residents of some countries, and groups that meet in person in another one."""
    country, kept_for = situation.intake.country, group.eligibility.countries
    if kept_for:
        sentence = f"It is for people living in {_either_code(kept_for)}."
        if country is None:
            return unknown("country", f"{sentence} Does that include you?")
        return met("country", sentence) if country in kept_for else not_met("country", sentence)
    place = group.location.country if group.location else None
    if group.format is Format.IN_PERSON and place and country and place != country:
        return not_met("country", "It meets in person in another country.")
    return met("country", "It is not kept for any country.")


def check_distance(group: Group, situation: Situation, rules: MatchingRules) -> Finding:
    """A group that meets only in person, or that the newcomer would go to in person only, must be within reach."""
    if not must_be_travelled_to(group, situation):
        return met("distance", "You needn't travel, or the listing doesn't say.")
    distance = situation.distance_km(group.location)
    town = group.location.city if group.location and group.location.city else None
    where = f"in {town}" if town else "in person"
    if distance is None:
        return unknown("distance", f"It meets {where}. Check whether you can get there.")
    reach = situation.intake.travel_km if situation.intake.travel_km is not None else rules.limits.travel_km.value
    # Towns are known to their centre only, so a group across town is never called out of reach.
    if distance <= max(reach, rules.limits.same_town_km.value):
        return met("distance", f"It meets {where}.")
    sentence = f"It meets {where}, about {distance:.0f} km away."
    if situation.intake.place is None:
        return unknown("distance", f"{sentence} Check whether you can get there.")
    return not_met("distance", sentence)


def check_language(group: Group, situation: Situation, rules: MatchingRules) -> Finding:
    """At least one language in common, where the newcomer named some."""
    wanted, spoken = situation.intake.languages, group.languages
    if not wanted:
        return met("language", "You named no language.")
    if not spoken:
        return unknown("language", "The listing doesn't say which language it speaks.")
    if {code.partition("-")[0] for code in wanted} & {code.partition("-")[0] for code in spoken}:
        return met("language", "It speaks a language of yours.")
    return not_met("language", "It speaks another language than those you named.")


def check_guided(group: Group, situation: Situation, rules: MatchingRules) -> Finding:
    """Groups about risky things need someone who guides the meeting. Safeguarding."""
    if set(group.topics or ()).isdisjoint(rules.safeguarding.guided_topics):
        return met("guided", "It needs no one to guide it.")
    if group.facilitation is Facilitation.NONE:
        return not_met("guided", "Nobody guides this group's meetings, and for what it is about someone should.")
    if group.facilitation is None:
        return unknown("guided", "The listing doesn't say who guides the meetings.")
    return met("guided", f"It is {group.facilitation.label}.")


def check_referral(group: Group, situation: Situation, rules: MatchingRules) -> Finding:
    """Conditions that only the group can judge."""
    if group.eligibility.note:
        return unknown("referral", group.eligibility.note)
    if group.eligibility.referral_needed:
        return unknown("referral", "Someone has to refer you, such as your doctor.")
    return met("referral", "It names no other condition.")


def check_wish(wish: Wish, group: Group, situation: Situation, rules: MatchingRules) -> Finding:
    """What the newcomer must have, and what they want to avoid."""
    must = situation.intake.wants(wish) is Importance.MUST
    has = has_wish(group, wish, situation, rules)
    if has is None:
        return unknown(wish, f"The listing doesn't say: {wish.label}.")
    if has == must:
        return met(wish, f"As you asked: {wish.label}." if has else f"As you asked, not: {wish.label}.")
    return not_met(wish, f"{'Not' if must else 'It is'}: {wish.label}.")


def has_wish(group: Group, wish: Wish, situation: Situation, rules: MatchingRules) -> bool | None:
    """Whether a wish is true of a group; None: the listing doesn't say."""
    return _WISHES[wish](group, situation, rules)


_WISHES: dict[Wish, Callable[[Group, Situation, MatchingRules], bool | None]] = {
    Wish.ONLINE: lambda group, _situation, _rules: group.meets_remotely,
    Wish.IN_PERSON: lambda group, _situation, _rules: group.meets_in_person,
    Wish.LISTENING_ONLY: lambda group, _situation, _rules: group.listening_only,
    Wish.CAMERA_OFF: lambda group, _situation, _rules: (
        True if group.format in {Format.IN_PERSON, Format.PHONE} else group.camera_off
    ),
    Wish.SMALL: lambda group, _situation, rules: (
        None if group.typical_size is None else group.typical_size <= rules.scales.small_group.value
    ),
    Wish.FACILITATED: lambda group, _situation, _rules: _is_one_of(
        group.facilitation, {Facilitation.PROFESSIONAL, Facilitation.TRAINED_PEER}
    ),
    Wish.STRUCTURED: lambda group, _situation, _rules: (
        True if group.twelve_step else _is_one_of(group.structure, {Structure.PROGRAMME})
    ),
    Wish.TWELVE_STEP: lambda group, _situation, _rules: group.twelve_step,
    Wish.FAITH: lambda group, _situation, _rules: _is_one_of(group.faith, {Faith.FAITH_BASED, Faith.SPIRITUAL}),
    Wish.SHARED_IDENTITY: lambda group, situation, _rules: _is_kept_for(group, situation),
    Wish.FREE: lambda group, _situation, _rules: _is_free(group),
    Wish.DROP_IN: lambda group, _situation, _rules: group.drop_in,
}


RULES: dict[str, Rule] = {
    "running": check_running,
    "room": check_room,
    "minors_apart": check_minors_apart,
    "age": check_age,
    "role": check_role,
    "relation": check_relation,
    "stage": check_stage,
    "identity": check_identity,
    "country": check_country,
    "language": check_language,
    "distance": check_distance,
    "guided": check_guided,
    "referral": check_referral,
}
"""Every rule by its name. `matcher.facts.READS` says which facts each reads; only distance is measured."""

ANSWERS: dict[str, tuple[str, ...]] = {
    "minors_apart": ("age",),
    "age": ("age",),
    "role": ("role",),
    "relation": ("relation", "role"),
    "stage": ("stage",),
    "identity": ("identities",),
    "country": ("country",),
    "language": ("languages",),
    "distance": ("place",),
}
"""The answers that each rule goes by, if it goes by any; without them it puts out the same groups whoever asks."""

# Stages are read too loosely from a story to hold a group back.
RULES_OF_READINGS = ("minors_apart", "role", "relation", "age", "distance")
_READ_FOR_DOUBT = {answer for rule in RULES_OF_READINGS for answer in ANSWERS[rule]}


def judge(group: Group, situation: Situation, rules: MatchingRules) -> tuple[Finding, ...]:
    """What every rule finds of one group, and every wish that the newcomer made a condition."""
    found = [rule(group, situation, rules) for rule in RULES.values()]
    return (*found, *(check_wish(wish, group, situation, rules) for wish in conditions(situation)))


def conditions(situation: Situation) -> list[Wish]:
    """The wishes that the newcomer made a condition."""
    wishes = situation.intake.wishes or {}
    return [wish for wish, importance in wishes.items() if importance is not Importance.NICE]


def rules_that_doubt(situation: Situation) -> list[str]:
    """The rules that may find something else if what was read from the story is confirmed."""
    intake, supposed = situation.intake, situation.supposed
    read = {name for name in _READ_FOR_DOUBT if getattr(supposed, name) != getattr(intake, name)}
    return [name for name in RULES_OF_READINGS if not read.isdisjoint(ANSWERS[name])]


def must_be_travelled_to(group: Group, situation: Situation) -> bool:
    """Whether the newcomer could take part only by going there."""
    if group.format is not Format.HYBRID:
        return group.format is Format.IN_PERSON
    wants = situation.intake.wants
    return wants(Wish.IN_PERSON) is Importance.MUST or wants(Wish.ONLINE) is Importance.AVOID


def _either(terms: Iterable[Term]) -> str:
    return say_list([term.label for term in terms], "or")


def _either_code(codes: Iterable[str]) -> str:
    return say_list([say_country(code) for code in codes], "or")


def _only_for(terms: Iterable[Term]) -> str:
    return f"It is only for {_either(terms)}."


def _age_range(low: int | None, high: int | None) -> str:
    if low is not None and high is not None:
        return f"It is for people aged {low} to {high}."
    return f"It is for people aged {low} and over." if high is None else f"It is for people aged {high} and under."


def _is_one_of(fact: Term | None, terms: set[Term]) -> bool | None:
    return None if fact is None else fact in terms


def _is_free(group: Group) -> bool | None:
    return None if group.cost_options is None else group.cost_options.value in {"free", "donation"}


def _is_kept_for(group: Group, situation: Situation) -> bool | None:
    kept_for, own = group.eligibility.identities, situation.intake.identities
    # Who wants to be among their own may not have said who they are: then it is not known, and asked.
    if kept_for is None or own is None:
        return None
    return bool(set(kept_for) & set(own))
