"""The load that servers are put under stops by itself, and heeds what it is told."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from scripts.bench.load import HOST, Reply, ask_at_once, get

_REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n"
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def ask(answer: bytes) -> list[Reply]:
    """What three askers hear within a moment from a server that always answers the same."""

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
        writer.close()
        await writer.wait_closed()

    async def run() -> list[Reply]:
        async with await asyncio.start_server(reply, HOST) as server:
            replies = await ask_at_once(server.sockets[0].getsockname()[1], [get("/")], at_once=3, seconds=0.2)
        # Connections end once their askers are gone.
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
        return replies

    # In a thread of its own: browser tests leave a loop running in theirs.
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, run()).result()


def test_who_is_told_to_come_later_does_not_ask_again_at_once() -> None:
    assert [reply.status for reply in ask(_REFUSAL)] == [503, 503, 503]


def test_who_is_answered_asks_again_until_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    # Time passes with each look at the clock: however slow the machine is, there is some for more than one reply each.
    monkeypatch.setattr("scripts.bench.load.perf_counter", count(step=0.001).__next__)
    replies = ask(_ANSWER)
    assert len(replies) > 3
    assert {reply.status for reply in replies} == {200}
