"""A rare word is sent through every way in, and then looked for everywhere that it must not be."""

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api.app import create_app
from api.scopes import Scope
from api.service import Service, open_service
from api.settings import Settings
from matcher.encoder import FakeEncoder, Matrix
from tests.api.conftest import Headers, make_keys, serving
from tests.records import a_group, a_profile

_CANARY = "xylographiclament"
_STORY = f"My mother died and {_CANARY} is all I think of. I can't go on."
_BODY = {"answers": {"story": _STORY, "place": _CANARY}}
_TOO_LARGE_BYTES = 2 << 20


class _TellingEncoder(FakeEncoder):
    """Breaks on demand, with the text it was given in its error, as a careless library would."""

    is_broken = False

    def encode(self, texts: Any) -> Matrix:
        if self.is_broken:
            raise RuntimeError(f"can't encode {texts[0]}")
        return super().encode(texts)


@pytest.fixture
def encoder() -> _TellingEncoder:
    return _TellingEncoder()


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    for name in logging.root.manager.loggerDict:
        # What sends the requests may say what it sends.
        caplog.set_level(logging.ERROR if name.startswith(("httpx2", "httpcore2")) else logging.DEBUG, name)
    # Last, because the level of the last call is the level of what is caught.
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.fixture
def service(tmp_path: Path, encoder: _TellingEncoder, monkeypatch: pytest.MonkeyPatch) -> Service:
    # So that temporary files are among those searched.
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    opened = open_service(Settings(data_dir=tmp_path / "data"), encoder)
    opened.directory.put_group(a_group("g1"))
    return opened


def _refused_by_the_api(client: httpx2.Client, key: Headers) -> list[httpx2.Response]:
    def post(**sent: Any) -> httpx2.Response:
        return client.post("/v1/recommendations", headers={**key, **sent.pop("headers", {})}, **sent)

    json_type = {"Content-Type": "application/json"}
    return [
        post(json={"answers": {"story": [_STORY]}}),
        post(json={"answers": {_CANARY: 1, "age": _CANARY, "wishes": {_CANARY: "must", "online": _CANARY}}}),
        post(json={"answers": {"story": _STORY * 1000}}),
        post(json={"answers": {"story": f"{_STORY}\0"}}),
        post(content=f'{{"answers": {{"story": "{_STORY}'.encode(), headers=json_type),
        post(content=_CANARY.encode() * (_TOO_LARGE_BYTES // len(_CANARY)), headers=json_type),
        post(data=_BODY["answers"]),
        client.post("/v1/recommendations", json=_BODY, headers={"Authorization": f"Bearer {_CANARY}"}),
        client.post("/v1/recommendations", json=_BODY),
        client.get(f"/v1/groups/{_CANARY}", params={"story": _STORY}),
        client.get(f"/{_CANARY}", headers={"Accept": "text/html"}),
        client.get("/v1/groups", params={"limit": _CANARY}),
        client.request("PATCH", "/v1/recommendations", json=_BODY),
        client.post("/results", content=_CANARY.encode() * (_TOO_LARGE_BYTES // len(_CANARY))),
    ]


def _crashes(client: httpx2.Client, key: Headers, encoder: _TellingEncoder) -> list[httpx2.Response]:
    encoder.is_broken = True
    return [
        client.post("/v1/recommendations", json=_BODY, headers=key),
        client.post("/results", data=_BODY["answers"], headers={"Accept": "text/html"}),
        client.get("/readyz"),
    ]


def _answered(client: httpx2.Client, key: Headers) -> list[httpx2.Response]:
    pages = [client.post(f"/{page}", data=_BODY["answers"]) for page in ("answers", "understood", "results")]
    return [client.post("/v1/recommendations", json=_BODY, headers=key), *pages]


def test_nothing_of_a_story_is_left_anywhere(
    tmp_path: Path,
    logged: pytest.LogCaptureFixture,
    service: Service,
    encoder: _TellingEncoder,
    capfd: pytest.CaptureFixture[str],
) -> None:
    key = make_keys(service)[Scope.RECOMMEND]
    with serving(create_app(service)) as address, httpx2.Client(base_url=address) as client:
        answered = _answered(client, key)
        refused = [*_refused_by_the_api(client, key), *_crashes(client, key, encoder)]
        assert [reply.status_code for reply in answered] == [200] * len(answered)
        assert [reply for reply in refused if reply.status_code < 400] == []
        for reply in [answered[0], *refused]:
            assert _CANARY not in (reply.text + str(reply.headers)).lower()
        for reply in answered[1:]:
            assert _CANARY not in str(reply.headers)
        # Looked for while it runs, so that journals and temporary files are still there.
        _assert_nowhere_on_disk(tmp_path)
    _assert_nowhere_on_disk(tmp_path)
    _assert_not_logged(logged, capfd)


def test_a_members_words_are_in_the_database_only_and_leave_it_when_they_are_deleted(
    tmp_path: Path,
    logged: pytest.LogCaptureFixture,
    service: Service,
    capfd: pytest.CaptureFixture[str],
) -> None:
    keys = make_keys(service)
    profile = a_profile(experience=_STORY).model_dump(mode="json")
    with serving(create_app(service)) as address, httpx2.Client(base_url=address) as client:
        assert client.put("/v1/profiles/p1", json=profile, headers=keys[Scope.DIRECTORY]).status_code == 201
        told = client.post("/v1/recommendations", json={"answers": {}}, headers=keys[Scope.RECOMMEND])
        assert client.put("/v1/profiles/p1", json={**profile, "role": 1}, headers=keys[Scope.STAFF]).status_code == 422
        assert client.delete("/v1/profiles/p1", headers=keys[Scope.DIRECTORY]).status_code == 204
    assert _CANARY not in told.text
    _assert_nowhere_on_disk(tmp_path)
    _assert_not_logged(logged, capfd)


def _assert_nowhere_on_disk(folder: Path) -> None:
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert any(file.name.startswith("kindred.sqlite3") for file in files)
    holds: Callable[[Path], bool] = lambda file: _CANARY.encode() in file.read_bytes().lower()  # noqa: E731
    assert [file for file in files if holds(file)] == []


def _assert_not_logged(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    printed = capfd.readouterr()
    assert len(caplog.records) > 5
    kept = [f"{record.getMessage()} {vars(record)}" for record in caplog.records]
    assert [line for line in [*kept, caplog.text, printed.out, printed.err] if _CANARY in line.lower()] == []
