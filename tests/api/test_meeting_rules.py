"""A meeting that never comes: refused at the door, harmless where it was stored before that was asked."""

from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.storage.documents import read_document, write_document
from matcher.meetings import Calendar
from models.group import Group
from tests.api.conftest import Headers

_NEVER = ["FREQ=WEEKLY;INTERVAL=0;BYDAY=TU", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"]


def meeting(rule: str) -> dict[str, Any]:
    schedule = {"rule": rule, "start_time": "19:00:00", "time_zone": "Europe/London"}
    return {"name": "Tuesday circle", "description": "For people after bowel surgery.", "schedules": [schedule]}


@pytest.mark.parametrize("rule", _NEVER)
def test_a_group_whose_meeting_never_comes_is_refused_in_words(
    rule: str, client: TestClient, directory_key: Headers
) -> None:
    posted = client.post("/v1/groups", json={"id": "g1", **meeting(rule)}, headers=directory_key)
    put = client.put("/v1/groups/g1", json=meeting(rule), headers=directory_key)
    assert [posted.status_code, put.status_code] == [422, 422]
    assert "names a day that never comes" in posted.text


@pytest.mark.parametrize("rule", _NEVER)
def test_one_that_was_stored_before_is_read_and_meets_never(rule: str) -> None:
    weekly = Group.model_validate({"id": "g1", **meeting("FREQ=WEEKLY;BYDAY=TU")})
    stored = write_document(weekly).replace("FREQ=WEEKLY;BYDAY=TU", rule)
    group = read_document(Group, stored)
    assert write_document(group) == stored
    assert Calendar().meetings(0, group, None, datetime(2026, 11, 18, tzinfo=UTC), 4).first is None
