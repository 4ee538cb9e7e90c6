"""All judged newcomers are seen by one process, and what it encoded is kept for the next run: every text of it is
invented, and lies in this repository.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.evaluation.judged import encoder


@pytest.hookimpl(tryfirst=True)  # before the plugin that reads the mark
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.xdist_group("demo directory"))


@pytest.fixture(scope="session", autouse=True)
def _keep_what_was_encoded() -> Iterator[None]:
    yield
    if encoder.cache_info().currsize:
        encoder().keep()
