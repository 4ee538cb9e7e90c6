"""Where help is now: only lines that are certain, each with its country and hours. They are data beside this file."""

import tomllib
from functools import cache
from importlib.resources import files

from models.text import CountryCode, Line, Record


class HelpLine(Record):
    """One way to reach someone now."""

    name: Line
    contact: Line
    """A sentence to show: what to dial or send."""
    number: Line | None = None
    """To dial; None: it differs from place to place."""
    countries: tuple[CountryCode, ...]
    """Where it works; empty: wherever no other line does."""
    where: Line
    hours: Line
    source: Line


class Help(Record):
    """What every page and every reply carries."""

    prominent: bool
    """Whether the newcomer's words ask for help to stand first. It changes nothing else."""
    sentence: Line
    lines: tuple[HelpLine, ...]


@cache
def help_lines() -> tuple[HelpLine, ...]:
    """All lines that Kindred shows."""
    text = files("models").joinpath("help_lines.toml").read_text(encoding="utf-8")
    return tuple(HelpLine.model_validate(line) for line in tomllib.loads(text)["lines"])


def lines_for(country: str | None) -> tuple[HelpLine, ...]:
    """The lines of a country; all of them when the country is not known."""
    if country is None:
        return help_lines()
    own = tuple(line for line in help_lines() if country in line.countries)
    return own or tuple(line for line in help_lines() if not line.countries)
