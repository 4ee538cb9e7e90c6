"""Only an answer counts as an answer: refusals and failures make no server look quick."""

from collections.abc import Sequence

import pytest

from scripts.bench import asking
from scripts.bench.asking import ask_in_turn, count_answers, count_overload, together
from scripts.bench.figures import Answers, Times
from scripts.bench.load import NOT_SENT, Reply
from scripts.bench.servers import Served


def reply(status: int, began: float, seconds: float) -> Reply:
    return Reply(status, began, seconds)


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
    found = count_overload((4.0, 6.0), [(asked, helped)], 1.0)
    assert (found.refused, found.failed, found.help_failed) == (2, 2, 1)
    assert found.peak_per_second == 5
    assert found.offered_per_second == 5
    assert found.good_per_second == pytest.approx(0.5)
    assert found.refusals.milliseconds == (10.0, 30.0)
    assert found.help_pages.milliseconds == (20.0,)


def test_rounds_of_too_much_become_one_figure() -> None:
    rounds = [([reply(200, 0, 1.0), reply(503, 0, 0.01)], []), ([reply(200, 0, 0.5), reply(0, 0, 0.1)], [])]
    found = count_overload((1.0, 2.0, 3.0), rounds, 1.0)
    assert (found.peak_per_second, found.offered_per_second, found.good_per_second) == (2.0, 2.0, 1.5)
    assert (found.refused, found.failed) == (1, 1)


def test_a_load_that_took_longer_to_send_was_less() -> None:
    asked = [reply(503, began, 0.01) for began in (0, 1, 2, 4)]
    assert count_overload((1.0,), [(asked, [])], 2.0).offered_per_second == 1


def test_what_could_not_be_sent_is_no_load() -> None:
    asked = [reply(503, 0, 0.01), reply(NOT_SENT, 0.5, 0)]
    found = count_overload((1.0,), [(asked, [])], 1.0)
    assert (found.offered_per_second, found.failed) == (1, 1)


def test_rounds_of_one_server_become_one_figure() -> None:
    rounds = [Answers(16, 10.0, Times((90.0,)), 1), Answers(16, 20.0, Times((40.0, 60.0)), 2)]
    assert together(rounds) == Answers(16, 15.0, Times((90.0, 40.0, 60.0)), 3)


def test_servers_are_asked_in_turn_and_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    order = []

    def answer_as_many_as_its_port(
        served: Served, _stories: Sequence[str], concurrency: int, _seconds: float
    ) -> Answers:
        order.append((served.port, concurrency))
        return Answers(concurrency, float(served.port), Times(()), 0)

    monkeypatch.setattr(asking, "ask", answer_as_many_as_its_port)
    servers = [Served(port, 0, 0.0, {}) for port in (7, 8)]
    found = ask_in_turn(servers, ["A story."], (1, 16), 1.0)
    assert [[(one.concurrency, one.per_second) for one in each] for each in found] == [
        [(1, 7.0), (16, 7.0)],
        [(1, 8.0), (16, 8.0)],
    ]
    assert order[2:] == [(7, 1), (8, 1), (7, 16), (8, 16)] * asking.ROUNDS
