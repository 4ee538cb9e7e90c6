"""The real encoders: near is near, and what runs them quickly computes what their publisher's own way computes."""

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import matcher.openvino_encoder
import matcher.openvino_export
from matcher.encoder import FakeEncoder, Matrix, SentenceTransformerEncoder, load_encoder
from matcher.openvino_encoder import OpenVinoEncoder, allowed_threads
from matcher.weights import MINILM, MPNET, OWN_WEIGHTS, Weights, default_cache_dir, find_weights
from models.errors import EncoderUnavailable
from tests.encoders import real_encoder, reference

ROOT = Path(__file__).parents[2]
PROFILES = ROOT / "scripts" / "demo_directory" / "profiles.jsonl"
LIVED = [json.loads(line)["experience"] for line in PROFILES.read_text(encoding="utf-8").splitlines()[::40]]
WORDS = " ".join(LIVED).split()
TEXTS = [
    "",
    " \n\t ",
    "grief",
    "MS",
    "?!…",
    "😢",
    "Mam died 😢😢 and I can't stop crying 💔",
    "Mae fy nhad yn yfed ac mae ofn arna i bob tro mae'r ffôn yn canu.",
    "Mein Bruder ist tot. Père malade. Babcia zapomina. 母は癌です。",
    "<s> [UNK] </s> <pad>",
    "a" * 5000,
    "I HAVE JUST BEEN DIAGNOSED!!! " * 3,
    " ".join(WORDS[:25]),
    " ".join(WORDS[25:275]),
    " ".join(WORDS[:1000]),
    *LIVED,
]
NAMES = list(OWN_WEIGHTS)


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def rows(name: str) -> Matrix:
    return real_encoder(name).encode(TEXTS)


def test_sentences_about_the_same_thing_are_nearer(name: str) -> None:
    mine, alike, other = real_encoder(name).encode(
        ["The drains after my mastectomy hurt.", "Healing from breast surgery.", "The car needs new tyres."]
    )
    assert mine @ alike > mine @ other + 0.2


def test_each_vector_is_the_one_its_publisher_computes(name: str, rows: Matrix) -> None:
    expected = np.vstack([reference(name).encode([text]) for text in TEXTS])
    cosines = np.sum(rows * expected, axis=1)
    assert cosines.min() >= 0.999


def test_rows_are_unit_vectors_of_the_stated_size(name: str, rows: Matrix) -> None:
    assert rows.shape == (len(TEXTS), real_encoder(name).dimensions)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert real_encoder(name).encode([]).shape == (0, real_encoder(name).dimensions)


def test_the_same_texts_have_the_same_vectors(name: str, rows: Matrix) -> None:
    assert np.array_equal(real_encoder(name).encode(TEXTS), rows)


def test_what_else_is_in_a_batch_hardly_matters(name: str, rows: Matrix) -> None:
    alone = np.vstack([real_encoder(name).encode([text]) for text in TEXTS])
    assert np.sum(alone * rows, axis=1).min() >= 0.9995


@pytest.mark.parametrize(("name", "weights", "words"), [("mpnet", MPNET, 256), ("minilm", MINILM, 170)])
def test_the_identity_names_the_weights_and_a_window_fits_them(name: str, weights: Weights, words: int) -> None:
    assert real_encoder(name).identity == f"{weights.name}@{weights.sha256['model.safetensors'][:12]}"
    assert real_encoder(name).window_words == words == reference(name).window_words
    assert real_encoder(name).dimensions == reference(name).dimensions


def test_another_encoder_can_be_named_by_its_folder() -> None:
    named = load_encoder(str(find_weights(MINILM, default_cache_dir())))
    assert isinstance(named, SentenceTransformerEncoder)
    assert np.array_equal(named.encode(["a word"]), reference("minilm").encode(["a word"]))
    assert MINILM.identity.partition("@")[2] in named.identity


def test_a_name_that_is_not_on_this_machine_is_told() -> None:
    with pytest.raises(EncoderUnavailable, match="KINDRED_ENCODER"):
        load_encoder("no-such-encoder-anywhere")


def test_damaged_files_are_told(tmp_path: Path) -> None:
    copy = tmp_path / "damaged"
    shutil.copytree(find_weights(MINILM, default_cache_dir()), copy)
    whole = (copy / "model.safetensors").read_bytes()
    (copy / "model.safetensors").write_bytes(whole[:5000])
    with pytest.raises(EncoderUnavailable, match="damaged"):
        load_encoder(str(copy))


