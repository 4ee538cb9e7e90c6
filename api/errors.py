"""Every error as one shape: an RFC 9457 problem for programs, a page for people. Neither repeats what was sent.

Decides status, type and words of each trouble. What is wrong inside a body is worded in `api.mistakes`.
"""

import logging
from collections.abc import Mapping
from enum import Enum
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from api.mistakes import Mistake, find_mistakes
from api.pages.rendering import render_busy_page, render_error_page
from models.errors import (
    Conflict,
    EncoderUnavailable,
    InvalidInput,
    InvalidRules,
    KindredError,
    NotFound,
    StorageUnavailable,
    TooBusy,
)

PROBLEM_JSON = "application/problem+json"
_FOR_PROGRAMS = ("/v1/", "/healthz", "/readyz", "/openapi.json")
_logger = logging.getLogger(__name__)


class Trouble(Enum):
    """Each kind of problem: its name in `type`, its status, its title, and what to say when nothing better is known."""

    UNREADABLE = (
        "unreadable",
        400,
        "The request can't be read",
        "The body can't be read: it is not UTF-8, is nested too deep, or holds a number that is too long.",
    )
    KEY_NEEDED = "key-needed", 401, "A key is needed", "This needs a key."
    SCOPE_NEEDED = "scope-needed", 403, "The key doesn't open this", "This needs a key of another scope."
    NOT_FOUND = "not-found", 404, "Not found", "There is nothing at this address."
    WRONG_METHOD = (
        "wrong-method",
        405,
        "Not possible here",
        "This address doesn't take that method. The Allow header names those it takes.",
    )
    CONFLICT = "conflict", 409, "It contradicts what is there", "That contradicts what is there; nothing was changed."
    TOO_LARGE = "too-large", 413, "Too large", "The body is larger than 1 MiB. Nothing was changed."
    NOT_JSON = (
        "not-json",
        415,
        "The body must be JSON",
        "Send the body as JSON, with the header “Content-Type: application/json”.",
    )
    INVALID = "invalid", 422, "Something in it can't be used", "Something in the request can't be used."
    FAILED = "failed", 500, "Something went wrong", "Something went wrong on our side. Nothing of the request was kept."
    BUSY = (
        "busy",
        503,
        "Too many requests at once",
        "More is asked for than can be answered in time. Nothing was done, and nothing was kept. Send it again after "
        "as many seconds as the header Retry-After says.",
    )
    # The last of its status: what a bare 503 means.
    UNAVAILABLE = (
        "unavailable",
        503,
        "Not available right now",
        "Kindred's database or encoder can't be used right now, and nothing was changed. Try again in a minute. "
        "For who runs it: the log says why, and `kindred doctor` what to do.",
    )

    def __init__(self, slug: str, status: int, title: str, sentence: str) -> None:
        self.slug, self.status, self.title, self.sentence = slug, status, title, sentence

    @property
    def type(self) -> str:
        return f"/problems/{self.slug}"


