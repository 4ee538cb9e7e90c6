"""The words of texts: weighed by how much they tell, and pooled into one row for each group.

An encoder blurs rare words, and rare words such as ileostomy decide. Which words are rare is taken from the directory
and, while it is small, from how common they are in English. What shared words are worth is decided elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matcher.facts import EVERY_ROW, Column, Mask, Rows
from matcher.terms import TERMS, TermRows, Terms, column_of, count_columns
from models.rules import Words

PerTerm = NDArray[np.float64]  # (hashed terms,)

# By Zipf's law the word of rank r is in a text of a hundred words or so with the probability 1 - exp(-12 / r).
_ZIPF: Final = 12.0
_RANK_OF_OTHERS: Final = 28_000
# What is read of the postings for one passage: common words find nothing, and stand in every group.
_POSTINGS_READ: Final = 20_000


@dataclass(frozen=True)
class OwnWords:
    """The terms of one text, and how much each tells: TF-IDF, of length 1 together."""

    columns: NDArray[np.int64]  # (terms,), each once
    weights: Column  # (terms,)

    @cached_property
    def spread(self) -> NDArray[np.float32]:
        """As a row of all terms, (hashed terms,)."""
        row = np.zeros(TERMS, dtype=np.float32)
        row[self.columns] = self.weights
        return row


@dataclass(frozen=True)
class TermWeights:
    """What a directory's texts teach of words: how much each tells."""

    share: PerTerm
    """In what share of texts a term stands, in (0, 1]."""
    share_in_listings: PerTerm
    """In what share of descriptions alone a term stands, in (0, 1]."""
    weights: PerTerm
    """How much a term tells: 0 for one that is in every text."""
    steadiness: PerTerm
    """What is left of a term that members of the same group use unevenly, in (0, 1]."""
    typical: float
    """How long the typical group's row was before it became 1."""

    def share_of_listings(self, word: str) -> float:
        """In what share of descriptions a word stands, whatever members write; "it's" is as common as "it"."""
        plain = word.replace("’", "'")
        if "'" not in plain:
            return self._share_of(word)
        return max(map(self._share_of, (word, plain.partition("'")[0], plain.removesuffix("n't"))))

    def _share_of(self, part: str) -> float:
        # A single letter is no term, and common.
        return float(self.share_in_listings[column_of(part)]) if part[1:] else 1.0

    def weigh(self, passage: str) -> OwnWords:
        """What one text's words tell."""
        columns, counts = count_columns(passage)
        told = (1 + np.log(counts)) * self.weights[columns]
        return OwnWords(columns, told / max(float(np.linalg.norm(told)), np.finfo(np.float64).tiny))


@dataclass(frozen=True)
class GroupWords:
    """What the words of each group's texts say of it."""

    learned: TermWeights
    rows: TermRows
    """(groups, terms): the typical group's row has length 1."""
    listings: TermRows
    """What the rows would be if the groups' members had told nothing, (groups, terms)."""

    def nearness(self, own: OwnWords, rows: Rows | slice = EVERY_ROW) -> Column:
        """How much of a text's weight lies on the words of each of these groups, (rows,), from 0."""
        return self.rows.times(own.spread, rows)

    def nearness_of_listing(self, own: OwnWords, row: int) -> float:
        """What one group's nearness would be if its members had told nothing."""
        place = slice(self.listings.ends[row], self.listings.ends[row + 1])
        return float(own.spread[self.listings.places[place]] @ self.listings.weights[place])


@dataclass(frozen=True)
class Postings:
    """Term by term, which groups have it: so those that share rare words with a passage are found among very many."""

    ends: NDArray[np.int64]  # (terms + 1,)
    groups: NDArray[np.int32]  # (postings,), term after term
    weights: NDArray[np.float32]  # (postings,)
    length: int
    """Of how many groups."""

    @staticmethod
    def of(rows: Terms) -> "Postings":
        """From the groups' words, (groups, terms)."""
        turned = rows.tocsc()
        return Postings(turned.indptr, turned.indices, turned.data.astype(np.float32), rows.shape[0])

    def find(self, own: OwnWords, allowed: Mask, most: int) -> Rows:
        """At most `most` of the `allowed`, (groups,), those that lie nearest by a text's rarest terms, in any order."""
        starts, ends = self.ends[own.columns], self.ends[own.columns + 1]
        lengths = ends - starts
        rarest = np.argsort(lengths, kind="stable")
        rarest = rarest[np.cumsum(lengths[rarest]) <= _POSTINGS_READ]
        lists = [slice(start, end) for start, end in zip(starts[rarest].tolist(), ends[rarest].tolist(), strict=True)]
        groups = _joined([self.groups[places] for places in lists], np.int32)
        told = _joined([self.weights[places] for places in lists], np.float32)
        told = told * np.repeat(own.weights[rarest], lengths[rarest])
        nearness = np.bincount(groups, weights=told, minlength=self.length)
        near = np.flatnonzero((nearness > 0) & allowed)
        return near if len(near) <= most else near[np.argpartition(-nearness[near], most)[:most]]


