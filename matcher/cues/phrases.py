"""Reads lists of phrases from files and makes patterns of them. What the phrases are is data: the `.toml` files here.

One line of a list holds one phrase or several with `|` between them. A phrase is a regular expression of whole words,
in small letters, but that `{name}` stands for another list, and `...` for up to eight words of the same sentence, none
of them a "not".
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from matcher.cues.patterns import Pattern, compile_pattern

Lists = Mapping[str, str]


@cache
def read_lists(name: str) -> Mapping[str, Lists]:
    """Section → name of a list → its text, as it stands in `name`.toml."""
    return tomllib.loads(files("matcher.cues").joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def any_word_of(words: str) -> str:
    """A pattern of any of these words, the longest first; `_` stands for a space or a hyphen."""
    return _group("|".join(sorted(words.split(), key=len, reverse=True)).replace("_", "[- ]"))


def words_between(most: int, none_of: str) -> str:
    """A pattern of up to so many words of one sentence, none of them a "not" or one of those; from space to space."""
    unwanted = rf"(?!(?:{none_of})(?!\w)|[\w']*n't\b)"
    # A bracket only ever stands between words: were it part of one as well, many could be read in millions of ways.
    return rf"[ ,:(]+(?:{unwanted}[^ (.!?;\n]+[ (]+){{0,{most}}}?"


def fill(phrases: str, parts: Mapping[str, str]) -> str:
    """A pattern of any of these phrases, with all that they name put in its place."""
    lines = "|".join(line.strip() for line in phrases.splitlines() if line.strip())
    plain = re.sub(r"\((?!\?)", "(?:", lines)
    return _group(re.sub(r"\{([a-z_]+)\}", lambda name: parts[name[1]], plain).replace("...", _THEN))


def fill_parts(lists: Lists, parts: Mapping[str, str]) -> dict[str, str]:
    """All the parts of a file beside those given; each may name those before it."""
    filled = dict(parts)
    for name, phrases in lists.items():
        filled[name] = fill(phrases, filled)
    return filled


def whole_words(pattern: str) -> Pattern:
    """For stories in small letters: to ignore the case of letters costs many times as much."""
    return compile_pattern(rf"(?<![\w-]){pattern}(?![\w-])", by_line=True)


def _group(pattern: str) -> str:
    return f"(?:{pattern})"


_THEN = words_between(8, "not|never|no|until|before|and i|but|when i")
