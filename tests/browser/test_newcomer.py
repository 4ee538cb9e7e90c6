"""From the first page to groups, and back: what a newcomer can do, with JavaScript and without."""

import re

import pytest
from icalendar import Calendar
from playwright.sync_api import Locator, expect

from tests.browser.conftest import ELSEWHERE, Visit, Visitor
from tests.browser.directory import STORY
from tests.browser.walk import STEPS, tell_age, walk


def _see_groups(visit: Visit) -> None:
    """The shortest way: a story, what was understood, groups."""
    visit.open().get_by_label("In your own words").fill(STORY)
    visit.press("See groups now")
    visit.page.get_by_label("Yes").check()
    visit.press("Show me groups")
    visit.page.locator("#list").wait_for()


def test_all_screens_lead_to_three_groups_with_reasons(either: Visit) -> None:
    page = either.open()
    page.get_by_label("In your own words").fill(STORY)
    for step in STEPS:
        page.locator("a.first:visible").click()
        expect(page.locator(".screen:visible")).to_have_count(1)
        expect(page.locator(f"#step-{step}")).to_be_visible()
    either.press("Show me groups")
    page.get_by_label("Yes").check()
    either.press("Show me groups")
    expect(page.locator("article")).to_have_count(3)
    for card in page.locator("article").all():
        expect(card.locator(".for li").first).to_be_visible()
        expect(card).to_contain_text(re.compile("strong|good|possible"))
        expect(card).not_to_contain_text("%")


def test_a_story_alone_is_enough(either: Visit) -> None:
    _see_groups(either)
    assert len(either.names()) == 3


def _ask_with_topics_only(visit: Visit) -> Locator:
    """The form that asks what the groups depend on: nothing was written, so nothing was understood."""
    visit.open().locator("summary").first.click()
    visit.page.get_by_label("An ostomy (stoma)").check()
    visit.press("See groups now")
    expect(visit.page.locator("h1:visible")).to_have_text("A few things that decide")
    return visit.page.locator("#confirm")


def test_what_decides_is_asked_once_and_can_be_skipped(either: Visit) -> None:
    _ask_with_topics_only(either)
    either.press("Show me groups")
    expect(either.page.locator("article").first).to_be_visible()
    either.press("Change my answers")
    either.press("See groups now")
    expect(either.page.locator("article").first).to_be_visible()


def test_what_is_answered_where_it_decides_counts_and_is_kept(either: Visit) -> None:
    asked = _ask_with_topics_only(either)
    asked.get_by_label("How old are you?").fill("17")
    either.press("Show me groups")
    # None of these groups is kept for people under 18.
    expect(either.page.get_by_role("heading", level=1)).to_have_text("Nothing close, sorry")
    either.page.go_back()
    expect(asked.get_by_label("How old are you?")).to_have_value("17")
    asked.get_by_label("How old are you?").fill("71")
    either.press("Back to my answers")
    expect(either.page.locator("#intake [name=age]")).to_have_value("71")
    expect(either.page.locator("#intake [value=ostomy]")).to_be_checked()


def test_a_mistake_where_it_decides_is_mended_there(either: Visit) -> None:
    asked = _ask_with_topics_only(either)
    asked.get_by_label("How old are you?").fill("200")
    asked.get_by_label("Which town or city?").fill("Leeds")
    either.press("Show me groups")
    either.page.get_by_role("alert").get_by_role("link").click()
    expect(asked.get_by_label("How old are you?")).to_be_in_viewport()
    expect(asked.get_by_label("How old are you?")).to_have_value("200")
    expect(asked.get_by_label("Which town or city?")).to_have_value("Leeds")
    asked.get_by_label("How old are you?").fill("20")
    either.press("Show me groups")
    expect(either.page.get_by_role("heading", name="Bags on Tuesday")).to_be_visible()
    either.press("Change my answers")
    expect(either.page.locator("#intake [name=place]")).to_have_value("Leeds")


def test_what_is_confirmed_becomes_an_answer(either: Visit) -> None:
    _see_groups(either)
    either.press("Change my answers")
    expect(either.page.locator("#intake").get_by_label("Me: I'm going through it")).to_be_checked()


def test_what_is_struck_is_not_asked_again(either: Visit) -> None:
    either.open().get_by_label("In your own words").fill(STORY)
    either.press("See groups now")
    either.page.get_by_label("No", exact=True).check()
    either.press("Show me groups")
    either.page.locator("#list").wait_for()
    either.press("Change my answers")
    expect(either.page.get_by_label("In your own words")).to_have_value(STORY)
    either.press("See groups now")
    expect(either.page.locator("#list")).to_be_visible()


