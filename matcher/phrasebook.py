"""What people who live with something write of it: for groups whose listing says little, and whose members tell nothing
yet. The phrases are data, subject by subject (`matcher/subjects/*.toml`); they are compared, never shown.

Which subjects a group is about is decided here, from its name, its topics and its description.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from matcher.encoder import TextEncoder, Vector
from matcher.text import encode_passages
from models.group import Group


@dataclass(frozen=True)
class Subject:
    """Something peer-support groups are about."""

    id: str
    names: tuple[str, ...]
    """What listings call it."""
    voices: tuple[str, ...]
    """How somebody who lives with it might write."""
    words: str
    """What people with it speak of, and others hardly do."""

    @property
    def phrases(self) -> tuple[str, ...]:
        return (*self.voices, self.words)


@cache
def all_subjects() -> dict[str, Subject]:
    """Every subject of the phrasebook by its id."""
    folder = files("matcher").joinpath("subjects")
    tables = [
        tomllib.loads(file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name.endswith(".toml")
    ]
    rows = [row for table in tables for row in table["subjects"]]
    return {row["id"]: Subject(row["id"], tuple(row["names"]), tuple(row["voices"]), row["words"]) for row in rows}


def subjects_of(group: Group) -> tuple[Subject, ...]:
    """What the group is about: what its name tells; else its topics; else its description. Empty: nothing known."""
    known = all_subjects()
    by_topic = tuple(known[topic] for topic in group.topics or () if topic in known)
    return _named_in(group.name) or by_topic or _named_in(group.description)


def words_of(group: Group) -> str:
    """The words that people use for what the group is about."""
    return ", ".join(subject.words for subject in subjects_of(group))


class Phrasebook:
    """The phrases as vectors of one encoder, each made when it is first needed."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self._vectors: dict[str, Vector] = {}

    def voice_of(self, group: Group) -> Vector:
        """The mean vector of the phrases of the group's subjects, (dimensions,); zeros where nothing is known."""
        subjects = subjects_of(group)
        if not subjects:
            return np.zeros(self._encoder.dimensions, dtype=np.float32)
        self._learn([subject for subject in subjects if subject.id not in self._vectors])
        return np.asarray(np.mean([self._vectors[subject.id] for subject in subjects], axis=0), dtype=np.float32)

    def _learn(self, subjects: Sequence[Subject]) -> None:
        rows = iter(encode_passages([phrase for subject in subjects for phrase in subject.phrases], self._encoder))
        for subject in subjects:
            self._vectors[subject.id] = np.mean([next(rows) for _ in subject.phrases], axis=0)


def _named_in(text: str) -> tuple[Subject, ...]:
    """The subjects that a text names; a name within a longer one doesn't count: health anxiety is not anxiety."""
    found = list(_find_names(text.lower().replace("’", "'")))
    widest = [one for one in found if not any(_lies_within(one, other) for other in found)]
    return tuple(all_subjects()[id_] for id_ in dict.fromkeys(id_ for _, _, id_ in widest))


def _find_names(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _any_name().finditer(text):
        # Names that begin at the same place: the pattern sees all of them through a lookahead, longest first.
        name = match.group(1)
        for id_ in _ids_by_name()[name]:
            yield match.start(), match.start() + len(name), id_


def _lies_within(one: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
    return other[0] <= one[0] and one[1] <= other[1] and other[1] - other[0] > one[1] - one[0]


@cache
def _ids_by_name() -> dict[str, tuple[str, ...]]:
    ids: dict[str, tuple[str, ...]] = {}
    for subject in all_subjects().values():
        for name in subject.names:
            ids[name.lower()] = (*ids.get(name.lower(), ()), subject.id)
    return ids


@cache
def _any_name() -> re.Pattern[str]:
    longest_first = sorted(_ids_by_name(), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?=({'|'.join(map(re.escape, longest_first))})(?!\w))")
