"""Each peer finds the right group in a tiny directory: a peer that didn't work would be easy to outrun."""

from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray

from matcher.encoder import FakeEncoder, Matrix
from matcher.text import encode_passages
from scripts.bench.peers.peer import INSTALL, PEERS, PeerKind
from scripts.bench.peers.recipe import vote, vote_exactly
from scripts.bench.peers.server import make_app

STORIES = {
    "sleep": ["I can't sleep at night", "night after night without sleep", "awake at night, no sleep at all"],
    "grief": ["my father died in spring", "he died and I miss him", "since my mother died I cry"],
    "drink": ["I drink too much wine", "sober since I stopped wine", "wine every evening, I drink alone"],
}
ASKED = {"no sleep for many a night": "sleep", "my brother died": "grief", "I drink wine": "drink"}


@pytest.fixture(params=PEERS.values(), ids=PEERS.keys())
def kind(request: pytest.FixtureRequest) -> PeerKind:
    found: PeerKind = request.param
    if found.missing:
        pytest.skip(found.why_missing)
    return found


@pytest.fixture
def rows() -> Matrix:
    return encode_passages([text for texts in STORIES.values() for text in texts], FakeEncoder())


@pytest.fixture
def owners() -> NDArray[np.int64]:
    return np.repeat(np.arange(len(STORIES)), 3)


@pytest.mark.filterwarnings("ignore")  # of other people's libraries
def test_a_peer_finds_the_group_over_http(
    kind: PeerKind, rows: Matrix, owners: NDArray[np.int64], tmp_path: Path
) -> None:
    built = kind.make(tmp_path)
    built.build(rows, owners)
    built.close()
    peer = kind.make(tmp_path)
    peer.open()
    with TestClient(make_app(peer, FakeEncoder(), [{"id": name} for name in STORIES])) as client:
        for story, name in ASKED.items():
            reply = client.post("/v1/recommendations", json={"answers": {"story": story}, "limit": 2})
            found = [one["group"]["id"] for one in reply.json()["recommendations"]]
            assert (found[0], len(found)) == (name, 2)


@pytest.mark.filterwarnings("ignore")
def test_a_peer_agrees_with_exact_search_on_few_texts(
    kind: PeerKind, rows: Matrix, owners: NDArray[np.int64], tmp_path: Path
) -> None:
    peer = kind.make(tmp_path)
    peer.build(rows, owners)
    peer.open()
    try:
        for vector in encode_passages(list(ASKED), FakeEncoder()):
            exact = vote_exactly(vector, rows, owners, 3)
            found = peer.search(vector, 3)
            assert [group for group, _ in found] == [group for group, _ in exact]
            assert [votes for _, votes in found] == pytest.approx([votes for _, votes in exact], abs=0.02)
    finally:
        peer.close()


def test_a_new_postgresql_has_its_memory_before_anything_is_built(tmp_path: Path) -> None:
    if PEERS["pgvector"].missing:
        pytest.skip(PEERS["pgvector"].why_missing)
    from scripts.bench.peers.pgvector_peer import connect, start_server

    server = start_server(tmp_path)
    try:
        with connect(server) as connection:
            assert connection.execute("SHOW shared_buffers").fetchone() == ("1GB",)
    finally:
        server.cleanup()


def test_votes_add_up_and_ties_go_to_the_first_group() -> None:
    assert vote([(2, 0.5), (1, 0.25), (0, 0.5), (1, 0.25), (3, 0.1)], 3) == [(0, 0.5), (1, 0.5), (2, 0.5)]


def test_a_peer_whose_library_is_missing_says_which_and_what_installs_it() -> None:
    kind = PeerKind("x", "x", "x", ("json", "no_such_library"))
    assert kind.why_missing == f"no_such_library not installed: {INSTALL}"


def test_what_installs_the_peers_is_what_the_docs_say() -> None:
    docs = Path(__file__).parents[2] / "docs"
    for page in ("performance.md", "decisions/0022-what-speed-is-measured-beside.md"):
        assert INSTALL in (docs / page).read_text(encoding="utf-8")
