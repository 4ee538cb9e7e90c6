"""The dense and lexical index over descriptions and profiles: an immutable snapshot that a request searches.

How a group's description and profiles become one centre is decided in `matcher.pooling`, what nearness is worth in
`matcher.features`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import fmean
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

from matcher.encoder import Matrix, Vector
from matcher.gazetteer import Coordinates, place_key
from matcher.pooling import Centres, Column, pool
from matcher.text import passage_of_group, passage_of_profile
from models.group import Group
from models.profile import ExperienceProfile
from models.rules import Pooling
from models.vocabulary import Hope, Role, Stage

Terms: TypeAlias = "sparse.csr_matrix"  # (texts, hashed terms)

# Stateless: each text is counted once, whatever else is in the directory.
_COUNTER = HashingVectorizer(
    n_features=2**18, alternate_sign=False, norm=None, stop_words="english", token_pattern=r"(?u)\b\w[\w'’]+\b"
)
_counting = _COUNTER.build_analyzer()


def count_terms(texts: Sequence[str]) -> Terms:
    """How often each hashed term stands in each text, (texts, terms)."""
    return sparse.csr_matrix(_COUNTER.transform(list(texts)))


def terms_of(text: str) -> list[str]:
    """The words of a text that the lexical index reads, in order."""
    return list(_counting(text))


@dataclass(frozen=True)
class Entry:
    """One group with all that is known of it, its texts already counted."""

    group: Group
    vector: Vector
    profiles: tuple[ExperienceProfile, ...]
    profile_vectors: Matrix  # (profiles, dimensions)
    group_terms: Terms  # (1, terms)
    profile_terms: Terms  # (profiles, terms)

    @staticmethod
    def of(group: Group, vector: Vector, profiles: Sequence[tuple[ExperienceProfile, Vector]]) -> "Entry":
        """Everything about a group that depends on this group alone."""
        return Entry(
            group=group,
            vector=vector,
            profiles=tuple(profile for profile, _ in profiles),
            profile_vectors=_stack([profile_vector for _, profile_vector in profiles], len(vector)),
            group_terms=count_terms([passage_of_group(group)]),
            profile_terms=count_terms([passage_of_profile(profile) for profile, _ in profiles])
            if profiles
            else sparse.csr_matrix((0, _COUNTER.n_features)),
        )

    @cached_property
    def roles(self) -> Counter[Role]:
        """How many members told which role."""
        return Counter(profile.role for profile in self.profiles if profile.role)

    @cached_property
    def stages(self) -> Counter[Stage]:
        """How many members told which stage."""
        return Counter(profile.stage for profile in self.profiles if profile.stage)

    @cached_property
    def can_share(self) -> Counter[Hope]:
        """How many members are glad to give what."""
        return Counter(hope for profile in self.profiles for hope in profile.can_share or ())


@dataclass(frozen=True)
class SharedWords:
    """The words of the newcomer that stand in a group's texts too; each array is (groups,)."""

    description_words: Column
    """TF-IDF cosine to the description."""
    profile_words: Column
    """Mean TF-IDF cosine to the members' profiles; 0 where there are none."""


