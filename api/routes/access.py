"""What every route is handed: the service."""

from typing import Annotated

from fastapi import Depends, Request

from api.service import Service


async def _service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(_service_of)]