class Problem(BaseModel):
    """What went wrong (RFC 9457). It never repeats what was sent."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    type: Annotated[str, Field(examples=["/problems/invalid"])]
    """Names the kind of problem; it never changes."""
    title: str
    """The kind of problem in words."""
    status: int
    """The HTTP status."""
    detail: str
    """What, where, and what to do."""
    errors: list[Mistake] | None = None
    """Each mistake in the request, with where it is."""


class ProblemError(HTTPException):
    """A trouble found while answering, with its own sentence."""

    def __init__(self, trouble: Trouble, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(trouble.status, sentence, headers)
        self.trouble = trouble


_RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait, when too many ask at once.", "schema": {"type": "integer"}}
}
_TROUBLES = {trouble.status: trouble for trouble in Trouble}
_TROUBLE_OF_ERROR: dict[type[KindredError], Trouble] = {
    InvalidInput: Trouble.INVALID,
    NotFound: Trouble.NOT_FOUND,
    Conflict: Trouble.CONFLICT,
    StorageUnavailable: Trouble.UNAVAILABLE,
    EncoderUnavailable: Trouble.UNAVAILABLE,
    InvalidRules: Trouble.UNAVAILABLE,
}


def problems(*troubles: Trouble) -> dict[int | str, dict[str, Any]]:
    """The problem replies of a route, as OpenAPI declares them. Those that any route may give are added."""
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    replies: dict[int | str, dict[str, Any]] = {}
    for trouble in (*troubles, Trouble.FAILED, Trouble.UNAVAILABLE):
        reply = replies.setdefault(trouble.status, {"description": trouble.title, "content": content})
        if trouble is Trouble.BUSY:
            reply["headers"] = _RETRY_AFTER
    return replies


def reply_with(
    request: Request,
    trouble: Trouble,
    sentence: str | None = None,
    headers: Mapping[str, str] | None = None,
    mistakes: list[Mistake] | None = None,
) -> Response:
    """The reply that tells of a trouble: a page when a browser asked for one, else a problem."""
    sentence = sentence or trouble.sentence
    if _wants_a_page(request):
        page = render_error_page(trouble.status, sentence)
        page.headers.update(headers or {})
        return page
    problem = Problem(
        type=trouble.type,
        title=trouble.title,
        status=trouble.status,
        detail=sentence,
        errors=mistakes,
    )
    return _problem_reply(problem, headers)


def reply_too_busy(request: Request) -> Response:
    """What a program is told when more is asked for than can be answered."""
    return reply_with(request, Trouble.BUSY, headers=_when_to_come_again(request))


def add_error_replies(app: FastAPI) -> None:
    """Makes every error that a route can raise a problem or a page. Crashes are caught in `api.wrapping`."""
    app.add_exception_handler(RequestValidationError, _reply_to_mistakes)
    app.add_exception_handler(HTTPException, _reply_to_http_error)
    app.add_exception_handler(TooBusy, _reply_to_too_busy)
    app.add_exception_handler(KindredError, _reply_to_kindred_error)


# Handlers are async only so that they need no thread; they wait for nothing.
async def _reply_to_mistakes(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    details = error.errors()
    if any(detail["type"] == "json_invalid" for detail in details):
        # The parser's message may quote the body; the place can't.
        character = details[0]["loc"][-1] + 1
        return reply_with(
            request, Trouble.UNREADABLE, f"The body is not JSON: something is wrong at character {character}."
        )
    if isinstance(error.body, bytes):
        return reply_with(request, Trouble.NOT_JSON)
    return reply_with(
        request,
        Trouble.INVALID,
        "Something in the request can't be used; nothing was changed. `errors` says what and where.",
        mistakes=find_mistakes(details, request.scope["route"]),
    )


async def _reply_to_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error, ProblemError):
        return reply_with(request, error.trouble, error.detail, error.headers)
    trouble = _TROUBLES.get(error.status_code)
    if trouble is Trouble.WRONG_METHOD:
        # The framework names only the methods of the first route at this address.
        return reply_with(request, trouble, headers={"Allow": ", ".join(sorted(_methods_at(request)))})
    if trouble is not None:
        return reply_with(request, trouble, headers=error.headers)
    phrase = HTTPStatus(error.status_code).phrase
    return _problem_reply(
        Problem(type="about:blank", title=phrase, status=error.status_code, detail=f"{phrase}."), error.headers
    )


async def _reply_to_too_busy(request: Request, _error: Exception) -> Response:
    if not _wants_a_page(request):
        return reply_too_busy(request)
    seconds = request.app.state.admission.retry_after_seconds
    page = render_busy_page(request.url.path, (await request.form()).multi_items(), seconds)
    page.headers.update(_when_to_come_again(request))
    return page


async def _reply_to_kindred_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, KindredError)
    trouble = next((_TROUBLE_OF_ERROR[kind] for kind in type(error).__mro__ if kind in _TROUBLE_OF_ERROR), None)
    if trouble is Trouble.UNAVAILABLE or trouble is None:
        # Names files and hosts, which the public need not know; never what was sent.
        _logger.error("%s: %s", type(error).__name__, error.sentence)
        return reply_with(request, trouble or Trouble.FAILED)
    return reply_with(request, trouble, error.sentence)


def _when_to_come_again(request: Request) -> dict[str, str]:
    return {"Retry-After": str(request.app.state.admission.retry_after_seconds)}


def _methods_at(request: Request) -> set[str]:
    contexts = iter_route_contexts(request.app.routes)
    return {method for one in contexts if one.path_regex.match(request.url.path) for method in one.methods or ()}


def _wants_a_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(_FOR_PROGRAMS)


def _problem_reply(problem: Problem, headers: Mapping[str, str] | None) -> Response:
    content = problem.model_dump(exclude_none=True)
    return JSONResponse(content, problem.status, headers=dict(headers or {}), media_type=PROBLEM_JSON)