def test_back_loses_nothing(either: Visit) -> None:
    page = either.open()
    page.get_by_label("In your own words").fill("Only a few words")
    either.press("Start")
    page.get_by_label("Someone who has died").check()
    either.press("Next")
    page.go_back()
    expect(page.get_by_label("Someone who has died")).to_be_checked()
    either.press("Next")
    either.press("See groups now")
    page.get_by_role("heading", name="Nothing close, sorry").wait_for()
    page.go_back()
    expect(page.locator("#step-stage")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Someone who has died")).to_be_checked()
    either.press("Back")
    expect(page.get_by_label("In your own words")).to_have_value("Only a few words")


def test_back_from_a_groups_page_shows_the_groups_again(visit: Visitor) -> None:
    one = visit()
    _see_groups(one)
    names = one.names()
    one.page.get_by_role("link", name="Its own page").first.click()
    expect(one.page.get_by_role("heading", level=1)).to_have_text(names[0])
    one.page.go_back()
    expect(one.page.locator("article h2")).to_have_text(names)


def test_changing_one_wish_moves_the_list_and_stays_among_the_answers(either: Visit) -> None:
    _see_groups(either)
    either.page.locator("#change-wishes > summary").click()
    in_person = either.page.get_by_role("group", name="Meeting in person").locator("visible=true")
    in_person.get_by_label("Must").check()
    if either.has_script:
        expect(either.page.get_by_role("status")).to_contain_text("The list has changed: 2 groups.")
        expect(in_person.get_by_label("Must")).to_be_focused()
    else:
        either.press("Show the new list")
    expect(either.page.locator("article")).to_have_count(2)
    assert sorted(either.names()) == ["Bags on Tuesday", "Ostomy Friends"]
    either.press("Change my answers")
    answer = either.page.locator("#intake [name='wishes.in_person'][value=must]")
    expect(answer).to_be_checked()


def test_none_of_these_is_heard_and_shows_what_else_there_is(either: Visit) -> None:
    _see_groups(either)
    shown = either.names()
    either.press("None of these")
    expect(either.page.get_by_role("heading", level=1)).to_have_text("Thank you for telling us")
    assert either.names()
    assert set(either.names()).isdisjoint(shown)


def test_when_nothing_is_close_the_nearest_are_shown_and_why(either: Visit) -> None:
    either.open().get_by_label("In your own words").fill("Parrots, mostly")
    either.press("See groups now")
    expect(either.page.get_by_role("heading", level=1)).to_have_text("Nothing close, sorry")
    expect(either.page.locator("article").first).to_be_visible()


def test_a_mistake_keeps_every_answer_and_leads_to_its_question(either: Visit) -> None:
    tell_age(either, "about forty")
    either.page.get_by_label("I'm a parent").check()
    either.press("Show me groups")
    expect(either.page.get_by_role("alert")).to_contain_text("Write a number from 0 to 120")
    expect(either.page.get_by_label("How old are you?")).to_have_value("about forty")
    expect(either.page.get_by_label("I'm a parent")).to_be_checked()
    either.page.get_by_role("alert").get_by_role("link").click()
    either.page.get_by_label("How old are you?").fill("40")
    either.press("Show me groups")
    expect(either.page.locator("article").first).to_be_visible()


def test_when_too_many_ask_nothing_typed_is_lost_and_help_stands_first_where_it_must(either: Visit) -> None:
    either.open().get_by_label("In your own words").fill("I want to die since my ileostomy")
    with either.when_too_many_ask():
        either.press("See groups now")
        expect(either.page.locator("main")).to_contain_text("Many people are looking for groups right now.")
        expect(either.page.locator(".help-first")).to_contain_text("please talk to someone now")
    either.press("See groups now" if either.has_script else "Try again")
    either.press("Show me groups")
    expect(either.page.locator("article").first).to_be_visible()
    assert "ileostomy" in str(either.page.locator("[name=story]").first.input_value())


def test_the_calendar_file_is_one_that_calendars_read(either: Visit) -> None:
    either.open("/groups/bag-evening")
    with either.page.expect_download() as download:
        either.press("Add to my calendar")
    calendar = Calendar.from_ical(download.value.path().read_bytes())
    assert [str(event["SUMMARY"]) for event in calendar.events] == ["Bags on Tuesday"]


def test_the_time_zone_comes_from_the_device_and_can_be_changed(visit: Visitor) -> None:
    page = visit().open("/#step-practical")
    zone = page.get_by_label("Which time does your clock show?")
    expect(zone).to_have_value("Europe/London")
    zone.select_option("")
    expect(zone).to_have_value("")


@pytest.mark.parametrize("keys", [["Escape"] * 3, ["Shift"] * 3, None], ids=["escape", "shift", "click"])
def test_the_exit_leaves_at_once_and_leaves_nothing_behind(visit: Visitor, keys: list[str] | None) -> None:
    one = visit()
    one.open().get_by_label("In your own words").fill(STORY)
    for key in keys or []:
        one.page.keyboard.press(key)
    if keys is None:
        one.press("Exit this page")
    one.page.wait_for_url(f"{ELSEWHERE}**")
    one.open()
    expect(one.page.get_by_label("In your own words")).to_have_value("")


def test_the_exit_works_without_script(visit: Visitor) -> None:
    one = visit(script=False)
    one.open()
    one.press("Exit this page")
    one.page.wait_for_url(f"{ELSEWHERE}**")


def test_no_answer_is_in_an_address_cookie_or_storage_and_no_other_host_is_asked(either: Visit) -> None:
    for _ in walk(either):
        assert either.context.cookies() == []
        if either.has_script:
            kept = either.page.evaluate("[localStorage.length, sessionStorage.length, history.state]")
            assert kept == [0, 0, None]
    addresses = [request.url for request in either.requests]
    assert [address for address in addresses if not address.startswith(f"{either.address}/")] == []
    assert [address for address in addresses if re.search("ileostomy|=(?!\\w{12}$)", address)] == []
