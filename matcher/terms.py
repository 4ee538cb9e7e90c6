"""The words of one text as hashed terms, quickly: the same columns that `matcher.lexical.count_terms` fills."""

from collections import Counter
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.utils import murmurhash3_32

# Stateless: each text is counted once, whatever else is in the directory.
COUNTER: Final = HashingVectorizer(
    n_features=2**18, alternate_sign=False, norm=None, token_pattern=r"(?u)\b[^\W\d_][\w'’]+\b"
)
TERMS: Final[int] = COUNTER.n_features
_analyze = COUNTER.build_analyzer()
_LEAST: Final = -(2**31)


def terms_of(text: str) -> list[str]:
    """The words of a text that are compared, in order."""
    return list(_analyze(text))


def count_columns(text: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The hashed terms of a text, each once, and how often each stands in it."""
    counts = Counter(map(column_of, terms_of(text)))
    return np.array(list(counts), dtype=np.int64), np.array(list(counts.values()), dtype=np.float64)


def column_of(term: str) -> int:
    """The column that scikit-learn's hashing gives a term."""
    number = murmurhash3_32(term.encode(), seed=0)
    # The one number whose absolute value has no room; scikit-learn counts it as this.
    return int(2**31 - TERMS if number == _LEAST else abs(number)) % TERMS
