"""How routes reach the service: as it is, or in turn where many come at once."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Request

from api.admission import Admission
from api.service import Service

T = TypeVar("T")


async def _service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(_service_of)]


async def answer_in_turn(request: Request, answer: Callable[[Service], T]) -> T:
    """What `answer` makes with the service, once it is its turn. Raises TooBusy, before anything is done."""
    admission: Admission = request.app.state.admission
    service: Service = request.app.state.service
    with admission.admit() as turn:
        in_time = service.taking(turn)
        return await turn.run(lambda: answer(in_time))
