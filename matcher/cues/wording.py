"""A text with the places of its words, so that phrases are looked for only where they can begin.

Only such words are noted as some phrase has for a clue: see `matcher.cues.clues`.
"""

import re
from collections.abc import Iterable
from functools import cached_property, reduce
from itertools import accumulate
from operator import or_

from matcher.cues.language import MARK

Clues = frozenset[str]
"""Words, the first letters of longer ones, and these three: one of them is looked for."""
ANY_WORD, ANY_NUMBER, ANYBODY = " ", "#", "*"
FIRST_LETTERS = 4

_BETWEEN_WORDS = re.compile(r"(\W+)")
_OF_A_KIND = {ANY_NUMBER: re.compile(r"\d(?<!\w\d)"), ANYBODY: re.compile(MARK)}
_BEGINNING = re.compile(r"(?<![\w-])")
# Clue → the questions it answers, a bit for each. Both grow only while the phrases are read, at import.
_ANSWERS: dict[str, int] = dict.fromkeys(_OF_A_KIND, 0)
_QUESTIONS: dict[Clues, int] = {}


class WordedText(str):
    """A text whose words are looked up, once, when they are first needed."""

    @cached_property
    def answers(self) -> int:
        """The questions that the text answers, a bit for each."""
        held = _ANSWERS.keys() & {*self.words, *self._first_letters}
        held |= {clue for clue, pattern in _OF_A_KIND.items() if pattern.search(self)}
        return reduce(or_, map(_ANSWERS.__getitem__, held), 0)

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Where each clue stands."""
        starts = list(accumulate(map(len, self._words_and_between), initial=0))[::2]
        places = {clue: [found.start() for found in pattern.finditer(self)] for clue, pattern in _OF_A_KIND.items()}
        for word, letters, start in zip(self.words, self._first_letters, starts, strict=False):
            if word in _ANSWERS:
                places.setdefault(word, []).append(start)
            if letters in _ANSWERS:
                places.setdefault(letters, []).append(start)
        return {ANY_WORD: starts} | {clue: found for clue, found in places.items() if found}

    @cached_property
    def words(self) -> list[str]:
        """The text's words in order; `isn't` is two. Perhaps with an empty one at either end."""
        return self._words_and_between[::2]

    @cached_property
    def beginnings(self) -> list[int]:
        """Wherever anything can begin that is not within a word."""
        return [found.start() for found in _BEGINNING.finditer(self)]

    @cached_property
    def _words_and_between(self) -> list[str]:
        return _BETWEEN_WORDS.split(self)

    @cached_property
    def _first_letters(self) -> list[str]:
        return [word[:FIRST_LETTERS] for word in self.words]


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
