"""Reads matching rules from their file, and says what is wrong with it in words."""

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import ValidationError

from models.errors import InvalidRules
from models.rules import MatchingRules


@cache
def default_rules() -> MatchingRules:
    """The rules that ship with Kindred."""
    return parse_rules(
        files("matcher").joinpath("default_rules.toml").read_text(encoding="utf-8"), "default_rules.toml"
    )


def parse_rules(text: str, name: str) -> MatchingRules:
    """Rules from TOML text; `name` says in errors where it came from.

    Raises:
        InvalidRules: names the file, the key and what would be right.
    """
    try:
        return MatchingRules.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InvalidRules(f"{name}: not a TOML file: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidRules(f"{name}: '{'.'.join(map(str, first['loc']))}': {first['msg']}") from error
