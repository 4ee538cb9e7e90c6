"""When more ask than can be answered: no at once, with when to come again; and help is there as always."""

import math
import re
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import anyio
import httpx2
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from syrupy.assertion import SnapshotAssertion

from api.admission import Admission, Turn
from api.batching import OneCaller
from api.service import Service
from models.errors import TooBusy
from tests.api.conftest import Headers, every_place_taken, serving
from tests.records import a_group

_FRAMEWORK_THREADS = 40
_LONG_SECONDS = 60
_NEVER_REFUSED = ["/", "/help", "/privacy", "/groups/g1", "/static/kindred.css", "/healthz", "/v1/groups/g1"]
_LOOKING = ["/understood", "/results", "/none-of-these"]
_ASKED = {"answers": {"story": "I had an ileostomy in spring."}}
_TYPED = {"story": "Eating <b>out</b> frightens me", "age": "40", "hopes": ["hope", "company"]}
_SAID = {"confirm_role": "role:living_with", "asked": ["age", "place"], "canary": "asked nowhere"}
_PAGE = {"Accept": "text/html"}


class _Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def admission(clock: _Clock) -> Admission:
    return Admission(deadline_seconds=20, clock=clock)


def _answer(admission: Admission, clock: _Clock, seconds: float, times: int = 1) -> None:
    for _ in range(times):
        with admission.admit():
            clock.now += seconds


def _enter_until_full(admission: Admission) -> Iterator[None]:
    """One more inside at each step, until one is refused; then all leave."""
    try:
        with admission.admit():
            yield
            yield from _enter_until_full(admission)
    except TooBusy:
        return


def test_as_many_are_let_in_as_are_answered_in_half_the_time_there_is(admission: Admission, clock: _Clock) -> None:
    _answer(admission, clock, seconds=2.0, times=1000)
    assert len(list(_enter_until_full(admission))) == 5


def test_who_is_refused_is_told_when_those_inside_are_answered(admission: Admission, clock: _Clock) -> None:
    _answer(admission, clock, seconds=2.0, times=1000)
    assert [admission.retry_after_seconds for _ in _enter_until_full(admission)] == [4, 6, 8, 10, 12]


@given(st.lists(st.floats(0, 10_000), max_size=30))
def test_whatever_was_measured_one_is_let_in_and_numbers_stay_bounded(seconds: list[float]) -> None:
    clock = _Clock()
    admission = Admission(deadline_seconds=20, clock=clock)
    for each in seconds:
        _answer(admission, clock, each)
    with admission.admit():
        assert admission.retry_after_seconds >= 1


def test_answers_that_come_together_count_as_quick(admission: Admission, clock: _Clock) -> None:
    for _ in range(200):
        with admission.admit(), admission.admit(), admission.admit(), admission.admit():
            clock.now += 4
    # Ten seconds' worth of answers that take four seconds, four at a time.
    assert len(list(_enter_until_full(admission))) == 10


def test_time_in_which_nobody_asks_is_not_counted(admission: Admission, clock: _Clock) -> None:
    for _ in range(200):
        clock.now += 3600
        _answer(admission, clock, seconds=1.0)
    assert len(list(_enter_until_full(admission))) == 10


def test_who_was_refused_leaves_a_place_as_it_was(admission: Admission, clock: _Clock) -> None:
    _answer(admission, clock, seconds=9.0, times=1000)
    with admission.admit():
        for _ in range(3):
            with pytest.raises(TooBusy), admission.admit():
                pytest.fail("let in")
    assert len(list(_enter_until_full(admission))) == 1


@pytest.fixture
def full(app: FastAPI, service: Service) -> Iterator[TestClient]:
    """A Kindred with one group, in which every place is taken."""
    service.directory.put_group(a_group("g1"))
    with every_place_taken(app):
        yield TestClient(app, raise_server_exceptions=False)


def test_a_program_is_told_when_to_come_again(
    full: TestClient, recommend_key: Headers, snapshot: SnapshotAssertion
) -> None:
    reply = full.post("/v1/recommendations", json=_ASKED, headers=recommend_key)
    assert (reply.status_code, reply.headers["Content-Type"]) == (503, "application/problem+json")
    assert reply.headers["Retry-After"] == "11"
    assert reply.json() == snapshot


@pytest.mark.parametrize("path", _LOOKING)
def test_a_newcomer_is_told_so_on_a_page_that_keeps_everything(full: TestClient, path: str) -> None:
    reply = full.post(path, data={**_TYPED, **_SAID}, headers=_PAGE)
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "11")
    assert reply.headers["Cache-Control"] == "no-store"
    assert f'<form method="post" action="{path}">' in reply.text
    carried = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', reply.text)
    assert carried == [
        ("story", "Eating &lt;b&gt;out&lt;/b&gt; frightens me"),
        ("age", "40"),
        ("hopes", "hope"),
        ("hopes", "company"),
        ("confirm_role", "role:living_with"),
        ("asked", "age"),
        ("asked", "place"),
    ]


def test_what_the_page_says(full: TestClient, snapshot: SnapshotAssertion) -> None:
    page = full.post("/results", data=_TYPED, headers=_PAGE).text
    assert re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", page[page.index("<main") : page.index("</main>")])) == snapshot
    assert "tel:988" in page


@pytest.mark.parametrize("beside", [{}, {"age": "forty"}])
def test_help_stands_first_when_the_words_ask_for_it_whatever_else_was_filled_in(
    full: TestClient, beside: dict[str, str]
) -> None:
    page = full.post("/results", data={"story": "I want to die.", "country": "GB", **beside}, headers=_PAGE).text
    assert "help-first" in page
    assert "please talk to someone now" in page


