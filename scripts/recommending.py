"""`kindred recommend`: an intake from the command line, and the reply as text for a terminal or as the API's JSON.

Decides how answers are typed and how a reply is laid out in 80 columns. The sentences come from elsewhere.
"""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.settings import read_settings
from models.errors import InvalidInput
from models.vocabulary import AccessNeed, DayPart, Hope, Identity, Importance, Relation, Role, Stage, Term, Topic, Wish

if TYPE_CHECKING:
    from api.pages.cards import Card, WayIn
    from models.help import Help
    from models.intake import Intake
    from models.recommendation import Recommendations, Statement

_WIDTH_MOST = 80
_LIMIT_MOST = 50


def _term(kind: type[Term]) -> click.Choice[str]:
    return click.Choice([term.value for term in kind])


def _listed(kind: type[Term]) -> str:
    return f"Any of {', '.join(term.value for term in kind)}."


@click.command()
@click.option("--story", help="In the newcomer's own words; “-” reads them from standard input.")
@click.option(
    "--topics",
    type=_term(Topic),
    multiple=True,
    metavar="TOPIC",
    help="alcohol, grief, ostomy, … All lists may be given again.",
)
@click.option("--role", type=_term(Role))
@click.option("--relation", type=_term(Relation))
@click.option("--stage", type=_term(Stage))
@click.option("--hopes", type=_term(Hope), multiple=True, metavar="HOPE", help=_listed(Hope))
@click.option(
    "--must", type=_term(Wish), multiple=True, metavar="WISH", help=f"What must be true of a group. {_listed(Wish)}"
)
@click.option("--nice", type=_term(Wish), multiple=True, metavar="WISH", help="What would be nice.")
@click.option("--avoid", type=_term(Wish), multiple=True, metavar="WISH", help="What must not be true.")
@click.option("--availability", type=_term(DayPart), multiple=True, metavar="DAY_PART", help=_listed(DayPart))
@click.option("--country", help="Two letters: GB, IE, US, …")
@click.option("--place", help="A town or city.")
@click.option("--travel-km", type=int)
@click.option("--time-zone", help="Europe/London, America/New_York, …")
@click.option("--languages", multiple=True, metavar="CODE", help="en, es, cy, …")
@click.option("--access-needs", type=_term(AccessNeed), multiple=True, metavar="NEED", help=_listed(AccessNeed))
@click.option("--age", type=int)
@click.option("--identities", type=_term(Identity), multiple=True, metavar="IDENTITY", help=_listed(Identity))
@click.option("--struck", multiple=True, metavar="ID", help="A statement read from the story that is wrong.")
@click.option(
    "--answers",
    "answers_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="All answers as a JSON object, as the API takes them. Options add to it and come before it.",
)
@click.option("--limit", type=click.IntRange(1, _LIMIT_MOST), default=3, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the API's reply.")
def recommend(answers_file: Path | None, limit: int, as_json: bool, **options: Any) -> None:
    """Recommend groups for one newcomer. Nothing of the answers is kept.

    What you type may stay in your shell's history; `--story -` reads the words from standard input instead.
    """
    intake = _read_intake(answers_file, options)
    from api.presenting import present_recommendations
    from api.service import open_service

    answer = open_service(read_settings()).recommend(intake, limit)
    if as_json:
        click.echo(present_recommendations(answer).model_dump_json(indent=2))
    else:
        click.echo("\n".join(lay_out(answer, min(_WIDTH_MOST, shutil.get_terminal_size().columns))))


def _read_intake(answers_file: Path | None, options: dict[str, Any]) -> Intake:
    from pydantic import ValidationError

    from api.reasons import reasons_of
    from models.intake import Intake

    answers = _read_answers(answers_file) if answers_file else {}
    wishes = {wish: importance.value for importance in Importance for wish in options.pop(importance.value)}
    known = answers.get("wishes") or {}
    # What is no object stays, to be refused with all else that can't be used.
    if wishes and isinstance(known, dict):
        answers["wishes"] = {**known, **wishes}
    answers |= {name: value for name, value in options.items() if value not in (None, ())}
    if answers.get("story") == "-":
        answers["story"] = _read_story()
    try:
        return Intake.model_validate(answers)
    except ValidationError as error:
        raise InvalidInput(f"These answers can't be used. {'; '.join(reasons_of(error))}.") from None


def _read_story() -> str:
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise InvalidInput("--story: what comes from standard input must be text in UTF-8.") from None


def _read_answers(file: Path) -> dict[str, Any]:
    try:
        answers = json.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError, OSError):
        answers = None
    if not isinstance(answers, dict):
        raise InvalidInput('--answers: must be a file that holds one JSON object, such as {"role": "supporting"}.')
    return answers


