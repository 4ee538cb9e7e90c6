"""What holds on every page: no barriers, help, an exit, nothing wider than the narrowest phone."""

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, NARROW, PHONE, Visit, Visitor
from tests.browser.walk import walk

# Both widths and both schemes on every page; colours don't depend on the width.
_LOOKS: list[tuple[tuple[int, int], Literal["light", "dark"]]] = [(PHONE, "light"), (DESK, "dark")]


def test_axe_finds_nothing_on_any_page(visit: Visitor, axe_source: str) -> None:
    one, found = visit(), []
    for place in walk(one):
        for size, scheme in _LOOKS:
            one.page.set_viewport_size({"width": size[0], "height": size[1]})
            one.page.emulate_media(color_scheme=scheme)
            found += [(place, size, scheme, barrier) for barrier in _barriers(one.page, axe_source)]
        one.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert found == []


def test_every_page_has_help_and_an_exit_and_is_easy_to_touch_on_a_narrow_phone(either: Visit) -> None:
    wrong = []
    for place in walk(either):
        expect(either.page.locator("#help li")).to_have_count(3)
        expect(either.page.locator("#help a[href='tel:988']")).to_be_visible()
        expect(either.page.get_by_role("link", name="Exit this page")).to_be_visible()
        expect(either.page.get_by_role("heading", level=1).locator("visible=true")).to_have_count(1)
        either.page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        if either.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append((place, "too wide"))
        targets = either.page.locator(_TARGETS).locator("visible=true")
        wrong += [(place, box) for box in targets.evaluate_all(_BOXES) if min(box) < _TOUCHABLE_PIXELS]
        either.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert wrong == []


def test_help_stands_first_when_the_words_ask_for_it(visit: Visitor) -> None:
    one = visit(script=False)
    for place in walk(one, danger=True):
        if place == "results":
            expect(one.page.locator(".help-first")).to_contain_text("please talk to someone now")
            return
    pytest.fail("the walk never came to the results")


def test_everything_can_be_done_by_keyboard(visit: Visitor) -> None:
    one = visit()
    page = one.open()
    _tab_to(page, "#story")
    page.keyboard.type("an ostomy bag, surgery and an ileostomy")
    _tab_to(page, "#step-story a.first")
    page.keyboard.press("Enter")
    expect(page.locator("#title-role")).to_be_focused()
    _tab_to(page, "input[name=role]")
    page.keyboard.press("Space")
    _tab_to(page, "#step-role button")
    page.keyboard.press("Enter")
    expect(page.locator("#confirm")).to_be_visible()
    _tab_to(page, "#confirm button.first")
    page.keyboard.press("Enter")
    expect(page.locator("article").first).to_be_visible()
    expect(page.locator("main h1:visible")).to_be_focused()
    _tab_to(page, "#change-wishes > summary")
    page.keyboard.press("Enter")
    _tab_to(page, "#change [name='wishes.online']")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("status")).to_contain_text("The list")


def test_enter_in_a_line_goes_on_instead_of_sending(visit: Visitor) -> None:
    page = visit().open("/#step-practical")
    page.get_by_label("Which town or city?").fill("Leeds")
    page.keyboard.press("Enter")
    expect(page.locator("#title-people")).to_be_focused()


_TARGETS = "button, a.button, a.back, summary, label.choice, label.mark, .exit, .brand, .card-links a, footer a"
_TOUCHABLE_PIXELS = 43.5
_BOXES = "all => all.map(one => one.getBoundingClientRect()).map(box => [box.width, box.height])"
_AXE = "() => axe.run(document, {resultTypes: ['violations']})"


def _barriers(page: Page, axe_source: str) -> list[str]:
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(axe_source)
    violations = page.evaluate(_AXE)["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in violations]


def _tab_to(page: Page, selector: str) -> None:
    """Presses Tab until the focus is there."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"Tab never came to {selector}")
