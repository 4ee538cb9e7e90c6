"""The words of texts as hashed terms, each in the column that its hash names: stateless, so a text is counted once,
whatever else is in the directory. What shared words are worth is decided in `matcher.lexical`.
"""

import re
from collections import Counter
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

TERMS: Final = 2**18
_WORD: Final = re.compile(r"\b[^\W\d_][\w'’]+\b")


def terms_of(text: str) -> list[str]:
    """The words of a text that are compared, in order."""
    return _WORD.findall(text.lower())


def count_columns(text: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The hashed terms of a text, each once, and how often each stands in it."""
    counts = Counter(map(column_of, terms_of(text)))
    return np.array(list(counts), dtype=np.int64), np.array(list(counts.values()), dtype=np.float64)


def column_of(term: str) -> int:
    """The column that a term is counted in."""
    return crc32(term.encode()) % TERMS