def lay_out(answer: Recommendations, width: int) -> list[str]:
    """The whole reply as lines no wider than `width`, but for addresses longer than that."""
    from api.pages.cards import make_card

    help_lines = _help(answer.help, width)
    lines = [*help_lines, ""] if answer.help.prominent else []
    if answer.nothing_close:
        lines += [*_wrap(answer.nothing_close.sentence, width), ""]
    shown = answer.nothing_close.nearest if answer.nothing_close else answer.recommendations
    for number, one in enumerate(shown, start=1):
        lines += [*_card(number, make_card(one), width), ""]
    if len(shown) > 1:
        lines += ["You needn't decide now. Many people visit two or three before they stay.", ""]
    lines += _understood(answer.understood, width) + _open(answer.open_questions, width)
    return lines if answer.help.prominent else lines + help_lines


def _card(number: int, card: Card, width: int) -> list[str]:
    title = f"{number}. {card.name}"
    fit = click.style(card.fit_words, bold=True)
    heading = [click.style(line, bold=True) for line in _wrap(title, width, hang="   ")] + [f"   {fit}"]
    yours = f", {card.when_for_newcomer} on your clock" if card.when_for_newcomer else ""
    ways = ", ".join(_address(way) for way in card.ways_in)
    facts = {
        "When": f"{card.when}{yours}",
        "Where": card.where,
        "How to join": " – ".join(part for part in (card.how_to_join, ways) if part) or "The listing doesn't say.",
    }
    if card.first_visit:
        facts["A first visit"] = card.first_visit
    lines = [line for label, fact in facts.items() for line in _wrap(f"{label}: {fact}", width, "   ", "     ")]
    lines += _section("Why it may fit", card.reasons, "+", width)
    lines += _section("What may not fit", card.mismatches, "-", width)
    lines += _section("Ask the group", card.questions + card.more_questions, "?", width)
    return heading + lines


def _address(way: WayIn) -> str:
    # A web address is whole, so that a terminal can open it; nobody reads "tel:".
    return way.href if way.href and way.href.startswith("http") else way.text


def _section(title: str, sentences: tuple[str, ...], mark: str, width: int) -> list[str]:
    items = [line for sentence in sentences for line in _wrap(sentence, width, f"     {mark} ", "       ")]
    return [f"   {title}", *items] if items else []


def _understood(statements: tuple[Statement, ...], width: int) -> list[str]:
    if not statements:
        return []
    said = [line for one in statements for line in _wrap(f"{one.sentence} ({one.id})", width, "  ", "    ")]
    return ["What we understood. If it is wrong, add --struck and its name:", *said, ""]


def _open(questions: tuple[str, ...], width: int) -> list[str]:
    options = ", ".join(f"--{question.replace('_', '-')}" for question in questions)
    return [*_wrap(f"It would help to know: {options}", width), ""] if questions else []


def _help(help_: Help, width: int) -> list[str]:
    lines = [f"{one.name}: {one.contact} ({one.where}; {one.hours})" for one in help_.lines]
    return [*_wrap(help_.sentence, width), *(part for line in lines for part in _wrap(line, width, "  ", "    "))]


def _wrap(text: str, width: int, first: str = "", hang: str = "") -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False
    )
