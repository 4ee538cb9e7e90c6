"""The dense and lexical index over descriptions and profiles: an immutable snapshot that a request searches.

How a group's description and profiles become one centre is decided in `matcher.pooling`, what nearness is worth in
`matcher.features`. A change adds rows at the end and leaves out those it replaces; what the directory as a whole
teaches (which words are rare, how stories lie to descriptions) stays as it was when the index was built.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.encoder import Matrix, Vector
from matcher.facts import Facts, Mask, Rows
from matcher.gazetteer import Towns
from matcher.growing import Growing
from matcher.lexical import GroupWords, OwnWords, Postings, TermWeights, learn_words, row_words
from matcher.meetings import Calendar
from matcher.phrasebook import words_of
from matcher.pooling import Centres, Geometry, Told, fill_out, learn_geometry, place_centres
from matcher.terms import TermRows, Terms, count_terms
from matcher.text import passage_of_group, passage_of_profile
from matcher.vectors import Vectors
from models.group import Group
from models.profile import ExperienceProfile
from models.rules import MatchingRules, Pooling, Words

if TYPE_CHECKING:
    from matcher.nearest import NearestRows

COMPARED_EACH_MOST = 1_000
"""Up to so many groups each is compared with a story: it takes no longer than finding the nearest."""
_STORIES_LEARNED_FROM = 5_000
_CENTRE_COLUMNS = ("description_offset", "experience_offset", "listing_offset", "voices")
_TERM_COLUMNS = ("ends", "places", "weights")


@dataclass(frozen=True)
class Entry:
    """One group with all that is known of it."""

    group: Group
    vector: Vector
    """Of its name and description."""
    voice: Vector
    """How people usually write of what it is about (`matcher.phrasebook`); zeros where nothing is known."""
    profiles: tuple[ExperienceProfile, ...]
    profile_vectors: Matrix  # (profiles, dimensions)

    @staticmethod
    def of(
        group: Group, vector: Vector, profiles: Sequence[tuple[ExperienceProfile, Vector]], voice: Vector | None = None
    ) -> "Entry":
        """A group with its profiles and their vectors."""
        return Entry(
            group=group,
            vector=vector,
            voice=np.zeros_like(vector) if voice is None else voice,
            profiles=tuple(profile for profile, _ in profiles),
            profile_vectors=_stack([profile_vector for _, profile_vector in profiles], len(vector)),
        )


class Groups(Protocol):
    """Groups by their places; with others added it is another one, that holds more."""

    def __getitem__(self, row: int, /) -> Group: ...

    def __iter__(self) -> Iterator[Group]: ...

    def __add__(self, others: list[Group], /) -> "Groups": ...


@dataclass(frozen=True)
class Learned:
    """What the whole directory teaches, and the rules that it was learned by."""

    pooling: Pooling
    words: Words
    geometry: Geometry
    terms: TermWeights
    groups: int
    """From how many groups it was learned."""


@dataclass(frozen=True)
class Query:
    """A newcomer's words, as they are compared with all groups."""

    passage: str
    """With what its initials and plain phrases are called in listings."""
    vector: Vector
    words: OwnWords


