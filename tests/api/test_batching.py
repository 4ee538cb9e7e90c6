"""Texts of many callers share batches, and nobody notices but by the clock."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import Barrier

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.batching import Call, SharedBatches, even
from matcher.encoder import FakeEncoder, Matrix
from models.errors import TooBusy

_FULL = "word " * 1500
_POISON = "poison"
_calls = st.lists(st.lists(st.text(st.sampled_from("ab "), max_size=6), max_size=5), min_size=1, max_size=12)


class _NotingEncoder(FakeEncoder):
    """Notes each batch, and stumbles over one text."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> Matrix:
        self.batches.append(list(texts))
        if any(text.startswith(_POISON) for text in texts):
            raise ValueError("can't encode this")
        return super().encode(texts)


@pytest.fixture
def encoder() -> _NotingEncoder:
    return _NotingEncoder()


def _wait_for_all(shared: SharedBatches, calls: Sequence[Call]) -> list[Matrix | BaseException]:
    """What came of each call, each waiting in a thread of its own."""

    def wait(call: Call) -> Matrix | BaseException:
        try:
            return shared.wait_for(call)
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(wait, calls))


@given(_calls)
def test_each_caller_gets_its_own_rows_in_its_own_order_however_they_come(calls: list[list[str]]) -> None:
    shared = SharedBatches(FakeEncoder())
    with ThreadPoolExecutor(len(calls)) as threads:
        rows = list(threads.map(shared.encode, calls))
    for texts, own in zip(calls, rows, strict=True):
        assert np.array_equal(own, FakeEncoder().encode(texts))


@given(st.lists(st.booleans(), min_size=1, max_size=8))
def test_an_error_reaches_those_in_its_batch_and_nobody_else(poisoned: list[bool]) -> None:
    shared = SharedBatches(_NotingEncoder())
    # So long that each fills a batch.
    texts = [f"{_POISON if is_bad else number} {_FULL * 2}" for number, is_bad in enumerate(poisoned)]
    came = _wait_for_all(shared, [shared.line_up([text]) for text in texts])
    assert [isinstance(result, ValueError) for result in came] == poisoned
    good = [(result, text) for result, text, is_bad in zip(came, texts, poisoned, strict=True) if not is_bad]
    assert all(np.array_equal(result, FakeEncoder().encode([text])) for result, text in good)


def test_an_error_reaches_all_that_are_in_its_batch(encoder: _NotingEncoder) -> None:
    shared = SharedBatches(encoder)
    came = _wait_for_all(shared, [shared.line_up([text]) for text in ("one", _POISON, "two", "three")])
    assert [type(result) for result in came] == [ValueError] * 4


def test_who_waits_at_the_same_time_shares_one_batch(encoder: _NotingEncoder) -> None:
    shared = SharedBatches(encoder)
    _wait_for_all(shared, [shared.line_up([text]) for text in ("one", "three", "four", "five")])
    assert encoder.batches == [["one", "three", "four", "five"]]


def test_who_would_make_a_batch_uneven_joins_whoever_comes_next(encoder: _NotingEncoder) -> None:
    shared = SharedBatches(encoder)
    texts = [str(number) for number in range(21)]
    _wait_for_all(shared, [shared.line_up([text]) for text in texts])
    assert encoder.batches == [texts[:16], texts[16:20], texts[20:]]


@given(st.integers(min_value=1, max_value=500))
def test_a_batch_is_even_and_leaves_few_behind(texts: int) -> None:
    together = even(texts)
    assert texts / 2 < together <= texts
    assert texts - together < 8
    assert together % 8 == 0 or together in {1, 2, 4}


def test_with_two_streams_a_second_batch_begins_while_the_first_is_encoded() -> None:
    both_there = Barrier(2, timeout=30)

    class TwoStreams(FakeEncoder):
        streams = 2

        def encode(self, texts: Sequence[str]) -> Matrix:
            both_there.wait()
            return super().encode(texts)

    shared = SharedBatches(TwoStreams())
    came = _wait_for_all(shared, [shared.line_up([text]) for text in ("one", "two")])
    assert not any(isinstance(rows, BaseException) for rows in came)


@given(_calls, st.integers(min_value=1, max_value=3))
def test_each_caller_gets_its_own_rows_however_many_streams_there_are(calls: list[list[str]], streams: int) -> None:
    encoder = FakeEncoder()
    encoder.streams = streams
    shared = SharedBatches(encoder)
    came = _wait_for_all(shared, [shared.line_up(texts) for texts in calls])
    for texts, rows in zip(calls, came, strict=True):
        assert np.array_equal(rows, FakeEncoder().encode(texts))


def test_who_comes_alone_is_encoded_alone_and_at_once(encoder: _NotingEncoder) -> None:
    shared = SharedBatches(encoder)
    shared.encode(["one"])
    shared.encode(["two"])
    assert encoder.batches == [["one"], ["two"]]


def test_a_batch_is_bounded_and_the_rest_waits_in_the_order_it_came(encoder: _NotingEncoder) -> None:
    shared = SharedBatches(encoder)
    texts = [f"{number} {_FULL}" for number in range(5)]
    _wait_for_all(shared, [shared.line_up([text]) for text in texts])
    assert encoder.batches == [texts[0:2], texts[2:4], texts[4:]]


def test_many_texts_of_one_caller_let_others_in_between(encoder: _NotingEncoder) -> None:
    shared = SharedBatches(encoder)
    import_, newcomer = shared.line_up([f"{number} {_FULL}" for number in range(20)]), shared.line_up(["lonely"])
    many, one = _wait_for_all(shared, [import_, newcomer])
    assert "lonely" in encoder.batches[1]
    assert np.array_equal(many, FakeEncoder().encode(import_.texts))
    assert np.array_equal(one, FakeEncoder().encode(["lonely"]))


def test_who_is_gone_is_not_encoded_any_more(encoder: _NotingEncoder) -> None:
    shared = SharedBatches(encoder, clock=lambda: 10.0)
    gone, patient, forever = (
        shared.line_up(["gone"], 9.0),
        shared.line_up(["patient"], 11.0),
        shared.line_up(["forever"]),
    )
    came = _wait_for_all(shared, [gone, patient, forever])
    assert isinstance(came[0], TooBusy)
    assert encoder.batches == [["patient", "forever"]]


def test_the_encoder_is_free_again_after_an_error_and_after_who_is_gone(encoder: _NotingEncoder) -> None:
    shared = SharedBatches(encoder, clock=lambda: 10.0)
    with pytest.raises(ValueError, match="can't encode this"):
        shared.encode([_POISON])
    with pytest.raises(TooBusy):
        shared.until(9.0, nullcontext).encode(["gone"])
    assert shared.until(11.0, nullcontext).encode(["well"]).shape == (1, FakeEncoder.dimensions)


def test_no_texts_are_no_rows(encoder: _NotingEncoder) -> None:
    assert SharedBatches(encoder).encode([]).shape == (0, FakeEncoder.dimensions)
    assert encoder.batches == []
