"""The pages a newcomer can come to, one after another, for tests that hold on every page."""

from collections.abc import Iterator

from tests.browser.conftest import Visit
from tests.browser.directory import STORY

STEPS = ("role", "stage", "hopes", "comfort", "practical", "people")


def walk(visit: Visit, danger: bool = False) -> Iterator[str]:
    """Leads the browser from page to page, and names each once it shows."""
    page = visit.open()
    yield "first page"
    page.locator("summary").first.click()
    page.get_by_label("In your own words").fill(f"{STORY} {'I want to die' if danger else ''}")
    yield "topics"
    for step in STEPS:
        page.locator("a.first:visible").click()
        page.locator(f"#step-{step}").wait_for()
        yield step
    visit.press("Show me groups")
    page.locator("#confirm").wait_for()
    page.locator("#asked-age").wait_for()
    yield "understood, and what decides"
    page.locator("#asked-age").fill("200")
    visit.press("Show me groups")
    page.locator("#asked-age-mistake").wait_for()
    yield "what decides, with a mistake"
    page.locator("#asked-age").fill("")
    visit.press("Show me groups")
    page.locator("#list").wait_for()
    yield "results"
    page.locator("#change-wishes > summary").click()
    yield "results, wishes opened or closed"
    with visit.when_too_many_ask():
        visit.press("None of these")
        page.get_by_text("Many people are looking for groups right now.").wait_for()
        yield "too many ask"
    visit.press("Try again")
    page.get_by_role("heading", name="Thank you for telling us").wait_for()
    yield "none of these"
    for path in ("/help", "/privacy", "/groups/bag-evening", "/groups/says%20little", "/groups/nowhere", "/nowhere"):
        visit.open(path)
        yield path


def tell_age(visit: Visit, age: str) -> None:
    """From the first page to the last question, and an answer to it."""
    visit.open("/#step-people").get_by_label("How old are you?").fill(age)
