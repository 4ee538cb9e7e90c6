"""What tests of kept indexes share: thirty groups that count as many, an answer made from an index, and no learning."""

from typing import NoReturn

import pytest

from matcher.encoder import FakeEncoder
from matcher.index import DirectoryIndex
from matcher.recommend import recommend
from matcher.rulebook import default_rules
from models.intake import Intake
from tests.records import a_group
from tests.situations import NOW

GROUPS = [
    a_group(f"g{n:02}", description=f"For people who live with drains {'and ileostomy' * (n % 3)} {n}", places_open=n)
    for n in range(30)
]


def let_thirty_be_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if they were thousands; nothing is learned anew because much has changed."""
    monkeypatch.setattr("matcher.index.COMPARED_EACH_MOST", 10)
    monkeypatch.setattr("api.directory._SMALL_GROUPS", 10)
    monkeypatch.setattr("api.directory._DRIFT_SHARE", 1.0)


def answer(index: DirectoryIndex) -> str:
    """What a newcomer is answered from it, versions included."""
    intake = Intake(story="I live with an ileostomy and drains", age=40)
    return recommend(intake, index, FakeEncoder(), default_rules(), NOW).model_dump_json()


def forbid_learning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learning from all groups fails from now on."""

    def fail(*_: object) -> NoReturn:
        raise AssertionError("learned anew")

    monkeypatch.setattr(DirectoryIndex, "build", fail)
