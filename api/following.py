"""Takes in what others change, in a thread of its own, so that no request has to ask whether something has changed.

Decides when to look and when a replica has been waited for long enough. What is taken in, and how, is in
`api.directory`.
"""

import logging
import threading
import time
from collections.abc import Callable

from api.storage.bell import ChangeBell
from models.errors import StorageUnavailable

_logger = logging.getLogger(__name__)
# A poll as well as a bell, because some poolers swallow rings, and a dead line makes no sound.
_POLL_SECONDS = 1.0
_LAG_SECONDS = 0.5
_STEP_SECONDS = 0.05
_REST_SECONDS = 0.25
_STOP_SECONDS = 3.0


class Follower:
    """Calls `refresh(from_primary)` after each ring and each second, until it says that everything is in."""

    def __init__(self, bell: ChangeBell, refresh: Callable[[bool], bool]) -> None:
        self._bell, self._refresh = bell, refresh
        self._stopped = threading.Event()
        self._is_warned = False
        self._thread = threading.Thread(target=self._run, name="kindred-follower", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stopped.set()
        self._bell.stop()
        self._thread.join(_STOP_SECONDS)
        # A server that doesn't answer may hold the thread for some seconds more; it ends with the process.
        if not self._thread.is_alive():
            self._bell.close()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._bell.wait(_POLL_SECONDS)
            began = time.monotonic()
            self._take_in_all(began + _LAG_SECONDS)
            # While somebody writes without pause, requests get at least half of the processor's time.
            self._stopped.wait(min(time.monotonic() - began, _REST_SECONDS))

    def _take_in_all(self, patience_ends: float) -> None:
        """A replica may be some moments behind what rang; past that, the primary is read."""
        try:
            while not self._stopped.is_set() and not self._refresh(time.monotonic() >= patience_ends):
                self._stopped.wait(_STEP_SECONDS)
        except StorageUnavailable as error:
            self._warn(error.sentence)
        except Exception as error:  # whatever it is, the next change must still be taken in
            self._warn(f"{type(error).__name__}.")
        else:
            self._is_warned = False

    def _warn(self, why: str) -> None:
        if not self._is_warned:
            _logger.error("Newcomers are answered from what was read before; changes can't be taken in. %s", why)
        self._is_warned = True
