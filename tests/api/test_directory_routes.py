"""Reading and changing the directory over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.service import Service
from tests.api.conftest import Headers
from tests.records import a_group, a_profile

_GROUP: dict[str, Any] = {"name": "Tuesday circle", "description": "For people after bowel surgery."}
_PROFILE = {"group_id": "g1", "experience": "I had an ileostomy last spring."}


@pytest.fixture
def client(client: TestClient, directory_key: Headers) -> TestClient:
    client.headers.update(directory_key)
    return client


def test_putting_a_group_creates_it_and_putting_it_again_replaces_it(client: TestClient) -> None:
    created = client.put("/v1/groups/a b", json={**_GROUP, "format": "online"})
    replaced = client.put("/v1/groups/a b", json=_GROUP)
    assert (created.status_code, created.headers["Location"]) == (201, "/v1/groups/a%20b")
    assert (replaced.status_code, replaced.json()["format"]) == (200, None)
    assert client.get(created.headers["Location"]).json() == replaced.json()


def test_a_group_that_was_read_can_be_put_back_as_it_is(client: TestClient, service: Service) -> None:
    service.directory.put_group(a_group("g1", schedules=[], joining={"email": "hello@example.org"}))
    before = service.store.version()
    assert client.put("/v1/groups/g1", json=client.get("/v1/groups/g1").json()).status_code == 200
    assert service.store.version() == before


@pytest.mark.parametrize(("kind", "body"), [("groups", _GROUP), ("profiles", _PROFILE)])
def test_an_id_in_the_body_must_be_the_one_in_the_address(
    client: TestClient, service: Service, kind: str, body: dict[str, Any]
) -> None:
    service.directory.put_group(a_group("g1"))
    before = service.store.version()
    assert client.put(f"/v1/{kind}/one", json={**body, "id": "two"}).status_code == 422
    assert service.store.version() == before


def test_creating_what_exists_is_a_conflict_and_changes_nothing(client: TestClient, service: Service) -> None:
    assert client.post("/v1/groups", json={**_GROUP, "id": "g1"}).headers["Location"] == "/v1/groups/g1"
    assert client.post("/v1/profiles", json={**_PROFILE, "id": "p1"}).headers["Location"] == "/v1/profiles/p1"
    before = service.store.version()
    assert client.post("/v1/groups", json={**_GROUP, "id": "g1", "name": "Another"}).status_code == 409
    assert client.post("/v1/profiles", json={**_PROFILE, "id": "p1", "role": "bereaved"}).status_code == 409
    assert service.store.version() == before


def test_a_profile_for_a_missing_group_is_refused_and_changes_nothing(client: TestClient, service: Service) -> None:
    before = service.store.version()
    for reply in (
        client.put("/v1/profiles/p1", json=_PROFILE),
        client.post("/v1/profiles", json={**_PROFILE, "id": "p1"}),
    ):
        assert (reply.status_code, "Add the group first" in reply.json()["detail"]) == (404, True)
    assert service.store.version() == before


def test_deleting_a_group_deletes_its_profiles(client: TestClient, service: Service) -> None:
    service.directory.put_group(a_group("g1"))
    service.directory.put_profile(a_profile("p1", "g1"))
    assert client.delete("/v1/groups/g1").status_code == 204
    assert [client.get(f"/v1/{one}").status_code for one in ("groups/g1", "profiles/p1", "groups/g1/profiles")] == [
        404,
        404,
        404,
    ]


def test_deleting_what_is_not_there_is_not_found(client: TestClient) -> None:
    assert [client.delete(f"/v1/{one}").status_code for one in ("groups/g1", "profiles/p1")] == [404, 404]


def test_a_profile_can_be_read_moved_and_deleted(client: TestClient, service: Service) -> None:
    for group_id in ("g1", "g2"):
        service.directory.put_group(a_group(group_id))
    assert client.put("/v1/profiles/p1", json=_PROFILE).status_code == 201
    assert client.put("/v1/profiles/p1", json={**_PROFILE, "group_id": "g2"}).status_code == 200
    assert client.get("/v1/groups/g1/profiles").json() == {"profiles": []}
    assert client.get("/v1/groups/g2/profiles").json()["profiles"] == [client.get("/v1/profiles/p1").json()]
    assert client.delete("/v1/profiles/p1").status_code == 204


def test_pages_of_groups_follow_one_another_to_the_end(client: TestClient, service: Service) -> None:
    ids = ["a", "b c", "d&e=f", "é", "ö"]
    service.directory.put_groups([a_group(id_) for id_ in ids])
    pages = list(_pages(client, "/v1/groups?limit=2"))
    assert [[group["id"] for group in page["groups"]] for page in pages] == [ids[:2], ids[2:4], ids[4:]]


def test_pages_of_profiles_are_of_one_group(client: TestClient, service: Service) -> None:
    service.directory.put_groups([a_group("g/1".replace("/", " ")), a_group("g2")])
    service.directory.put_profiles([a_profile(f"p{n}", "g 1" if n % 2 else "g2") for n in range(6)])
    pages = list(_pages(client, "/v1/groups/g%201/profiles?limit=2"))
    assert [[profile["id"] for profile in page["profiles"]] for page in pages] == [["p1", "p3"], ["p5"]]


def test_a_change_shows_in_the_very_next_recommendation(client: TestClient, recommend_key: Headers) -> None:
    def found() -> list[str]:
        body = {"answers": {"story": "bowel surgery"}}
        reply = client.post("/v1/recommendations", json=body, headers=recommend_key).json()
        return [one["group"]["id"] for one in reply["recommendations"]]

    assert found() == []
    client.put("/v1/groups/g1", json=_GROUP)
    assert found() == ["g1"]
    client.delete("/v1/groups/g1")
    assert found() == []


def _pages(client: TestClient, address: str | None) -> Iterator[dict[str, Any]]:
    while address:
        reply = client.get(address)
        yield reply.json()
        address = reply.links["next"]["url"] if "next" in reply.links else None
