"""What all tests share: nothing of the environment reaches them, and a slow machine is not a failed test."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "kindred",
    # On a machine that CI sets apart, hypothesis has a profile of its own to build on.
    parent=settings.get_profile(settings.get_current_profile_name()),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("kindred")


@pytest.fixture(autouse=True)
def _settings_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of whoever runs the tests must not reach them."""
    for name in [name for name in os.environ if name.startswith("KINDRED_")]:
        monkeypatch.delenv(name)
