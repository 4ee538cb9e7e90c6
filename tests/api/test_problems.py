"""Every error is a problem that says what, where and what to do, and never what was sent."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from syrupy.assertion import SnapshotAssertion

from api.service import Service
from tests.api.conftest import Headers

_SECRET = "xylographiclament"
_JSON = {"Content-Type": "application/json"}
_GROUP: dict[str, Any] = {"id": "g1", "name": "Circle", "description": "For all."}
_TUESDAYS = {"rule": "FREQ=WEEKLY;BYDAY=TU", "start_time": "19:00", "time_zone": "Europe/London"}

BAD_INTAKES = {
    "answers missing": {},
    "answers of another type": {"answers": _SECRET},
    "unknown answer": {"answers": {_SECRET: 1}},
    "unknown field beside": {"answers": {}, _SECRET: 1},
    "story of another type": {"answers": {"story": [_SECRET]}},
    "story too long": {"answers": {"story": _SECRET * 2000}},
    "story with NUL": {"answers": {"story": f"{_SECRET}\0"}},
    "story with half a character": {"answers": {"story": f"{_SECRET}\ud800"}},
    "age of words": {"answers": {"age": _SECRET}},
    "age beyond any": {"answers": {"age": 10**30}},
    "unknown role": {"answers": {"role": _SECRET}},
    "unknown wish": {"answers": {"wishes": {_SECRET: "must"}}},
    "wish of unknown weight": {"answers": {"wishes": {"online": _SECRET}}},
    "unknown time zone": {"answers": {"time_zone": _SECRET}},
    "country of words": {"answers": {"country": _SECRET}},
}
BAD_GROUPS = {
    "no name": {"id": "g1", "description": _SECRET},
    "schedule at 25:00": {**_GROUP, "schedules": [{**_TUESDAYS, "start_time": "25:00"}]},
    "rule that is none": {**_GROUP, "schedules": [{**_TUESDAYS, "rule": _SECRET}]},
    "unknown field of a schedule": {**_GROUP, "schedules": [{**_TUESDAYS, _SECRET: 1}]},
    "source of an unknown field": {**_GROUP, "fact_sources": {_SECRET: {"source": "a"}}},
    "nameless source": {**_GROUP, "fact_sources": {_SECRET: {}}},
    "ages crossed": {**_GROUP, "eligibility": {"minimum_age": 60, "maximum_age": 18}},
    "place that is no number": {**_GROUP, "location": {"latitude": float("nan"), "longitude": 0}},
    "id with a slash": {**_GROUP, "id": f"{_SECRET}/"},
}
BAD_BODIES = {
    "not JSON": (400, f'{{"answers": {{"story": "{_SECRET}"'.encode()),
    "too deep": (400, b'{"answers":' * 50_000),
    "number too long": (400, b'{"limit": ' + b"9" * 5_000 + b"}"),
    "not UTF-8": (400, b'{"answers": {"story": "\xff\xfe"}}'),
    "empty": (422, b""),
    "a list": (422, b"[]"),
    "null": (422, b"null"),
}


def _all_of(reply: Any) -> dict[str, Any]:
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert _SECRET not in reply.text + str(reply.headers)
    body = dict(reply.json())
    assert body["status"] == reply.status_code
    return body


@pytest.mark.parametrize("case", BAD_INTAKES)
def test_a_bad_intake_is_told_what_is_wrong(
    client: TestClient, recommend_key: Headers, snapshot: SnapshotAssertion, case: str
) -> None:
    # Written as ASCII, so that half a character can be sent at all.
    reply = client.post(
        "/v1/recommendations", content=json.dumps(BAD_INTAKES[case]), headers={**recommend_key, **_JSON}
    )
    assert reply.status_code == 422
    assert _all_of(reply) == snapshot


@pytest.mark.parametrize("case", BAD_GROUPS)
def test_a_bad_group_is_told_what_is_wrong_and_changes_nothing(
    client: TestClient, service: Service, directory_key: Headers, snapshot: SnapshotAssertion, case: str
) -> None:
    before = service.store.version()
    reply = client.post("/v1/groups", content=json.dumps(BAD_GROUPS[case]), headers={**directory_key, **_JSON})
    assert reply.status_code == 422
    assert _all_of(reply) == snapshot
    assert service.store.version() == before


@pytest.mark.parametrize("case", BAD_BODIES)
def test_a_body_that_can_not_be_read_is_told_so(
    client: TestClient, recommend_key: Headers, snapshot: SnapshotAssertion, case: str
) -> None:
    status, body = BAD_BODIES[case]
    reply = client.post("/v1/recommendations", content=body, headers={**recommend_key, **_JSON})
    assert reply.status_code == status
    assert _all_of(reply) == snapshot


@pytest.mark.parametrize(
    ("status", "method", "address"),
    [
        (401, "POST", "/v1/recommendations"),
        (404, "GET", f"/{_SECRET}"),
        (404, "GET", f"/v1/groups/{_SECRET}"),
        (404, "GET", "/v1/groups/"),
        (405, "PATCH", "/v1/groups/g1"),
        (422, "GET", f"/v1/groups?limit={_SECRET}"),
        (422, "GET", "/v1/groups?after=%00"),
        (422, "GET", "/v1/groups/%00"),
    ],
)
def test_other_troubles_are_problems_too(
    client: TestClient, snapshot: SnapshotAssertion, status: int, method: str, address: str
) -> None:
    reply = client.request(method, address)
    assert reply.status_code == status
    assert _all_of(reply) == snapshot


def test_a_key_of_another_scope_is_told_which_is_needed(
    client: TestClient, recommend_key: Headers, snapshot: SnapshotAssertion
) -> None:
    assert _all_of(client.get("/v1/profiles/p1", headers=recommend_key)) == snapshot


def test_a_form_is_told_to_be_json(client: TestClient, recommend_key: Headers, snapshot: SnapshotAssertion) -> None:
    reply = client.post("/v1/recommendations", data={"story": _SECRET}, headers=recommend_key)
    assert reply.status_code == 415
    assert _all_of(reply) == snapshot


def test_a_wrong_method_is_told_every_right_one(client: TestClient) -> None:
    assert client.patch("/v1/groups/g1").headers["Allow"] == "DELETE, GET, PUT"


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.just(_SECRET) | st.sampled_from(["online", "must"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([_SECRET, "answers", "story", "wishes", "schedules", "id", "rule"]), inner)
    ),
    max_leaves=12,
)


@given(body=_anything)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_no_error_repeats_it(
    client: TestClient, recommend_key: Headers, directory_key: Headers, body: object
) -> None:
    for address, key in (("/v1/recommendations", recommend_key), ("/v1/groups", directory_key)):
        reply = client.post(address, content=json.dumps(body), headers={**key, **_JSON})
        assert reply.status_code in {200, 400, 422}
        if reply.status_code != 200:
            assert _SECRET not in reply.text
