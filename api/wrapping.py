"""What every request passes through: a log line, headers that protect the reader, a limit on size, a net for crashes.

Decides what of a request may be logged: its method, its route, its status, its time, its id. Never an address as it
was sent, a body, or the text of somebody else's error.
"""

import logging
import secrets
import time
import traceback

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Trouble, reply_too_busy, reply_with

BODY_LIMIT_BYTES = 1 << 20
_logger = logging.getLogger(__name__)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_JSON_POLICY = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class LogRequests:
    """One line a request, and an id that the reply carries too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        began, status = time.perf_counter(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        await self._app(scope, receive, send_with_id)
        milliseconds = (time.perf_counter() - began) * 1000
        _logger.info("%s %s %d %.0f ms %s", _method(scope), _route(scope), status, milliseconds, request_id)


class CatchCrashes:
    """Turns an unforeseen error into a problem. Its text isn't logged: it may quote the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception as error:
            if scope["type"] != "http":
                raise
            request = Request(scope)
            request_id = request.state.request_id
            _logger.error("%s %s failed: %s (%s)", _method(scope), _route(scope), _where(error), request_id)
            if not started:
                sentence = f"{Trouble.FAILED.sentence} If you report it, give this number: {request_id}."
                await reply_with(request, Trouble.FAILED, sentence)(scope, receive, send)


class ProtectReaders:
    """Headers that keep a reply from being framed, sniffed, leaked to other sites, or kept where it must not be."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                _protect(MutableHeaders(scope=message), scope["method"])
            await send(message)

        await self._app(scope, receive, send_protected if scope["type"] == "http" else send)


class RefuseProgramsEarly:
    """Says no to a program, when too many look for groups, before its request is routed: most of what it costs.

    Newcomers are refused by the route, on a page that holds their answers.
    """

    def __init__(self, app: ASGIApp, route: BaseRoute) -> None:
        self._app = app
        self._route = route
        self._path = getattr(route, "path", None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_asked = scope["type"] == "http" and scope["path"] == self._path and scope["method"] == "POST"
        if not is_asked or not scope["app"].state.admission.is_full:
            await self._app(scope, receive, send)
            return
        scope["route"] = self._route
        await reply_too_busy(Request(scope))(scope, receive, send)


class LimitBodies:
    """Refuses bodies above the limit without reading them whole, whether or not they say how long they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        announced = request.headers.get("content-length", "0")
        if not announced.isdecimal() or int(announced[:20]) > BODY_LIMIT_BYTES:
            await reply_with(request, Trouble.TOO_LARGE)(scope, receive, send)
            return
        received_bytes = 0

        async def receive_counted() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > BODY_LIMIT_BYTES:
                raise HTTPException(Trouble.TOO_LARGE.status)
            return message

        await self._app(scope, receive_counted, send)


def _protect(headers: MutableHeaders, method: str) -> None:
    is_page = headers.get("content-type", "").startswith("text/html")
    headers.setdefault("Content-Security-Policy", _PAGE_POLICY if is_page else _JSON_POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if method not in {"GET", "HEAD"}:
        # It was made from what somebody sent, which may be an intake.
        headers["Cache-Control"] = "no-store"
    elif "json" in headers.get("content-type", ""):
        headers.setdefault("Cache-Control", "no-store")


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "(other method)"


def _route(scope: Scope) -> str:
    """The route's own words, `/v1/groups/{group_id}`: an address as it was sent may hold anything."""
    return getattr(scope.get("route"), "path", None) or "(no route)"


def _where(error: Exception) -> str:
    """The kind of error and the line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
    return f"{type(error).__name__}{place}"
