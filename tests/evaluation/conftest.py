"""What was encoded is kept for the next run: every text of it is invented, and lies in this repository."""

from collections.abc import Iterator

import pytest

from tests.evaluation.judged import encoder


@pytest.fixture(scope="session", autouse=True)
def _keep_what_was_encoded() -> Iterator[None]:
    yield
    if encoder.cache_info().currsize:
        encoder().keep()
