"""Runs one measurement in a process of its own, so that what was loaded before it doesn't count as its memory.

Tells what went wrong, there or here.
"""

import multiprocessing
import re
import traceback
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from models.errors import KindredError

P = ParamSpec("P")
T = TypeVar("T")


def run_apart(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` returns or raises, from a fresh process that then ends. `work` is a function of a module."""
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *args, **kwargs).result()


def tell_failure(error: Exception) -> str:
    """What went wrong, in a sentence: of an error that isn't ours its kind and the file and line that raised it, here
    or apart. Never its message, which may hold what was sent.
    """
    if isinstance(error, KindredError):
        return error.sentence
    here = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    # What was raised apart has the traceback from there as its cause, in words.
    there = re.findall(r'File "(.+)", line (\d+)', str(error.__cause__))
    file, line = (there or here)[-1]
    return f"It failed: {type(error).__name__} at {'/'.join(Path(file).parts[-2:])}:{line}."
