"""A text with the places of its words, so that phrases are looked for only where they can begin.

Only such words are noted as some phrase has for a clue: see `matcher.cues.clues`.
"""

import re
from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate

from matcher.cues.language import MARK

Clues = frozenset[str]
"""Words, the first letters of longer ones, and these three: one of them is looked for."""
ANY_WORD, ANY_NUMBER, ANYBODY = " ", "#", "*"
FIRST_LETTERS = 4

_BETWEEN_WORDS = re.compile(r"(\W+)")
_OF_A_KIND = {ANY_NUMBER: re.compile(r"\d(?<!\w\d)"), ANYBODY: re.compile(MARK)}
_BEGINNING = re.compile(r"(?<![\w-])")
# Clue → the questions it answers, a bit for each. Both grow only while the phrases are read, at import.
_ANSWERS: dict[str, int] = {}
_QUESTIONS: dict[Clues, int] = {}


class WordedText(str):
    """A text whose words are looked up, once, when they are first needed."""

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Where each clue stands."""
        known = _ANSWERS
        apart = _BETWEEN_WORDS.split(self)
        words, starts = apart[::2], list(accumulate(map(len, apart), initial=0))[::2]
        places = {ANY_WORD: starts}
        for word, start in zip(words, starts, strict=False):
            if word in known:
                places.setdefault(word, []).append(start)
            if (letters := word[:FIRST_LETTERS]) in known and letters != word:
                places.setdefault(letters, []).append(start)
        for clue, pattern in _OF_A_KIND.items():
            if of_this_kind := [found.start() for found in pattern.finditer(self)]:
                places[clue] = of_this_kind
        return places

    @cached_property
    def answers(self) -> int:
        """The questions that the text answers, a bit for each."""
        answers, known = 0, _ANSWERS
        for clue in self.places:
            answers |= known.get(clue, 0)
        return answers

    @cached_property
    def beginnings(self) -> list[int]:
        """Wherever anything can begin that is not within a word."""
        return [found.start() for found in _BEGINNING.finditer(self)]


def note(clues: Clues) -> None:
    """From now on, have texts tell where these stand."""
    for clue in clues:
        _ANSWERS.setdefault(clue, 0)


def ask(needed: Iterable[Clues]) -> int:
    """The questions whether a text holds one of these clues, and one of those: a bit for each."""
    asked = 0
    for clues in needed:
        question = _QUESTIONS.setdefault(clues, 1 << len(_QUESTIONS))
        for clue in clues:
            _ANSWERS[clue] = _ANSWERS.get(clue, 0) | question
        asked |= question
    return asked
