"""Encoders turn texts into unit vectors. Which one a name means, and what runs it, is decided here.

Which words are encoded is not, nor which weights are trusted (`matcher.weights`). Nothing is downloaded at run time.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.weights import OWN_WEIGHTS, Weights, default_cache_dir, find_weights, sha256_of
from models.errors import EncoderUnavailable, KindredError

if TYPE_CHECKING:
    from matcher.openvino_encoder import OpenVinoEncoder

_logger = logging.getLogger(__name__)

Vector = NDArray[np.float32]  # (dimensions,)
Matrix = NDArray[np.float32]  # (rows, dimensions)

DEFAULT_ENCODER = "mpnet"
# English runs to about 1.35 word pieces a word: a window stays within the encoder's limit of pieces.
PIECES_PER_WORD = 1.5


class TextEncoder(Protocol):
    """Turns texts into vectors; texts alike in meaning get vectors with a high dot product."""

    @property
    def identity(self) -> str:
        """Names the weights: vectors of different identities can't be compared."""
        ...

    @property
    def dimensions(self) -> int: ...

    @property
    def window_words(self) -> int:
        """The longest text, in words, that is read whole."""
        ...

    @property
    def streams(self) -> int:
        """How many batches it encodes at the same time."""
        ...

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Unit rows, (texts, dimensions), in the order of the texts."""
        ...


class SentenceTransformerEncoder:
    """Any sentence-transformers model that lies on this machine, on torch: the reference for every other way."""

    def __init__(self, path_or_name: str, identity: str) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
        # Imported here: the library takes seconds to load, and not every command encodes.
        from sentence_transformers import SentenceTransformer

        try:
            self.transformer = SentenceTransformer(path_or_name, device="cpu")
        # Whatever the library stumbles over, the weights can't be used.
        except Exception as error:
            raise EncoderUnavailable(
                "KINDRED_ENCODER: no sentence-transformers model of that name or path is on this machine, or its "
                "files are damaged. Put its folder on disk and give the path, or leave the setting out for the default "
                "encoder."
            ) from error
        self.identity = identity
        self.dimensions = int(self.transformer.get_embedding_dimension() or 0)
        self.window_words = int((self.transformer.max_seq_length or 256) / PIECES_PER_WORD)
        self.streams = 1
        self.runtime = f"sentence-transformers {version('sentence-transformers')} in f32"

    def encode(self, texts: Sequence[str]) -> Matrix:
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        vectors = self.transformer.encode(
            list(texts), batch_size=32, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        return np.asarray(vectors, dtype=np.float32)


class FakeEncoder:
    """A deterministic stand-in for tests that are not about the encoder: texts that share words are alike."""

    identity = "fake-1"
    runtime = "nothing"
    dimensions = 64
    window_words = 160
    streams = 1

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


def import_runtime(name: str = DEFAULT_ENCODER) -> None:
    """Load the libraries that run one of our own encoders; whether that can't be done, `load_encoder` finds out."""
    if name in OWN_WEIGHTS:
        with suppress(Exception):
            from matcher.openvino_encoder import import_openvino

            import_openvino()


def load_encoder(
    name: str = DEFAULT_ENCODER, cache_dir: Path | None = None
) -> OpenVinoEncoder | SentenceTransformerEncoder:
    """The encoder of that name: `mpnet`, `minilm`, or a sentence-transformers name or path.

    What is made of the weights once is kept in `cache_dir`; unset, in this account's cache.

    Raises:
        EncoderUnavailable: the weights are missing, or are not the ones expected.
    """
    if name not in OWN_WEIGHTS:
        return SentenceTransformerEncoder(name, identity=_identity_of(name))
    weights, cache_dir = OWN_WEIGHTS[name], cache_dir or default_cache_dir()
    try:
        from matcher.openvino_export import open_encoder

        return open_encoder(weights, cache_dir)
    except KindredError:
        raise
    # Whatever OpenVINO stumbles over on this machine, the weights give the same vectors without it.
    except Exception as error:
        _logger.warning("OpenVINO can't run the text encoder here (%s); torch does, more slowly.", type(error).__name__)
    return load_reference(weights, cache_dir)


def load_reference(weights: Weights, cache_dir: Path) -> SentenceTransformerEncoder:
    """One of our own encoders as its publisher runs it. Raises EncoderUnavailable."""
    return SentenceTransformerEncoder(str(find_weights(weights, cache_dir)), weights.identity)


def _identity_of(name: str) -> str:
    """A local folder is named by its weights, so that new weights in the same place are another encoder."""
    file = Path(name) / "model.safetensors"
    return f"{Path(name).name}@{sha256_of(file)[:12]}" if file.is_file() else name
