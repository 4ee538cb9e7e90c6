"""Every reason and every mismatch is true: take away just what it names and the score falls; put it right and it rises.

The laws that hold of all of them are in `tests/property/test_explanation.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from matcher import explanation
from matcher.encoder import FakeEncoder
from matcher.recommend import recommend
from matcher.rulebook import default_rules
from models.intake import Intake
from models.recommendation import Recommendation, Remark
from tests.records import a_group, a_profile
from tests.situations import NOW, an_index

Facts = dict[str, Any]
RULES = default_rules()
LEAST = RULES.limits.reason_at_least.value

STORY = "The bag leaked at work, the ileostomy is weeks old and now I dread the canteen"
OSTOMY = {"name": "Bags", "description": "The ileostomy, the bag that leaks at work, the canteen you dread."}
OTHERS = [
    a_group(id=f"other{n}", name=name, description=f"{name} and tea.") for n, name in enumerate(("Chess", "Walks"))
]
LEEDS = {"city": "Leeds", "country": "GB", "latitude": 53.80, "longitude": -1.55}
YORK = {"city": "York", "country": "GB", "latitude": 53.96, "longitude": -1.08}
EVENING = {"rule": "FREQ=WEEKLY;BYDAY=TU", "start_time": "19:00", "time_zone": "Europe/London"}
MORNING = {**EVENING, "start_time": "10:00"}
FAR_OFF = {**EVENING, "first_date": "2027-01-12"}


@dataclass(frozen=True)
class Claim:
    """A sentence, where it is given, and the same with just what it names otherwise."""

    about: str
    sentence: str
    group: Facts = field(default_factory=dict)
    answers: Facts = field(default_factory=dict)
    members: Sequence[Facts] = ()
    otherwise: Facts = field(default_factory=dict)
    """Facts of the group or, under `members`, what they tell instead."""


def members(number: int = 6, **facts: Any) -> list[Facts]:
    return [facts] * number


def seen(group: Facts, answers: Facts, told: Iterable[Facts]) -> Recommendation:
    profiles = [a_profile(id=f"p{n}", **facts) for n, facts in enumerate(told)]
    index = an_index([a_group(**{**OSTOMY, **group}), *OTHERS], profiles)
    reply = recommend(Intake.model_validate({"story": STORY, **answers}), index, FakeEncoder(), RULES, NOW)
    shown = reply.nothing_close.nearest if reply.nothing_close else reply.recommendations
    return next(one for one in shown if one.group.id == "g1")


def before_and_after(claim: Claim) -> tuple[Recommendation, Recommendation]:
    facts = {name: value for name, value in claim.otherwise.items() if name != "members"}
    after = seen({**claim.group, **facts}, claim.answers, claim.otherwise.get("members", claim.members))
    return seen(claim.group, claim.answers, claim.members), after


ELSEWHERE = {"name": "Circle", "description": "A circle of friends."}
REASONS = [
    Claim(
        "shared_experience",
        "People there have been through something like what you describe.",
        group=ELSEWHERE,
        members=members(experience=STORY),
        otherwise={"members": []},
    ),
    Claim(
        "shared_experience",
        "People there have been through something like what you describe.",
        members=members(experience=STORY),
        otherwise={"members": members(experience="Chess with my uncle every Sunday.")},
    ),
    Claim(
        "shared_experience",
        "People there have been through something like what you picked.",
        group=ELSEWHERE,
        answers={"story": None, "topics": ["ostomy", "loneliness"]},
        members=members(experience="life with an ostomy, and the loneliness of it"),
        otherwise={"members": []},
    ),
    Claim("same_subject", "What it is about is close to what you wrote.", otherwise=ELSEWHERE),
    Claim(
        "same_subject",
        "It is about gambling.",
        group={"name": "Chips", "description": "Betting and gambling and debts.", "topics": ["gambling", "work"]},
        answers={"story": "Gambling and debts, betting every night."},
        otherwise={"description": "And debts.", "topics": ["work"]},
    ),
    Claim(
        "same_subject",
        "It is about loneliness.",
        group={"name": "Tea", "description": "Tea on Sundays.", "topics": ["loneliness"]},
        answers={"story": "Loneliness: nobody to talk to, weekends are the worst, I live alone, the phone never rings"},
        otherwise={"topics": []},
    ),
    Claim(
        "same_words",
        "Its listing speaks of “canteen”, “dread” and “ileostomy”, as you do.",
        otherwise={"description": "The bag that leaks at work, you."},
    ),
    Claim(
        "same_words",
        "Its listing speaks of “ostomy”, which you picked.",
        group={"description": "For anyone with an ostomy: life goes on."},
        answers={"story": None, "topics": ["ostomy"]},
        otherwise={"description": "For anyone with one: life goes on."},
    ),
    Claim(
        "topics",
        "It is about life with an ostomy, which you picked.",
        group={"topics": ["ostomy", "work"]},
        answers={"topics": ["ostomy"]},
        otherwise={"topics": ["work"]},
    ),
    Claim(
        "role",
        "It is for people who support someone.",
        group={"eligibility": {"roles": ["supporting"]}},
        answers={"role": "supporting"},
        otherwise={"eligibility": {}},
    ),
    Claim(
        "role",
        "Several there are people who support someone.",
        group={"eligibility": {"roles": ["supporting", "bereaved"]}},
        answers={"role": "supporting"},
        members=members(role="supporting"),
        otherwise={"members": members(role="bereaved")},
    ),
    Claim(
        "stage",
        "It is for people for whom it is new.",
        group={"eligibility": {"stages": ["new"]}},
        answers={"stage": "new"},
        otherwise={"eligibility": {}},
    ),
    Claim(
        "stage",
        "Several people there are at a similar point.",
        answers={"stage": "long_term"},
        members=members(stage="long_term"),
        otherwise={"members": members(stage="new")},
    ),
    Claim(
        "further_along",
        "Several people there are further along than you.",
        answers={"stage": "new"},
        members=[*members(stage="recovering"), *members(stage="new")],
        otherwise={"members": members(12, stage="new")},
    ),
    Claim(
        "hopes",
        "People come there for practical tips.",
        group={"hopes": ["practical_tips", "hope"]},
        answers={"hopes": ["practical_tips", "company"]},
        otherwise={"hopes": ["hope"]},
    ),
    Claim(
        "hopes",
        "People come there for company.",
        answers={"hopes": ["company"]},
        members=members(can_share=["company"]),
        otherwise={"members": members(can_share=["hope"])},
    ),
    Claim(
        "time",
        "It meets on weekday evenings, when you are free.",
        group={"format": "in_person", "schedules": [EVENING]},
        answers={"availability": ["weekday_evening"]},
        otherwise={"schedules": [MORNING]},
    ),
    Claim(
        "travel",
        "It is in Leeds.",
        group={"format": "in_person", "location": LEEDS},
        answers={"place": "Leeds"},
        otherwise={"location": YORK},
    ),
    Claim("soon", "Its next meeting is soon.", group={"schedules": [EVENING]}, otherwise={"schedules": [FAR_OFF]}),
    Claim(
        "ease",
        "As you wished: a small group and free of charge.",
        group={"cost_options": "free", "typical_size": 6},
        answers={"wishes": {"free": "nice", "small": "nice"}},
        otherwise={"cost_options": "paid"},
    ),
    Claim(
        "ease",
        "As you wished: kept for people like me.",
        group={"eligibility": {"identities": ["women"]}},
        answers={"identities": ["women"], "wishes": {"shared_identity": "nice"}},
        otherwise={"eligibility": {}},
    ),
    Claim(
        "access",
        "It has step-free access.",
        group={"accessibility": ["step_free"]},
        answers={"access_needs": ["step_free"]},
        otherwise={"accessibility": []},
    ),
    Claim("room", "There are places open.", group={"places_open": 4}, otherwise={"places_open": 1}),
]
MISMATCHES = [
    Claim(
        "topics",
        "Its listing doesn't name menopause.",
        group={"topics": ["ostomy"]},
        answers={"topics": ["ostomy", "menopause"]},
        otherwise={"topics": ["ostomy", "menopause"]},
    ),
    Claim(
        "role",
        "Most people there come for another reason than you: for themselves, or for someone else.",
        answers={"role": "supporting"},
        members=members(role="living_with"),
        otherwise={"members": members(role="supporting")},
    ),
    Claim(
        "role",
        "Most people there come for another reason than you: for themselves, or for someone else.",
        group={"eligibility": {"roles": ["living_with", "supporting"]}},
        answers={"role": "supporting"},
        members=members(role="living_with"),
        otherwise={"members": members(role="supporting")},
    ),
    Claim(
        "role",
        "It is for parents. Is that you?",
        group={"eligibility": {"roles": ["living_with", "supporting"], "relations": ["child"]}},
        answers={"role": "living_with", "relation": "partner"},
        otherwise={"eligibility": {"roles": ["living_with", "supporting"]}},
    ),
    Claim(
        "stage",
        "Most people there are at another point than you.",
        answers={"stage": "new"},
        members=members(stage="advanced"),
        otherwise={"members": members(stage="new")},
    ),
    Claim(
        "time",
        "It meets on weekday evenings; you are free on weekday mornings.",
        group={"format": "in_person", "schedules": [EVENING]},
        answers={"availability": ["weekday_morning"]},
        otherwise={"schedules": [MORNING]},
    ),
    Claim(
        "travel",
        "It is in York, about 36 km away.",
        group={"format": "in_person", "location": YORK},
        answers={"place": "Leeds", "country": "GB"},
        otherwise={"location": LEEDS},
    ),
    Claim(
        "soon", "Its next meeting is weeks away.", group={"schedules": [FAR_OFF]}, otherwise={"schedules": [EVENING]}
    ),
    Claim(
        "ease",
        "Not as you wished: a small group.",
        group={"cost_options": "free", "typical_size": 30},
        answers={"wishes": {"free": "nice", "small": "nice"}},
        otherwise={"typical_size": 6},
    ),
    Claim(
        "access",
        "It doesn't list captions. Ask before you go.",
        group={"accessibility": ["step_free"]},
        answers={"access_needs": ["step_free", "captions"]},
        otherwise={"accessibility": ["step_free", "captions"]},
    ),
    Claim("language", "It speaks Spanish.", group={"languages": ["es"]}, otherwise={"languages": ["es", "en"]}),
    Claim(
        "fresh",
        "Nobody has checked this listing since January 2024. Get in touch before you go.",
        group={"assured_date": "2024-01-15"},
        otherwise={"assured_date": "2026-11-01"},
    ),
    Claim("room", "Few places are open.", group={"places_open": 1}, otherwise={"places_open": 4}),
]


def named(claim: Claim) -> str:
    return f"{claim.about}: {claim.sentence}"


@pytest.mark.parametrize("claim", REASONS, ids=named)
def test_without_what_a_reason_names_the_score_is_lower_and_the_reason_gone(claim: Claim) -> None:
    given_, without = before_and_after(claim)
    reason = Remark(about=claim.about, sentence=claim.sentence)
    assert reason in given_.reasons
    assert reason not in without.reasons
    assert without.score < given_.score - LEAST / 2


@pytest.mark.parametrize("claim", MISMATCHES, ids=named)
def test_with_what_a_mismatch_names_put_right_the_score_is_higher_and_the_mismatch_gone(claim: Claim) -> None:
    given_, put_right = before_and_after(claim)
    mismatch = Remark(about=claim.about, sentence=claim.sentence)
    assert mismatch in given_.mismatches
    assert mismatch not in put_right.mismatches
    assert put_right.score > given_.score + LEAST / 2


def test_every_kind_of_reason_and_mismatch_is_put_to_the_test() -> None:
    assert {claim.about for claim in REASONS} == set(explanation._REASONS)
    assert {claim.about for claim in MISMATCHES} == set(explanation._MISMATCHES)


def test_a_topic_that_had_no_part_in_the_comparison_is_not_named() -> None:
    """The name tells what the group is compared as, so that its tags are not compared."""
    listed = {"name": "Gambling", "description": "Betting and debts.", "topics": ["loneliness", "gambling"]}
    assert "It is about gambling." in sentences(seen(listed, {"story": "Gambling, betting, debts, loneliness"}, []))
    assert "What it is about is close to what you wrote." in sentences(
        seen(listed, {"story": "Debts, and more debts"}, [])
    )


@pytest.mark.parametrize("word", ["it's", "I’m", "won't", "isn't", "there's"])
def test_short_forms_of_common_words_are_not_quoted(word: str) -> None:
    quoted = sentences(seen({"description": f"Crohn's, {word} hard."}, {"story": f"Crohn's and {word} hard"}, []))
    assert "Its listing speaks of “crohn's”, as you do." in quoted


def test_nobody_who_left_open_who_they_are_is_told_that_a_group_is_not_for_them() -> None:
    kept = seen({"eligibility": {"identities": ["women"]}}, {"wishes": {"shared_identity": "nice"}}, [])
    assert "ease" not in {remark.about for remark in (*kept.reasons, *kept.mismatches)}


def sentences(one: Recommendation) -> list[str]:
    return [remark.sentence for remark in (*one.reasons, *one.mismatches, *one.unknowns)]


def test_members_are_no_reason_where_the_group_would_stand_higher_without_them() -> None:
    heard = seen({}, {}, members(experience="The canteen at work, and chess."))
    silent = seen({}, {}, [])
    assert silent.score > heard.score
    assert "shared_experience" not in {reason.about for reason in heard.reasons}
