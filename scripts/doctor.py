"""`kindred doctor`: says in words what is installed, loaded, stale or wrong. Mends nothing.

What is looked at is in `scripts.checks`; here it is put in order, printed as it is found, and counted.
"""

from collections.abc import Iterator

import click

from api.settings import read_settings
from models.errors import InvalidInput
from scripts.checks import (
    Level,
    Line,
    check_browser,
    check_database,
    check_directory,
    check_encoder,
    check_libraries,
    check_port,
    check_replica,
    check_rules,
    check_settings,
    check_versions,
)

SOMETHING_WRONG = 1
_COLOURS = {Level.OK: "green", Level.NOTE: "yellow", Level.WRONG: "red"}


@click.command()
def doctor() -> int:
    """Say what is installed, loaded, stale or wrong, and what to do about it.

    Leaves with 1 when something is wrong.
    """
    found = dict.fromkeys(Level, 0)
    for line in _examine():
        found[line.level] += 1
        click.echo(f"{click.style(f'{line.level.value:<5}', fg=_COLOURS[line.level])}  {line.sentence}")
    click.echo()
    click.echo(_summary(found))
    return SOMETHING_WRONG if found[Level.WRONG] else 0


def _examine() -> Iterator[Line]:
    yield from check_versions()
    yield from check_libraries()
    try:
        settings = read_settings()
    except InvalidInput as error:
        yield Line(Level.WRONG, error.sentence)
        return
    yield from check_settings(settings)
    yield from check_rules()
    identity = yield from check_encoder(settings)
    database = yield from check_database(settings)
    yield from check_replica(settings)
    if database is not None:
        yield from check_directory(database, identity)
    yield from check_port(settings)
    yield from check_browser()


def _summary(found: dict[Level, int]) -> str:
    wrong, notes = found[Level.WRONG], found[Level.NOTE]
    if wrong:
        return f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong. What to do stands beside each."
    return f"Nothing is wrong{f'; {notes} to know about' if notes else ''}."
