"""Finds the people whom a story names, and marks them in it, so that everything else is read around the marks.

The words for them are data (`people.toml`). Decides who somebody is to the newcomer, not whose story it is.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from matcher.cues.language import sentences_of
from matcher.cues.patterns import Match, compile_pattern
from matcher.cues.phrases import any_word_of, read_lists
from models.vocabulary import Relation

_LISTS = read_lists("people")
_KIN = {Relation(name): any_word_of(words.replace("(", "(?:")) for name, words in _LISTS["relations"].items()}
_WORDS = {name: any_word_of(words.replace("(", "(?:")) for name, words in _LISTS["words"].items()}
_ANY_KIN = f"(?:{'|'.join([*_KIN.values(), _WORDS['of_no_one_relation']])})"
_NOT_A_NAME_AFTER = "".join(rf"(?<!\b{word} )" for word in _LISTS["words"]["not_a_name_after"].split())
# Up to three words between "my" and "sister", none of which begins something else.
_BETWEEN = (
    r"(?:(?!(?:my|our|his|her|the|and|or|but|is|was|has|had|got|are|were|with|that|of|to|in|on|for|i|me|who|when|about)\b"
    r"|\w*n't)[\w'-]+ ){0,3}?"
)
_PEOPLE = compile_pattern(
    rf"\b(?:(?:my|our)(?: own)? {_BETWEEN}{_ANY_KIN}(?! {_ANY_KIN}\b)"
    r"|me (?:mam|mum|nan|da|dad|ma|brother|sister)"
    rf"|the (?:{_KIN[Relation.PARTNER]}|kids|baby|twins|little one|wee one)"
    r"|some(?:body|one) i (?:love|care about)"
    r"|one of (?:the|my|our) (?:best |old |oldest |closest |dearest )?(?:lads|girls|boys|guys|men|women|friends|mates)"
    rf"|an? (?:\w+ )?{_WORDS['friend']} of mine"
    rf"|(?={_WORDS['name']}\b){_NOT_A_NAME_AFTER}{_WORDS['name']}(?! (?:of|to|here|and i)\b|-))"
    rf"(?:(?:'s|s'|s) {_ANY_KIN})?s?(?![\w-])"
    rf"|^(?:(?:the|poor) )?(?:{'|'.join(_KIN.values())})(?! (?:of|to|here)\b|[,-])s?(?![\w-])",
    by_line=True,
)
_SOMEONE_ELSES = re.compile(rf"(?:'s|s'|s) {_ANY_KIN}s?$")
_ONE_OF_MANY = re.compile(r"^one of\b|\bof mine$")
_MANY_OR_APART = re.compile(
    r"\b(?:family|friends|mates|parents|folks|in-laws|neighbours|colleagues|coworkers|friend of mine)$"
    r"|\bex(?:[- ]\w+)?$"
)
_LATE = re.compile(r"^(?:my|our) (?:dear )?late\b")
_LAST_WORDS = {relation: re.compile(rf"(?:^|[^\w-]){words}s?$") for relation, words in _KIN.items()}
_NOT_MEANT_BY = {
    **dict.fromkeys(("he", "his"), re.compile(rf"\b{_WORDS['she_or_many']}$")),
    **dict.fromkeys(("she", "her"), re.compile(rf"\b{_WORDS['he_or_many']}$")),
}

_FIRST_MARK, _MARKS = 0xE000, 6400
MARK = f"[{chr(_FIRST_MARK)}-{chr(_FIRST_MARK + _MARKS - 1)}]"
"""A pattern of the mark of one person."""
PARTS = {
    **_WORDS,
    "kin": _ANY_KIN,
    "person": MARK,
    "persons": f"{MARK}(?:'s|')?",
}
"""What phrases may name, beside the lists of their own file."""


@dataclass(frozen=True)
class Person:
    """Somebody a story names, in its own words."""

    words: str

    @property
    def are_many_or_apart(self) -> bool:
        return bool(_MANY_OR_APART.search(self.words))

    @property
    def has_died(self) -> bool:
        return bool(_LATE.search(self.words))

    def can_be_meant_by(self, pronoun: str) -> bool:
        """Whether `he`, `her` or `they` can mean them."""
        excluded = _NOT_MEANT_BY.get(pronoun)
        return excluded is None or not excluded.search(self.words)


@dataclass(frozen=True)
class Marked:
    """A story in small letters, with a mark in the place of everybody it names."""

    text: str
    people: tuple[Person, ...]

    @cached_property
    def sentences(self) -> list[str]:
        """The text's sentences and lines that hold a word."""
        return sentences_of(self.text)

    @cached_property
    def by_sentence(self) -> str:
        """The same, a sentence a line: what is found in none of these lines is found in no sentence."""
        return "\n".join(self.sentences)

    def person(self, mark: str) -> Person:
        """Whom a mark stands for, whatever follows it."""
        return self.people[ord(mark[0]) - _FIRST_MARK]


def mark_people(story: str) -> Marked:
    """Where more are named than there are marks, the last stay as they are."""
    people: list[Person] = []

    def mark(match: Match) -> str:
        people.append(Person(match[0]))
        return chr(_FIRST_MARK + len(people) - 1)

    marked = _PEOPLE.sub(mark, re.sub(MARK, "", story.lower()), count=_MARKS)
    return Marked(marked, tuple(people))


def relation_of(words: str) -> Relation | None:
    """Who somebody is to the newcomer: `my twin sister` is a sibling, `my sister's girl` somebody else."""
    if _SOMEONE_ELSES.search(words) or _ONE_OF_MANY.search(words):
        return Relation.OTHER
    return next((relation for relation, last in _LAST_WORDS.items() if last.search(words)), None)
