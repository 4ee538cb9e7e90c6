"""Pages as replies: templates, headers, static files. Decides what a browser may do with a page, not what is on it."""

import hashlib
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.pages.contexts import IntakePage, MessagePage, Page, Sent, say_busy

_HERE = Path(__file__).parent
_FOR_PEOPLE = {
    HTTPStatus.BAD_REQUEST: ("We couldn't read that", "Please go back and try once more."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("We can't do that here", "You can start from the first page."),
    HTTPStatus.NOT_FOUND: (
        "We can't find that page",
        "It may have moved, or the group may have left our directory. You can start from the first page.",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "That is more than we can read",
        "Go back and make what you wrote shorter. A few lines are plenty.",
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "Please try again in a minute",
        "Kindred can't look for groups right now. Nothing you wrote was kept.",
    ),
}


@dataclass(frozen=True)
class StaticFile:
    """One file that pages link to."""

    content: bytes
    media_type: str


STATIC_FILES = {
    name: StaticFile((_HERE / "static" / name).read_bytes(), media_type)
    for name, media_type in {
        "kindred.css": "text/css",
        "kindred.js": "text/javascript",
        "icon.svg": "image/svg+xml",
    }.items()
}


def render_page(template: str, page: Page, status: int = 200, keep: bool = False) -> HTMLResponse:
    """A page as HTML. `keep`: the browser may show it again on "back" (only pages made without answers)."""
    html = _environment().get_template(template).render(page=page)
    return HTMLResponse(html, status, headers={"Cache-Control": "private, no-cache" if keep else "no-store"})


def render_first_page() -> HTMLResponse:
    """The questions, nothing filled in: the page that everyone comes to, so it is made only once."""
    return HTMLResponse(_first_page(), headers={"Cache-Control": "private, no-cache"})


@cache
def _first_page() -> bytes:
    return bytes(render_page("intake.html", IntakePage(title="Kindred")).body)


def render_error_page(status: int, sentence: str) -> HTMLResponse:
    """A kind page for a browser when something didn't work; `sentence`, safe to show, where we have none better."""
    heading, kinder = _FOR_PEOPLE.get(HTTPStatus(status), ("Something went wrong", sentence))
    page = MessagePage(title=f"{heading} – Kindred", heading=heading, sentence=kinder)
    return render_page("message.html", page, status)


def render_busy_page(path: str, sent: Sent, seconds: int) -> HTMLResponse:
    """A page that says when to send the same form again, and holds it. `path` is where it was sent."""
    return render_page("busy.html", say_busy(path, sent, seconds), HTTPStatus.SERVICE_UNAVAILABLE)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = _static_path
    return environment


@cache
def _static_path(name: str) -> str:
    """The address of a static file, another one whenever its content changes."""
    return f"/static/{name}?v={hashlib.sha256(STATIC_FILES[name].content).hexdigest()[:12]}"
