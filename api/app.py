"""The HTTP application: routes, pages, what wraps them, and their description. Decides nothing about either."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.telemetry import TelemetryConfig
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from api.admission import Admission
from api.errors import Problem, add_error_replies
from api.pages import routes as pages
from api.routes import directory, health, recommending
from api.security import anyone
from api.service import Service, open_service
from api.settings import read_settings
from api.wrapping import CatchCrashes, LimitBodies, LogRequests, ProtectReaders, RefuseProgramsEarly

_DESCRIPTION = """Matches people with the peer-support groups where others share what they live with, and says why.

- Send a key as `Authorization: Bearer kindred_…`. Reading groups and the questionnaire needs none.
- Every error is an RFC 9457 problem (`application/problem+json`). It never repeats what was sent.
- What is null is not known. An empty list says that there are none.
- Show `help` with everything you show to a newcomer.
"""
_TAGS = [
    {"name": "Recommendations", "description": "From an intake to groups. Nothing of an intake is kept."},
    {"name": "Groups", "description": "The directory's groups. Changes show in the very next recommendation."},
    {"name": "Experience profiles", "description": "What members consented to share, for matching only."},
    {"name": "Health", "description": "For whoever keeps Kindred running."},
]
# The framework's own telemetry would record what was wrong in a request, values and all.
_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


_SWITCH_SECONDS = 0.0005


def create_app(service: Service) -> FastAPI:
    """The application on a service. It closes the service when it stops."""

    @asynccontextmanager
    async def run(_app: FastAPI) -> AsyncIterator[None]:
        # What the encoder and the event loop wait at most for the interpreter, each time that they need it.
        sys.setswitchinterval(_SWITCH_SECONDS)
        await run_in_threadpool(service.warm_up)
        yield
        service.close()

    app = FastAPI(
        title="Kindred",
        version="1",
        description=_DESCRIPTION,
        openapi_tags=_TAGS,
        # The documentation pages would load scripts from another site.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        # Generated clients call their functions by these names.
        generate_unique_id_function=lambda route: route.name,
        telemetry=_NO_TELEMETRY,
        lifespan=run,
        middleware=[
            *(Middleware(each) for each in (LogRequests, ProtectReaders, CatchCrashes)),
            Middleware(RefuseProgramsEarly, route=recommending.ROUTE),
            Middleware(LimitBodies),
        ],
    )
    app.state.service = service
    app.state.admission = Admission(service.settings.deadline_seconds)
    for routes in (recommending, directory, health):
        app.include_router(routes.router)
    app.include_router(pages.router, dependencies=[Depends(anyone)])
    add_error_replies(app)
    _describe(app)
    return app


def build_app() -> FastAPI:
    """The application as the environment sets it up: `uvicorn --factory api.app:build_app --no-access-log`."""
    return create_app(open_service(read_settings()))


def _describe(app: FastAPI) -> None:
    """Adds to the OpenAPI document what the framework can't know: the shape of problems."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                tags=app.openapi_tags,
                routes=app.routes,
                separate_input_output_schemas=False,
            )
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas = {**problem.pop("$defs", {}), "Problem": problem}
            document["components"]["schemas"].update(schemas)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's guide has it
