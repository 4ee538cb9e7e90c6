"""A server that doesn't start is named, with what it wrote, so that somebody can do something about it."""

from pathlib import Path

import pytest

from models.errors import InvalidInput
from scripts.bench.servers import serve_peer


def test_a_server_that_stops_is_named_with_the_last_that_it_wrote(tmp_path: Path) -> None:
    with (
        pytest.raises(InvalidInput, match="left with 1 before it was ready") as raised,
        serve_peer("no such peer", tmp_path, 1, tmp_path, seconds_most=60),
    ):
        pass
    assert raised.value.sentence.startswith("python -m scripts.bench.peers.server 'no such peer' ")
    assert raised.value.sentence.endswith("KeyError: 'no such peer'")


def test_a_server_that_takes_too_long_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(InvalidInput, match=r"scripts\.bench\.peers\.server .* was not ready in time"),
        serve_peer("no such peer", tmp_path, 1, tmp_path, seconds_most=0),
    ):
        pass