@dataclass(frozen=True)
class DirectoryIndex:
    """All groups of one version of the directory, in the order of their ids."""

    entries: tuple[Entry, ...]
    version: str
    description_vectors: Matrix  # (groups, dimensions)
    profile_vectors: Matrix  # (profiles, dimensions), group after group
    profile_counts: NDArray[np.int64]  # (groups,)
    description_terms: Terms = field(repr=False)  # (groups, terms) TF-IDF, unit rows
    profile_terms: Terms = field(repr=False)  # (groups, terms) mean of unit TF-IDF rows
    tfidf: TfidfTransformer = field(repr=False)
    _centres: dict[Pooling, Centres] = field(repr=False, default_factory=dict, compare=False)

    @staticmethod
    def assemble(entries: Iterable[Entry], version: str, dimensions: int) -> "DirectoryIndex":
        """Stacks what the entries hold; `dimensions` is the encoder's, for a directory without groups."""
        ordered = tuple(sorted(entries, key=lambda entry: entry.group.id))
        counts = np.array([len(entry.profiles) for entry in ordered], dtype=np.int64)
        tfidf, description_terms, profile_terms = _weigh_terms(ordered, counts)
        return DirectoryIndex(
            entries=ordered,
            version=version,
            description_vectors=_stack([entry.vector for entry in ordered], dimensions),
            profile_vectors=np.concatenate(
                [np.zeros((0, dimensions), np.float32), *(entry.profile_vectors for entry in ordered)]
            ),
            profile_counts=counts,
            description_terms=description_terms,
            profile_terms=profile_terms,
            tfidf=tfidf,
        )

    @cached_property
    def towns(self) -> dict[str, Coordinates]:
        """Where the directory's own towns lie: the mean of its groups' places there."""
        places: dict[str, list[Coordinates]] = {}
        for entry in self.entries:
            location = entry.group.location
            if location and location.city and location.latitude is not None and location.longitude is not None:
                places.setdefault(place_key(location.city), []).append((location.latitude, location.longitude))
        return {town: (fmean(p[0] for p in points), fmean(p[1] for p in points)) for town, points in places.items()}

    def centres(self, pooling: Pooling) -> Centres:
        """The groups' centres under these rules, made once for each snapshot."""
        if pooling not in self._centres:
            owners = np.repeat(np.arange(len(self.entries)), self.profile_counts)
            self._centres[pooling] = pool(self.description_vectors, self.profile_vectors, owners, pooling)
        return self._centres[pooling]

    def share_of_texts(self, word: str) -> float:
        """In how many of the directory's texts a word stands, in (0, 1]: what its rarity is taken from."""
        # The transformer holds ln((1 + texts) / (1 + texts with the word)) + 1.
        return float(np.exp(1 - self.tfidf.idf_[count_terms([word]).indices].max()))

    def shared_words(self, passage: str) -> SharedWords:
        """The newcomer's words against those of every group."""
        query = self.tfidf.transform(count_terms([passage])) if self.entries else count_terms([passage])
        return SharedWords(
            description_words=_dot(self.description_terms, query),
            profile_words=_dot(self.profile_terms, query),
        )


def _stack(rows: list[Vector], dimensions: int) -> Matrix:
    return np.stack(rows) if rows else np.zeros((0, dimensions), dtype=np.float32)


def _weigh_terms(entries: tuple[Entry, ...], counts: NDArray[np.int64]) -> tuple[TfidfTransformer, Terms, Terms]:
    """Terms weighed by how rare they are in this directory: descriptions, and the mean of each group's profiles."""
    tfidf = TfidfTransformer(sublinear_tf=True)
    if not entries:
        empty = sparse.csr_matrix((0, _COUNTER.n_features))
        return tfidf, empty, empty
    descriptions = sparse.vstack([entry.group_terms for entry in entries], format="csr")
    profiles = sparse.vstack([entry.profile_terms for entry in entries], format="csr")
    tfidf.fit(sparse.vstack([descriptions, profiles], format="csr"))
    owners = np.repeat(np.arange(len(entries)), counts)
    shares = 1 / np.maximum(counts, 1)[owners]
    averaging = sparse.csr_matrix((shares, (owners, np.arange(len(owners)))), shape=(len(entries), len(owners)))
    mean_profiles = averaging @ tfidf.transform(profiles) if len(owners) else sparse.csr_matrix(descriptions.shape)
    return tfidf, sparse.csr_matrix(tfidf.transform(descriptions)), sparse.csr_matrix(mean_profiles)


def _dot(terms: Terms, query: Terms) -> Column:
    return np.asarray((terms @ query.T).todense(), dtype=np.float64).ravel()
