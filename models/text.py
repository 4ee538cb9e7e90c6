"""What counts as text that Kindred accepts: printable, encodable, of a known length.

Decides which characters are refused. Does not decide what is encoded (see `matcher.text`).
"""

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

STORY_LIMIT_CHARACTERS = 20_000
TEXT_LIMIT_CHARACTERS = 20_000
LINE_LIMIT_CHARACTERS = 300

# C0 controls but tab, newline and carriage return; DEL and C1 controls.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def printable(text: str) -> str:
    """The text itself, if every character in it can be shown and sent."""
    # True of nearly every text on one line, and seen much sooner than by searching twice.
    if text.isprintable():
        return text
    if _SURROGATE.search(text):
        raise ValueError("holds half of a character (a lone surrogate); send whole Unicode characters")
    if _CONTROL.search(text):
        raise ValueError("holds a control character (such as NUL); remove it")
    return text


def say_list(words: Sequence[str], last: str = "and") -> str:
    """As people say it: `a, b and c`; empty for no words."""
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def _one_line(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise ValueError("must be on one line")
    return text


def _fit_for_an_address(identifier: str) -> str:
    if "/" in identifier or "\\" in identifier or identifier in {".", ".."}:
        raise ValueError("must not hold a slash or be a dot, because it becomes part of an address")
    return identifier


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXT_LIMIT_CHARACTERS),
    AfterValidator(printable),
]
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LINE_LIMIT_CHARACTERS),
    AfterValidator(printable),
    AfterValidator(_one_line),
]
Identifier = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(printable),
    AfterValidator(_one_line),
    AfterValidator(_fit_for_an_address),
]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]


class Record(BaseModel):
    """A value that cannot change and cannot hold what it does not name.

    Validation errors never repeat the input: it may be health data.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)
