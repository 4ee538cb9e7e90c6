"""Says in words why a record was refused: which field, and what would be right. Never what was sent."""

import re

from pydantic import ValidationError

# A name that was sent is only repeated when it looks like a field's name.
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_WORDINGS = (
    ("Value error, ", ""),
    ("Field required", "is missing"),
    ("Extra inputs are not permitted", "is not a field that Kindred knows"),
    ("Input should be a valid dictionary or object to extract fields from", "must be a JSON object"),
    ("Input should be a valid dictionary", "must be a JSON object"),
    ("Input should", "must"),
    ("String should", "must"),
    ("Tuple should", "must"),
    ("Value should", "must"),
)


def reasons_of(error: ValidationError) -> tuple[str, ...]:
    """One sentence part for each mistake: `minimum_age: must be a valid integer`."""
    mistakes = error.errors(include_url=False, include_context=False, include_input=False)
    return tuple(_reason(mistake["loc"], mistake["msg"]) for mistake in mistakes)


def in_words(message: str) -> str:
    """A validation message as we would say it."""
    for told, wording in _WORDINGS:
        message = message.replace(told, wording, 1)
    return message


def _reason(place: tuple[int | str, ...], message: str) -> str:
    told = in_words(message)
    return f"{' '.join(_name(part) for part in place)}: {told}" if place else told


def _name(part: int | str) -> str:
    if isinstance(part, int):
        return str(part + 1)
    return part if _FIELD_NAME.fullmatch(part) else "(a name that can't be shown)"