@dataclass(frozen=True)
class DirectoryIndex:
    """All groups of one version of the directory."""

    version: str
    learned: Learned = field(repr=False)
    ids: list[str] = field(repr=False)
    groups: Groups = field(repr=False)
    facts: Facts = field(repr=False)
    columns: dict[str, Growing] = field(repr=False)
    """What the properties below are made of; each has a row for every group, but for what belongs to `words`."""
    gone: Mask = field(repr=False)
    """Which rows are no longer in the directory, (rows,)."""
    shortcuts: "Shortcuts | None" = field(repr=False)
    """Over the first rows; None: they are so few that each is compared."""
    _row_of: dict[str, int] = field(repr=False)
    """Where each group of the newest index stands: the one thing that changes."""
    calendar: Calendar = field(repr=False, default_factory=Calendar, compare=False)

    @staticmethod
    def build(entries: Iterable[Entry], version: str, dimensions: int, rules: MatchingRules) -> "DirectoryIndex":
        """Learns from these groups, and places them; `dimensions` is the encoder's, for a directory without groups."""
        ordered = sorted(entries, key=lambda entry: entry.group.id)
        texts = _Texts.of(ordered, dimensions)
        listings = fill_out(texts.descriptions, texts.voices, rules.pooling)
        learned = _learn(texts, listings, rules)
        is_large = len(ordered) > COMPARED_EACH_MOST
        index = DirectoryIndex(
            version=version,
            learned=learned,
            ids=[entry.group.id for entry in ordered],
            groups=[entry.group for entry in ordered],
            facts=Facts.of([entry.group for entry in ordered], [entry.profiles for entry in ordered]),
            columns={name: Growing.of(rows) for name, rows in _place(texts, listings, learned, is_large).items()},
            gone=np.zeros(len(ordered), dtype=bool),
            shortcuts=None,
            _row_of={entry.group.id: row for row, entry in enumerate(ordered)},
        )
        if not is_large:
            return index
        return replace(index, shortcuts=Shortcuts.of(index.centres, index.words, stories_of(ordered)))

    @property
    def drift(self) -> float:
        """How much was changed since it learned, as a share of the groups that it learned from."""
        return (len(self.ids) - self.learned.groups + int(self.gone.sum())) / max(self.learned.groups, 1)

    @property
    def present(self) -> Rows:
        """The rows of the groups that are in the directory."""
        return np.flatnonzero(~self.gone)

    def group(self, row: int) -> Group:
        """The group at a place in the index."""
        return self.groups[row]

    @cached_property
    def towns(self) -> Towns:
        """Where the directory's own towns lie."""
        return self.facts.locate_towns(self.present)

    @cached_property
    def descriptions(self) -> Vectors:
        """Unit rows."""
        return vectors_in(self.columns, "descriptions")

    @cached_property
    def centres(self) -> Centres:
        """Where the groups lie."""
        return centres_in(self.columns)

    @cached_property
    def words(self) -> GroupWords:
        """What the groups' words say."""
        return words_in(self.columns, self.learned.terms)

    def query(self, passage: str, vector: Vector) -> Query:
        """A text to find groups for; `vector` is its (dimensions,)."""
        return Query(passage, vector, self.learned.terms.weigh(passage))

    def find(self, query: Query, eligible: Mask, most: int) -> Rows:
        """The `most` nearest of the eligible groups by vectors, half as many by rare words, and all that are new; fewer
        only where fewer are eligible. `eligible` is (groups,); what is returned ascends.
        """
        if self.shortcuts is None or np.count_nonzero(eligible) <= max(most, COMPARED_EACH_MOST):
            return np.flatnonzero(eligible)
        known = self.shortcuts.groups
        found, new = self.shortcuts.find(query, eligible[:known], most), np.flatnonzero(eligible[known:])
        return np.concatenate([found, known + new])

    def changed(self, entries: Sequence[Entry], removed: Iterable[str], version: str) -> "DirectoryIndex":
        """With these groups new or replaced, and those of the ids `removed` taken out. Costs what they cost.

        Only the newest index may be changed; older ones stay as they are.
        """
        more = place_entries(entries, self.learned, packed=self.shortcuts is not None)
        for ends in ("term_ends", "listing_ends"):
            more[ends] = more[ends][1:] + self.columns[ends].rows[-1]
        ids = [entry.group.id for entry in entries]
        gone = np.concatenate([self.gone, np.zeros(len(entries), dtype=bool)])
        left = {*removed, *ids} & self._row_of.keys()
        gone[[self._row_of[id_] for id_ in left]] = True
        newer = replace(
            self,
            version=version,
            ids=[*self.ids, *ids],
            groups=self.groups + [entry.group for entry in entries],
            facts=self.facts.extended([entry.group for entry in entries], [entry.profiles for entry in entries]),
            columns={name: column.extended(more[name]) for name, column in self.columns.items()},
            gone=gone,
        )
        # Last, so that a change that fails leaves everything as it was.
        for id_ in left:
            del self._row_of[id_]
        self._row_of.update(zip(ids, range(len(self.ids), len(gone)), strict=True))
        return newer


