"""The newcomer's pages without a browser: what a form means, what a card says, what a browser may keep."""

import re
from datetime import UTC, date, datetime, time

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from syrupy.assertion import SnapshotAssertion

from api.pages.answers import Answers, confirm, said_of_statements
from api.pages.cards import make_card, say_where, state_facts, ways_in
from api.pages.contexts import choose_questions_to_ask
from api.pages.meeting_words import say_for_newcomer, say_next, say_rhythm
from api.service import Service
from matcher.reading import read_statements
from models.group import Group, Joining
from models.intake import Intake
from models.recommendation import Fit, NextMeeting, Recommendation, Remark
from models.schedule import Schedule
from models.vocabulary import Hope, Importance, Role, Stage, Wish
from tests.browser.directory import GROUPS, STORY
from tests.records import a_group

PAGES = ["/", "/help", "/privacy", "/groups/bag-evening", "/nowhere"]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

_intakes = st.builds(
    Intake,
    story=st.none() | st.just(STORY),
    role=st.none() | st.sampled_from(Role),
    stage=st.none() | st.sampled_from(Stage),
    hopes=st.none() | st.lists(st.sampled_from(Hope), min_size=1, unique=True).map(tuple),
    wishes=st.none() | st.dictionaries(st.sampled_from(Wish), st.sampled_from(Importance), min_size=1),
    country=st.sampled_from([None, "GB", "ZZ"]),
    place=st.sampled_from([None, "Leeds", "Ynys Môn & co"]),
    travel_km=st.sampled_from([None, 5, 100]),
    time_zone=st.sampled_from([None, "Europe/London", "Asia/Tokyo"]),
    age=st.none() | st.integers(0, 120),
    struck=st.sampled_from([(), ("role:bereaved",), ("wishes.faith:avoid", "place:Ynys Môn")]),
)


@pytest.fixture
def newcomer(app: FastAPI, service: Service) -> TestClient:
    """A browser, as far as headers go, and a small directory."""
    service.directory.put_groups(GROUPS)
    return TestClient(app, headers={"Accept": "text/html"}, raise_server_exceptions=False)


@given(_intakes)
def test_an_intake_survives_being_carried_in_a_form(intake: Intake) -> None:
    answers = Answers.of(intake)
    assert answers.read() == intake
    assert Answers.from_form(answers.pairs) == answers


@given(st.lists(st.tuples(st.sampled_from(["age", "story", "topics", "wishes.small", "place", "struck"]), st.text())))
def test_any_form_is_an_intake_or_names_the_questions_to_mend(sent: list[tuple[str, str]]) -> None:
    read = Answers.from_form(sent).read()
    assert isinstance(read, Intake) or (
        read and {one.question_id for one in read} <= {"age", "story", "topics", "wishes", "place"}
    )


def test_nothing_filled_in_is_nothing_said() -> None:
    assert Answers.from_form([("story", "  "), ("role", ""), ("wishes.small", ""), ("age", "")]).read() == Intake()


def test_fields_that_are_asked_nowhere_are_left_out() -> None:
    assert Answers.from_form([("canary", "x"), ("role", "bereaved")]).pairs == (("role", "bereaved"),)


def test_line_ends_as_browsers_send_them_count_once() -> None:
    assert Answers.from_form([("story", "one\r\ntwo")]).read() == Intake(story="one\ntwo")


def _confirm(intake: Intake, *sent: tuple[str, str]) -> Intake:
    return confirm(intake, read_statements(intake, ["leeds"]), said_of_statements(sent))


def test_more_struck_than_an_intake_holds_is_answered_like_any_other(newcomer: TestClient) -> None:
    struck = "|".join(f"place:Town {number}" for number in range(50))
    reply = newcomer.post("/results", data={"story": "My mum drinks", "struck": struck, "confirm_role": "none"})
    assert reply.status_code == 200


def test_a_confirmed_statement_is_an_answer_and_a_wrong_one_is_struck() -> None:
    intake = Intake(story="I have just been diagnosed, in Leeds")
    confirmed = _confirm(
        intake, ("confirm_role", "role:living_with"), ("confirm_stage", "none"), ("confirm_place", "none")
    )
    assert (confirmed.role, confirmed.stage, confirmed.place) == (Role.LIVING_WITH, None, None)
    assert confirmed.struck == ("stage:new", "place:Leeds")
    assert Answers.of(confirmed).read() == confirmed


def test_a_confirmed_wish_joins_the_wishes_and_each_is_confirmed_by_itself() -> None:
    intake = Intake(story="Please nothing religious. It has to be online.", wishes={Wish.SMALL: Importance.NICE})
    confirmed = _confirm(
        intake, ("confirm_wishes.faith", "wishes.faith:avoid"), ("confirm_wishes.online", "none"), ("confirm_age", "")
    )
    assert confirmed.wishes == {Wish.SMALL: Importance.NICE, Wish.FAITH: Importance.AVOID}
    assert confirmed.struck == ("wishes.online:must",)
    assert Answers.of(confirmed).read() == confirmed


