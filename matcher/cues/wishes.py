"""Reads how a group must, might or must not be, from what is wished for and how much. The words are data
(`wishes.toml`).

A wish is read only where the two stand together ("I'd rather it weren't online"): to name a church is no wish for one.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache

from matcher.cues.language import sentences_of
from matcher.cues.phrases import Phrases, fill, fill_parts, read_lists, whole_words
from matcher.cues.wording import WordedText
from models.vocabulary import Importance, Wish

_LISTS = read_lists("wishes")
_PARTS = fill_parts(_LISTS["parts"], {})
_FILLING = rf"(?:{_PARTS['filling']}[ ,]+){{0,11}}?"
_AFTERWARDS = r"^(?:(?!\b(?:but|not|never)\b|n't\b)[^.!?;\n]){0,45}?"


def _read(section: str) -> dict[Wish, Phrases]:
    return {Wish(name): Phrases(phrases, _PARTS) for name, phrases in _LISTS[section].items()}


@cache
def _before(importance: Importance) -> re.Pattern[str]:
    far, near = (fill(_LISTS[section].get(importance, "(?!)"), _PARTS) for section in ("before", "right_before"))
    return re.compile(rf"(?<![\w-])(?:{far},? {_FILLING}|{near} )$")


@cache
def _after(importance: Importance) -> re.Pattern[str]:
    return re.compile(rf"{_AFTERWARDS}(?<![\w-]){fill(_LISTS['after'][importance], _PARTS)}(?![\w-])")


_THINGS, _OPPOSITES = _read("things"), _read("opposites")
_OUTRIGHT = {importance: _read(f"outright_{importance}") for importance in (Importance.MUST, Importance.NICE)}
# A "not" is stronger than a "must", and that than a "please".
_ORDER = (Importance.AVOID, Importance.MUST, Importance.NICE)
_NO_MATTER = whole_words(fill(_LISTS["neither"]["no_matter"], _PARTS))
_TURNED = {Importance.AVOID: Importance.NICE, Importance.MUST: Importance.AVOID, Importance.NICE: Importance.AVOID}
_CLAUSES = re.compile(
    r"[;:]|(?<!anything )(?<!anywhere )(?<!group )\bbut\b|, (?=(?:and |just |please )?(?:not|no|never|nothing)\b)"
)


def read_wishes(story: str) -> list[tuple[Wish, Importance]]:
    """What a story wishes of a group, and how much; the same wish more than once where it says both."""
    text = WordedText(story.lower())
    spoken_of = [one for one in _READERS if one[0].may_be_in(text)]
    if not spoken_of:
        return []
    clauses = (WordedText(clause) for sentence in sentences_of(text) for clause in _CLAUSES.split(sentence))
    found = (
        (wish, how)
        for clause in clauses
        for words, wish, how_much in spoken_of
        for how in how_much(words, clause)
        if not _NO_MATTER.search(clause)
    )
    return list(dict.fromkeys(found))


def _wanted(words: Phrases, clause: WordedText) -> Iterator[Importance]:
    return (how for match in words.finditer(clause) for how in _how_much(match, clause))


def _unwanted(words: Phrases, clause: WordedText) -> Iterator[Importance]:
    return (_TURNED[how] for how in _wanted(words, clause))


def _wanted_outright(how: Importance) -> Callable[[Phrases, WordedText], Iterator[Importance]]:
    return lambda words, clause: iter([how] if words.are_in(clause) else [])


def _how_much(match: re.Match[str], clause: str) -> list[Importance]:
    """The strongest of what is said of one thing; empty where nothing is."""
    before, after = clause[: match.start()], clause[match.end() :]
    return [how for how in _ORDER if _before(how).search(before) or _after(how).search(after)][:1]


# What is spoken of, the wish that it is, and how to tell how much it is wished for.
_READERS: tuple[tuple[Phrases, Wish, Callable[[Phrases, WordedText], Iterator[Importance]]], ...] = (
    *((words, wish, _wanted) for wish, words in _THINGS.items()),
    *((words, wish, _unwanted) for wish, words in _OPPOSITES.items()),
    *((words, wish, _wanted_outright(how)) for how, wishes in _OUTRIGHT.items() for wish, words in wishes.items()),
)
