"""What a run was made on, and how much memory a process holds. Reads /proc where there is one; names no machine."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from scripts.bench.figures import Machine, Memory

_LIBRARIES: Final = (
    *("openvino", "torch", "sentence-transformers", "tokenizers", "numpy", "scipy", "fastapi", "uvicorn"),
    *("lancedb", "pgvector", "faiss-cpu"),
)
_EXTENSIONS: Final = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_bf16", "amx_int8")
_KIB_PER_MIB: Final = 1024


def describe_machine() -> Machine:
    """This machine, as far as figures depend on it."""
    lines = _read_lines(Path("/proc/cpuinfo"))
    flags = set(_value(lines, "flags").split())
    return Machine(
        processor=_value(lines, "model name") or platform.processor() or platform.machine(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        extensions=tuple(name for name in _EXTENSIONS if name in flags),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        libraries={name: found for name in _LIBRARIES if (found := _version(name))},
        load_before=round(os.getloadavg()[0], 2),
    )


def memory_of(*processes: int) -> Memory:
    """Of processes and their children, as they are now; nan where /proc doesn't tell."""
    ids = {id_ for process in processes for id_ in (process, *_descendants(process))}
    rollups = [_read_lines(Path(f"/proc/{id_}/smaps_rollup")) for id_ in ids]
    return Memory(_sum_mib(rollups, "Rss"), _sum_mib(rollups, "Pss"), _sum_mib(rollups, "Anonymous"))


def _sum_mib(rollups: list[list[str]], name: str) -> float:
    told = [text for lines in rollups if (text := _value(lines, name))]
    if not told:
        return float("nan")
    return round(sum(int(text.split()[0]) for text in told) / _KIB_PER_MIB, 1)


def _descendants(process: int) -> list[int]:
    found: list[int] = []
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        for line in _read_lines(file):
            for child in map(int, line.split()):
                found += [child, *_descendants(child)]
    return found


def _read_lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except OSError:
        # Another system, or a process that has just ended.
        return []


def _value(lines: list[str], name: str) -> str:
    for line in lines:
        head, _, rest = line.partition(":")
        if head.strip() == name:
            return rest.strip()
    return ""


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
