"""What routes are handed: the service, and a turn of their own where many come at once."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from api.admission import Admission, Turn
from api.service import Service


async def _service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(_service_of)]


async def take_turn(request: Request) -> AsyncIterator[Turn]:
    """Lets the request in, or refuses it before anything is done for it. Raises TooBusy."""
    admission: Admission = request.app.state.admission
    with admission.admit() as turn:
        yield turn


OwnTurn = Annotated[Turn, Depends(take_turn)]
