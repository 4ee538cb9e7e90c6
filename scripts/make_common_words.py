"""Makes `matcher/common_words.txt`: the English words that stand in most texts, the commonest first.

The order is that of the word pieces of BERT (Apache-2.0), which were collected from books and Wikipedia and are stored
by how often they occur; they come with MiniLM.
"""

import json
from pathlib import Path

from matcher.weights import MINILM, default_cache_dir, find_weights

WORDS = 4000
"""Rarer words don't need to be told apart: each is in fewer than three of a thousand texts."""
TARGET = Path(__file__).parents[1] / "matcher" / "common_words.txt"


def common_words(pieces: list[str]) -> list[str]:
    """The whole words among the pieces, in their order; the first one in English text is `the`."""
    whole = pieces[pieces.index("the") :]
    return [piece for piece in whole if len(piece) > 1 and piece.isascii() and piece.isalpha()][:WORDS]


def read_pieces() -> list[str]:
    """The word pieces, the commonest first."""
    tokenizer = find_weights(MINILM, default_cache_dir()) / "tokenizer.json"
    places: dict[str, int] = json.loads(tokenizer.read_text(encoding="utf-8"))["model"]["vocab"]
    return sorted(places, key=lambda piece: places[piece])


def main() -> None:
    TARGET.write_text("\n".join(common_words(read_pieces())) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