def test_what_was_made_for_openvino_is_made_again_when_it_was_changed(tmp_path: Path) -> None:
    assert isinstance(load_encoder("minilm", tmp_path), OpenVinoEncoder)
    binary = next(tmp_path.rglob("encoder.bin"))
    whole = binary.read_bytes()
    binary.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    load_encoder("minilm", tmp_path)
    assert binary.read_bytes() == whole
    assert {path.name for path in tmp_path.iterdir()} == {binary.parent.name, f"{binary.parent.name}.lock"}


def test_what_was_compiled_for_another_processor_is_compiled_anew_and_computes_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = real_encoder("minilm").encode(TEXTS)
    monkeypatch.setattr(matcher.openvino_encoder, "_COMPILED", "tokenizer.json")  # something OpenVINO refuses as well
    assert np.array_equal(load_encoder("minilm").encode(TEXTS), expected)


def test_a_start_compiles_nothing_that_was_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    load_encoder("minilm")
    only_imports = SimpleNamespace(import_model=matcher.openvino_encoder.import_openvino().Core().import_model)
    prepare = matcher.openvino_encoder._compile
    monkeypatch.setattr(matcher.openvino_encoder, "_compile", lambda _, *kept: prepare(only_imports, *kept))
    assert isinstance(load_encoder("minilm"), OpenVinoEncoder)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is given back")
def test_the_weights_as_they_lie_in_the_file_leave_memory() -> None:
    load_encoder("minilm")
    mappings = re.split(r"\n(?=[0-9a-f]+-[0-9a-f]+ )", Path("/proc/self/smaps").read_text())
    resident = [int(re.findall(r"^Rss: +(\d+) kB", each, re.M)[0]) for each in mappings if f"{MINILM.name}-" in each]
    assert resident
    assert sum(resident) < 5_000


def test_threads_may_share_an_encoder(rows: Matrix, name: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        for own in pool.map(lambda _: real_encoder(name).encode(TEXTS[:12]), range(4)):
            assert np.sum(own * rows[:12], axis=1).min() >= 0.9995


def test_running_needs_no_torch_and_tells_no_one(tmp_path: Path) -> None:
    (tmp_path / "openvino_telemetry.py").write_text("raise AssertionError('this would report what is run')")
    script = (
        "import sys; from matcher.encoder import load_encoder; load_encoder('minilm').encode(['a word']); "
        "assert not {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)"
    )
    real_encoder("minilm")  # made by now, so that making it isn't measured here
    paths = os.pathsep.join([str(tmp_path), str(ROOT)])
    subprocess.run([sys.executable, "-c", script], check=True, env={**os.environ, "PYTHONPATH": paths})


def test_every_stream_is_ready_before_the_first_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    encoder = load_encoder("minilm")
    assert isinstance(encoder, OpenVinoEncoder)
    assert encoder.streams == 2
    # A request that has never run has taken no time.
    assert all(encoder._idle.get().latency > 0 for _ in range(encoder.streams))


@pytest.mark.parametrize(("text", "threads"), [("1", 1), ("16", 16), ("", 0), ("4,2", 0), ("many", 0)])
def test_threads_are_limited_as_for_torch(text: str, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", text)
    assert allowed_threads() == threads


def test_where_openvino_cannot_run_torch_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ImportError("no OpenVINO for this machine")

    monkeypatch.setattr(matcher.openvino_export, "import_openvino", fail)
    encoder = load_encoder("minilm", tmp_path)
    assert isinstance(encoder, SentenceTransformerEncoder)
    assert encoder.identity == MINILM.identity


def test_openvino_is_never_used_where_it_computes_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matcher.openvino_export, "_COSINE_LEAST", 1.1)
    assert isinstance(load_encoder("minilm", tmp_path), SentenceTransformerEncoder)
    assert not list(tmp_path.rglob("encoder.xml"))


def test_the_fake_is_deterministic_and_reads_words() -> None:
    one, same, other = FakeEncoder().encode(["the bag leaked", "leaked the bag", "tyres"])
    assert np.array_equal(one, same)
    assert one @ same > one @ other + 0.5
