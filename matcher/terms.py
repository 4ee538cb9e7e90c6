"""Counts the words of texts, each in the column that its hash names, so that a text is counted once, whatever else is
in the directory. What shared words are worth is decided in `matcher.lexical`.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Final, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Terms: TypeAlias = "sparse.csr_matrix"  # (texts, hashed terms)

TERMS: Final = 2**18
_WORD: Final = re.compile(r"\b[^\W\d_][\w'’]+\b")


def count_terms(texts: Sequence[str]) -> Terms:
    """How often each hashed term stands in each text, (texts, terms)."""
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
