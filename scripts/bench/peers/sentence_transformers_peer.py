"""Peer (a): sentence-transformers with its own semantic search, over all vectors in memory."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.encoder import Matrix, Vector
from scripts.bench.peers.recipe import NEAREST, Votes, vote


def make(folder: Path) -> "SentenceTransformersPeer":
    return SentenceTransformersPeer(folder)


class SentenceTransformersPeer:
    """As its documentation shows it for corpora of up to a million: exact, in one matrix product."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def build(self, rows: Matrix, owners: NDArray[np.int64]) -> None:
        import torch

        torch.save(
            {"rows": torch.from_numpy(np.array(rows)), "owners": torch.from_numpy(owners)}, self._folder / "corpus.pt"
        )

    def open(self) -> None:
        import torch

        kept = torch.load(self._folder / "corpus.pt")
        self._rows, self._owners = kept["rows"], kept["owners"].tolist()

    def search(self, vector: Vector, limit: int) -> Votes:
        import torch
        from sentence_transformers import util

        hits = util.semantic_search(
            torch.from_numpy(vector[None]), self._rows, top_k=NEAREST, score_function=util.dot_score
        )[0]
        return vote(((self._owners[int(hit["corpus_id"])], float(hit["score"])) for hit in hits), limit)

    def close(self) -> None:
        pass
