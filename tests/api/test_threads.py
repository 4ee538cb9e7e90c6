"""Where newcomers are answered, cores and the interpreter are left to who needs them most."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from threadpoolctl import ThreadpoolController

from api.service import open_service
from api.settings import Settings
from matcher.encoder import FakeEncoder


@pytest.fixture
def blas() -> Iterator[ThreadpoolController]:
    """The library that numpy multiplies with, set to two threads."""
    np.ones((2, 2)) @ np.ones((2, 2))
    found = ThreadpoolController().select(internal_api="openblas")
    with found.limit(limits=2):
        yield found


def _threads(blas: ThreadpoolController) -> set[int]:
    return {library["num_threads"] for library in blas.info()}


def test_numpy_multiplies_with_one_thread(blas: ThreadpoolController, tmp_path: Path) -> None:
    if not blas.info():
        pytest.skip("numpy multiplies with another library on this machine")
    assert _threads(blas) == {2}
    open_service(Settings(data_dir=tmp_path), FakeEncoder()).close()
    assert _threads(blas) == {1}


def test_threads_take_turns_within_a_millisecond(app: FastAPI) -> None:
    before = sys.getswitchinterval()
    try:
        with TestClient(app):
            assert sys.getswitchinterval() < 0.001
    finally:
        sys.setswitchinterval(before)
