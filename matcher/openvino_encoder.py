"""Runs an encoder that comes with Kindred on OpenVINO: several times faster than torch, which needn't be loaded.

Decides how texts are packed into batches, and that the weights are held in memory once. Which weights are trusted is
decided in `matcher.weights`, what the encoder computes in `matcher.openvino_export`.
"""

import ctypes
import mmap
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from types import ModuleType
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from matcher.encoder import PIECES_PER_WORD, Matrix

# Few lengths, and few sizes of a batch (powers of two): each shape that is met is compiled once, and about 1 MB of that
# stays.
_SHORT_STEP, _LONG_STEP, _SHORT = 8, 16, 128
# Past this, larger batches are no faster and hold more memory.
BATCH_PIECES = 1024
# Two batches at once, each on half of the cores: cores that share a batch wait for each other in every layer, and so
# for whatever else one of them has to do.
_STREAMS = 2
MODEL, _WEIGHTS, _COMPILED = "encoder.xml", "encoder.bin", "encoder.compiled"
CONVERTER = "openvino.tools.ovc"


def import_openvino() -> ModuleType:
    """OpenVINO, without the telemetry that it sends to its makers where the package for that is installed, and without
    its converter, which takes longer to load than all the rest and is needed but once (`matcher.openvino_export`).
    """
    for unwanted in ("openvino_telemetry", CONVERTER):
        sys.modules.setdefault(unwanted, None)  # type: ignore[arg-type]  # None: importing it fails
    import openvino

    module: ModuleType = openvino
    return module


class OpenVinoEncoder:
    """An encoder exported by `matcher.openvino_export`. Safe to share between threads."""

    def __init__(self, folder: Path, identity: str, pieces_most: int) -> None:
        openvino = import_openvino()
        self.streams = min(_STREAMS, allowed_threads() or os.cpu_count() or 1)
        compiled = _compile(openvino.Core(), folder, self.streams)
        self._idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(self.streams):
            self._idle.put(compiled.create_infer_request())
        self._threads = ThreadPoolExecutor(self.streams)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._padding = int((self._tokenizer.padding or {})["pad_id"])
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(pieces_most)
        self.identity = identity
        self.dimensions = int(compiled.output(0).partial_shape[1].get_length())
        self.window_words = int(pieces_most / PIECES_PER_WORD)
        precision = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
        self.runtime = f"OpenVINO {openvino.__version__.partition('-')[0]} in {precision}"
        # A first text in each stream makes OpenVINO lay the weights out anew for this processor. The originals can then
        # leave memory; rows of that table come back by themselves when they are looked up.
        first = self._tokenizer.encode("A group for people who share what they live with.").ids
        # Once alone: two threads in which OpenVINO meets numpy for the first time can wait for each other for ever.
        self._threads.submit(self._run, [first]).result()
        list(self._threads.map(self._run, [[first]] * self.streams))
        _give_back(folder / _WEIGHTS)

    def encode(self, texts: Sequence[str]) -> Matrix:
        pieces = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        batches = pack([len(ids) for ids in pieces])
        encoded = self._threads.map(self._run, [[pieces[place] for place in batch] for batch in batches])
        for batch, own in zip(batches, encoded, strict=True):
            rows[batch] = own
        return rows

    def _run(self, pieces: Sequence[Sequence[int]]) -> Matrix:
        length = padded(max(len(ids) for ids in pieces))
        ids = np.full((len(pieces), length), self._padding, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, own in enumerate(pieces):
            ids[row, : len(own)] = own
            mask[row, : len(own)] = 1
        request = self._idle.get()
        try:
            request.infer({"input_ids": ids, "attention_mask": mask})
            return np.array(request.get_output_tensor(0).data)
        finally:
            self._idle.put(request)


def pack(lengths: Sequence[int]) -> list[list[int]]:
    """Batches of places in `lengths`, those of like length together and the longest first; sizes are powers of two."""
    places = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    batches = []
    start = 0
    while start < len(places):
        most = max(1, BATCH_PIECES // padded(lengths[places[start]]))
        size = 1 << (min(most, len(places) - start).bit_length() - 1)
        batches.append(places[start : start + size])
        start += size
    return batches


def padded(length: int) -> int:
    """The length that a text of so many pieces is given in a batch."""
    step = _SHORT_STEP if length <= _SHORT else _LONG_STEP
    return -(-length // step) * step


def keep_compiled(folder: Path) -> None:
    """Keep the encoder in that folder as it is compiled for this processor, beside its weights."""
    compiled = import_openvino().Core().compile_model(folder / MODEL, "CPU", _properties(_STREAMS))
    (folder / _COMPILED).write_bytes(compiled.export_model().getvalue())


def _compile(core: Any, folder: Path, streams: int) -> Any:
    properties = _properties(streams)
    try:
        kept = (folder / _COMPILED).read_bytes()
        return core.import_model(kept, "CPU", {**properties, "WEIGHTS_PATH": str(folder / _WEIGHTS)})
    except RuntimeError:
        # OpenVINO refuses what was compiled for a processor with other instructions.
        return core.compile_model(folder / MODEL, "CPU", properties)


def _give_back(file: Path) -> None:
    """Let the pages of a file that OpenVINO mapped leave memory; those that are needed come back by themselves."""
    if sys.platform != "linux":
        return
    mapped = f" {file.resolve()}"
    for mapping in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        if mapping.endswith(mapped):
            start, end = (int(address, 16) for address in mapping.split()[0].split("-"))
            ctypes.CDLL(None).madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), mmap.MADV_DONTNEED)


def allowed_threads() -> int:
    """How many threads the environment allows, as torch reads it too; 0: one a core."""
    text = os.environ.get("OMP_NUM_THREADS", "")
    return int(text) if text.isdecimal() else 0


def _properties(streams: int) -> dict[str, str | int | bool]:
    return {
        # The quickest precision that the processor computes with by itself.
        "EXECUTION_MODE_HINT": "PERFORMANCE",
        "NUM_STREAMS": streams,
        "INFERENCE_NUM_THREADS": allowed_threads(),
        # Else the threads of two processes would sit on the same cores.
        "ENABLE_CPU_PINNING": False,
        # What is kept of compiling names the weights instead of holding them.
        "CACHE_MODE": "OPTIMIZE_SIZE",
    }
