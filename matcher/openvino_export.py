"""Makes OpenVINO's form of an encoder from its verified weights, once, and knows that form again when it is changed.

What it computes is what sentence-transformers computes, traced with pooling and scaling to unit length; half as many
bits hold each weight. A form whose vectors aren't those of the original is refused.
"""

import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from matcher.encoder import SentenceTransformerEncoder
from matcher.openvino_encoder import CONVERTER, MODEL, OpenVinoEncoder, import_openvino, keep_compiled
from matcher.weights import Weights, find_weights, is_unchanged, make_once, seal

if TYPE_CHECKING:
    from torch import Tensor, nn

_RECIPE = 2
"""Raise it when what is made below changes."""
_COSINE_LEAST = 0.999
_SAMPLES = ("", "grief", "My dad drinks and I dread the phone ringing.", "The drains after my mastectomy hurt. " * 12)


def open_encoder(weights: Weights, cache_dir: Path) -> OpenVinoEncoder:
    """The encoder, ready to run; its form is made first where it is missing or changed. Raises EncoderUnavailable."""
    version = import_openvino().__version__.partition("-")[0]
    folder = make_once(
        cache_dir / f"{weights.folder_name}-openvino-{version}-{_RECIPE}",
        f"converting the text encoder {weights.name}, which takes about half a minute",
        is_right=is_unchanged,
        make=lambda into: _export(weights, cache_dir, into),
    )
    return OpenVinoEncoder(folder, weights.identity, weights.pieces_most)


def _export(weights: Weights, cache_dir: Path, into: Path) -> None:
    folder = find_weights(weights, cache_dir)
    original = SentenceTransformerEncoder(str(folder), weights.identity)
    if sys.modules.get(CONVERTER, ...) is None:
        del sys.modules[CONVERTER]
    with _quiet():
        model = import_module(CONVERTER).convert_model(_traceable(original), example_input=_example())
    import_openvino().save_model(model, into / MODEL, compress_to_fp16=True)
    keep_compiled(into)
    shutil.copyfile(folder / "tokenizer.json", into / "tokenizer.json")
    _compare(OpenVinoEncoder(into, weights.identity, weights.pieces_most), original)
    seal(into)


def _traceable(original: SentenceTransformerEncoder) -> "nn.Module":
    from torch import nn

    class Traceable(nn.Module):
        """From word pieces to the vector, with arguments that tracing understands."""

        def __init__(self) -> None:
            super().__init__()
            self.transformer = original.transformer

        def forward(self, input_ids: "Tensor", attention_mask: "Tensor") -> "Tensor":
            vectors: Tensor = self.transformer({"input_ids": input_ids, "attention_mask": attention_mask})[
                "sentence_embedding"
            ]
            return vectors

    return Traceable().eval()


def _example() -> dict[str, "Tensor"]:
    import torch

    # Two texts of unlike length: what is done about padding must be in the trace.
    mask = torch.ones((2, 12), dtype=torch.long)
    mask[1, 7:] = 0
    return {"input_ids": torch.arange(2000, 2024).reshape(2, 12), "attention_mask": mask}


@contextmanager
def _quiet() -> Iterator[None]:
    # Tracing warns of every decision that it can't follow; the comparison below shows whether one mattered.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _compare(exported: OpenVinoEncoder, original: SentenceTransformerEncoder) -> None:
    cosines = np.sum(exported.encode(_SAMPLES) * original.encode(_SAMPLES), axis=1)
    if not (cosines >= _COSINE_LEAST).all():
        raise RuntimeError("what OpenVINO computes here is not what the encoder computes")
