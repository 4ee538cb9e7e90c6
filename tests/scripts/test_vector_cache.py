"""An encoder that remembers gives the same vectors, encodes a text once, and trusts no file that was harmed."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from matcher.encoder import FakeEncoder, Matrix
from scripts.vector_cache import RememberingEncoder, remember_invented

TEXTS = ["the bag leaked", "grief", "the bag leaked"]


class ListeningEncoder(FakeEncoder):
    """Knows which texts it was given."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def encode(self, texts: Sequence[str]) -> Matrix:
        self.heard += texts
        return super().encode(texts)


def kept_in(folder: Path) -> Path:
    remembering = remember_invented(FakeEncoder(), folder)
    remembering.encode(TEXTS)
    remembering.keep()
    return next(folder.rglob("*.npz"))


def test_a_text_is_encoded_once(tmp_path: Path) -> None:
    encoder = ListeningEncoder()
    remembering = remember_invented(encoder, tmp_path)
    assert np.array_equal(remembering.encode(TEXTS), FakeEncoder().encode(TEXTS))
    assert np.array_equal(remembering.encode(TEXTS), FakeEncoder().encode(TEXTS))
    assert sorted(encoder.heard) == ["grief", "the bag leaked"]


def test_what_is_kept_is_known_in_a_later_run_and_holds_no_text(tmp_path: Path) -> None:
    file, encoder = kept_in(tmp_path), ListeningEncoder()
    assert np.array_equal(remember_invented(encoder, tmp_path).encode(TEXTS), FakeEncoder().encode(TEXTS))
    assert encoder.heard == []
    assert b"leaked" not in file.read_bytes()


def test_a_file_that_was_harmed_is_made_anew(tmp_path: Path) -> None:
    file = kept_in(tmp_path)
    whole, vector = file.read_bytes(), FakeEncoder().encode(["grief"]).tobytes()
    assert vector in whole
    for harmed in (b"", whole[:400], whole.replace(vector, bytes([vector[0] ^ 1]) + vector[1:])):
        file.write_bytes(harmed)
        assert np.array_equal(remember_invented(FakeEncoder(), tmp_path).encode(TEXTS), FakeEncoder().encode(TEXTS))


def test_what_other_weights_or_another_runtime_made_is_not_used(tmp_path: Path) -> None:
    kept = RememberingEncoder(FakeEncoder(), tmp_path)
    kept.encode(TEXTS)
    kept.keep()
    same, other_weights, other_runtime = (ListeningEncoder() for _ in range(3))
    other_weights.identity = other_runtime.runtime = "another"
    for encoder in (same, other_weights, other_runtime):
        RememberingEncoder(encoder, tmp_path).encode(TEXTS)
    assert [len(encoder.heard) for encoder in (same, other_weights, other_runtime)] == [0, 2, 2]
