"""Whether Kindred is alive, and whether it can answer newcomers."""

from fastapi import APIRouter, Depends, Response

from api.errors import problems
from api.health import Readiness, check_readiness
from api.routes.access import TheService
from api.security import anyone
from models.text import Record

router = APIRouter(tags=["Health"])


class Alive(Record):
    """Only that somebody is there."""

    alive: bool = True


@router.get("/healthz", dependencies=[Depends(anyone)], responses=problems())
async def tell_alive() -> Alive:
    """Answers as long as the process runs. Restart it when this fails."""
    return Alive()


@router.get(
    "/readyz",
    dependencies=[Depends(anyone)],
    responses={**problems(), 503: {"model": Readiness, "description": "Some part does not work."}},
)
def tell_ready(service: TheService, response: Response) -> Readiness:
    """Uses the database, the index and the encoder once. Send newcomers elsewhere when this fails."""
    readiness = check_readiness(service)
    response.status_code = 200 if readiness.ready else 503
    return readiness
