"""The whole flow on small directories: who is shown, who is not, and what is always there."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.encoder import FakeEncoder
from matcher.recommend import recommend
from matcher.rulebook import default_rules
from models.group import Group
from models.help import help_lines
from models.intake import Intake
from models.recommendation import Fit, Recommendations
from tests.records import a_group, a_profile, groups
from tests.situations import NOW, an_index

STORY = "drains and the first shower after my mastectomy"


def about_drains(group_id: str, **facts: Any) -> Group:
    return a_group(id=group_id, name="After surgery", description=f"drains, mastectomy, shower {group_id}", **facts)


def ask(groups: list[Group], limit: int = 3, **answers: Any) -> Recommendations:
    return recommend(
        Intake.model_validate({"story": STORY, **answers}), an_index(groups), FakeEncoder(), default_rules(), NOW, limit
    )


def shown(reply: Recommendations) -> list[str]:
    return [one.group.id for one in reply.recommendations]


def test_a_full_group_is_never_recommended() -> None:
    assert shown(ask([about_drains("full", places_open=0), about_drains("open", places_open=1)])) == ["open"]


def test_the_group_about_the_same_thing_comes_first() -> None:
    others = [a_group(id=f"other{n}", description="gardening and long walks") for n in range(5)]
    assert shown(ask([*others, about_drains("match")])) == ["match"]


def test_no_more_than_the_limit_and_never_fewer_than_there_are() -> None:
    many = [about_drains(word) for word in ("oak", "elm", "ash", "yew", "fir")]
    assert len(shown(ask(many))) == 3
    assert len(shown(ask(many, limit=50))) == 5
    assert len(shown(ask(many, limit=1))) == 1


def test_nothing_close_is_said_with_the_nearest() -> None:
    reply = ask([a_group(description="gardening and long walks")])
    assert shown(reply) == []
    assert reply.nothing_close is not None
    assert [one.group.id for one in reply.nothing_close.nearest] == ["g1"]


def test_whoever_is_in_danger_never_reads_that_nothing_is_close() -> None:
    reply = ask([a_group(description="gardening and long walks")], story="I want to die")
    assert reply.nothing_close is not None
    assert reply.nothing_close.sentence == (
        "Talking to someone now comes first. For later, these are the nearest groups we know."
    )


def test_without_a_single_answer_nothing_is_called_close() -> None:
    reply = ask([about_drains("a")], story=None)
    assert shown(reply) == []
    assert reply.nothing_close is not None
    assert "haven't told us" in reply.nothing_close.sentence


def test_without_words_whoever_fits_best_is_found_wherever_the_group_stands() -> None:
    most = int(default_rules().limits.candidates.value)
    in_the_morning = {"rule": "FREQ=WEEKLY;BYDAY=TU", "start_time": "10:00", "time_zone": "Europe/London"}
    in_the_evening = {**in_the_morning, "start_time": "19:00"}
    others = [a_group(id=f"a{number:03}", schedules=[in_the_morning]) for number in range(most)]
    reply = ask(
        [*others, a_group(id="b", schedules=[in_the_evening])],
        story=None,
        availability=["weekday_evening"],
        country="GB",
    )
    assert reply.nothing_close is not None
    assert reply.nothing_close.nearest[0].group.id == "b"


def test_an_empty_directory_says_so() -> None:
    reply = ask([])
    assert reply.nothing_close is not None
    assert reply.nothing_close.nearest == ()


def test_picked_topics_alone_are_enough() -> None:
    group = a_group(description="surgery", topics=["surgery"])
    assert shown(ask([group], story=None, topics=["surgery"])) == ["g1"]


def test_help_is_always_there_and_first_when_words_suggest_danger() -> None:
    calm, danger = ask([]), ask([], story="I want to die")
    assert (calm.help.prominent, danger.help.prominent) == (False, True)
    assert calm.help.lines == danger.help.lines == help_lines()


@pytest.mark.parametrize(
    ("country", "contact"),
    [
        ("US", "Call or text 988"),
        ("GB", "Call 116 123"),
        ("IE", "Call 116 123"),
        ("AU", "Call your local emergency number"),
        ("ZZ", "Call your local emergency number"),
    ],
)
def test_help_is_the_countrys_own(country: str, contact: str) -> None:
    assert [line.contact for line in ask([], country=country).help.lines] == [contact]


def test_danger_changes_nothing_but_help() -> None:
    groups_ = [about_drains("a"), about_drains("b")]
    calm, danger = ask(groups_, topics=["surgery"]), ask(groups_, topics=["surgery", "self_harm"])
    assert [one.group.id for one in calm.recommendations] == [one.group.id for one in danger.recommendations]


def test_a_twin_at_another_time_waits_but_a_group_for_other_people_does_not() -> None:
    text = {"description": "drains, mastectomy, shower"}
    tuesday, thursday = a_group(id="tuesday", **text), a_group(id="thursday", **text)
    grown_ups = a_group(id="grown-ups", eligibility={"minimum_age": 18}, **text)
    unlike = a_group(id="unlike", description="That first shower with drains, and sleeping on your back.")
    reply = ask([tuesday, thursday, grown_ups, unlike])
    assert set(shown(reply)) == {"thursday", "grown-ups", "unlike"}
    assert ("tuesday", "variety") in {(move.group_id, move.step) for move in reply.moves}


def test_filtering_never_starves_the_result() -> None:
    near = [about_drains(f"near{n}", eligibility={"minimum_age": 90}) for n in range(300)]
    far = a_group(id="far", description="Drains, and the first shower after my mastectomy.")
    assert shown(ask([*near, far], age=40)) == ["far"]


def test_the_meeting_is_told_on_the_newcomers_clock_too() -> None:
    weekly = {"rule": "FREQ=WEEKLY;BYDAY=TU", "start_time": "19:00", "time_zone": "America/New_York"}
    online = about_drains("a", format="online", schedules=[weekly])
    [there] = ask([online], country="GB").recommendations
    assert there.next_meeting is not None
    assert there.next_meeting.starts.isoformat() == "2026-11-24T19:00:00-05:00"
    assert there.next_meeting.starts_for_newcomer is not None
    assert there.next_meeting.starts_for_newcomer.isoformat() == "2026-11-25T00:00:00+00:00"


@given(
    st.lists(groups, max_size=6, unique_by=lambda group: group.id),
    st.sampled_from([STORY, "", "walks", "I hear voices", "x" * 5000]),
    st.sampled_from([None, 15, 40]),
    st.integers(1, 50),
)
@settings(max_examples=60, deadline=None)
def test_whatever_the_directory_the_answer_holds_together(
    directory: list[Group], story: str, age: int | None, limit: int
) -> None:
    reply = ask(directory, limit, story=story, age=age)
    assert len(reply.recommendations) <= limit
    assert bool(reply.recommendations) == (reply.nothing_close is None)
    assert all(one.fit is not Fit.NOT_CLOSE for one in reply.recommendations)
    assert len(set(shown(reply))) == len(reply.recommendations)
    assert reply == ask(directory, limit, story=story, age=age)


def test_a_profile_can_bring_a_group_that_its_description_would_not() -> None:
    plain = a_group(id="plain", description="A circle of friends.")
    voices = [a_profile(id=f"p{n}", group_id="plain", experience=f"{STORY} {n}") for n in range(20)]
    groups = [plain, a_group(id="chess", description="A circle of chess.")]
    silent, heard = (
        recommend(Intake(story=STORY), an_index(groups, profiles), FakeEncoder(), default_rules(), NOW)
        for profiles in ([], voices)
    )
    assert "plain" not in shown(silent)
    assert shown(heard)[0] == "plain"


@pytest.mark.parametrize("changed", [{"amount": 1.5}, {"value": 0.9}, {"value": None}])
def test_an_explanation_that_does_not_add_up_cannot_be(changed: dict[str, Any]) -> None:
    one = ask([about_drains("a")]).recommendations[0]
    *others, largest = sorted(one.contributions, key=lambda part: part.amount)
    with pytest.raises(ValueError, match="a contribution must be"):
        replace(one, contributions=(*others, largest._replace(**changed)))
    with pytest.raises(ValueError, match="add up to the score"):
        replace(one, score=one.score + 0.1)
