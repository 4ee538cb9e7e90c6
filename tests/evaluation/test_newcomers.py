"""Forty invented newcomers, the demo directory and the real encoder: who finds a group, and that no one is sent wrong.

They are never used to choose a number or a word; `development.jsonl` is there for that.
"""

from collections import Counter

import pytest

from tests.evaluation.judged import Newcomer, answer_what_is_asked, read_newcomers, suggest

NEWCOMERS = read_newcomers("newcomers.jsonl")


@pytest.fixture(scope="module")
def shown() -> dict[str, list[str]]:
    """What each newcomer is shown once they have answered what the page asks them."""
    return {newcomer.id: suggest(answer_what_is_asked(newcomer)) for newcomer in NEWCOMERS}


def test_there_are_forty_of_all_kinds() -> None:
    assert len({newcomer.id for newcomer in NEWCOMERS}) == 40
    assert any(newcomer.nothing_close for newcomer in NEWCOMERS)
    assert sum("story" not in newcomer.answers for newcomer in NEWCOMERS) >= 3
    assert Counter(len(newcomer.answers.get("story", "").split()) <= 5 for newcomer in NEWCOMERS)[True] >= 3
    assert any(len(newcomer.answers.get("story", "").split()) >= 450 for newcomer in NEWCOMERS)


def test_at_least_thirty_six_find_a_group_a_thoughtful_person_would_name(shown: dict[str, list[str]]) -> None:
    missed = [newcomer.id for newcomer in NEWCOMERS if not newcomer.is_served_by(shown[newcomer.id])]
    assert len(missed) <= 4, missed


@pytest.mark.parametrize("newcomer", NEWCOMERS, ids=lambda newcomer: newcomer.id)
def test_no_one_is_shown_a_group_that_is_not_for_them(newcomer: Newcomer, shown: dict[str, list[str]]) -> None:
    assert newcomer.not_for_them(shown[newcomer.id]) == set()