def test_a_wish_that_was_read_is_asked_about_and_joins_the_answers_when_confirmed(newcomer: TestClient) -> None:
    story = f"{STORY} I'd rather it wasn't online."
    page = newcomer.post("/understood", data={"story": story}).text
    assert "We understood: You&#39;d rather not meet online. Right?" in page
    assert '<input type="hidden" name="wishes.online"' not in page
    results = newcomer.post("/results", data={"story": story, "confirm_wishes.online": "wishes.online:avoid"}).text
    assert '<input type="hidden" name="wishes.online" value="avoid">' in results


def test_not_being_sure_changes_nothing() -> None:
    intake = Intake(story="I have just been diagnosed")
    assert _confirm(intake, ("confirm_role", "")) == intake


def test_only_what_was_read_can_be_confirmed() -> None:
    assert _confirm(Intake(story="Hello"), ("confirm_role", "role:bereaved")) == Intake(story="Hello")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=WEEKLY;BYDAY=TU", "Every Tuesday"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", "Every Monday and Thursday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Every day from Monday to Friday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", "Every other Sunday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR,SA,SU", None),
        ("FREQ=WEEKLY", "Every Sunday"),
        ("FREQ=DAILY", "Every day"),
        ("FREQ=MONTHLY;BYDAY=2TU,4TU", "The second and fourth Tuesday of the month"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "The last Friday of the month"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=1", None),
        ("FREQ=MONTHLY;BYMONTHDAY=15", None),
        ("FREQ=WEEKLY;BYDAY=TU;COUNT=6", None),
        ("FREQ=YEARLY;BYMONTH=6", None),
    ],
)
def test_a_rule_is_said_in_words_or_not_at_all(rule: str, words: str | None) -> None:
    first = date(2026, 11, 22)
    assert say_rhythm(Schedule(rule=rule, start_time=time(19), time_zone="Europe/London", first_date=first)) == words


def test_a_meeting_is_told_on_both_clocks() -> None:
    starts = datetime.fromisoformat("2026-11-26T18:30:00-05:00")
    own = datetime.fromisoformat("2026-11-27T00:30:00+01:00")
    meeting = NextMeeting(starts=starts, starts_for_newcomer=own, duration_minutes=75, time_zone="America/New_York")
    said = [say_next(meeting), say_for_newcomer(meeting)]
    assert [words.replace("\N{NO-BREAK SPACE}", " ") for words in said if words] == [
        "Thursday 26 November, 6:30 pm to 7:45 pm (US Eastern time)",
        "Friday 27 November, 12:30 am",
    ]


@pytest.mark.parametrize(
    ("phone", "href"),
    [
        ("01632 960377", "tel:01632960377"),
        ("+1 (614) 555-0114", "tel:+16145550114"),
        ("ask for Tracey", None),
        ("0113 496 0000 (ask for Jo)", None),
    ],
)
def test_only_what_can_be_dialled_is_a_telephone_link(phone: str, href: str | None) -> None:
    assert [way.href for way in ways_in(Joining(phone=phone))] == [href]


def test_a_place_that_is_not_known_is_said_to_be_unknown() -> None:
    assert say_where(a_group()) == "The listing doesn't say. Ask the group."
    assert say_where(a_group(format="in_person")) == "In person"
    assert say_where(a_group(format="hybrid", location={"city": "Cork"})) == "In person and online: Cork"


def test_what_a_card_says(snapshot: SnapshotAssertion) -> None:
    remarks = tuple(Remark(about=str(number), sentence=f"Question {number}.") for number in range(4))
    one = Recommendation(
        group=GROUPS[0],
        next_meeting=None,
        fit=Fit.POSSIBLE,
        score=0.0,
        contributions=(),
        reasons=remarks[:1],
        mismatches=remarks[1:2],
        unknowns=remarks,
    )
    assert make_card(one) == snapshot


@pytest.mark.parametrize("group", GROUPS[:3], ids=lambda group: group.id)
def test_what_a_groups_page_says(group: Group, snapshot: SnapshotAssertion) -> None:
    assert state_facts(group, NOW) == snapshot


def test_text_from_listings_is_never_markup(newcomer: TestClient) -> None:
    assert "After Surgery &lt;b&gt;Call&lt;/b&gt;" in newcomer.get("/groups/bag-new-york").text


def test_groups_come_with_reasons_and_the_newcomers_own_clock(newcomer: TestClient) -> None:
    sent = {"story": STORY, "role": "living_with", "wishes.online": "must", "time_zone": "Europe/London"}
    page = newcomer.post("/results", data=sent).text
    assert "After Surgery" in page
    assert re.search(r"1[01]:30\sp?m on your clock", page)
    assert "Why it may fit" in page


def _fields(page: str, name: str) -> list[str]:
    """The tags of all fields of that name."""
    return re.findall(rf'<(?:input|select|textarea)[^>]* name="{name}"[^>]*>', page)


