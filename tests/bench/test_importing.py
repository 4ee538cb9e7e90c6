"""What is told of an import is of profiles that were really taken."""

import pytest

from matcher.encoder import FakeEncoder
from scripts.bench import importing


def test_only_profiles_that_were_taken_count(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for = []

    def tell(count: int) -> list[str]:
        asked_for.append(count)
        return [f"I can't sleep for {number} nights." for number in range(count - 2)] + [" ", " "]

    monkeypatch.setattr(importing, "experiences", tell)
    monkeypatch.setattr(importing, "own_encoder", FakeEncoder)
    found = importing.measure_importing(150)
    assert asked_for == [150]
    assert found.profiles == 148
    assert found.per_second > 0
    assert found.encoder_per_second > 0
