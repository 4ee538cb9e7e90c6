"""The two encoders that a run compares: the one of the settings as Kindred runs it, and as its publisher does."""

from api.settings import read_settings
from matcher.encoder import SentenceTransformerEncoder, TextEncoder, load_encoder, load_reference
from matcher.weights import OWN_WEIGHTS


def own_encoder() -> TextEncoder:
    """As `kindred serve` would load it here (KINDRED_ENCODER)."""
    settings = read_settings()
    return load_encoder(settings.encoder, settings.cache_dir)


def reference_encoder() -> TextEncoder:
    """The same weights by sentence-transformers, on torch in full precision."""
    settings = read_settings()
    if settings.encoder in OWN_WEIGHTS:
        return load_reference(OWN_WEIGHTS[settings.encoder], settings.cache_dir)
    return SentenceTransformerEncoder(settings.encoder, settings.encoder)