def test_what_decides_is_asked_beside_what_was_understood(newcomer: TestClient) -> None:
    page = newcomer.post("/understood", data={"story": STORY, "hopes": "hope"}).text
    assert "Did we understand you?" in page
    assert "decide</h2>" in page or "decides</h2>" in page
    assert [tag for tag in _fields(page, "age") if "hidden" in tag] == []
    assert len(_fields(page, "age")) == 1
    assert len(_fields(page, "hopes")) == 1


def test_nothing_to_confirm_and_nothing_open_leads_straight_to_groups(newcomer: TestClient) -> None:
    page = newcomer.post("/understood", data={"topics": "ostomy", "age": "40", "place": "Leeds", "role": "supporting"})
    assert 'id="list"' in page.text


def test_no_more_than_four_questions_are_asked_and_none_after_groups() -> None:
    ids = ("age", "place", "no question", "role", "stage", "country")
    asked = choose_questions_to_ask(ids, Answers())
    assert [question.id for question in asked] == ["age", "place", "role", "stage"]
    assert choose_questions_to_ask(ids, Answers().after_groups()) == ()


def test_what_is_answered_where_it_decides_joins_the_other_answers(newcomer: TestClient) -> None:
    sent = {"story": STORY, "asked": "age", "age": "17", "confirm_role": "role:living_with"}
    page = newcomer.post("/results", data=sent).text
    assert "Bags on Tuesday" not in page
    assert '<input type="hidden" name="age" value="17">' in page
    assert '<input type="hidden" name="role" value="living_with">' in page


def test_a_mistake_where_it_decides_shows_the_same_page_with_everything_in_it(newcomer: TestClient) -> None:
    asked = {"asked": ["age", "place"], "age": "200", "place": "Leeds", "confirm_role": "role:living_with"}
    reply = newcomer.post("/results", data={"story": STORY, "hopes": "hope", **asked})
    assert reply.status_code == 422
    assert "Did we understand you?" in reply.text
    assert 'href="#asked-age"' in reply.text
    assert 'value="200"' in reply.text
    assert 'value="Leeds"' in reply.text
    assert 'value="role:living_with" checked' in reply.text
    assert [len(_fields(reply.text, name)) for name in ("age", "place", "hopes")] == [1, 1, 1]


@pytest.mark.parametrize(
    ("story", "title"), [("I want to die", "Groups for later"), ("zymurgy", "Nothing close, sorry")]
)
def test_whoever_is_in_danger_is_not_sent_away(newcomer: TestClient, story: str, title: str) -> None:
    page = newcomer.post("/results", data={"story": story}).text
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", page) == [title]


@pytest.mark.parametrize("path", ["/understood", "/results", "/none-of-these"])
def test_a_mistake_gives_the_form_back_with_everything_in_it(newcomer: TestClient, path: str) -> None:
    reply = newcomer.post(path, data={"story": STORY, "age": "forty", "hopes": ["hope", "company"]})
    assert reply.status_code == 422
    assert STORY in reply.text
    assert 'value="forty"' in reply.text
    assert 'href="#age"' in reply.text
    assert reply.text.count(" checked> <span>Company") == 1


@pytest.mark.parametrize("path", ["/understood", "/results", "/none-of-these", "/answers"])
def test_what_is_made_from_answers_is_never_stored(newcomer: TestClient, path: str) -> None:
    reply = newcomer.post(path, data={"story": STORY})
    assert reply.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize("path", ["/understood", "/results", "/none-of-these", "/answers"])
def test_an_address_without_answers_leads_to_the_first_page(newcomer: TestClient, path: str) -> None:
    reply = newcomer.get(path, follow_redirects=False)
    assert (reply.status_code, reply.headers["Location"]) == (303, "/")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_holds_script_or_style_of_its_own_or_links_elsewhere(newcomer: TestClient, path: str) -> None:
    page = newcomer.get(path).text
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=\"/static/)|<iframe", page)
    loaded = re.findall(r'(?:src|action)="([^"]*)"|<link [^>]*href="([^"]*)"', page)
    assert all(address.startswith("/") for pair in loaded for address in pair if address)


@pytest.mark.parametrize("path", PAGES)
def test_no_title_tells_what_it_is_about(newcomer: TestClient, path: str) -> None:
    title = re.search("<title>(.*)</title>", newcomer.get(path).text)
    assert title is not None
    assert not re.search("group|support|health|ostomy|bag", title[1], re.IGNORECASE)


def test_a_group_that_is_not_there_gets_a_kind_page(newcomer: TestClient) -> None:
    reply = newcomer.get("/groups/nowhere")
    assert reply.status_code == 404
    assert "You can start from the first page." in reply.text
    assert "tel:988" in reply.text


def test_a_group_without_meetings_has_no_calendar_file(newcomer: TestClient) -> None:
    assert newcomer.get("/groups/says%20little/calendar.ics").status_code == 404


def test_a_calendar_files_name_says_nothing(newcomer: TestClient) -> None:
    reply = newcomer.get("/groups/bag-evening/calendar.ics")
    assert reply.headers["Content-Disposition"] == 'attachment; filename="meeting.ics"'
    assert reply.headers["Content-Type"].startswith("text/calendar")