@pytest.mark.parametrize("path", _NEVER_REFUSED)
def test_what_shows_help_is_never_refused(full: TestClient, path: str) -> None:
    assert full.get(path, headers=_PAGE).status_code == 200
    assert full.post("/answers", data=_TYPED, headers=_PAGE).status_code == 200


def test_no_is_said_before_the_key_is_looked_up(
    full: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    for look in ("find_at_once", "find"):
        monkeypatch.setattr(type(service.keys), look, lambda *_: pytest.fail("looked up"))
    assert full.post("/v1/recommendations", json=_ASKED, headers={"Authorization": "Bearer x"}).status_code == 503


@pytest.mark.parametrize(("asked", "status"), [({"answers": {"age": "forty"}}, 422), (_ASKED, 401)])
def test_what_can_not_be_answered_is_not_measured(
    app: FastAPI, recommend_key: Headers, asked: dict[str, object], status: int
) -> None:
    admission: Admission = app.state.admission
    before = admission.wait_seconds
    headers = recommend_key if status == 422 else {}
    reply = TestClient(app).post("/v1/recommendations", json=asked, headers=headers)
    assert (reply.status_code, admission.wait_seconds) == (status, before)


@pytest.mark.parametrize("path", _LOOKING)
def test_a_form_with_something_to_mend_is_neither_measured_nor_refused(
    app: FastAPI, service: Service, path: str
) -> None:
    admission: Admission = app.state.admission
    before = admission.wait_seconds
    service.directory.put_group(a_group("g1"))
    client = TestClient(app)
    asked = {"story": "My son uses", "age": "forty", "asked": "age"}
    assert client.post(path, data=asked, headers=_PAGE).status_code == 422
    assert admission.wait_seconds == before
    with every_place_taken(app):
        assert client.post(path, data=asked, headers=_PAGE).status_code == 422


def test_who_waited_past_the_deadline_for_a_thread_is_told_so(
    app: FastAPI, recommend_key: Headers, clock: _Clock
) -> None:
    app.state.admission = Admission(deadline_seconds=-1, clock=clock)
    reply = TestClient(app).post("/v1/recommendations", json=_ASKED, headers=recommend_key)
    assert (reply.status_code, reply.json()["type"]) == (503, "/problems/busy")


def test_who_waited_past_the_deadline_for_the_encoder_is_told_so(
    app: FastAPI, service: Service, recommend_key: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.directory.put_group(a_group("g1"))
    service.directory.current()
    monkeypatch.setattr(service.batches, "_clock", lambda: math.inf)
    reply = TestClient(app).post("/v1/recommendations", json=_ASKED, headers=recommend_key)
    assert (reply.status_code, reply.json()["type"]) == (503, "/problems/busy")


def test_pages_answer_while_every_thread_that_looks_for_groups_is_held(
    app: FastAPI, service: Service, recommend_key: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.directory.put_group(a_group("g1"))
    begun, may_end = threading.Semaphore(0), threading.Event()

    def hold(service: Service, *_: object) -> None:
        # As while a text waits to be encoded: who waits aside keeps nobody else from beginning.
        assert isinstance(service.encoder, OneCaller)
        with service.encoder.aside():
            begun.release()
            may_end.wait()
        raise TooBusy

    monkeypatch.setattr(Service, "recommend", hold)
    monkeypatch.setattr(Service, "warm_up", lambda _: None)
    # As many as the framework has threads for everything else.
    monkeypatch.setattr("api.admission._THREADS", _FRAMEWORK_THREADS)
    app.state.admission = Admission(deadline_seconds=600)
    with serving(app) as address, ThreadPoolExecutor(_FRAMEWORK_THREADS) as crowd:
        ask = partial(httpx2.post, f"{address}/v1/recommendations", json=_ASKED, headers=recommend_key, timeout=60)
        waiting = [crowd.submit(ask) for _ in range(_FRAMEWORK_THREADS)]
        try:
            for _ in waiting:
                assert begun.acquire(timeout=60)
            statuses = [httpx2.get(address + path, headers=_PAGE, timeout=60).status_code for path in _NEVER_REFUSED]
        finally:
            may_end.set()
        assert statuses == [200] * len(_NEVER_REFUSED)
        assert {each.result().status_code for each in waiting} == {503}


def _run(work: Callable[[], Awaitable[None]]) -> None:
    # In a thread of its own: this one may have an event loop already.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(anyio.run, work).result()


def test_one_is_worked_on_at_a_time_unless_it_waits_aside(admission: Admission) -> None:
    is_aside, may_go_on, goes_on = threading.Event(), threading.Event(), threading.Event()
    went_on_meanwhile = []

    def first(turn: Turn) -> None:
        with turn.aside():
            is_aside.set()
            assert may_go_on.wait(_LONG_SECONDS), "nobody else was worked on"
        goes_on.set()

    def second() -> None:
        may_go_on.set()
        # However long it takes, the first waits for the desk; were there none, it would go on within a millisecond.
        went_on_meanwhile.append(goes_on.wait(timeout=0.3))

    async def both() -> None:
        with admission.admit() as one, admission.admit() as other:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(one.run, partial(first, one))
                await anyio.to_thread.run_sync(is_aside.wait, _LONG_SECONDS)
                tasks.start_soon(other.run, second)

    _run(both)
    assert went_on_meanwhile == [False]
    assert goes_on.is_set()


def test_the_desk_is_free_again_after_what_failed(admission: Admission) -> None:
    async def fail_and_go_on() -> None:
        with admission.admit() as turn:
            with pytest.raises(ZeroDivisionError):
                await turn.run(lambda: 1 // 0)
            assert await turn.run(lambda: "answered") == "answered"

    _run(fail_and_go_on)
