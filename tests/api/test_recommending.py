"""What a program gets for an intake."""

from datetime import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.presenting import GroupToVisit, page_of, present_recommendations
from api.service import Service
from models.intake import Intake
from models.schedule import Schedule
from tests.api.conftest import Headers
from tests.records import a_group, a_profile

_STORY = "I had an ileostomy and bowel surgery last spring."


@pytest.fixture(autouse=True)
def directory(service: Service) -> None:
    """Three groups about one thing, and one about another."""
    tuesday = Schedule(rule="FREQ=WEEKLY;BYDAY=TU", start_time=time(19), time_zone="Europe/London")
    for number in range(3):
        service.directory.put_group(a_group(f"ostomy {number}", name=f"Ostomy circle {number}", schedules=[tuesday]))
    service.directory.put_group(a_group("chess", name="Chess", description="Openings, endgames, blitz evenings."))
    service.directory.put_profile(a_profile("p1", "ostomy 1"))


def ask(client: TestClient, key: Headers, **body: Any) -> dict[str, Any]:
    reply = client.post("/v1/recommendations", json={"answers": {"story": _STORY}, **body}, headers=key)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def test_a_story_alone_gets_groups_that_say_why_and_how(client: TestClient, recommend_key: Headers) -> None:
    first = ask(client, recommend_key)["recommendations"][0]
    assert first["fit"] in {"strong", "good", "possible"}
    assert first["reasons"][0]["sentence"]
    assert first["group"]["next_meeting"]["starts"].endswith(("T19:00:00Z", "T19:00:00+00:00", "T19:00:00+01:00"))
    assert first["group"]["url"].startswith("/groups/ostomy%20")


def test_no_more_groups_than_asked_for(client: TestClient, recommend_key: Headers) -> None:
    assert len(ask(client, recommend_key, limit=1)["recommendations"]) == 1


@pytest.mark.parametrize("limit", [0, 51, "many", None])
def test_a_limit_that_cannot_be_is_refused(client: TestClient, recommend_key: Headers, limit: object) -> None:
    reply = client.post("/v1/recommendations", json={"answers": {}, "limit": limit}, headers=recommend_key)
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, "/limit")


def test_the_reply_never_holds_a_score_or_a_members_words(client: TestClient, recommend_key: Headers) -> None:
    reply = ask(client, recommend_key, limit=50)
    assert "score" not in reply["recommendations"][0]
    assert a_profile().experience not in str(reply)


def test_help_and_versions_come_with_every_reply(client: TestClient, recommend_key: Headers) -> None:
    reply = ask(client, recommend_key, answers={})
    assert reply["help"]["lines"]
    assert set(reply["versions"]) == {"questionnaire", "rules", "encoder", "directory"}


def test_words_of_danger_put_help_first(client: TestClient, recommend_key: Headers) -> None:
    assert ask(client, recommend_key, answers={"story": "I want to die"})["help"]["prominent"]


def test_when_nothing_is_close_the_nearest_are_shown_with_why(client: TestClient, recommend_key: Headers) -> None:
    reply = ask(client, recommend_key, answers={"story": "zymurgy quixotry"})
    assert reply["recommendations"] == []
    assert reply["nothing_close"]["sentence"]
    assert reply["nothing_close"]["nearest"]


def test_questions_on_which_the_groups_depend_are_named_until_they_are_answered(
    client: TestClient, recommend_key: Headers, service: Service
) -> None:
    service.directory.put_group(a_group("adults", name="Ostomy for adults", eligibility={"minimum_age": 18}))
    assert "age" in ask(client, recommend_key)["open_questions"]
    assert "age" not in ask(client, recommend_key, answers={"story": _STORY, "age": 40})["open_questions"]


def test_contributions_are_the_whole_of_a_groups_place_in_tenths(service: Service) -> None:
    answer = service.recommend(Intake(story=_STORY))
    one, told = answer.recommendations[0], present_recommendations(answer).recommendations[0]
    assert [part.feature for part in told.contributions] == [part.feature for part in one.contributions]
    assert any(part.amount != round(part.amount, 1) for part in one.contributions)
    for part, whole in zip(told.contributions, one.contributions, strict=True):
        assert part.amount == round(part.amount, 1) == pytest.approx(whole.amount, abs=0.05 + 1e-9)


def test_a_group_to_visit_holds_all_that_the_group_does_as_if_it_were_validated_again(service: Service) -> None:
    answer = service.recommend(Intake(story=_STORY))
    one, told = answer.recommendations[0], present_recommendations(answer).recommendations[0]
    validated = GroupToVisit(**dict(one.group), next_meeting=one.next_meeting, url=page_of(one.group.id))
    assert told.group == validated
    assert told.group.model_dump_json() == validated.model_dump_json()


def test_the_questionnaire_is_open_to_all(client: TestClient) -> None:
    reply = client.get("/v1/questionnaire")
    assert {question["id"] for screen in reply.json()["screens"] for question in screen["questions"]} >= {"story"}
