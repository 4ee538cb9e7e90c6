"""Asks every server the same way, from a process of its own, so that it shares no interpreter with what asks for it.

Decides what is asked, and what counts as a good answer. How load is made is decided in `scripts.bench.load`.
"""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from itertools import chain
from statistics import fmean
from typing import Final

from scripts.bench.apart import run_apart
from scripts.bench.figures import Answers, Overload, Times
from scripts.bench.load import NOT_SENT, Reply, Request, ask_at_once, ask_steadily, get, post_json
from scripts.bench.servers import Served

ROUNDS: Final = 3
CROWD: Final = 64
_WARMING_SECONDS: Final = 4
OVER: Final = 10
_HELP_PATHS: Final = ("/", "/help")
_HELP_PER_SECOND: Final = 5.0


def ask(served: Served, stories: Sequence[str], concurrency: int, seconds: float) -> Answers:
    """For so long, so many requests at any time, each asked as soon as one is answered."""
    return run_apart(_ask, served.port, _recommending(served, stories), concurrency, seconds)


def warm(served: Served, stories: Sequence[str]) -> None:
    """Asks as a crowd does before anything is measured: each shape of a batch takes longer when it is met first."""
    ask(served, stories, CROWD, _WARMING_SECONDS)


def ask_in_turn(
    servers: Sequence[Served], stories: Sequence[str], concurrencies: Sequence[int], seconds: float
) -> list[tuple[Answers, ...]]:
    """What each of the servers did at each concurrency, in rounds of so many seconds each: a slow moment of the machine
    falls on all of them.
    """
    for served in servers:
        warm(served, stories)
    found: dict[tuple[int, int], list[Answers]] = {}
    for concurrency in list(concurrencies) * ROUNDS:
        for place, served in enumerate(servers):
            found.setdefault((place, concurrency), []).append(ask(served, stories, concurrency, seconds))
    return [tuple(together(found[place, one]) for one in concurrencies) for place in range(len(servers))]


def together(rounds: Sequence[Answers]) -> Answers:
    """Rounds of the same length at the same concurrency as one."""
    return Answers(
        concurrency=rounds[0].concurrency,
        per_second=fmean(one.per_second for one in rounds),
        times=Times(tuple(chain.from_iterable(one.times.milliseconds for one in rounds))),
        failed=sum(one.failed for one in rounds),
    )


def ask_too_much(served: Served, stories: Sequence[str], seconds: float) -> Overload:
    """Ten times as many requests as are answered at the peak, come what may, while some only want a page with help.

    In rounds, with the peak taken before and after each: the machine is now quick and now slow.
    """
    return run_apart(_ask_too_much, served.port, _recommending(served, stories), seconds)


def _recommending(served: Served, stories: Sequence[str]) -> list[Request]:
    return [post_json("/v1/recommendations", {"answers": {"story": story}}, served.headers) for story in stories]


def _ask(port: int, requests: Sequence[Request], concurrency: int, seconds: float) -> Answers:
    return count_answers(asyncio.run(ask_at_once(port, requests, concurrency, seconds)), concurrency)


def count_answers(replies: Sequence[Reply], concurrency: int) -> Answers:
    """What the replies come to; only a 200 is an answer."""
    good = _good(replies)
    return Answers(concurrency, _rate(good, replies), _times(good), len(replies) - len(good))


def _ask_too_much(port: int, requests: Sequence[Request], seconds: float) -> Overload:
    peaks, rounds = [_ask(port, requests, CROWD, seconds).per_second], []
    for _ in range(ROUNDS):
        rounds.append(asyncio.run(_ask_while_helping(port, requests, OVER * peaks[-1], seconds)))
        peaks.append(_ask(port, requests, CROWD, seconds).per_second)
    return count_overload(peaks, rounds, seconds)


def count_overload(
    peaks: Sequence[float], rounds: Sequence[tuple[Sequence[Reply], Sequence[Reply]]], seconds: float
) -> Overload:
    """What rounds come to, each the replies to those who wanted answers and to those who wanted help, which were to be
    sent within so many seconds; a 503 is a refusal, anything else that is no 200 a failure.

    The peak is the mean of `peaks`, which lie around the rounds: the best guess at how quick the machine was in them.
    The highest would blame the server for slow moments, the lowest praise it for quick ones.
    """
    asked = [reply for asked, _ in rounds for reply in asked]
    helped = [reply for _, helped in rounds for reply in helped]
    refused = [reply for reply in asked if reply.status == HTTPStatus.SERVICE_UNAVAILABLE]
    pages = _good(helped)
    return Overload(
        peak_per_second=fmean(peaks),
        offered_per_second=fmean(_rate_sent(asked, seconds) for asked, _ in rounds),
        good_per_second=fmean(_rate(_good(asked), asked) for asked, _ in rounds),
        refused=len(refused),
        failed=len(asked) - len(_good(asked)) - len(refused),
        refusals=_times(refused),
        help_pages=_times(pages),
        help_failed=len(helped) - len(pages),
    )


async def _ask_while_helping(
    port: int, requests: Sequence[Request], per_second: float, seconds: float
) -> tuple[list[Reply], list[Reply]]:
    pages = [get(path) for path in _HELP_PATHS]
    return await asyncio.gather(
        ask_steadily(port, requests, per_second, seconds), ask_steadily(port, pages, _HELP_PER_SECOND, seconds)
    )


def _good(replies: Sequence[Reply]) -> list[Reply]:
    return [reply for reply in replies if reply.status == HTTPStatus.OK]


def _rate_sent(asked: Sequence[Reply], seconds: float) -> float:
    """Requests sent a second, until the last really was: a busy machine may need longer for it than it was given."""
    sent = [reply.began_seconds for reply in asked if reply.status != NOT_SENT]
    return len(sent) / max(seconds, max(sent)) if sent else 0.0


def _rate(good: Sequence[Reply], replies: Sequence[Reply]) -> float:
    """Good replies a second, until the last reply was there."""
    ended = max((reply.began_seconds + reply.seconds for reply in replies), default=0.0)
    return len(good) / ended if ended else 0.0


def _times(replies: Sequence[Reply]) -> Times:
    return Times.of_seconds([reply.seconds for reply in replies])
