"""What people who live with something write of it: for groups whose listing says little, and whose members tell nothing
yet. The phrases are data, subject by subject (`matcher/subjects/*.toml`); they are compared, never shown.

Which subjects a group is about is decided here, from its name, its topics and its description; and how the phrases'
vectors are kept, because making them takes minutes.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path

import numpy as np

from matcher.encoder import Matrix, TextEncoder, Vector
from matcher.text import encode_passages
from matcher.weights import is_unchanged, make_once, seal
from models.group import Group

_KEPT = "vectors.npy"
_WORD = re.compile(r"\w+")


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

    @cached_property
    def names_in_small(self) -> tuple[str, ...]:
        """The names in small letters."""
        return tuple(name.lower() for name in self.names)

    @property
    def phrases(self) -> tuple[str, ...]:
        return (*self.voices, self.words)


@cache
def all_subjects() -> dict[str, Subject]:
    """Every subject of the phrasebook by its id."""
    folder = files("matcher").joinpath("subjects")
    # In an order that doesn't depend on the disk.
    chapters = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    tables = [tomllib.loads(file.read_text(encoding="utf-8")) for file in chapters]
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
    """The phrases as vectors of one encoder: those that `keep_phrasebook` left in `cache_dir`; without them, each is
    made when it is first needed.
    """

    def __init__(self, encoder: TextEncoder, cache_dir: Path | None = None) -> None:
        self._encoder = encoder
        self._cache_dir = cache_dir

    @cached_property
    def _vectors(self) -> dict[str, Vector]:
        # Read when it is first needed: a directory that was learned before has no need of it.
        return {} if self._cache_dir is None else _read(_folder(self._encoder, self._cache_dir))

    def voice_of(self, group: Group) -> Vector:
        """The mean vector of the phrases of the group's subjects, (dimensions,); zeros where nothing is known."""
        subjects = subjects_of(group)
        if not subjects:
            return np.zeros(self._encoder.dimensions, dtype=np.float32)
        unknown = [subject for subject in subjects if subject.id not in self._vectors]
        self._vectors |= zip((subject.id for subject in unknown), _encode(unknown, self._encoder), strict=True)
        return np.asarray(np.mean([self._vectors[subject.id] for subject in subjects], axis=0), dtype=np.float32)


def keep_phrasebook(encoder: TextEncoder, cache_dir: Path) -> None:
    """Encode the whole phrasebook into `cache_dir`, unless that was done for these phrases and this encoder, and is
    unharmed. Raises EncoderUnavailable where nothing can be written.
    """

    def make(folder: Path) -> None:
        np.save(folder / _KEPT, _encode(list(all_subjects().values()), encoder))
        seal(folder)

    make_once(_folder(encoder, cache_dir), "reading the phrasebook, which takes minutes", is_unchanged, make)


def _encode(subjects: Sequence[Subject], encoder: TextEncoder) -> Matrix:
    """The mean vector of each subject's phrases, (subjects, dimensions)."""
    rows = iter(encode_passages([phrase for subject in subjects for phrase in subject.phrases], encoder))
    means = [np.mean([next(rows) for _ in subject.phrases], axis=0) for subject in subjects]
    return np.array(means, dtype=np.float32).reshape(len(subjects), encoder.dimensions)


def _folder(encoder: TextEncoder, cache_dir: Path) -> Path:
    """Named for all that the vectors depend on."""
    phrases = [(subject.id, subject.phrases) for subject in all_subjects().values()]
    content = json.dumps([encoder.identity, encoder.window_words, phrases])
    return cache_dir / f"phrasebook-{hashlib.sha256(content.encode()).hexdigest()[:16]}"


def _read(folder: Path) -> dict[str, Vector]:
    if not is_unchanged(folder):
        return {}
    return dict(zip(all_subjects(), np.load(folder / _KEPT, mmap_mode="r"), strict=True))


def _named_in(text: str) -> tuple[Subject, ...]:
    """The subjects that a text names; a name within a longer one doesn't count: health anxiety is not anxiety."""
    found = list(_find_names(text.lower().replace("’", "'")))
    widest = [one for one in found if not any(_lies_within(one, other) for other in found)]
    return tuple(all_subjects()[id_] for id_ in dict.fromkeys(id_ for _, _, id_ in widest))


def _find_names(text: str) -> Iterator[tuple[int, int, str]]:
    """Where the names begin and end, and whose they are; of those that begin at the same place, the longest."""
    for word in _WORD.finditer(text):
        start = word.start()
        for name in _names_by_first_word().get(word[0], ()):
            end = start + len(name)
            if text.startswith(name, start) and not _WORD.match(text, end):
                yield from ((start, end, id_) for id_ in _ids_by_name()[name])
                break


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
def _names_by_first_word() -> dict[str, tuple[str, ...]]:
    """The longest first. Looked up word by word: one pattern of all names would take a second to compile."""
    names: dict[str, tuple[str, ...]] = {}
    for name in sorted(_ids_by_name(), key=len, reverse=True):
        first = _WORD.findall(name)[0]
        names[first] = (*names.get(first, ()), name)
    return names
