"""Which of the allowed groups a story's vector speaks for most: compact codes are scanned, the best scored exactly.

Evidence is `rows @ story - offsets`, as `matcher.pooling` defines it. Every row is scanned at a few bits a dimension,
so that no filter can hide a row from the search. What the codes get wrong is measured in each search on the rows scored
exactly; while a row left out might still belong among the first, more are scored, in the end all. Decides nothing of
what a group is worth beyond this evidence, and nothing of who is allowed.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import faiss
import numpy as np
from numpy.typing import NDArray

from matcher.encoder import Matrix, Vector
from matcher.vectors import Vectors, VectorSums

Offsets = NDArray[np.float32]  # (groups,)
Chosen = NDArray[np.int64]  # rows

EXACT_MOST = 1_000
"""With so many allowed rows or fewer, scoring each is as fast as a scan."""
_SLOTS = 128
_SLOT_DIMENSIONS = 4
# What is lost of a normal variable's variance by a code of four bits for one, two or four dimensions.
_LOST = {1: 0.0115, 2: 0.10, 4: 0.33}
_BIAS_SLOTS = 2
_FIRST_CANDIDATES = 256
_FIRST_SHARE = 200
_MORE_CANDIDATES = 2
# So many standard deviations may a code err in favour of a row scored, and against one left out; this is made sure of
# for so many of the best: which rows come in last matters to no one.
_SIGMAS = 3.5
_SURE = 50
_SAMPLE_ROWS = 20_000
_PIECE_ROWS = 20_000
_SEED = 20_26


@dataclass(frozen=True)
class _Plan:
    """How rows are turned before they are coded: into the directions in which their evidence differs most."""

    middle: Vector  # (dimensions,), the usual story
    of_rows: Matrix  # (dimensions, kept)
    of_stories: Matrix  # (dimensions, kept)
    columns: NDArray[np.int64]  # (kept,), where each kept direction stands among the coded columns
    bias_steps: Vector  # (16,), the coarse part of what is added whatever the story

    def code_columns(self, rows: Matrix, offsets: Offsets) -> Matrix:
        """(rows, slots * 4)."""
        coded = np.zeros((len(rows), _SLOTS * _SLOT_DIMENSIONS), dtype=np.float32)
        bias = rows @ self.middle - offsets
        coarse = self.bias_steps[np.abs(bias[:, None] - self.bias_steps).argmin(axis=1)]
        coded[:, 0], coded[:, _SLOT_DIMENSIONS] = coarse, bias - coarse
        coded[:, self.columns] = rows @ self.of_rows
        return coded

    def story_columns(self, story: Vector) -> Matrix:
        """(1, slots * 4): its product with the coded columns is the evidence, but for what is the same for all rows."""
        coded = np.zeros((1, _SLOTS * _SLOT_DIMENSIONS), dtype=np.float32)
        coded[0, [0, _SLOT_DIMENSIONS]] = 1
        coded[0, self.columns] = (story - self.middle) @ self.of_stories
        return coded


@dataclass(frozen=True)
class NearestRows:
    """An immutable set of rows to search."""

    rows: Vectors | VectorSums
    offsets: Offsets
    exact_most: int
    _plan: _Plan | None = field(repr=False)
    _codes: faiss.IndexIVFPQFastScan | None = field(repr=False)

    @staticmethod
    def build(
        rows: Vectors | VectorSums, offsets: Offsets, stories: Matrix, exact_most: int = EXACT_MOST
    ) -> "NearestRows":
        """Codes the rows, in pieces; about 72 bytes of memory a row.

        `stories` are some thousands of vectors of texts such as newcomers write, (texts, dimensions): by them is
        learned in which directions rows must be told apart.
        """
        offsets = np.ascontiguousarray(offsets, dtype=np.float32)
        if len(rows) <= exact_most:
            return NearestRows(rows, offsets, exact_most, None, None)
        sample = np.sort(np.random.default_rng(_SEED).permutation(len(rows))[:_SAMPLE_ROWS])
        learned = rows.take(sample)
        plan = _plan(learned, offsets[sample], stories)
        codes = _train(plan.code_columns(learned, offsets[sample]))
        for start in range(0, len(rows), _PIECE_ROWS):
            piece = slice(start, start + _PIECE_ROWS)
            codes.add(plan.code_columns(rows.take(piece), offsets[piece]))
        return NearestRows(rows, offsets, exact_most, plan, codes)

    def search(self, story: Vector, allowed: NDArray[np.bool_] | None, k: int) -> Chosen:
        """The best allowed rows, best first, the lower row first among equals: exactly min(k, allowed)."""
        faiss.omp_set_num_threads(1)
        eligible = len(self.rows) if allowed is None else int(np.count_nonzero(allowed))
        wanted = min(k, eligible)
        if not wanted:
            return np.zeros(0, dtype=np.int64)
        candidates = max(_FIRST_CANDIDATES, 3 * wanted, eligible // _FIRST_SHARE)
        while self._codes is not None and max(self.exact_most, candidates) < eligible:
            chosen = self._try(story, allowed, wanted, candidates)
            if chosen is not None:
                return chosen
            candidates *= _MORE_CANDIDATES
        return self._search_exactly(story, allowed, wanted)

    def _try(self, story: Vector, allowed: NDArray[np.bool_] | None, wanted: int, candidates: int) -> Chosen | None:
        """The best rows of so many candidates; None where one that is no candidate may be better."""
        found, guessed = self._scan(story, allowed, candidates)
        scores = self._score(story, found)
        best = _best(found, scores, wanted)
        wrong = scores - guessed
        # Written out: numpy's own mean and deviation take three times as long for so few.
        usually = wrong.sum() / len(wrong)
        apart = wrong - usually
        left_out = guessed.min() + usually + _SIGMAS * np.sqrt(apart @ apart / len(apart))
        return found[best] if scores[best[:_SURE][-1]] >= left_out else None

    def _scan(
        self, story: Vector, allowed: NDArray[np.bool_] | None, candidates: int
    ) -> tuple[Chosen, NDArray[np.float32]]:
        assert self._plan is not None
        assert self._codes is not None
        parameters = faiss.IVFSearchParameters()
        parameters.nprobe = 1
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
            parameters.sel = selector
        guessed, found = self._codes.search(self._plan.story_columns(story), candidates, params=parameters)
        filled = found[0] >= 0
        return found[0][filled], guessed[0][filled]

    def _score(self, story: Vector, chosen: Chosen) -> NDArray[np.float32]:
        return np.asarray(self.rows.times(story, chosen) - self.offsets[chosen])

    def _search_exactly(self, story: Vector, allowed: NDArray[np.bool_] | None, wanted: int) -> Chosen:
        eligible = np.arange(len(self.rows)) if allowed is None else np.flatnonzero(allowed)
        pieces = [eligible[start : start + _PIECE_ROWS] for start in range(0, len(eligible), _PIECE_ROWS)]
        scores = np.concatenate([np.zeros(0, np.float32), *(self._score(story, piece) for piece in pieces)])
        return eligible[_best(eligible, scores, wanted)]

    def save(self, folder: Path) -> None:
        """Into files, for `open`; the rows and offsets are the caller's to keep."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "exact_most.npy", self.exact_most)
        if self._plan is None or self._codes is None:
            return
        np.savez(folder / "plan.npz", **vars(self._plan))
        faiss.write_index(self._codes, str(folder / "codes.faiss"))

    @staticmethod
    def open(folder: Path, rows: Vectors | VectorSums, offsets: Offsets) -> "NearestRows":
        """What was saved there, of these rows and offsets. Raises OSError or ValueError where files are missing or are
        something else.
        """
        exact_most = int(np.load(folder / "exact_most.npy"))
        if len(rows) <= exact_most:
            return NearestRows(rows, offsets, exact_most, None, None)
        with np.load(folder / "plan.npz") as kept:
            plan = _Plan(**kept)
        codes = cast("faiss.IndexIVFPQFastScan", faiss.read_index(str(folder / "codes.faiss")))
        return NearestRows(rows, offsets, exact_most, plan, codes)


