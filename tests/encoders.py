"""The real encoders, loaded once a process for all tests that need them."""

from functools import cache

from matcher.encoder import DEFAULT_ENCODER, SentenceTransformerEncoder, load_encoder, load_reference
from matcher.openvino_encoder import OpenVinoEncoder
from matcher.weights import OWN_WEIGHTS, default_cache_dir


@cache
def real_encoder(name: str = DEFAULT_ENCODER) -> OpenVinoEncoder:
    encoder = load_encoder(name)
    assert isinstance(encoder, OpenVinoEncoder), "OpenVINO can't run here: see the warning in the log"
    return encoder


@cache
def reference(name: str) -> SentenceTransformerEncoder:
    """The same encoder as its publisher runs it."""
    return load_reference(OWN_WEIGHTS[name], default_cache_dir())
