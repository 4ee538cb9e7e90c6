"""Reads lists of phrases from files and makes patterns of them. What the phrases are is data: the `.toml` files here.

One line of a list holds one phrase or several with `|` between them. A phrase is a regular expression of whole words,
in small letters, but that `{name}` stands for another list, and `...` for up to eight words of the same sentence, none
of them a "not".
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby

from matcher.cues.patterns import Pattern, compile_pattern

Lists = Mapping[str, str]

_PIECE = re.compile(r"\\.|\[(?:\\.|[^\]\\])+\]|[()|]|[^\\\[()|]+")
_BEGINS_PLAINLY = re.compile(r"[a-z '](?![?*+{])")


@cache
def read_lists(name: str) -> Mapping[str, Lists]:
    """Section → name of a list → its text, as it stands in `name`.toml."""
    return tomllib.loads(files("matcher.cues").joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def any_word_of(words: str) -> str:
    """A pattern of any of these words, the longest first; `_` stands for a space or a hyphen."""
    return any_of([word.replace("_", "[- ]") for word in sorted(words.split(), key=len, reverse=True)])


def any_of(phrases: Sequence[str]) -> str:
    """A pattern that finds what `(?:one|two|...)` finds, without comparing each word of a story with each phrase:
    phrases that begin with the same letter share it.
    """
    return _group("|".join(_branches(phrases)))


def words_between(most: int, none_of: str) -> str:
    """A pattern of up to so many words of one sentence, none of them a "not" or one of those; from space to space."""
    unwanted = rf"(?!(?:{none_of})(?!\w)|[\w']*n't\b)"
    # A bracket stands between words only: were it part of one, too, a row of them could be read in millions of ways.
    return rf"[ ,:(]+(?:{unwanted}[^ (.!?;\n]+[ (]+){{0,{most}}}?"


def fill(phrases: str, parts: Mapping[str, str]) -> str:
    """A pattern of any of these phrases, with all that they name put in its place."""
    lines = "|".join(line.strip() for line in phrases.splitlines() if line.strip())
    plain = any_of(_split(re.sub(r"\((?!\?)", "(?:", lines)))
    return re.sub(r"\{([a-z_]+)\}", lambda name: parts[name[1]], plain).replace("...", _THEN)


def fill_parts(lists: Lists, parts: Mapping[str, str]) -> dict[str, str]:
    """All the parts of a file beside those given; each may name those before it."""
    filled = dict(parts)
    for name, phrases in lists.items():
        filled[name] = fill(phrases, filled)
    return filled


def whole_words(pattern: str) -> Pattern:
    """For stories in small letters: to ignore the case of letters costs many times as much."""
    return compile_pattern(rf"(?<![\w-]){pattern}(?![\w-])", by_line=True)


def _split(pattern: str) -> list[str]:
    """What stands between the `|` of a pattern, but for those within brackets."""
    parts, depth = [""], 0
    for piece in _PIECE.findall(pattern):
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if piece == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _branches(phrases: Sequence[str]) -> Iterator[str]:
    """Only neighbours that begin with a letter change places, and no two with the same one: what would have been found
    first still is.
    """
    for plainly, neighbours in groupby(phrases, lambda phrase: bool(_BEGINS_PLAINLY.match(phrase))):
        if not plainly:
            yield from neighbours
            continue
        rests: dict[str, list[str]] = {}
        for phrase in neighbours:
            rests.setdefault(phrase[0], []).append(phrase[1:])
        yield from (letter + (rest[0] if len(rest) == 1 else any_of(rest)) for letter, rest in rests.items())


def _group(pattern: str) -> str:
    return f"(?:{pattern})"


_THEN = words_between(8, "not|never|no|until|before|and i|but|when i")
