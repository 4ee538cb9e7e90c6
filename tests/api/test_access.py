"""Who may call what."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.testclient import TestClient

from api.scopes import Scope
from api.security import Allow, anyone
from api.service import Service
from api.storage.database import Database
from api.storage.keys import KeyStore
from tests.api.conftest import Headers

_PUBLIC = {"/v1/questionnaire", "/v1/groups", "/v1/groups/{group_id}", "/healthz", "/readyz"}

_FOR_PROGRAMS = ("/v1/", "/healthz", "/readyz")


def _gates(app: FastAPI) -> dict[tuple[str, str], list[Callable[..., Any] | None]]:
    """For each method and route: what it names as who may call it."""
    return {
        (method, str(one.path)): [need.call for need in one.dependant.dependencies if _is_gate(need.call)]
        for one in iter_route_contexts(app.routes)
        if isinstance(one.original_route, APIRoute)
        for method in one.methods or ()
    }


def _is_gate(call: object) -> bool:
    return call is anyone or isinstance(call, Allow)


def test_every_route_declares_who_may_call_it(app: FastAPI) -> None:
    gates = _gates(app)
    assert len(gates) > len(_PUBLIC)
    assert [route for route, declared in gates.items() if len(declared) != 1] == []


def test_only_these_addresses_of_the_api_are_open_to_all(app: FastAPI) -> None:
    for_programs = {route: gate for route, (gate,) in _gates(app).items() if route[1].startswith(_FOR_PROGRAMS)}
    assert {route for route, gate in for_programs.items() if gate is anyone} == {("GET", path) for path in _PUBLIC}


@pytest.mark.parametrize(
    ("method", "address", "scope"),
    [
        ("POST", "/v1/recommendations", Scope.RECOMMEND),
        ("PUT", "/v1/groups/g1", Scope.DIRECTORY),
        ("POST", "/v1/groups", Scope.DIRECTORY),
        ("DELETE", "/v1/groups/g1", Scope.DIRECTORY),
        ("GET", "/v1/groups/g1/profiles", Scope.DIRECTORY),
        ("GET", "/v1/profiles/p1", Scope.DIRECTORY),
        ("PUT", "/v1/profiles/p1", Scope.DIRECTORY),
        ("POST", "/v1/profiles", Scope.DIRECTORY),
        ("DELETE", "/v1/profiles/p1", Scope.DIRECTORY),
    ],
)
def test_a_route_opens_to_its_own_scope_and_to_staff_only(
    client: TestClient, keys: dict[Scope, Headers], method: str, address: str, scope: Scope
) -> None:
    for key in Scope:
        is_refused = client.request(method, address, headers=keys[key]).status_code == 403
        assert is_refused == (key not in {scope, Scope.STAFF})
    assert client.request(method, address).status_code == 401


def test_a_key_that_was_used_before_opens_nothing_once_another_process_revokes_it(
    client: TestClient, service: Service, recommend_key: Headers
) -> None:
    def status() -> int:
        return client.post("/v1/recommendations", json={"answers": {}}, headers=recommend_key).status_code

    assert [status(), status()] == [200, 200]
    elsewhere = Database(service.settings.database)
    KeyStore(elsewhere).revoke("recommend", datetime.now(UTC))
    elsewhere.close()
    assert status() == 401


def test_a_revoked_key_opens_nothing(client: TestClient, service: Service, recommend_key: Headers) -> None:
    service.keys.revoke("recommend", datetime.now(UTC))
    reply = client.post("/v1/recommendations", json={"answers": {}}, headers=recommend_key)
    assert reply.status_code == 401
    assert 'error="invalid_token"' in reply.headers["WWW-Authenticate"]


@pytest.mark.parametrize("sent", ["", "Bearer", "Basic a2luZHJlZA==", "Bearer kindred_staff_x", "Bearer \xff\xfe"])
def test_what_is_no_key_opens_nothing(client: TestClient, sent: str) -> None:
    reply = client.get("/v1/profiles/p1", headers=[(b"Authorization", sent.encode("latin-1"))])
    assert reply.status_code == 401
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")
