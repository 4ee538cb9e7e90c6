"""Measures Kindred in turn with each of its peers on the same drawn directory, with the same requests.

Decides how many and how long. That a peer can't be measured is part of the result, with the reason.
"""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np

from matcher.text import encode_passages
from scripts.bench.apart import run_apart, tell_failure
from scripts.bench.asking import ask_in_turn
from scripts.bench.directories import DrawnDirectory
from scripts.bench.encoders import own_encoder
from scripts.bench.figures import Peers, PeerServing
from scripts.bench.machine import memory_of
from scripts.bench.peers.peer import PEERS, PeerKind
from scripts.bench.peers.recipe import vote_exactly
from scripts.bench.servers import serve_kindred, serve_peer
from scripts.bench.serving import READY_SECONDS_MOST
from scripts.bench.texts import stories

CONCURRENCIES: Final = (1, 16, 64)
_STORIES: Final = 256
_COMPARED: Final = 30
_SHOWN: Final = 3


def compare_with_peers(
    directory: DrawnDirectory, work: Path, seconds_each: float, on_peer: Callable[[str], None]
) -> Peers:
    """Everyone that is installed."""
    told = stories(_STORIES)
    found: list[PeerServing] = []
    missing: dict[str, str] = {}
    for kind in PEERS.values():
        on_peer(kind.name)
        if kind.missing:
            missing[kind.name] = kind.why_missing
            continue
        try:
            found.append(_measure_peer(kind, directory, work, told, seconds_each))
        # Whatever another library stumbles over, the others are still measured.
        except Exception as error:
            missing[kind.name] = tell_failure(error)
    return Peers(directory.groups, directory.profiles, tuple(found), missing)


def _measure_peer(
    kind: PeerKind, directory: DrawnDirectory, work: Path, told: Sequence[str], seconds_each: float
) -> PeerServing:
    folder = work / f"peer-{kind.module}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    try:
        build_seconds, agreement = run_apart(build_peer, kind.name, directory, folder, list(told[:_COMPARED]))
        with (
            serve_kindred(directory.folder, READY_SECONDS_MOST) as kindred,
            serve_peer(kind.name, directory.folder, directory.groups, folder, READY_SECONDS_MOST) as served,
        ):
            ours, answers = ask_in_turn([kindred, served], told, CONCURRENCIES, seconds_each)
            memory = memory_of(served.process, *_processes(kind, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return PeerServing(kind.name, kind.what, build_seconds, answers, ours, memory, agreement)


def _processes(kind: PeerKind, folder: Path) -> list[int]:
    """Those that work for the peer and aren't its children."""
    if kind.process_file is None:
        return []
    return [int((folder / kind.process_file).read_text(encoding="utf-8").split()[0])]


def build_peer(name: str, directory: DrawnDirectory, folder: Path, told: Sequence[str]) -> tuple[float, float]:
    """Seconds to build it, and the share of groups in the first three that exact search finds, too."""
    peer = PEERS[name].make(folder)
    try:
        begun = perf_counter()
        peer.build(directory.vectors, directory.owners)
        seconds = perf_counter() - begun
        peer.open()
        vectors = encode_passages(told, own_encoder())
        exact = [_groups(vote_exactly(vector, directory.vectors, directory.owners, _SHOWN)) for vector in vectors]
        found = [_groups(peer.search(vector, _SHOWN)) for vector in vectors]
    finally:
        peer.close()
    shares = [len(one & other) / len(one) for one, other in zip(exact, found, strict=True)]
    return round(seconds, 1), round(float(np.mean(shares)), 4)


def _groups(votes: Sequence[tuple[int, float]]) -> set[int]:
    return {group for group, _ in votes}
