"""An encoder that remembers: texts it has seen are not encoded again, also in a later run if it is given a folder.

A vector is kept under the SHA-256 of its text, in a file for the weights and for what runs them, since another
precision or library gives other vectors; no text is ever kept. A vector still tells much of what its text is about:
keep the folder where you keep the texts.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from matcher.encoder import Matrix, TextEncoder, Vector

_BATCH_TEXTS = 64

OnEncoded = Callable[[int, int], None]
"""Called with how many texts are encoded, and of how many."""


def remember_invented(
    encoder: TextEncoder, cache_dir: Path, on_encoded: OnEncoded | None = None
) -> "RememberingEncoder":
    """For texts that lie in this repository, the demo directory before all: the same for everyone, so set-up encodes
    them once.
    """
    return RememberingEncoder(encoder, cache_dir / "invented", on_encoded)


class RememberingEncoder:
    """Stands in for the encoder it is made of."""

    def __init__(self, encoder: TextEncoder, folder: Path | None = None, on_encoded: OnEncoded | None = None) -> None:
        self.identity = encoder.identity
        self.dimensions = encoder.dimensions
        self.window_words = encoder.window_words
        self.streams = encoder.streams
        self._encoder = encoder
        self._file = folder / f"{_name(encoder)}.npz" if folder else None
        self._on_encoded = on_encoded
        self._known = self._read()

    def encode(self, texts: Sequence[str]) -> Matrix:
        keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if missing:
            self._encode_new(missing)
        rows = [self._known[key] for key in keys]
        return np.stack(rows) if rows else np.zeros((0, self.dimensions), dtype=np.float32)

    def _encode_new(self, missing: dict[str, str]) -> None:
        done = 0
        # Texts of about one length together: the shorter ones needn't wait for the longest.
        for batch in _batches(sorted(missing, key=lambda key: len(missing[key]))):
            self._known |= zip(batch, self._encoder.encode([missing[key] for key in batch]), strict=True)
            done += len(batch)
            if self._on_encoded is not None:
                self._on_encoded(done, len(missing))

    def keep(self) -> None:
        """Write what is known to the folder, if there is one."""
        if self._file is None or not self._known:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = self._file.with_suffix(".unfinished.npz")
        np.savez(unfinished, keys=np.array(list(self._known)), vectors=np.stack(list(self._known.values())))
        unfinished.replace(self._file)

    def _read(self) -> dict[str, Vector]:
        if self._file is None or not self._file.exists():
            return {}
        try:
            with self._file.open("rb") as opened, np.load(opened) as kept:
                return dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))
        # Each part of the file has a checksum: what was harmed is made anew.
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
            return {}


def _name(encoder: TextEncoder) -> str:
    made_by = f"{encoder.identity} on {getattr(encoder, 'runtime', '')}"
    return hashlib.sha256(made_by.encode()).hexdigest()[:16]


def _batches(keys: list[str]) -> list[list[str]]:
    return [keys[start : start + _BATCH_TEXTS] for start in range(0, len(keys), _BATCH_TEXTS)]
