"""Alive and ready: each part is used, and named when it does not work."""

from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.scopes import Scope
from api.service import Service, open_service
from api.settings import Settings
from matcher.encoder import FakeEncoder
from models.errors import EncoderUnavailable
from tests.api.conftest import make_keys
from tests.records import a_group


def _parts(client: TestClient, status: int) -> dict[str, bool]:
    reply = client.get("/readyz")
    assert reply.status_code == status
    return {part["name"]: part["ok"] for part in reply.json()["parts"]}


def test_all_parts_of_a_fresh_kindred_are_ready(client: TestClient) -> None:
    assert _parts(client, 200) == {"database": True, "index": True, "encoder": True}


def test_asking_changes_nothing(client: TestClient, service: Service) -> None:
    before = service.store.version()
    client.get("/readyz")
    assert service.store.version() == before


def test_a_broken_encoder_is_named(client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def encode(_texts: object) -> None:
        raise EncoderUnavailable("gone")

    monkeypatch.setattr(service.encoder, "encode", encode)
    assert _parts(client, 503) == {"database": True, "index": True, "encoder": False}


def test_vectors_that_are_none_count_as_a_broken_encoder(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.encoder, "encode", lambda texts: np.full((len(texts), 64), np.nan, np.float32))
    assert not _parts(client, 503)["encoder"]


def test_a_lost_database_is_named_and_alive_stays_alive(client: TestClient, database_file: Path) -> None:
    database_file.write_bytes(b"no longer a database" * 100)
    assert _parts(client, 503) == {"database": False, "index": False, "encoder": True}
    assert client.get("/healthz").json() == {"alive": True}
    reply = client.get("/v1/groups")
    assert (reply.status_code, reply.json()["type"]) == (503, "/problems/unavailable")
    # Where the database lies is nobody's business but the log's.
    assert str(database_file) not in reply.text + client.get("/readyz").text


def test_a_database_that_can_only_be_read_still_answers_and_says_that_it_can_not_be_changed(
    service: Service, database_file: Path
) -> None:
    service.directory.put_group(a_group("g1"))
    keys = make_keys(service)
    read_only = Settings(database_url=f"sqlite:///file:{database_file}?mode=ro&uri=true")
    client = TestClient(create_app(open_service(read_only, FakeEncoder())), raise_server_exceptions=False)
    assert "can be read but not written" in client.get("/readyz").json()["parts"][0]["why"]
    asked = {"answers": {"story": "bowel surgery"}}
    found = client.post("/v1/recommendations", json=asked, headers=keys[Scope.RECOMMEND])
    assert found.json()["recommendations"][0]["group"]["id"] == "g1"
    refused = client.delete("/v1/groups/g1", headers=keys[Scope.DIRECTORY])
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/unavailable")
    assert client.get("/v1/groups/g1").status_code == 200


@pytest.fixture
def database_file(service: Service) -> Path:
    """The database's own file."""
    return Path(str(service.settings.database.database))
