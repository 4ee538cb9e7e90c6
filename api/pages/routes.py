"""The newcomer's pages: read the form, call the service, show. Nothing that was sent is kept.

Pages that look for groups wait for their turn, or are refused. The others never are, nor is a form that holds
something to mend; those that tell of help need no thread, so that they answer whatever else goes on.

Answers travel only in the body of a POST; no address, cookie or header ever holds one.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from api.pages.answers import ASKED, Answers, Mistake, confirm, said_of_statements
from api.pages.cards import state_facts
from api.pages.contexts import (
    GroupPage,
    HelpPage,
    IntakePage,
    Page,
    Sent,
    check_understanding,
    choose_questions_to_ask,
    hear_that_none_fits,
    questions_of_mistakes,
    show_groups,
)
from api.pages.rendering import STATIC_FILES, render_first_page, render_page
from api.routes.access import TheService, answer_in_turn
from api.service import Service
from matcher.reading import read_statements
from matcher.recommend import offer_help
from models.errors import NotFound
from models.help import help_lines
from models.intake import Intake
from models.recommendation import Statement

router = APIRouter(include_in_schema=False)

_SHOWN = 3
_MORE = 3


async def read_form(request: Request) -> Sent:
    """The fields of the form, in order."""
    form = await request.form()
    return form.multi_items()


Form = Annotated[Sent, Depends(read_form)]


@router.get("/")
async def ask() -> HTMLResponse:
    return render_first_page()


@router.post("/answers")
def change_answers(form: Form) -> HTMLResponse:
    """The questions again, with everything filled in."""
    return render_page("intake.html", IntakePage(title="Kindred", answers=Answers.from_form(form)))


@router.post("/understood")
async def check_what_was_understood(form: Form, request: Request) -> HTMLResponse:
    """What the story seems to say, to confirm, and the questions that decide; straight to the groups when there is
    neither.
    """
    return await _answer(form, request, lambda intake, kindred: _check_what_was_understood(form, intake, kindred))


@router.post("/results")
async def recommend_groups(form: Form, request: Request) -> HTMLResponse:
    return await _answer(form, request, lambda intake, kindred: _recommend_groups(form, intake, kindred))


@router.post("/none-of-these")
async def hear_none_of_these(form: Form, request: Request) -> HTMLResponse:
    """What to do next when no group shown is right. It is heard, and not kept."""
    return await _answer(form, request, _hear_none_of_these)


@router.get("/answers")
@router.get("/understood")
@router.get("/results")
@router.get("/none-of-these")
async def start_again() -> RedirectResponse:
    """These pages are made from answers, which an address doesn't hold."""
    return RedirectResponse("/", status_code=303)


@router.get("/groups/{group_id}")
def show_group(group_id: str, kindred: TheService) -> HTMLResponse:
    """A group's own page, the same for everyone. Raises NotFound."""
    facts = state_facts(kindred.store.group(group_id), datetime.now(UTC))
    return render_page("group.html", GroupPage(title="Details – Kindred", group=facts), keep=True)


@router.get("/groups/{group_id}/calendar.ics")
def download_calendar(group_id: str, kindred: TheService) -> Response:
    """A group's meetings for a calendar. Raises NotFound, also when no meeting is known."""
    # Imported here: what writes calendars is needed seldom, and takes time to load.
    from api.formats.calendar import write_calendar

    calendar = write_calendar(kindred.store.group(group_id), datetime.now(UTC))
    if calendar is None:
        raise NotFound("We don't know when this group meets next. Ask the group.")
    return Response(calendar, media_type="text/calendar; charset=utf-8", headers=_CALENDAR_HEADERS)


@router.get("/help")
async def show_help() -> HTMLResponse:
    return render_page("help.html", HelpPage(title="Help now – Kindred", lines=help_lines()), keep=True)


@router.get("/privacy")
async def show_privacy() -> HTMLResponse:
    return render_page("privacy.html", Page(title="Privacy – Kindred"), keep=True)


@router.get("/static/{name}")
async def send_static(name: str) -> Response:
    """A file that pages link to. Raises NotFound."""
    file = STATIC_FILES.get(name)
    if file is None:
        raise NotFound("There is no such file.")
    return Response(file.content, media_type=file.media_type, headers=_STATIC_HEADERS)


_CALENDAR_HEADERS = {
    # The name says nothing of the group: it shows among the downloads.
    "Content-Disposition": 'attachment; filename="meeting.ics"',
    "Cache-Control": "private, no-cache",
}
# Their address changes with their content.
_STATIC_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable"}


async def _answer(form: Sent, request: Request, answer: Callable[[Intake, Service], HTMLResponse]) -> HTMLResponse:
    """In turn, what looks for groups; at once, where something is to be mended first."""
    answers = Answers.from_form(form)
    intake = answers.read()
    if isinstance(intake, Intake):
        return await answer_in_turn(request, lambda kindred: answer(intake, kindred))
    return await run_in_threadpool(_check_again, answers, intake, form, request.app.state.service)


def _check_what_was_understood(form: Sent, intake: Intake, kindred: Service) -> HTMLResponse:
    answers = Answers.from_form(form)
    found = kindred.recommend(intake, _SHOWN)
    questions = choose_questions_to_ask(found.open_questions, answers)
    if found.understood or questions:
        page = check_understanding(answers, intake, found.understood, questions, said={})
        return render_page("understood.html", page)
    return render_page("results.html", show_groups(intake, found))


def _recommend_groups(form: Sent, intake: Intake, kindred: Service) -> HTMLResponse:
    intake = confirm(intake, _read(intake, kindred), said_of_statements(form))
    return render_page("results.html", show_groups(intake, kindred.recommend(intake, _SHOWN)))


def _hear_none_of_these(intake: Intake, kindred: Service) -> HTMLResponse:
    found = kindred.recommend(intake, _SHOWN + _MORE)
    return render_page("none_of_these.html", hear_that_none_fits(intake, found, _SHOWN))


def _read(intake: Intake, kindred: Service) -> tuple[Statement, ...]:
    return read_statements(intake, kindred.directory.current().towns)


def _check_again(answers: Answers, mistakes: tuple[Mistake, ...], form: Sent, kindred: Service) -> HTMLResponse:
    """The page that asked for what is to be mended, with everything that was said on it."""
    questions = questions_of_mistakes((str(value) for name, value in form if name == ASKED), mistakes)
    intake = Answers(answers.without(question.id for question in questions)).read()
    if not questions or not isinstance(intake, Intake):
        return _ask_again(answers, mistakes)
    statements, said = _read(intake, kindred), said_of_statements(form)
    page = check_understanding(answers, intake, statements, questions, said, mistakes)
    return render_page("understood.html", page, status=422)


def _ask_again(answers: Answers, mistakes: tuple[Mistake, ...]) -> HTMLResponse:
    """The same questions, every answer kept, with what to mend first."""
    page = IntakePage(
        title="Please check – Kindred",
        help=offer_help(answers.read_words()),
        answers=answers,
        mistakes=mistakes,
    )
    return render_page("intake.html", page, status=422)
