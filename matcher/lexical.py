"""The words of texts: weighed by how much they tell, and pooled into one row for each group.

An encoder blurs rare words, and rare words such as ileostomy decide. Which words are rare is taken from the directory
and, while it is small, from how common they are in English. What shared words are worth is decided elsewhere.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.facts import EVERY_ROW, Column, Rows
from matcher.terms import TERMS, Terms, column_of, count_terms
from models.rules import Words

PerTerm = NDArray[np.float64]  # (hashed terms,)

# By Zipf's law the word of rank r is in a text of a hundred words or so with the probability 1 - exp(-12 / r).
_ZIPF: Final = 12.0
_RANK_OF_OTHERS: Final = 28_000


@dataclass(frozen=True)
class GroupWords:
    """What the words of each group's texts say of it."""

    share: PerTerm
    """In what share of texts a term stands, in (0, 1]."""
    share_in_listings: PerTerm
    """In what share of descriptions alone a term stands, in (0, 1]."""
    weights: PerTerm
    """How much a term tells: 0 for one that is in every text."""
    steadiness: PerTerm
    """What is left of a term that members of the same group use unevenly, in (0, 1]."""
    typical: float
    """How long the typical group's row was."""
    rows: Terms
    """(groups, terms): the typical group's row has length 1."""

    def nearness(self, passage: str, rows: Rows | slice = EVERY_ROW) -> Column:
        """How much of the passage's weight lies on the words of each of these groups, (rows,), from 0."""
        own = weigh_terms(count_terms([passage]), self.weights)
        return np.asarray((self.rows[rows] @ own.T).todense(), dtype=np.float64).ravel()

    def nearness_of_listing(self, passage: str, description: str, phrases: str, chosen: Words) -> float:
        """What a group's nearness would be if its members had told nothing."""
        listed = _listed(count_terms([description]), count_terms([phrases]), self.weights, chosen)
        own = weigh_terms(count_terms([passage]), self.weights)
        return float((_scale(listed, self.steadiness) @ own.T).sum()) / self.typical

    def share_of_texts(self, word: str) -> float:
        """In what share of texts a word stands."""
        return float(self.share[count_terms([word]).indices].min(initial=1.0))

    def share_of_listings(self, word: str) -> float:
        """In what share of descriptions a word stands, whatever members write; "it's" is as common as "it"."""
        plain = word.replace("’", "'")
        parts = {word, plain.partition("'")[0], plain.removesuffix("n't")} if "'" in plain else {word}
        return max(float(self.share_in_listings[count_terms([part]).indices].min(initial=1.0)) for part in parts)


def pool_words(
    descriptions: Terms, phrases: Terms, profiles: Terms, owners: NDArray[np.int64], chosen: Words
) -> GroupWords:
    """One row for each group, from the counts of its description, of its subjects' words, both (groups, terms), and of
    its members' profiles; `owners` (profiles,) gives the row of the group each profile belongs to.
    """
    share = _share_of_texts(sparse.vstack([descriptions, profiles], format="csr"), chosen)
    weights = -np.log(share)
    told, voices = weigh_terms(profiles, weights), np.bincount(owners, minlength=descriptions.shape[0])
    means = sparse.csr_matrix(_averaging(owners, voices) @ told)
    own = voices / (voices + chosen.description_profiles.value)
    listed = _listed(descriptions, phrases, weights, chosen)
    pooled = sparse.diags_array(1 - own) @ listed + sparse.diags_array(own) @ means
    steadiness = 1 / (1 + chosen.spread_cost.value * _spread_within(told, means, voices))
    steadied = _scale(pooled, steadiness)
    typical = float(np.sqrt(steadied.multiply(steadied).sum() / max(len(voices), 1))) or 1.0
    return GroupWords(
        share=share,
        share_in_listings=_share_of_texts(descriptions, chosen),
        weights=weights,
        steadiness=steadiness,
        typical=typical,
        rows=sparse.csr_matrix(steadied / typical),
    )


def _listed(descriptions: Terms, phrases: Terms, weights: PerTerm, chosen: Words) -> Terms:
    """What the listings say, rows of length 1: their own words and those of their subjects."""
    return _unit_rows(weigh_terms(descriptions, weights) + chosen.phrases_weight.value * weigh_terms(phrases, weights))


def weigh_terms(counts: Terms, weights: PerTerm) -> Terms:
    """TF-IDF rows of length 1 from counts, (texts, terms)."""
    damped = counts.astype(np.float64)
    damped.data = 1 + np.log(damped.data)
    return _unit_rows(_scale(damped, weights))


def _scale(terms: Terms, factors: PerTerm) -> Terms:
    """Each column times its factor."""
    scaled = sparse.csr_matrix(terms)
    scaled.data = scaled.data * factors[scaled.indices]
    return scaled


def _unit_rows(terms: Terms) -> Terms:
    """The rows at length 1; empty ones stay empty."""
    lengths = np.sqrt(np.asarray(terms.multiply(terms).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags_array(1 / np.maximum(lengths, np.finfo(np.float64).tiny)) @ terms)


def _share_of_texts(counts: Terms, chosen: Words) -> PerTerm:
    """What is usual in English, corrected by the directory's own texts as there are more of them."""
    usual_texts, texts = chosen.usual_texts.value, counts.shape[0]
    holding = np.bincount(counts.indices, minlength=TERMS)
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


def _averaging(owners: NDArray[np.int64], voices: NDArray[np.int64]) -> Terms:
    """(groups, profiles): multiplied with profiles' rows it gives each group's mean."""
    shares = 1 / np.maximum(voices, 1)[owners]
    return sparse.csr_matrix((shares, (owners, np.arange(len(owners)))), shape=(len(voices), len(owners)))


@cache
def _usual_share() -> PerTerm:
    """In what share of English texts each hashed term stands."""
    words = files("matcher").joinpath("common_words.txt").read_text(encoding="utf-8").split()
    rank = np.full(TERMS, _RANK_OF_OTHERS, dtype=np.float64)
    columns = np.array([column_of(word) for word in words])
    # Two words in one column count as the commoner one.
    np.minimum.at(rank, columns, np.arange(1, len(words) + 1))
    return np.asarray(1 - np.exp(-_ZIPF / rank))