def _best(rows: Chosen, scores: NDArray[np.float32], wanted: int) -> NDArray[np.intp]:
    """Where the best stand, best first, the lower row first among equals."""
    least = np.partition(scores, -wanted)[-wanted]
    close = np.flatnonzero(scores >= least)
    return close[np.lexsort((rows[close], -scores[close]))[:wanted]]


def _plan(rows: Matrix, offsets: Offsets, stories: Matrix) -> _Plan:
    """Principal directions of the evidence: of the rows, each dimension stretched as far as stories differ in it."""
    middle = np.asarray(stories.mean(axis=0), dtype=np.float32)
    stretch, squeeze = _roots(stories - middle)
    stretched = (rows - rows.mean(axis=0)) @ stretch
    variances, directions = np.linalg.eigh(stretched.T @ stretched / len(rows))
    variances, directions = np.maximum(variances[::-1], 0), directions[:, ::-1]
    columns = _share_slots(variances)
    kept = directions[:, : len(columns)]
    return _Plan(
        middle=middle,
        of_rows=np.asarray(stretch @ kept, dtype=np.float32),
        of_stories=np.asarray(squeeze @ kept, dtype=np.float32),
        columns=columns,
        bias_steps=np.quantile(rows @ middle - offsets, (np.arange(16) + 0.5) / 16).astype(np.float32),
    )


