"""Whether each part of Kindred works right now, found by using it.

Says which part and what it means for callers; why in detail is for the log, because the reply is public.
"""

import logging
from collections.abc import Callable
from typing import Literal

import numpy as np

from api.service import Service
from models.errors import KindredError, StorageUnavailable
from models.text import Record

_logger = logging.getLogger(__name__)
_UNIT_TOLERANCE = 1e-3


class PartHealth(Record):
    """One part: whether it works, and what there is to say of it."""

    name: Literal["database", "index", "encoder"]
    ok: bool
    why: str


class Readiness(Record):
    """Whether newcomers can be answered: every part must be ok."""

    ready: bool
    parts: tuple[PartHealth, ...]


def check_readiness(service: Service) -> Readiness:
    """Uses every part once. Changes nothing."""
    parts = (
        _check("database", _use_database, service),
        _check("index", _use_index, service),
        _check("encoder", _use_encoder, service),
    )
    return Readiness(ready=all(part.ok for part in parts), parts=parts)


def _check(
    name: Literal["database", "index", "encoder"], use: Callable[[Service], str], service: Service
) -> PartHealth:
    try:
        return PartHealth(name=name, ok=True, why=use(service))
    except KindredError as error:
        _logger.error("Not ready: %s: %s", name, error.sentence)
    except Exception as error:  # whatever it is, the reply must name the part
        _logger.error("Not ready: %s: %s", name, type(error).__name__)
    return PartHealth(name=name, ok=False, why="It doesn't answer. The server's log says why.")


def _use_database(service: Service) -> str:
    try:
        service.store.version()
    except StorageUnavailable as error:
        return _answer_without_database(service, error)
    try:
        service.store.check_writable()
    except StorageUnavailable as error:
        # Newcomers are still answered; only the directory can't be changed.
        _logger.warning("Read-only: %s", error.sentence)
        return "It can be read but not written: the directory can't be changed."
    return "It can be read and written."


def _answer_without_database(service: Service, error: StorageUnavailable) -> str:
    # Raises, too, when nothing was read before.
    index = service.directory.current()
    _logger.warning("The database is gone: %s", error.sentence)
    return f"It can't be reached: newcomers are answered from version {index.version}, which was read before."


def _use_index(service: Service) -> str:
    index = service.directory.current()
    return f"It holds version {index.version} of the directory."


def _use_encoder(service: Service) -> str:
    lengths = np.linalg.norm(service.encoder.encode(["Is anyone there?"]), axis=1)
    if not np.allclose(lengths, 1, atol=_UNIT_TOLERANCE):
        raise ValueError
    return f"It encodes, as {service.encoder.identity}."
