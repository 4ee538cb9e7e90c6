"""Reasons, mismatches and unknowns: the sentences people read, and what they never say."""

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from api.pages.cards import state_facts
from matcher.encoder import FakeEncoder
from matcher.recommend import recommend
from matcher.rulebook import default_rules
from models.intake import Intake
from models.profile import ExperienceProfile
from models.recommendation import Recommendation, Recommendations
from tests.records import a_group, a_profile
from tests.situations import NOW, an_index

STORY = "My bag leaked at work. The ileostomy is three weeks old and I dread the canteen."
GROUP: dict[str, Any] = {
    "name": "Canteen regulars",
    "description": "After an ileostomy: the bag, the canteen, going back to work.",
    "topics": ["ostomy", "surgery"],
    "eligibility": {"roles": ["living_with"], "stages": ["new", "ongoing"]},
    "format": "in_person",
    "location": {"city": "Leeds", "country": "GB", "latitude": 53.80, "longitude": -1.55},
    "schedules": [{"rule": "FREQ=WEEKLY;BYDAY=TU", "start_time": "19:00", "time_zone": "Europe/London"}],
    "languages": ["en"],
    "hopes": ["practical_tips"],
    "typical_size": 8,
    "facilitation": "trained_peer",
    "cost_options": "free",
    "accessibility": ["step_free"],
    "places_open": 4,
    "assured_date": "2026-10-01",
}
ANSWERS: dict[str, Any] = {
    "story": STORY,
    "topics": ["ostomy"],
    "role": "living_with",
    "stage": "new",
    "hopes": ["practical_tips", "company"],
    "wishes": {"small": "nice", "free": "nice"},
    "availability": ["weekday_evening"],
    "country": "GB",
    "place": "Leeds",
    "access_needs": ["step_free"],
}
AGAINST: dict[str, Any] = {
    **ANSWERS,
    "topics": ["ostomy", "menopause"],
    "wishes": {"online": "nice", "structured": "nice", "free": "nice"},
    "availability": ["weekend_morning"],
    "access_needs": ["captions"],
}
STALE: dict[str, Any] = {**GROUP, "languages": ["es"], "assured_date": "2024-01-15", "places_open": 1}


# So many others that a word of one group is rare.
OTHERS = [a_group(id=f"other{one}", name="Chess", description=f"Chess and walks {one}.") for one in range(200)]


def members(number: int, **facts: Any) -> list[ExperienceProfile]:
    told = {"experience": "The bag leaked in the canteen, ileostomy and all.", "stage": "long_term", **facts}
    return [a_profile(id=f"p{one}", **told) for one in range(number)]


def answer(group: dict[str, Any], answers: dict[str, Any], profiles: list[ExperienceProfile]) -> Recommendations:
    index = an_index([a_group(**group)], profiles)
    return recommend(Intake.model_validate(answers), index, FakeEncoder(), default_rules(), NOW)


def first(group: dict[str, Any], answers: dict[str, Any], profiles: list[ExperienceProfile]) -> Recommendation:
    reply = answer(group, answers, profiles)
    return (reply.recommendations or reply.nothing_close.nearest)[0]  # type: ignore[union-attr]


def test_what_speaks_for_a_group(snapshot: SnapshotAssertion) -> None:
    rules = default_rules()
    everything = rules.limits.model_copy(
        update={
            "reasons_shown": rules.limits.reasons_shown.model_copy(update={"value": 20}),
            "reason_at_least": rules.limits.reason_at_least.model_copy(update={"value": 0.001}),
        }
    )
    like_the_story = members(6, experience="My bag leaked, the ileostomy is weeks old, I dread the canteen.")
    near = {**GROUP, "description": "My bag leaked at work; the ileostomy is weeks old and I dread the canteen."}
    index = an_index([a_group(**near), *OTHERS], like_the_story)
    reply = recommend(
        Intake.model_validate(ANSWERS), index, FakeEncoder(), rules.model_copy(update={"limits": everything}), NOW
    )
    assert [(remark.about, remark.sentence) for remark in reply.recommendations[0].reasons] == snapshot


def test_what_speaks_against_a_group(snapshot: SnapshotAssertion) -> None:
    one, other = first(GROUP, AGAINST, members(6)), first(STALE, AGAINST, members(6))
    assert [(remark.about, remark.sentence) for remark in (*one.mismatches, *other.mismatches)] == snapshot


@pytest.mark.parametrize("language", ["de", "pt-BR", "ur"])
def test_a_group_in_another_language_names_it_as_its_own_page_does(language: str) -> None:
    spoken = {**GROUP, "languages": [language]}
    told = {remark.about: remark.sentence for remark in first(spoken, ANSWERS, members(6)).mismatches}
    on_its_page = dict(state_facts(a_group(**spoken), NOW).facts)["Languages"]
    assert told["language"] == f"It speaks {on_its_page}."
    assert language not in on_its_page


def test_what_to_ask_a_group(snapshot: SnapshotAssertion) -> None:
    bare = first({"description": GROUP["description"]}, {**ANSWERS, "languages": ["en"]}, [])
    kept = first({**GROUP, "eligibility": {"roles": ["living_with"], "identities": ["women"]}}, {"story": STORY}, [])
    assert [(remark.about, remark.sentence) for remark in (*bare.unknowns, *kept.unknowns)] == snapshot


def test_the_strongest_reason_stands_first() -> None:
    one = first(GROUP, ANSWERS, members(6))
    amounts = {part.feature: part.amount for part in one.contributions}
    told = [amounts[remark.about] for remark in one.reasons]
    assert told == sorted(told, reverse=True)
    assert min(told) >= default_rules().limits.reason_at_least.value


@pytest.mark.parametrize("number", [1, 4])
def test_few_members_are_never_spoken_of(number: int) -> None:
    one = first({**GROUP, "hopes": None}, ANSWERS, members(number, can_share=["company"], role="living_with"))
    about = {remark.about for remark in (*one.reasons, *one.mismatches)}
    assert about.isdisjoint({"shared_experience", "further_along", "hopes"})


def test_a_members_words_are_never_quoted() -> None:
    secret = members(8, experience="The zanzibar incident at my niece's wedding, and the ileostomy.")
    index = an_index([a_group(**GROUP), *OTHERS], secret)
    story = Intake(story="the zanzibar incident with my ileostomy in the canteen")
    one = recommend(story, index, FakeEncoder(), default_rules(), NOW).recommendations[0]
    assert "zanzibar" not in str(one)
    assert "canteen" in " ".join(remark.sentence for remark in one.reasons)


def test_what_was_only_read_from_the_story_is_no_reason() -> None:
    one = first(GROUP, {"story": STORY}, [])
    assert {"role", "stage"}.isdisjoint(remark.about for remark in one.reasons)
