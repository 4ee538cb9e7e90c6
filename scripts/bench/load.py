"""Puts load on a server of this machine, so cheaply that the server keeps the processor: written bytes, read lines.

Two kinds: so many at a time, each asking again as soon as it is answered; and a steady stream that doesn't care whether
the server keeps up. Both are bounded and stop by themselves. Decides nothing about what a good answer is.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, cycle
from time import perf_counter

HOST = "127.0.0.1"
_FAILED = 0
NOT_SENT = -1


@dataclass(frozen=True)
class Request:
    """One request, ready to be written."""

    written: bytes = field(repr=False)


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    """0: no answer at all; NOT_SENT: as many as may be open were."""
    began_seconds: float
    """When it was sent, since the load began."""
    seconds: float
    """From sending to the last byte."""
    retry_after_seconds: int | None = None


def get(path: str) -> Request:
    """A request for a page, as a browser makes it."""
    return _request("GET", path, {"Accept": "text/html"}, b"")


def post_json(path: str, value: object, headers: Mapping[str, str]) -> Request:
    """A request of a program."""
    return _request("POST", path, {"Content-Type": "application/json", **headers}, json.dumps(value).encode())


async def ask_at_once(port: int, requests: Sequence[Request], at_once: int, seconds: float) -> list[Reply]:
    """The requests in turn, again and again for so long, `at_once` of them open at any time.

    Who is told to come back later does so: else those who are refused would take the processor from those let in.
    """
    line, load = cycle(requests), _Load(port)

    async def ask_in_turn() -> None:
        while load.now() < seconds:
            reply = await load.ask(next(line))
            if reply.retry_after_seconds is not None:
                await asyncio.sleep(max(0.0, min(reply.retry_after_seconds, seconds - load.now())))

    await asyncio.gather(*(ask_in_turn() for _ in range(at_once)))
    load.close()
    return load.replies


async def ask_steadily(
    port: int, requests: Sequence[Request], per_second: float, seconds: float, open_most: int = 2000
) -> list[Reply]:
    """The requests in turn, `per_second` of them whether or not the server keeps up; all are waited for.

    What comes while `open_most` are open is not sent, so that the load stays bounded. Where this machine can't make
    that many in `seconds`, it takes longer: `began_seconds` of the last tells how long.
    """
    line, load = cycle(requests), _Load(port)
    async with asyncio.TaskGroup() as tasks:
        for number in count():
            due = number / per_second
            if due >= seconds:
                break
            await asyncio.sleep(max(0.0, due - load.now()))
            if load.open < open_most:
                tasks.create_task(load.ask(next(line)))
            else:
                load.replies.append(Reply(NOT_SENT, load.now(), 0.0))
    load.close()
    return load.replies


class _Load:
    """Connections that are used again, and the replies so far."""

    def __init__(self, port: int) -> None:
        self.replies: list[Reply] = []
        self.open = 0
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._began = perf_counter()

    def now(self) -> float:
        return perf_counter() - self._began

    async def ask(self, request: Request) -> Reply:
        began = self.now()
        self.open += 1
        try:
            status, retry_after = await self._exchange(request)
        except (OSError, EOFError, ValueError):
            status, retry_after = _FAILED, None
        finally:
            self.open -= 1
        reply = Reply(status, began, self.now() - began, retry_after)
        self.replies.append(reply)
        return reply

    def close(self) -> None:
        for _, writer in self._idle:
            with suppress(OSError):
                writer.close()

    def _open_idle(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """A connection that the server has not closed meanwhile."""
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return None

    async def _exchange(self, request: Request) -> tuple[int, int | None]:
        connection = self._open_idle() or await asyncio.open_connection(HOST, self._port)
        reader, writer = connection
        try:
            writer.write(request.written)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
            await reader.readexactly(int(headers["content-length"]))
        except BaseException:
            writer.close()
            raise
        if headers.get("connection") == "close":
            writer.close()
        else:
            self._idle.append(connection)
        retry_after = headers.get("retry-after")
        return int(head.split(" ", 2)[1]), int(retry_after) if retry_after else None


def _request(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Request:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", *(f"{key}: {value}" for key, value in headers.items())]
    head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
    return Request(head.encode("latin-1") + body)
