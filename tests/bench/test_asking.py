"""Only an answer counts as an answer: refusals and failures make no server look quick."""

import pytest

from scripts.bench.asking import count_answers, count_overload
from scripts.bench.load import Reply


def reply(status: int, began: float, seconds: float) -> Reply:
    return Reply("POST", status, began, seconds)


def test_only_answers_count_for_the_rate_and_the_times() -> None:
    found = count_answers([reply(200, 0, 0.5), reply(200, 0.5, 0.5), reply(503, 0, 0.001), reply(0, 1, 1)], 2)
    assert found.per_second == pytest.approx(1.0)
    assert found.times.milliseconds == (500.0, 500.0)
    assert found.failed == 2


def test_the_rate_counts_until_the_last_reply_was_there() -> None:
    assert count_answers([reply(200, 0, 4.0)], 1).per_second == pytest.approx(0.25)


def test_nothing_asked_is_nothing_answered() -> None:
    assert count_answers([], 1).per_second == 0


def test_refusals_are_told_apart_from_failures() -> None:
    asked = [reply(200, 0, 2.0), reply(503, 0, 0.01), reply(503, 1, 0.03), reply(0, 1, 0.0), reply(500, 1, 0.1)]
    helped = [reply(200, 0, 0.02), reply(500, 1, 0.02)]
    found = count_overload(5.0, asked, helped, 1.0)
    assert (found.refused, found.failed, found.help_failed) == (2, 2, 1)
    assert found.offered_per_second == 5
    assert found.good_per_second == pytest.approx(0.5)
    assert found.refusals.milliseconds == (10.0, 30.0)
    assert found.help_pages.milliseconds == (20.0,)
