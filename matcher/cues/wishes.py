"""Reads how a group must, might or must not be, from what is wished for and how much. The words are data
(`wishes.toml`).

A wish is read only where the two stand together ("I'd rather it weren't online"): to name a church is no wish for one.
"""

import re
from collections.abc import Iterator

from matcher.cues.language import sentences_of
from matcher.cues.phrases import fill, fill_parts, read_lists, whole_words
from models.vocabulary import Importance, Wish

_LISTS = read_lists("wishes")
_PARTS = fill_parts(_LISTS["parts"], {})
_FILLING = rf"(?:{_PARTS['filling']}[ ,]+){{0,11}}?"
_AFTERWARDS = r"^(?:(?!\b(?:but|not|never)\b|n't\b)[^.!?;\n]){0,45}?"


def _read(section: str) -> dict[Wish, re.Pattern[str]]:
    return {Wish(name): whole_words(fill(phrases, _PARTS)) for name, phrases in _LISTS[section].items()}


def _before(importance: Importance) -> re.Pattern[str]:
    far, near = (fill(_LISTS[section].get(importance, "(?!)"), _PARTS) for section in ("before", "right_before"))
    return re.compile(rf"(?<![\w-])(?:{far},? {_FILLING}|{near} )$")


def _after(importance: Importance) -> re.Pattern[str]:
    return re.compile(rf"{_AFTERWARDS}(?<![\w-]){fill(_LISTS['after'][importance], _PARTS)}(?![\w-])")


_THINGS, _OPPOSITES = _read("things"), _read("opposites")
_OUTRIGHT = {importance: _read(f"outright_{importance}") for importance in (Importance.MUST, Importance.NICE)}
# A "not" is stronger than a "must", and that than a "please".
_ORDER = (Importance.AVOID, Importance.MUST, Importance.NICE)
_BEFORE = {importance: _before(importance) for importance in _ORDER}
_AFTER = {importance: _after(importance) for importance in _ORDER}
_NO_MATTER = whole_words(fill(_LISTS["neither"]["no_matter"], _PARTS))
_TURNED = {Importance.AVOID: Importance.NICE, Importance.MUST: Importance.AVOID, Importance.NICE: Importance.AVOID}
_CLAUSES = re.compile(
    r"[;:]|(?<!anything )(?<!anywhere )(?<!group )\bbut\b|, (?=(?:and |just |please )?(?:not|no|never|nothing)\b)"
)


def read_wishes(story: str) -> list[tuple[Wish, Importance]]:
    """What a story wishes of a group, and how much; the same wish more than once where it says both."""
    clauses = [clause for sentence in sentences_of(story.lower()) for clause in _CLAUSES.split(sentence)]
    found = (wished for clause in clauses if not _NO_MATTER.search(clause) for wished in _read_clause(clause))
    return list(dict.fromkeys(found))


def _read_clause(clause: str) -> Iterator[tuple[Wish, Importance]]:
    for wish, words in _THINGS.items():
        yield from ((wish, how) for match in words.finditer(clause) for how in _how_much(match, clause))
    for wish, words in _OPPOSITES.items():
        yield from ((wish, _TURNED[how]) for match in words.finditer(clause) for how in _how_much(match, clause))
    for how, wishes in _OUTRIGHT.items():
        yield from ((wish, how) for wish, words in wishes.items() if words.search(clause))


def _how_much(match: re.Match[str], clause: str) -> list[Importance]:
    """The strongest of what is said of one thing; empty where nothing is."""
    before, after = clause[: match.start()], clause[match.end() :]
    return [how for how in _ORDER if _BEFORE[how].search(before) or _AFTER[how].search(after)][:1]
