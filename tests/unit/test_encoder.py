"""The real encoder: its weights are verified, it works without a network, and near is near."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from matcher.encoder import (
    MINILM_SHA256,
    FakeEncoder,
    SentenceTransformerEncoder,
    default_weights_folder,
    load_encoder,
    verify_weights,
)
from models.errors import EncoderUnavailable


@pytest.fixture(scope="module")
def encoder() -> SentenceTransformerEncoder:
    return load_encoder()


def test_sentences_about_the_same_thing_are_nearer(encoder: SentenceTransformerEncoder) -> None:
    mine, alike, other = encoder.encode(
        ["The drains after my mastectomy hurt.", "Healing from breast surgery.", "The car needs new tyres."]
    )
    assert mine @ alike > mine @ other + 0.2


def test_rows_are_unit_vectors_of_the_stated_size(encoder: SentenceTransformerEncoder) -> None:
    rows = encoder.encode(["one", "two words", "", "three " * 2000])
    assert rows.shape == (4, encoder.dimensions) == (4, 384)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert encoder.encode([]).shape == (0, 384)


def test_the_identity_names_the_weights(encoder: SentenceTransformerEncoder) -> None:
    assert encoder.identity == f"all-MiniLM-L6-v2@{MINILM_SHA256[:12]}"


def test_another_encoder_can_be_named_by_its_folder(encoder: SentenceTransformerEncoder) -> None:
    named = load_encoder(str(default_weights_folder()))
    assert np.allclose(named.encode(["a word"]), encoder.encode(["a word"]), atol=1e-6)
    assert MINILM_SHA256[:12] in named.identity


def test_weights_of_the_wrong_hash_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    with pytest.raises(EncoderUnavailable, match="not the publisher's own"):
        verify_weights(tmp_path / "model.safetensors", MINILM_SHA256)


def test_missing_weights_are_told(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="can't be read"):
        verify_weights(tmp_path / "model.safetensors", MINILM_SHA256)


def test_a_name_that_is_not_on_this_machine_is_told() -> None:
    with pytest.raises(EncoderUnavailable, match="KINDRED_ENCODER"):
        load_encoder("no-such-encoder-anywhere")


def test_damaged_files_are_told(tmp_path: Path) -> None:
    copy = tmp_path / "damaged"
    shutil.copytree(default_weights_folder(), copy)
    whole = (copy / "model.safetensors").read_bytes()
    (copy / "model.safetensors").write_bytes(whole[:5000])
    with pytest.raises(EncoderUnavailable, match="damaged"):
        load_encoder(str(copy))


def test_the_fake_is_deterministic_and_reads_words() -> None:
    one, same, other = FakeEncoder().encode(["the bag leaked", "leaked the bag", "tyres"])
    assert np.array_equal(one, same)
    assert one @ same > one @ other + 0.5
