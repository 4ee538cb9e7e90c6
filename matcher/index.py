"""The dense and lexical index over descriptions and profiles: an immutable snapshot that a request searches.

How a group's description and profiles become one centre is decided in `matcher.pooling`, what nearness is worth in
`matcher.features`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import fmean

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.encoder import Matrix, Vector
from matcher.facts import Facts
from matcher.gazetteer import Coordinates, place_key
from matcher.lexical import GroupWords, pool_words
from matcher.meetings import Calendar
from matcher.phrasebook import words_of
from matcher.pooling import Centres, fill_out, pool
from matcher.terms import Terms, count_terms
from matcher.text import passage_of_group, passage_of_profile
from models.group import Group
from models.profile import ExperienceProfile
from models.rules import Pooling, Words


@dataclass(frozen=True)
class Entry:
    """One group with all that is known of it, its texts already counted."""

    group: Group
    vector: Vector
    """Of its name and description."""
    voice: Vector
    """How people usually write of what it is about (`matcher.phrasebook`); zeros where nothing is known."""
    profiles: tuple[ExperienceProfile, ...]
    profile_vectors: Matrix  # (profiles, dimensions)
    group_terms: Terms  # (1, terms)
    voice_terms: Terms  # (1, terms)
    profile_terms: Terms  # (profiles, terms)

    @staticmethod
    def of(
        group: Group, vector: Vector, profiles: Sequence[tuple[ExperienceProfile, Vector]], voice: Vector | None = None
    ) -> "Entry":
        """Everything about a group that depends on this group alone."""
        return Entry(
            group=group,
            vector=vector,
            voice=np.zeros_like(vector) if voice is None else voice,
            profiles=tuple(profile for profile, _ in profiles),
            profile_vectors=_stack([profile_vector for _, profile_vector in profiles], len(vector)),
            group_terms=count_terms([passage_of_group(group)]),
            voice_terms=count_terms([words_of(group)]),
            profile_terms=count_terms([passage_of_profile(profile) for profile, _ in profiles]),
        )


@dataclass(frozen=True)
class DirectoryIndex:
    """All groups of one version of the directory, in the order of their ids."""

    entries: tuple[Entry, ...]
    version: str
    facts: Facts = field(repr=False)
    description_vectors: Matrix  # (groups, dimensions)
    voice_vectors: Matrix  # (groups, dimensions)
    profile_vectors: Matrix  # (profiles, dimensions), group after group
    profile_counts: NDArray[np.int64]  # (groups,)
    group_terms: Terms = field(repr=False)  # (groups, terms)
    voice_terms: Terms = field(repr=False)  # (groups, terms)
    profile_terms: Terms = field(repr=False)  # (profiles, terms)
    calendar: Calendar = field(repr=False, default_factory=Calendar, compare=False)
    _centres: dict[Pooling, Centres] = field(repr=False, default_factory=dict, compare=False)
    _words: dict[Words, GroupWords] = field(repr=False, default_factory=dict, compare=False)

    @staticmethod
    def assemble(entries: Iterable[Entry], version: str, dimensions: int) -> "DirectoryIndex":
        """Stacks what the entries hold; `dimensions` is the encoder's, for a directory without groups."""
        ordered = tuple(sorted(entries, key=lambda entry: entry.group.id))
        counts = np.array([len(entry.profiles) for entry in ordered], dtype=np.int64)
        no_terms = count_terms([])
        return DirectoryIndex(
            entries=ordered,
            version=version,
            facts=Facts.of([entry.group for entry in ordered], [entry.profiles for entry in ordered]),
            description_vectors=_stack([entry.vector for entry in ordered], dimensions),
            voice_vectors=_stack([entry.voice for entry in ordered], dimensions),
            profile_vectors=np.concatenate(
                [np.zeros((0, dimensions), np.float32), *(entry.profile_vectors for entry in ordered)]
            ),
            profile_counts=counts,
            group_terms=sparse.vstack([no_terms, *(entry.group_terms for entry in ordered)], format="csr"),
            voice_terms=sparse.vstack([no_terms, *(entry.voice_terms for entry in ordered)], format="csr"),
            profile_terms=sparse.vstack([no_terms, *(entry.profile_terms for entry in ordered)], format="csr"),
        )

    @cached_property
    def ids(self) -> list[str]:
        """The groups' ids in order, (groups,)."""
        return [entry.group.id for entry in self.entries]

    def group(self, row: int) -> Group:
        """The group at a place in the index."""
        return self.entries[row].group

    @cached_property
    def towns(self) -> dict[str, Coordinates]:
        """Where the directory's own towns lie: the mean of its groups' places there."""
        places: dict[str, list[Coordinates]] = {}
        for entry in self.entries:
            location = entry.group.location
            if location and location.city and location.latitude is not None and location.longitude is not None:
                places.setdefault(place_key(location.city), []).append((location.latitude, location.longitude))
        return {town: (fmean(p[0] for p in points), fmean(p[1] for p in points)) for town, points in places.items()}

    @cached_property
    def owners(self) -> NDArray[np.int64]:
        """The row of the group that each profile belongs to, (profiles,)."""
        return np.repeat(np.arange(len(self.entries)), self.profile_counts)

    def centres(self, pooling: Pooling) -> Centres:
        """The groups' centres under these rules, made once for each snapshot."""
        if pooling not in self._centres:
            listings = fill_out(self.description_vectors, self.voice_vectors, pooling)
            self._centres[pooling] = pool(listings, self.profile_vectors, self.owners, pooling)
        return self._centres[pooling]

    def words(self, chosen: Words) -> GroupWords:
        """The groups' words under these rules, made once for each snapshot."""
        if chosen not in self._words:
            self._words[chosen] = pool_words(
                self.group_terms, self.voice_terms, self.profile_terms, self.owners, chosen
            )
        return self._words[chosen]


def _stack(rows: list[Vector], dimensions: int) -> Matrix:
    return np.stack(rows) if rows else np.zeros((0, dimensions), dtype=np.float32)
