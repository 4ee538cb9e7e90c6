"""What every request passes through: size, headers, crashes, log lines."""

import logging
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.service import Service
from api.wrapping import BODY_LIMIT_BYTES
from tests.api.conftest import Headers

_JSON = {"Content-Type": "application/json"}


def _chunks(count: int, size_bytes: int = 1 << 16) -> Iterator[bytes]:
    for _ in range(count):
        yield b" " * size_bytes


def test_a_body_that_says_it_is_too_large_is_refused_unread(client: TestClient, recommend_key: Headers) -> None:
    reply = client.post(
        "/v1/recommendations", content=b" " * (BODY_LIMIT_BYTES + 1), headers={**recommend_key, **_JSON}
    )
    assert (reply.status_code, reply.headers["Content-Type"]) == (413, "application/problem+json")


def test_a_body_that_does_not_say_its_size_is_read_no_further_than_the_limit(
    client: TestClient, recommend_key: Headers
) -> None:
    reply = client.post("/v1/recommendations", content=_chunks(17), headers={**recommend_key, **_JSON})
    assert (reply.status_code, reply.headers["Content-Type"]) == (413, "application/problem+json")


def test_a_body_of_the_limit_is_read(client: TestClient, recommend_key: Headers) -> None:
    body = b'{"answers": {}}'.ljust(BODY_LIMIT_BYTES)
    assert client.post("/v1/recommendations", content=body, headers={**recommend_key, **_JSON}).status_code == 200


@pytest.mark.parametrize("address", ["/v1/groups", "/nowhere", "/", "/static/nothing"])
def test_every_reply_protects_its_reader(client: TestClient, address: str) -> None:
    headers = client.get(address, headers={"Accept": "text/html"}).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in headers


def test_what_is_made_from_an_intake_is_not_to_be_kept(client: TestClient, recommend_key: Headers) -> None:
    for reply in (
        client.post("/v1/recommendations", json={"answers": {}}, headers=recommend_key),
        client.post("/v1/recommendations", json={"answers": 1}, headers=recommend_key),
        client.post("/results", data={"story": "lonely"}),
    ):
        assert reply.headers["Cache-Control"] == "no-store"


def test_a_crash_becomes_a_problem_that_can_be_looked_up(
    client: TestClient,
    service: Service,
    recommend_key: Headers,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def crash(_texts: object) -> None:
        raise RuntimeError("these words must stay here")

    monkeypatch.setattr(service.encoder, "encode", crash)
    body = {"answers": {"story": "lonely"}}
    reply = client.post("/v1/recommendations", json=body, headers=recommend_key)
    assert reply.status_code == 500
    request_id = reply.headers["X-Request-Id"]
    assert request_id in reply.json()["detail"]
    assert f"RuntimeError at {__file__}" in caplog.text
    assert request_id in caplog.text
    assert "must stay here" not in caplog.text + reply.text


def test_a_browser_gets_a_page_and_a_program_a_problem(client: TestClient) -> None:
    browser = {"Accept": "text/html,*/*;q=0.8"}
    assert client.get("/nowhere", headers=browser).headers["Content-Type"].startswith("text/html")
    assert client.get("/v1/nowhere", headers=browser).headers["Content-Type"] == "application/problem+json"
    assert client.get("/nowhere").headers["Content-Type"] == "application/problem+json"


def test_a_log_line_holds_the_route_and_not_what_was_asked_for(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "api")
    client.get("/v1/groups/secret-name?after=secret-place")
    client.get("/secret-address")
    client.request("SECRETMETHOD", "/v1/groups")
    lines = [record.getMessage() for record in caplog.records if record.name == "api.wrapping"]
    assert [line.split()[:3] for line in lines[:1]] == [["GET", "/v1/groups/{group_id}", "404"]]
    assert lines[1].startswith("GET (no route) 404")
    assert lines[2].startswith("(other method) (no route) 405") or lines[2].startswith("(other method) /v1/groups 405")
    assert "secret" not in "".join(lines).lower()


def test_the_frameworks_own_telemetry_is_off(app: FastAPI) -> None:
    assert not app._native_telemetry.enabled()
