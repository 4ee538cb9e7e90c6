"""All judged newcomers are seen by one process: it alone encodes the demo directory."""

from pathlib import Path

import pytest


@pytest.hookimpl(tryfirst=True)  # before the plugin that reads the mark
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.xdist_group("demo directory"))
