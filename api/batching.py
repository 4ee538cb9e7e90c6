"""One encoder for many threads: texts that come while it is busy are encoded together, in one call.

Decides whose texts go into the next batch, and drops those whose caller would no longer wait for them. What a vector is
it leaves to the encoder, and who is let in at all to `api.admission`.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import numpy as np

from matcher.encoder import Matrix, TextEncoder
from models.errors import TooBusy

# Some thirty stories: those of like length among them are encoded together. Larger batches are hardly faster, and who
# comes next waits longer.
_BATCH_WORDS = 2048
# So many texts make no batch uneven.
_EVEN_TEXTS = 8
Clock = Callable[[], float]


@dataclass(eq=False)
class Call:
    """The texts of one caller, and what has become of them."""

    texts: Sequence[str]
    until: float | None
    rows: Matrix
    left: deque[int]
    """Places in `texts` that are in no batch yet, those of like length together."""
    to_do: int
    error: BaseException | None = None
    has_turn: bool = False
    """Its thread is to encode the next batch, with its own texts first."""
    woken: threading.Event = field(default_factory=threading.Event)
    """It is over, or has its turn."""

    @property
    def is_over(self) -> bool:
        return self.to_do == 0 or self.error is not None

    def fail(self, error: BaseException) -> None:
        self.error = error
        self.woken.set()

    def take_turn(self) -> None:
        self.has_turn = True
        self.woken.set()

    def receive(self, place: int, row: Matrix) -> None:
        self.rows[place] = row
        self.to_do -= 1
        if self.to_do == 0:
            self.woken.set()


class SharedBatches:
    """A TextEncoder around another. Nobody waits for company: a text that comes alone is encoded at once.

    There is no thread of its own. Whoever finds the encoder idle encodes; when it is done, whoever waits longest
    encodes what has gathered. As many batches are under way as the encoder has streams, so that none waits for the end
    of another's. A call of many texts takes turns with the others, batch by batch.
    """

    def __init__(self, encoder: TextEncoder, clock: Clock = time.monotonic) -> None:
        self._encoder = encoder
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: deque[Call] = deque()
        self._under_way = 0
        self.identity = encoder.identity
        self.dimensions = encoder.dimensions
        self.window_words = encoder.window_words
        self.streams = encoder.streams

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Unit rows, (texts, dimensions), in the order of the texts."""
        return self.encode_by(None, texts)

    def until(self, deadline: float, aside: Callable[[], AbstractContextManager[None]]) -> "TextEncoder":
        """The same encoder for one caller, who is gone after `deadline` (seconds of the clock) and waits `aside`."""
        return OneCaller(self, deadline, aside)

    def encode_by(self, deadline: float | None, texts: Sequence[str]) -> Matrix:
        """As `encode`. Raises TooBusy, and encodes nothing more, when its turn comes after the deadline."""
        return self.wait_for(self.line_up(texts, deadline))

    def line_up(self, texts: Sequence[str], deadline: float | None = None) -> Call:
        """Puts texts in the line. Must be waited for: it may fall to this call to encode for all."""
        by_length = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        call = Call(texts, deadline, rows, deque(by_length), to_do=len(texts))
        if not texts:
            return call
        with self._lock:
            self._waiting.append(call)
            self._give_turns()
        return call

    def wait_for(self, call: Call) -> Matrix:
        """The rows of a call, encoded here or by somebody else. Raises TooBusy, and whatever the encoder raised."""
        while not call.is_over:
            call.woken.wait()
            call.woken.clear()
            if call.has_turn:
                self._encode_next_batch(call)
        if call.error is not None:
            raise call.error
        return call.rows

    def _encode_next_batch(self, first: Call) -> None:
        batch = self._gather(first)
        try:
            vectors = self._encoder.encode([call.texts[place] for call, place in batch]) if batch else ()
        # Whatever it is, each of those who wait for this batch must hear of it, and nobody else.
        except BaseException as error:
            for call in {call for call, _ in batch}:
                call.fail(error)
        else:
            for (call, place), vector in zip(batch, vectors, strict=True):
                call.receive(place, vector)
        self._pass_on([call for call in dict.fromkeys(call for call, _ in batch) if not call.is_over])

    def _gather(self, first: Call) -> list[tuple[Call, int]]:
        """Texts for one batch, of `first` and of those who came first: not much above the limit, and as many as go well
        together.
        """
        with self._lock:
            first.has_turn = False
            self._send_the_late_away()
            line = self._first_in_line()
            batch = line[: even(len(line))]
            for call, _ in batch:
                call.left.popleft()
            # Whoever has texts left stands in line again when these are encoded.
            heard = {call for call, _ in batch}
            self._waiting = deque(call for call in self._waiting if call not in heard)
        return batch

    def _send_the_late_away(self) -> None:
        now = self._clock()
        for call in [call for call in self._free_to_go() if call.until is not None and now > call.until]:
            call.fail(TooBusy("It would have taken too long. Nothing was kept."))
            self._waiting.remove(call)

    def _free_to_go(self) -> list[Call]:
        """Those in line, but for who is about to encode a batch of their own."""
        return [call for call in self._waiting if not call.has_turn]

    def _first_in_line(self) -> list[tuple[Call, int]]:
        """Those who came first, and the places of their texts, up to the limit."""
        line: list[tuple[Call, int]] = []
        words = 0
        for call in self._free_to_go():
            for place in call.left:
                if words >= _BATCH_WORDS:
                    return line
                line.append((call, place))
                words += len(call.texts[place].split())
        return line

    def _pass_on(self, unfinished: Sequence[Call]) -> None:
        """Who has texts left goes behind those who came meanwhile; the first of all encodes next."""
        with self._lock:
            self._waiting.extend(unfinished)
            self._under_way -= 1
            self._give_turns()

    def _give_turns(self) -> None:
        """While a stream is free, nobody waits without a turn."""
        for call in self._free_to_go()[: self.streams - self._under_way]:
            self._under_way += 1
            call.take_turn()


def even(texts: int) -> int:
    """How many of so many texts to encode together: one or two over cost as much time as several, and can join whoever
    comes next. Eights, or else a power of two.
    """
    if texts >= _EVEN_TEXTS:
        return texts - texts % _EVEN_TEXTS
    return 1 << (texts.bit_length() - 1) if texts else 0


@dataclass(frozen=True)
class OneCaller:
    """`SharedBatches` as one caller sees it."""

    shared: SharedBatches
    deadline: float
    aside: Callable[[], AbstractContextManager[None]]

    @property
    def identity(self) -> str:
        return self.shared.identity

    @property
    def dimensions(self) -> int:
        return self.shared.dimensions

    @property
    def window_words(self) -> int:
        return self.shared.window_words

    @property
    def streams(self) -> int:
        return self.shared.streams

    def encode(self, texts: Sequence[str]) -> Matrix:
        with self.aside():
            return self.shared.encode_by(self.deadline, texts)