@dataclass(frozen=True)
class Shortcuts:
    """What finds the nearest groups of a large directory without comparing each."""

    nearest: "NearestRows"
    postings: Postings
    groups: int
    """How many rows they know."""

    @staticmethod
    def of(centres: Centres, words: GroupWords, stories: Matrix) -> "Shortcuts":
        """`stories` are vectors of texts such as newcomers write, (texts, dimensions)."""
        # Imported here: what it is built on takes time to load, and most directories are smaller.
        from matcher.nearest import NearestRows

        rows, offsets = centres.together
        return Shortcuts(NearestRows.build(rows, offsets, stories), Postings.of(words.rows.table), len(rows))

    def find(self, query: Query, allowed: Mask, most: int) -> Rows:
        """`most` of the allowed groups, (groups,), and half as many that share rare words, ascending; fewer where these
        are the same.
        """
        found = np.zeros(len(allowed), dtype=bool)
        found[self.nearest.search(query.vector, allowed, most)] = True
        found[self.postings.find(query.words, allowed, most // 2)] = True
        return np.flatnonzero(found)


@dataclass(frozen=True)
class _Texts:
    """All texts of some groups, as vectors and as counted words."""

    descriptions: Matrix  # (groups, dimensions)
    voices: Matrix  # (groups, dimensions)
    told: Told
    owners: NDArray[np.int64]  # (profiles,), the row of the group that each belongs to
    listing_terms: Terms  # (groups, terms)
    voice_terms: Terms  # (groups, terms)
    profile_terms: Terms  # (profiles, terms)

    @staticmethod
    def of(entries: Sequence[Entry], dimensions: int) -> "_Texts":
        owners = np.repeat(np.arange(len(entries)), [len(entry.profiles) for entry in entries])
        vectors = np.concatenate([np.zeros((0, dimensions), np.float32), *(entry.profile_vectors for entry in entries)])
        told = [passage_of_profile(profile) for entry in entries for profile in entry.profiles]
        return _Texts(
            descriptions=_stack([entry.vector for entry in entries], dimensions),
            voices=_stack([entry.voice for entry in entries], dimensions),
            told=Told.of(vectors, owners, len(entries)),
            owners=owners,
            listing_terms=count_terms([passage_of_group(entry.group) for entry in entries]),
            voice_terms=count_terms([words_of(entry.group) for entry in entries]),
            profile_terms=count_terms(told),
        )


def centres_in(columns: Mapping[str, Growing]) -> Centres:
    """Where the groups lie, of `DirectoryIndex.columns`."""
    return Centres(
        description=vectors_in(columns, "description"),
        experience=vectors_in(columns, "experience"),
        **{name: columns[name].rows for name in _CENTRE_COLUMNS},
    )


def vectors_in(columns: Mapping[str, Growing], what: str) -> Vectors:
    """Those of that name."""
    return Vectors(columns[what].rows, columns[f"{what}_factors"].rows)


def words_in(columns: Mapping[str, Growing], learned: TermWeights) -> GroupWords:
    """What the groups' words say, of `DirectoryIndex.columns`."""
    return GroupWords(learned, _terms_in(columns, "term"), _terms_in(columns, "listing"))


def _terms_in(columns: Mapping[str, Growing], what: str) -> TermRows:
    return TermRows(*(columns[f"{what}_{name}"].rows for name in _TERM_COLUMNS))


def stories_of(entries: Sequence[Entry]) -> Matrix:
    """Vectors of texts such as newcomers write, (texts, dimensions): members' and, where those are few, listings'."""
    told = islice((row for entry in entries for row in entry.profile_vectors), _STORIES_LEARNED_FROM)
    listed = (entry.vector for entry in entries)
    return np.array(list(islice(chain(told, listed), _STORIES_LEARNED_FROM)), dtype=np.float32)


def learn(entries: Sequence[Entry], dimensions: int, rules: MatchingRules) -> Learned:
    """What these groups teach; `dimensions` is the encoder's."""
    texts = _Texts.of(entries, dimensions)
    return _learn(texts, fill_out(texts.descriptions, texts.voices, rules.pooling), rules)


def _learn(texts: _Texts, listings: Matrix, rules: MatchingRules) -> Learned:
    return Learned(
        pooling=rules.pooling,
        words=rules.words,
        geometry=learn_geometry(listings, texts.told, rules.pooling),
        terms=learn_words(texts.listing_terms, texts.voice_terms, texts.profile_terms, texts.owners, rules.words),
        groups=len(listings),
    )


def place_entries(entries: Sequence[Entry], learned: Learned, packed: bool) -> dict[str, NDArray[np.generic]]:
    """The columns of some groups, by what was learned of all: as `DirectoryIndex.columns` has them."""
    texts = _Texts.of(entries, len(learned.geometry.middle))
    return _place(texts, fill_out(texts.descriptions, texts.voices, learned.pooling), learned, packed)


def _place(texts: _Texts, listings: Matrix, learned: Learned, packed: bool) -> dict[str, NDArray[np.generic]]:
    """The columns of some groups, by what was learned of all; of very many, the vectors are packed."""
    centres = place_centres(listings, texts.told, learned.geometry, learned.pooling)
    words, listed = row_words(
        texts.listing_terms, texts.voice_terms, texts.profile_terms, texts.owners, learned.terms, learned.words
    )
    return {
        **_vector_columns("descriptions", Vectors.exactly(texts.descriptions), packed),
        **_vector_columns("description", centres.description, packed),
        **_vector_columns("experience", centres.experience, packed),
        **{name: getattr(centres, name) for name in _CENTRE_COLUMNS},
        **_term_columns("term", words),
        **_term_columns("listing", listed),
    }


def _term_columns(what: str, rows: Terms) -> dict[str, NDArray[np.generic]]:
    """A sparse table as columns."""
    parts = (rows.indptr, rows.indices, rows.data.astype(np.float32))
    return {f"{what}_{name}": part for name, part in zip(_TERM_COLUMNS, parts, strict=True)}


def _vector_columns(what: str, vectors: Vectors, packed: bool) -> dict[str, NDArray[np.generic]]:
    kept = vectors.packed() if packed else vectors
    return {what: kept.rows, f"{what}_factors": kept.factors}


def _stack(rows: list[Vector], dimensions: int) -> Matrix:
    return np.stack(rows) if rows else np.zeros((0, dimensions), dtype=np.float32)
