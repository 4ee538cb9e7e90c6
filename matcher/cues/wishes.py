"""Reads how a group must, might or must not be, from what is wished for and how much. The words are data
(`wishes.toml`).

A wish is read only where the two stand together ("I'd rather it weren't online"): to name a church is no wish for one.
"""

import re
from collections.abc import Iterator

from matcher.cues.language import sentences_of
from matcher.cues.patterns import Match, Pattern, compile_pattern
from matcher.cues.phrases import fill, fill_parts, read_lists, whole_words
from models.vocabulary import Importance, Wish

_LISTS = read_lists("wishes")
_PARTS = fill_parts(_LISTS["parts"], {})
_FILLING = rf"(?:{_PARTS['filling']}[ ,]+){{0,11}}?"
_AFTERWARDS = r"^(?:(?!\b(?:but|not|never)\b|n't\b)[^.!?;\n]){0,45}?"


def _read(section: str) -> dict[Wish, Pattern]:
    return {Wish(name): whole_words(fill(phrases, _PARTS)) for name, phrases in _LISTS[section].items()}


def _before(importance: Importance) -> Pattern:
    far, near = (fill(_LISTS[section].get(importance, "(?!)"), _PARTS) for section in ("before", "right_before"))
    return compile_pattern(rf"(?<![\w-])(?:{far},? {_FILLING}|{near} )$")


def _after(importance: Importance) -> Pattern:
    return compile_pattern(rf"{_AFTERWARDS}(?<![\w-]){fill(_LISTS['after'][importance], _PARTS)}(?![\w-])")


_THINGS, _OPPOSITES = _read("things"), _read("opposites")
_OUTRIGHT = {importance: _read(f"outright_{importance}") for importance in (Importance.MUST, Importance.NICE)}
# All of these as one: few clauses speak of anything that could be wished for.
_SPOKEN_OF = whole_words(
    fill(
        "\n".join(
            phrases
            for section in ("things", "opposites", *(f"outright_{importance}" for importance in _OUTRIGHT))
            for phrases in _LISTS[section].values()
        ),
        _PARTS,
    )
)
# A "not" is stronger than a "must", and that than a "please".
_ORDER = (Importance.AVOID, Importance.MUST, Importance.NICE)
_BEFORE = {importance: _before(importance) for importance in _ORDER}
_AFTER = {importance: _after(importance) for importance in _ORDER}
_NO_MATTER = whole_words(fill(_LISTS["neither"]["no_matter"], _PARTS))
_TURNED = {Importance.AVOID: Importance.NICE, Importance.MUST: Importance.AVOID, Importance.NICE: Importance.AVOID}
_CLAUSES = re.compile(
    r";|:|but\b(?<!\wbut)(?<!anything but)(?<!anywhere but)(?<!group but)"
    r"|, (?=(?:and |just |please )?(?:not|no|never|nothing)\b)"
)


def read_wishes(story: str) -> list[tuple[Wish, Importance]]:
    """What a story wishes of a group, and how much; the same wish more than once where it says both."""
    clauses = _CLAUSES.sub("\n", "\n".join(sentences_of(story.lower())))
    if not _SPOKEN_OF.search(clauses):
        return []
    told = (one for one in clauses.split("\n") if _SPOKEN_OF.search(one) and not _NO_MATTER.search(one))
    return list(dict.fromkeys(wished for clause in told for wished in _read_clause(clause)))


def _read_clause(clause: str) -> Iterator[tuple[Wish, Importance]]:
    for wish, words in _THINGS.items():
        yield from ((wish, how) for match in words.finditer(clause) for how in _how_much(match, clause))
    for wish, words in _OPPOSITES.items():
        yield from ((wish, _TURNED[how]) for match in words.finditer(clause) for how in _how_much(match, clause))
    for how, wishes in _OUTRIGHT.items():
        yield from ((wish, how) for wish, words in wishes.items() if words.search(clause))


def _how_much(match: Match, clause: str) -> list[Importance]:
    """The strongest of what is said of one thing; empty where nothing is."""
    before, after = clause[: match.start()], clause[match.end() :]
    return [how for how in _ORDER if _BEFORE[how].search(before) or _AFTER[how].search(after)][:1]