def _roots(apart: Matrix) -> tuple[Matrix, Matrix]:
    """The square root of the stories' covariance, and its inverse; of few stories it is shrunk to a multiple of one."""
    dimensions = apart.shape[1]
    covariance = apart.T @ apart / max(len(apart), 1)
    share = len(apart) / (len(apart) + dimensions)
    spread = max(float(np.trace(covariance)) / dimensions, float(np.finfo(np.float32).tiny))
    values, directions = np.linalg.eigh(share * covariance + (1 - share) * spread * np.eye(dimensions))
    roots = np.sqrt(np.maximum(values, 1e-4 * values.max()))
    return np.asarray((directions * roots) @ directions.T), np.asarray((directions / roots) @ directions.T)


def _share_slots(variances: NDArray[np.floating]) -> NDArray[np.int64]:
    """Columns of the first directions: those that tell most have a slot alone, the next share it by two or four."""
    tail = np.concatenate([[0.0], np.cumsum(variances)])
    slots = _SLOTS - _BIAS_SLOTS

    alone, pairs = np.indices((slots + 1, slots + 1))
    fours = slots - alone - pairs
    first, second, third = (
        tail[np.clip(end, 0, len(variances))] for end in (alone, alone + 2 * pairs, alone + 2 * pairs + 4 * fours)
    )
    lost = _LOST[1] * first + _LOST[2] * (second - first) + _LOST[4] * (third - second) + tail[-1] - third
    best = np.unravel_index(np.where(fours < 0, np.inf, lost).argmin(), lost.shape)
    sizes = [1] * int(alone[best]) + [2] * int(pairs[best]) + [4] * int(fours[best])
    columns = [(_BIAS_SLOTS + slot) * _SLOT_DIMENSIONS + at for slot, size in enumerate(sizes) for at in range(size)]
    return np.array(columns[: len(variances)], dtype=np.int64)


def _train(columns: Matrix) -> faiss.IndexIVFPQFastScan:
    """Four bits a slot, all rows in one list: only lists take a filter."""
    faiss.omp_set_num_threads(1)
    width = columns.shape[1]
    centre = faiss.IndexFlatIP(width)
    codes = faiss.IndexIVFPQFastScan(centre, width, 1, _SLOTS, 4, faiss.METRIC_INNER_PRODUCT)
    codes.by_residual = False
    codes.pq.cp.min_points_per_centroid = 1  # no warning where there are few rows
    codes.train(columns)
    return codes
