"""Reads lists of phrases from files, and finds them in texts. What the phrases are is data: the `.toml` files here.

One line of a list holds one phrase or several with `|` between them. A phrase is a regular expression of whole words,
in small letters, but that `{name}` stands for another list, and `...` for up to eight words of the same sentence, none
of them a "not".

There are hundreds of phrases, and a text holds a few of them: each is looked for only where its clues stand
(`matcher.cues.clues`), and made a pattern when it first is.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import files

from matcher.cues.clues import Pieces, clues_needed, clues_of_beginning, split_phrases
from matcher.cues.wording import WordedText, ask, note

Lists = Mapping[str, str]


class Phrases:
    """Phrases of which any is looked for: found are those that one pattern of them all, `a|b|c`, would find."""

    def __init__(self, phrases: str, parts: Mapping[str, str]) -> None:
        each = split_phrases(_in_one_line(phrases), {**parts, "then": _THEN})
        self._phrases = [(ask(clues_needed(pieces)), _Phrase(phrase, pieces, parts)) for phrase, pieces in each]

    def may_be_in(self, text: WordedText) -> bool:
        """False only where none is in the text."""
        return bool(self._worth_trying(text))

    def are_in(self, text: WordedText) -> bool:
        """Whether any is in the text."""
        tried = self._worth_trying(text)
        return any(phrase.pattern.match(text, place) for phrase in tried for place in phrase.places_in(text))

    def search(self, text: str) -> re.Match[str] | None:
        """The first found."""
        return next(self.finditer(text), None)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All that are found, one after another; where several begin, the one that is named first."""
        worded = text if isinstance(text, WordedText) else WordedText(text)
        if not (tried := self._worth_trying(worded)):
            return
        places = sorted((start, order) for order, phrase in enumerate(tried) for start in phrase.places_in(worded))
        end = 0
        for start, order in places:
            if start >= end and (found := tried[order].pattern.match(text, start)):
                yield found
                end = found.end()

    def as_one_pattern(self) -> re.Pattern[str]:
        """The slow way to find the same. This is held to it by tests."""
        return whole_words(_group("|".join(phrase.filled for _, phrase in self._phrases)))

    def patterns(self) -> Iterator[re.Pattern[str]]:
        """Each phrase as a pattern."""
        return (phrase.pattern for _, phrase in self._phrases)

    def _worth_trying(self, text: WordedText) -> list["_Phrase"]:
        unanswered = ~text.answers
        return [phrase for asked, phrase in self._phrases if not asked & unanswered]


class _Phrase:
    def __init__(self, phrase: str, pieces: Pieces, parts: Mapping[str, str]) -> None:
        self._phrase, self._parts, self._begins = phrase, parts, clues_of_beginning(pieces)
        note(self._begins or frozenset())

    @property
    def filled(self) -> str:
        return fill(self._phrase, self._parts)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return whole_words(self.filled)

    def places_in(self, text: WordedText) -> set[int]:
        """Where it can begin."""
        if self._begins is None:
            return set(text.beginnings)
        return {place for clue in self._begins & text.places.keys() for place in text.places[clue]}


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
    return rf"[ ,:(]+(?:{unwanted}[^ .!?;\n]+[ (]+){{0,{most}}}?"


def fill(phrases: str, parts: Mapping[str, str]) -> str:
    """A pattern of any of these phrases, with all that they name put in its place."""
    plain = re.sub(r"\((?!\?)", "(?:", _in_one_line(phrases))
    return _group(re.sub(r"\{([a-z_]+)\}", lambda name: _THEN if name[1] == "then" else parts[name[1]], plain))


def fill_parts(lists: Lists, parts: Mapping[str, str]) -> dict[str, str]:
    """All the parts of a file beside those given; each may name those before it."""
    filled = dict(parts)
    for name, phrases in lists.items():
        filled[name] = fill(phrases, filled)
    return filled


def whole_words(pattern: str) -> re.Pattern[str]:
    """For stories in small letters: to ignore the case of letters costs many times as much."""
    return re.compile(rf"(?<![\w-]){pattern}(?![\w-])", re.MULTILINE)


def _in_one_line(phrases: str) -> str:
    return "|".join(line.strip() for line in phrases.splitlines() if line.strip()).replace("...", "{then}")


def _group(pattern: str) -> str:
    return f"(?:{pattern})"


_THEN = words_between(8, "not|never|no|until|before|and i|but|when i")
