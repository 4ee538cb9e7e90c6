"""The load that servers are put under stops by itself, and heeds what it is told."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from scripts.bench.load import HOST, NOT_SENT, Reply, ask_at_once, ask_steadily, get

_REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n"
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def listen(answer: bytes, put_load_on: Callable[[int], Awaitable[list[Reply]]]) -> list[Reply]:
    """What is heard from a server that always answers the same."""

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
        writer.close()
        await writer.wait_closed()

    async def run() -> list[Reply]:
        async with await asyncio.start_server(reply, HOST) as server:
            replies = await put_load_on(server.sockets[0].getsockname()[1])
        # Connections end once their askers are gone.
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
        return replies

    # In a thread of its own: browser tests leave a loop running in theirs.
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, run()).result()


def ask_three(port: int) -> Awaitable[list[Reply]]:
    return ask_at_once(port, [get("/")], at_once=3, seconds=0.2)


def test_who_is_told_to_come_later_does_not_ask_again_at_once() -> None:
    assert [reply.status for reply in listen(_REFUSAL, ask_three)] == [503, 503, 503]


def test_who_is_answered_asks_again_until_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    # Time passes with each look at the clock: however slow the machine is, there is some for more than one reply each.
    monkeypatch.setattr("scripts.bench.load.perf_counter", count(step=0.001).__next__)
    replies = listen(_ANSWER, ask_three)
    assert len(replies) > 3
    assert {reply.status for reply in replies} == {200}


@pytest.mark.parametrize(("answer", "status"), [(_ANSWER, 200), (_REFUSAL, 503)])
def test_a_steady_stream_is_as_many_whatever_is_answered_and_none_before_its_time(answer: bytes, status: int) -> None:
    replies = listen(answer, lambda port: ask_steadily(port, [get("/")], per_second=100, seconds=0.2))
    assert [reply.status for reply in replies] == [status] * 20
    began = sorted(reply.began_seconds for reply in replies)
    assert all(sent >= number / 100 - 0.001 for number, sent in enumerate(began))


def test_a_stream_sends_no_more_than_may_be_open() -> None:
    replies = listen(_ANSWER, lambda port: ask_steadily(port, [get("/")], 1e6, 2e-5, open_most=1))
    assert len(replies) == 20
    assert {reply.status for reply in replies} == {NOT_SENT, 200}
