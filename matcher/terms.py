"""Counts the words of texts, each in the column that its hash names, so that a text is counted once, whatever else is
in the directory. What shared words are worth is decided in `matcher.lexical`.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy import sparse

Terms: TypeAlias = "sparse.csr_matrix"  # (texts, hashed terms)

TERMS: Final = 2**18
# With so many, all are weighed as soon as some are.
_FEW_ENTRIES: Final = 400_000
_WORD: Final = re.compile(r"\b[^\W\d_][\w'’]+\b")


@dataclass(frozen=True)
class TermRows:
    """The words of each group, as they are kept: few are weighed without scipy, which then needn't be loaded."""

    ends: NDArray[np.integer]  # (groups + 1,)
    places: NDArray[np.integer]  # (entries,), terms of group after group
    weights: NDArray[np.float32]  # (entries,)

    @staticmethod
    def of(table: Terms) -> "TermRows":
        return TermRows(table.indptr, table.indices, table.data)

    @cached_property
    def table(self) -> Terms:
        """(groups, terms)."""
        from scipy import sparse

        return sparse.csr_matrix((self.weights, self.places, self.ends), shape=(len(self.ends) - 1, TERMS), copy=False)

    def times(self, told: NDArray[np.float32], rows: NDArray[np.int64] | slice) -> NDArray[np.float64]:
        """The product of each of these groups with `told`, (terms,)."""
        if len(self.places) > _FEW_ENTRIES:
            chosen = self.table if isinstance(rows, slice) else self.table[rows]
            return np.asarray(chosen @ told, dtype=np.float64)
        sums = np.cumsum(self.weights * told[self.places], dtype=np.float64)
        products: NDArray[np.float64] = np.diff(np.concatenate([[0.0], sums])[self.ends])
        return products[rows]


def count_terms(texts: Sequence[str]) -> Terms:
    """How often each hashed term stands in each text, (texts, terms)."""
    # Imported here: it takes time to load, and only whoever learns a directory needs it.
    from scipy import sparse

    words = [terms_of(text) for text in texts]
    columns = {word: column_of(word) for word in set(chain.from_iterable(words))}
    indices = np.array([columns[word] for own in words for word in own], dtype=np.int32)
    ends = np.cumsum([0, *map(len, words)], dtype=np.int32)
    counted = sparse.csr_matrix((np.ones(len(indices)), indices, ends), shape=(len(texts), TERMS))
    counted.sum_duplicates()
    return counted


def count_columns(text: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The columns of one text's terms, each once, and how often each stands in it."""
    counts = Counter(map(column_of, terms_of(text)))
    return np.array(list(counts), dtype=np.int64), np.array(list(counts.values()), dtype=np.float64)


def terms_of(text: str) -> list[str]:
    """The words of a text that are compared, in order."""
    return _WORD.findall(text.lower())


def column_of(term: str) -> int:
    """The column that a term is counted in."""
    return crc32(term.encode()) % TERMS
