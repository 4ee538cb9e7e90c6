"""Who is let in when many newcomers come at once: those who can be answered in time. The others are told at once.

Decides by how long an answer takes as measured while running, before any work is done. Runs in the event loop only, so
that saying no needs no thread. How texts share batches is decided in `api.batching`.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from api.batching import Clock
from models.errors import TooBusy

T = TypeVar("T")

# Answers that are made at the same time: enough that one batch gathers while another is encoded.
_THREADS = 64
# Some texts are long, so who is let in should be answered in half the time there is.
_SHARE_OF_DEADLINE = 0.5
_FIRST_LET_IN = 100
_ANSWERS_REMEMBERED = 64


class Admission:
    """Lets newcomers in, and measures how fast they are answered."""

    def __init__(self, deadline_seconds: float, clock: Clock = time.monotonic) -> None:
        self._deadline_seconds = deadline_seconds
        self._wait_most_seconds = deadline_seconds * _SHARE_OF_DEADLINE
        self._clock = clock
        # Of their own, so that pages which need a thread never wait behind those who look for groups.
        self._threads = CapacityLimiter(_THREADS)
        # The interpreter runs one thread at a time: many that want it keep the encoder and the event loop waiting.
        self._desk = threading.Lock()
        self._inside = 0
        self._measured_until = 0.0
        # Until something was measured.
        self._busy_seconds, self._answers = self._wait_most_seconds / _FIRST_LET_IN, 1.0

    @property
    def wait_seconds(self) -> float:
        """When whoever comes now would be answered: each inside takes as long as one answer did lately."""
        return (self._inside + 1) * self._busy_seconds / self._answers

    @property
    def retry_after_seconds(self) -> int:
        """When whoever is refused now should come again: those inside are answered then."""
        return max(1, ceil(self.wait_seconds))

    @property
    def is_full(self) -> bool:
        # One is always let in: what an answer takes is measured by answering.
        return self._inside > 0 and self.wait_seconds > self._wait_most_seconds

    @contextmanager
    def admit(self) -> Iterator["Turn"]:
        """A turn for one request, to be used inside the context. Raises TooBusy."""
        if self.is_full:
            raise TooBusy("More people are asking at once than can be answered in time. Nothing was kept.")
        now = self._clock()
        if not self._inside:
            self._measured_until = now
        self._inside += 1
        try:
            yield Turn(now + self._deadline_seconds, self._threads, self._desk, self._clock)
        except TooBusy:
            self._inside -= 1
            raise
        except BaseException:
            self._note_answer()
            raise
        else:
            self._note_answer()

    def _note_answer(self) -> None:
        self._inside -= 1
        now, kept = self._clock(), 1 - 1 / _ANSWERS_REMEMBERED
        self._busy_seconds = self._busy_seconds * kept + now - self._measured_until
        self._answers = self._answers * kept + 1
        self._measured_until = now


class Turn:
    """What one request that was let in may use: a thread and the desk, where one is worked on at a time, until its
    deadline.
    """

    def __init__(self, deadline: float, threads: CapacityLimiter, desk: threading.Lock, clock: Clock) -> None:
        self.deadline = deadline
        self._threads = threads
        self._desk = desk
        self._clock = clock

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns, done in a thread. Raises TooBusy when one is free only after the deadline."""

        def work_in_time() -> T:
            with self._desk:
                if self._clock() > self.deadline:
                    raise TooBusy("It would have taken too long. Nothing was kept.")
                return work()

        return await to_thread.run_sync(work_in_time, limiter=self._threads)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """While `work` waits in here, others are worked on."""
        self._desk.release()
        try:
            yield
        finally:
            self._desk.acquire()
