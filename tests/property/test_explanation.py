"""The laws of every explanation, whatever the directory and whoever asks: what is told, and what can't be told.

That each sentence is true by itself is tested in `tests/rules/test_true_reasons.py`.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matcher.encoder import FakeEncoder
from matcher.recommend import recommend
from matcher.rulebook import default_rules
from models.intake import Intake
from models.profile import ExperienceProfile
from models.recommendation import Contribution, Recommendation, Recommendations
from models.rules import MatchingRules
from models.vocabulary import DayPart, Format, Hope, Role, Stage
from tests.records import a_group, a_profile
from tests.situations import NOW, an_index

Facts = dict[str, Any]
RULES = default_rules()
ENOUGH = int(RULES.limits.voices_to_mention.value)
LEAST = RULES.limits.reason_at_least.value
FIRST_THEN = " It would be our first suggestion if you could come then."
# Parts of these may be missing while the others speak for the group.
NAMES_SEVERAL_THINGS = {"topics", "ease", "access"}


def with_limits(**limits: float) -> MatchingRules:
    changed = {name: getattr(RULES.limits, name).model_copy(update={"value": value}) for name, value in limits.items()}
    return RULES.model_copy(update={"limits": RULES.limits.model_copy(update=changed)})


EVERY_REASON = with_limits(reasons_shown=20)


class RememberingEncoder(FakeEncoder):
    """The directories below are made of few words: each is encoded once."""

    _word = cache(FakeEncoder._word)


ENCODER = RememberingEncoder()

WORDS = ("drains", "shower", "canteen", "ileostomy", "gambling", "lonely", "the", "with", "drink")
TEXT = st.lists(st.sampled_from(WORDS), min_size=2, max_size=7).map(" ".join)
LISTED = st.lists(st.sampled_from([*WORDS, "Zanzibury", "husband"]), min_size=2, max_size=7).map(" ".join)
# Towns that are on no map but the directory's own.
TOWNS = {"Zanzibury": (53.80, -1.55), "Quokkaford": (53.96, -1.08), "Otterwick": (53.79, -1.53)}
PLACES = [{"city": town, "latitude": at[0], "longitude": at[1]} for town, at in TOWNS.items()]
MEETINGS = [
    {"rule": f"FREQ=WEEKLY;BYDAY={day}", "start_time": time, "time_zone": "Europe/London"}
    for day, time in (("TU", "19:00"), ("WE", "10:00"), ("SA", "10:00"))
] + [
    {"rule": "FREQ=MONTHLY;BYDAY=1SA", "start_time": "14:00", "time_zone": "Europe/London", "first_date": "2027-01-02"}
]


def some(values: Sequence[Any], most: int = 2, least: int = 0) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=least, max_size=most, unique_by=str)


GROUPS = st.fixed_dictionaries(
    {"name": LISTED, "description": LISTED},
    optional={
        "topics": some(["ostomy", "gambling", "loneliness", "grief", "own tag"], most=4),
        "eligibility": st.fixed_dictionaries(
            {},
            optional={
                "roles": some(list(Role)),
                "relations": some(["partner", "child"]),
                "stages": some(list(Stage)),
                "identities": some(["women", "students"], most=1),
                "minimum_age": st.just(18),
            },
        ),
        "format": st.sampled_from(Format),
        "location": st.sampled_from(PLACES),
        "schedules": some(MEETINGS),
        "languages": some(["en", "es"]),
        "hopes": some(list(Hope)),
        "typical_size": st.integers(4, 30),
        "cost_options": st.sampled_from(["free", "paid"]),
        "accessibility": some(["step_free", "captions"]),
        "places_open": st.integers(1, 4),
        "assured_date": st.sampled_from(["2024-01-15", "2026-10-01"]),
    },
)
MEMBERS = st.fixed_dictionaries(
    {"experience": TEXT, "role": st.none() | st.sampled_from(Role), "stage": st.none() | st.sampled_from(Stage)},
    optional={"can_share": some(list(Hope))},
)
# Some of whom tell the same.
CIRCLES = st.lists(st.tuples(MEMBERS, st.integers(1, 6)), max_size=2).map(
    lambda told: [member for member, times in told for _ in range(times)]
)
# Each says something of the newcomer that is put to them as a statement.
TELLS = ("My husband drinks.", "I'm 47.", "I live in Zanzibury.", "It has been years.", "I was diagnosed last month.")
STORIES = st.tuples(TEXT, some(TELLS, most=4)).map(lambda parts: " ".join([parts[0] + ".", *parts[1]]))
ANSWERS = st.fixed_dictionaries(
    {"story": STORIES, "role": st.none() | st.sampled_from(Role), "stage": st.none() | st.sampled_from(Stage)},
    optional={
        "topics": some(["ostomy", "gambling", "partner_loss"]),
        "hopes": some(list(Hope), most=3),
        "wishes": st.dictionaries(st.sampled_from(["free", "small", "online", "shared_identity"]), st.just("nice")),
        "availability": some(list(DayPart)),
        "country": st.just("GB"),
        "place": st.sampled_from(list(TOWNS)),
        "identities": some(["women"], most=1),
        "access_needs": some(["step_free", "captions"]),
    },
)
DIRECTORIES = st.lists(st.tuples(GROUPS, CIRCLES), min_size=1, max_size=3)
Directory = Sequence[tuple[Facts, Sequence[Facts]]]


def answer(directory: Directory, answers: Facts, rules: MatchingRules = RULES) -> Recommendations:
    groups = [a_group(id=f"g{row}", **facts) for row, (facts, _) in enumerate(directory)]
    profiles = [one for row in range(len(groups)) for one in profiles_of(directory, f"g{row}")]
    return recommend(Intake.model_validate(answers), an_index(groups, profiles, ENCODER), ENCODER, rules, NOW)


def profiles_of(directory: Directory, group_id: str) -> list[ExperienceProfile]:
    told = directory[int(group_id[1:])][1]
    return [a_profile(id=f"{group_id}-{n}", group_id=group_id, **facts) for n, facts in enumerate(told)]


def shown(reply: Recommendations) -> tuple[Recommendation, ...]:
    return reply.nothing_close.nearest if reply.nothing_close else reply.recommendations


def sentences(one: Recommendation) -> list[str]:
    return [remark.sentence for remark in (*one.reasons, *one.mismatches, *one.unknowns)]


@dataclass(frozen=True)
class Told:
    """What one explanation was made of."""

    one: Recommendation
    intake: Intake
    members: Sequence[ExperienceProfile]

    def amount(self, feature: str) -> float:
        return next(part.amount for part in self.one.contributions if part.feature == feature)

    def saying(self, says: Callable[[ExperienceProfile], bool]) -> int:
        return sum(map(says, self.members))


def enough_share_the_role(told: Told) -> bool:
    return told.saying(lambda member: member.role == told.intake.role) >= ENOUGH


def enough_share_the_stage(told: Told) -> bool:
    return told.saying(lambda member: member.stage == told.intake.stage) >= ENOUGH


def enough_are_ahead(told: Told) -> bool:
    return told.saying(lambda member: member.stage in {Stage.LONG_TERM, Stage.RECOVERING}) >= ENOUGH


def enough_speak_for_it(told: Told) -> bool:
    # Whether the group would stand lower without them is the matter of `tests/rules/test_true_reasons.py`.
    return len(told.members) >= ENOUGH and "shared_experience" in {remark.about for remark in told.one.reasons}


def must_be_gone_to(told: Told) -> bool:
    group, place = told.one.group, told.intake.place
    return group.format is Format.IN_PERSON and bool(place and group.location and group.location.city)


# When a contribution that is large enough is told; those not named here always are.
TOLD_WHEN: dict[str, Callable[[Told], bool]] = {
    "language": lambda _: False,
    "fresh": lambda _: False,
    "shared_experience": enough_speak_for_it,
    "topics": lambda told: bool(set(told.intake.topics or ()) & set(told.one.group.topics or ())),
    "role": lambda told: bool(
        told.intake.role and (len(told.one.group.eligibility.roles or ()) == 1 or enough_share_the_role(told))
    ),
    "stage": lambda told: bool(
        told.intake.stage and (told.one.group.eligibility.stages or enough_share_the_stage(told))
    ),
    "further_along": enough_are_ahead,
    "travel": must_be_gone_to,
    # Which of the words they share are rare is the matter of `matcher.lexical`.
    "same_words": lambda told: "same_words" in {remark.about for remark in told.one.reasons},
}


def is_told(part: Contribution, told: Told) -> bool:
    tells = TOLD_WHEN.get(part.feature)
    return part.amount >= LEAST and (tells is None or tells(told))


@given(DIRECTORIES, ANSWERS)
@settings(max_examples=50)
def test_reasons_are_the_contributions_that_count_the_largest_first(directory: Directory, answers: Facts) -> None:
    for one in shown(answer(directory, answers)):
        told = Told(one, Intake.model_validate(answers), profiles_of(directory, one.group.id))
        count = sorted((part for part in one.contributions if is_told(part, told)), key=lambda part: -part.amount)
        most = int(RULES.limits.reasons_shown.value)
        amounts = [round(told.amount(remark.about), 9) for remark in one.reasons]
        assert amounts == [round(part.amount, 9) for part in count[:most]]
        assert {remark.about for remark in one.reasons} <= {part.feature for part in count}
        assert math.isclose(one.score, math.fsum(part.amount for part in one.contributions), abs_tol=1e-9)


@given(DIRECTORIES, ANSWERS)
@settings(max_examples=50)
def test_a_mismatch_is_a_contribution_below_neutral_or_what_is_missing_of_several(
    directory: Directory, answers: Facts
) -> None:
    for one in shown(answer(directory, answers)):
        parts = {part.feature: part for part in one.contributions}
        against = [parts[remark.about] for remark in one.mismatches]
        assert [part.amount for part in against] == sorted(part.amount for part in against)
        for part in against:
            assert part.value is not None
            assert part.amount < 0 or (part.feature in NAMES_SEVERAL_THINGS and part.value < 1)


MEETING_GROUPS = st.fixed_dictionaries(
    {"schedules": some(MEETINGS, least=1), "format": st.sampled_from(["in_person", "online"])},
    optional={
        "eligibility": st.just({"minimum_age": 18}),
        "cost_options": st.sampled_from(["free", "paid"]),
        "places_open": st.integers(1, 4),
    },
)


@given(st.lists(st.tuples(TEXT, MEETING_GROUPS), min_size=2, max_size=4), TEXT, st.sampled_from(DayPart))
@settings(max_examples=40)
def test_what_would_be_the_first_suggestion_then_is_the_first_suggestion_then(
    groups: list[tuple[str, Facts]], story: str, free: DayPart
) -> None:
    directory: Directory = [({**facts, "description": f"{story} {text}"}, []) for text, facts in groups]
    answers: Facts = {"story": story, "country": "GB", "wishes": {"free": "nice"}, "availability": [free]}
    first, *others = shown(answer(directory, answers))
    assert not any(sentence.endswith(FIRST_THEN) for sentence in sentences(first))
    for one in others:
        for promise in (sentence for sentence in sentences(one) if sentence.endswith(FIRST_THEN)):
            when = promise.partition(";")[0]
            then = {free, *(part for part in DayPart if part.label in when)}
            assert answer(directory, {**answers, "availability": then}).recommendations[0].group.id == one.group.id


def test_a_group_that_only_the_hour_keeps_from_the_first_place_says_so() -> None:
    story = "drains shower canteen"
    alike: Facts = {"description": story, "format": "online"}
    evenings, mornings = {**alike, "schedules": MEETINGS[:1]}, {**alike, "schedules": MEETINGS[1:2], "places_open": 4}
    answers: Facts = {"story": story, "country": "GB", "availability": [DayPart.WEEKDAY_EVENING]}
    first, other = shown(answer([(evenings, []), (mornings, [])], answers))
    assert [first.group.id, other.group.id] == ["g0", "g1"]
    assert f"It meets on weekday mornings; you are free on weekday evenings.{FIRST_THEN}" in sentences(other)


IN_TOWN = st.fixed_dictionaries(
    {"name": LISTED, "description": LISTED, "format": st.just("in_person"), "location": st.sampled_from(PLACES)},
    optional={"eligibility": st.fixed_dictionaries({"stages": some(list(Stage), least=1)})},
)


@given(st.lists(st.tuples(IN_TOWN, CIRCLES), min_size=1, max_size=2), TEXT, some(TELLS, most=4, least=1))
@settings(max_examples=60)
def test_nothing_that_was_only_read_from_the_story_is_told(directory: Directory, text: str, tells: list[str]) -> None:
    """Striking all that was read changes no reason and no mismatch, but for the words that may be quoted then."""
    answers: Facts = {"story": " ".join([f"{text}.", *tells])}
    reply = answer(directory, answers, EVERY_REASON)
    read = {statement.id for statement in reply.understood}
    assume(read)
    struck = {one.group.id: one for one in shown(answer(directory, {**answers, "struck": read}, EVERY_REASON))}
    for one in shown(reply):
        told = " ".join(sentences(one)).lower()
        assert not re.search(r"47|km away", told)
        # A town that wasn't read as the newcomer's place is a word like any other.
        assert "zanzibury" not in told or not any(statement.startswith("place:") for statement in read)
        assert "husband" not in told or "relation:partner" not in read
        if one.group.id in struck:
            assert about_facts(one) == about_facts(struck[one.group.id])


def about_facts(one: Recommendation) -> set[str]:
    """What is told but for what is made of words."""
    made_of_words = {"same_words", "same_subject", "shared_experience"}
    return {remark.sentence for remark in (*one.reasons, *one.mismatches) if remark.about not in made_of_words}


@given(GROUPS, st.lists(MEMBERS, min_size=1, max_size=ENOUGH - 1), ANSWERS)
@settings(max_examples=40)
def test_one_member_more_or_less_is_not_seen_while_few_have_spoken(
    group: Facts, members: list[Facts], answers: Facts
) -> None:
    more, less = (answer([(group, told)], answers, EVERY_REASON) for told in (members, members[:-1]))
    for one, other in zip(shown(more), shown(less), strict=True):
        assert spoken_of_members(one) == spoken_of_members(other) == set()
        assert about_facts(one) == about_facts(other)
        assert one.unknowns == other.unknowns
        quoted = [{r.sentence for r in each.reasons if r.about == "same_words"} for each in (one, other)]
        # Whether it counts at all moves with the members; which words are quoted never does.
        assert not all(quoted) or quoted[0] == quoted[1]


def spoken_of_members(one: Recommendation) -> set[str]:
    offered = {hope.label for hope in one.group.hopes or ()}
    told = {sentence for sentence in sentences(one) if re.search(r"People there|Several|Most people", sentence)}
    by_members = {s for s in sentences(one) if s.startswith("People come") and not any(o in s for o in offered)}
    return told | by_members


@given(DIRECTORIES, ANSWERS)
@settings(max_examples=40)
def test_several_are_at_least_as_many_as_may_be_mentioned(directory: Directory, answers: Facts) -> None:
    for one in shown(answer(directory, answers, EVERY_REASON)):
        told = Told(one, Intake.model_validate(answers), profiles_of(directory, one.group.id))
        spoken = " ".join(sentences(one))
        assert "further along than you" not in spoken or enough_are_ahead(told)
        assert "at a similar point" not in spoken or enough_share_the_stage(told)
        assert "Several there are" not in spoken or enough_share_the_role(told)
        assert "Most people" not in spoken or len(told.members) >= ENOUGH


@given(DIRECTORIES, ANSWERS)
@settings(max_examples=20)
def test_no_word_that_only_members_wrote_is_told(directory: Directory, answers: Facts) -> None:
    """Not even where the newcomer writes the same word."""
    secret = [
        (facts, [{**member, "experience": f"{member['experience']} marmosette"} for member in told])
        for facts, told in directory
    ]
    story = {**answers, "story": f"marmosette {answers['story']}"}
    assert "marmosette" not in answer(secret, story).model_dump_json()


@given(DIRECTORIES, STORIES)
@settings(max_examples=20)
def test_to_whoever_answered_nothing_no_answer_is_told(directory: Directory, story: str) -> None:
    for one in shown(answer(directory, {"story": story})):
        told = " ".join(sentences(one))
        assert not re.search(r"you are free|you wished|than you|similar point|you picked|Several|Most people", told)