def learn_words(
    descriptions: Terms, phrases: Terms, profiles: Terms, owners: NDArray[np.int64], chosen: Words
) -> TermWeights:
    """What these texts teach. Arguments as of `row_words`."""
    share = _share_of_texts([descriptions, profiles], chosen)
    weights = -np.log(share)
    told, voices = weigh_terms(profiles, weights), np.bincount(owners, minlength=descriptions.shape[0])
    spread = _spread_within(told, _average(told, owners, voices), voices)
    learned = TermWeights(
        share=share,
        share_in_listings=_share_of_texts([descriptions], chosen),
        weights=weights,
        steadiness=1 / (1 + chosen.spread_cost.value * spread),
        typical=1.0,
    )
    rows, _ = row_words(descriptions, phrases, profiles, owners, learned, chosen)
    typical = float(np.sqrt(rows.multiply(rows).sum() / max(len(voices), 1))) or 1.0
    return replace(learned, typical=typical)


def row_words(
    descriptions: Terms,
    phrases: Terms,
    profiles: Terms,
    owners: NDArray[np.int64],
    learned: TermWeights,
    chosen: Words,
) -> tuple[Terms, Terms]:
    """One row for each group, (groups, terms), from the counts of its description and of its subjects' words, both
    (groups, terms), and of its members' profiles; `owners` (profiles,) gives the row of the group each belongs to. Then
    the same as if no one had told anything.
    """
    told, voices = weigh_terms(profiles, learned.weights), np.bincount(owners, minlength=descriptions.shape[0])
    own = voices / (voices + chosen.description_profiles.value)
    spoken = chosen.phrases_weight.value * weigh_terms(phrases, learned.weights)
    listed = _unit_rows(weigh_terms(descriptions, learned.weights) + spoken)
    pooled = _scale_rows(listed, 1 - own) + _scale_rows(_average(told, owners, voices), own)
    factors = learned.steadiness / learned.typical
    return _scale(pooled, factors), _scale(listed, factors)


def weigh_terms(counts: Terms, weights: PerTerm) -> Terms:
    """TF-IDF rows of length 1 from counts, (texts, terms)."""
    damped = counts.astype(np.float64)
    damped.data = 1 + np.log(damped.data)
    return _unit_rows(_scale(damped, weights))


def _joined(parts: Sequence[NDArray[Any]], kind: type) -> NDArray[Any]:
    """One after the other, also where there are none."""
    return np.concatenate([np.zeros(0, dtype=kind), *parts])


def _scale(terms: Terms, factors: PerTerm) -> Terms:
    """Each column times its factor."""
    return _with_data(terms, terms.data * factors[terms.indices])


def _scale_rows(terms: Terms, factors: Column) -> Terms:
    """Each row times its factor."""
    return _with_data(terms, terms.data * np.repeat(factors, np.diff(terms.indptr)))


def _with_data(terms: Terms, data: Column) -> Terms:
    return type(terms)((data, terms.indices, terms.indptr), shape=terms.shape)


def _unit_rows(terms: Terms) -> Terms:
    """The rows at length 1; empty ones stay empty."""
    lengths = np.sqrt(np.asarray(terms.multiply(terms).sum(axis=1)).ravel())
    return _scale_rows(terms, 1 / np.maximum(lengths, np.finfo(np.float64).tiny))


def _share_of_texts(counts: Sequence[Terms], chosen: Words) -> PerTerm:
    """What is usual in English, corrected by the directory's own texts as there are more of them."""
    usual_texts, texts = chosen.usual_texts.value, sum(some.shape[0] for some in counts)
    holding = sum(np.bincount(some.indices, minlength=TERMS) for some in counts)
    return np.asarray(np.minimum((holding + usual_texts * _usual_share()) / (texts + usual_texts), 1.0))


def _spread_within(told: Terms, means: Terms, voices: NDArray[np.int64]) -> PerTerm:
    """How much each term's weight varies between members of the same group, as a multiple of what is typical."""
    if not told.shape[0]:
        return np.zeros(TERMS)
    squares = np.asarray(told.multiply(told).sum(axis=0)).ravel()
    between = np.asarray(means.multiply(means).T @ voices).ravel()
    within = np.maximum(squares - between, 0.0)
    typical = within[within > 0].mean() if (within > 0).any() else 1.0
    return np.asarray(within / typical)


def _average(told: Terms, owners: NDArray[np.int64], voices: NDArray[np.int64]) -> Terms:
    """The mean of each group's profiles' rows, (groups, terms)."""
    # Imported here, as in `matcher.terms`.
    from scipy import sparse

    shares = 1 / np.maximum(voices, 1)[owners]
    averaging = sparse.csr_matrix((shares, (owners, np.arange(len(owners)))), shape=(len(voices), len(owners)))
    return sparse.csr_matrix(averaging @ told)


@cache
def _usual_share() -> PerTerm:
    """In what share of English texts each hashed term stands."""
    words = files("matcher").joinpath("common_words.txt").read_text(encoding="utf-8").split()
    rank = np.full(TERMS, _RANK_OF_OTHERS, dtype=np.float64)
    columns = np.array([column_of(word) for word in words])
    # Two words in one column count as the commoner one.
    np.minimum.at(rank, columns, np.arange(1, len(words) + 1))
    return np.asarray(1 - np.exp(-_ZIPF / rank))
