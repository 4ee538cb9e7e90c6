"""A real Chromium on a real server with a small invented directory. Without a Chromium these tests are skipped."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, sync_playwright

from api.app import create_app
from api.service import open_service
from api.settings import Settings
from matcher.encoder import FakeEncoder
from tests.api.conftest import every_place_taken, serving
from tests.browser.directory import GROUPS

PHONE, NARROW, DESK = (390, 844), (320, 640), (1280, 900)
ELSEWHERE = "https://www.bbc.co.uk/weather"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Visit:
    """One newcomer's browser, and every request it made."""

    page: Page
    context: BrowserContext
    app: FastAPI
    address: str
    has_script: bool
    requests: list[Request] = field(default_factory=list)

    def open(self, path: str = "/") -> Page:
        self.page.goto(self.address + path)
        return self.page

    def press(self, name: str) -> None:
        """The button or link of that name that shows."""
        role = re.compile(f"^{re.escape(name)}")
        button = self.page.get_by_role("button", name=role).or_(self.page.get_by_role("link", name=role))
        button.locator("visible=true").first.click()

    @contextmanager
    def when_too_many_ask(self) -> Iterator[None]:
        with every_place_taken(self.app):
            yield

    def names(self) -> list[str]:
        """The groups on the page, in order."""
        return self.page.locator("article h2").all_inner_texts()


Visitor = Callable[..., Visit]


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    service = open_service(Settings(data_dir=tmp_path_factory.mktemp("directory")), FakeEncoder())
    service.directory.put_groups(GROUPS)
    return create_app(service)


@pytest.fixture(scope="session")
def address(app: FastAPI) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.skip("There is no Chromium on this machine. Get one with: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, app: FastAPI, address: str) -> Iterator[Visitor]:
    """Opens a browser of its own: `visit(size=PHONE, script=True)`."""
    contexts: list[BrowserContext] = []

    def open_browser(size: tuple[int, int] = PHONE, script: bool = True) -> Visit:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=script,
            locale="en-GB",
            timezone_id="Europe/London",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        # Nothing leaves this machine: the neutral site stands here.
        context.route(f"{ELSEWHERE}**", _stand_in)
        one = Visit(context.new_page(), context, app, address, script)
        context.on("request", lambda request: one.requests.append(request))
        return one

    yield open_browser
    for context in contexts:
        context.close()


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def either(request: pytest.FixtureRequest, visit: Visitor) -> Visit:
    """A phone, once with JavaScript and once without."""
    return visit(script=request.param)


@pytest.fixture(scope="session")
def axe_source() -> str:
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def find_chromium() -> str | None:
    """Where this machine's own Chromium is."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def _stand_in(route: Route) -> None:
    route.fulfill(body="<title>Weather</title>", content_type="text/html")
