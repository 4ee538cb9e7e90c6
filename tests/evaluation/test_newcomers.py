"""Forty invented newcomers, the demo directory and the real encoder: who finds a group, and that no one is sent wrong.

They are never used to choose a number or a word; `development.jsonl` is there for that. What each is shown here is
shown after the page that says "We understood: …, right?", as to anyone who comes through the pages.
"""

from collections import Counter

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.evaluation.judged import Newcomer, answer_what_is_asked, facts_against, read_newcomers, suggest

NEWCOMERS = read_newcomers("newcomers.jsonl")


@pytest.fixture(scope="module")
def shown() -> dict[str, list[str]]:
    """What each newcomer is shown once they have answered what the page asks them."""
    return {newcomer.id: suggest(answer_what_is_asked(newcomer)) for newcomer in NEWCOMERS}


def test_there_are_forty_of_all_kinds() -> None:
    words = [len(newcomer.answers.get("story", "").split()) for newcomer in NEWCOMERS]
    assert len({newcomer.id for newcomer in NEWCOMERS}) == 40
    assert any(newcomer.nothing_close for newcomer in NEWCOMERS)
    assert words.count(0) >= 3
    assert Counter(0 < count <= 5 for count in words)[True] >= 3
    assert max(words) >= 450


def test_at_least_thirty_six_find_a_group_a_thoughtful_person_would_name(shown: dict[str, list[str]]) -> None:
    missed = [newcomer.id for newcomer in NEWCOMERS if not newcomer.is_served_by(shown[newcomer.id])]
    assert len(missed) <= 4, missed


@pytest.mark.parametrize("newcomer", NEWCOMERS, ids=lambda newcomer: newcomer.id)
def test_no_one_is_shown_a_group_they_are_not_eligible_for(newcomer: Newcomer, shown: dict[str, list[str]]) -> None:
    """Judged by everything that is true of them, whether they were asked for it or not."""
    against = {group: facts for group in shown[newcomer.id] if (facts := facts_against(group, newcomer))}
    assert against == {}


def test_what_only_words_speak_against_is_known_and_does_not_grow(
    shown: dict[str, list[str]], snapshot: SnapshotAssertion
) -> None:
    """A thoughtful person reads more than facts: a listing that says "mums" in its text only, a story that says "not in
    the daytime". What such a reader would not have shown is listed here, and changes only with a reason.
    """
    wrong = {one.id: sorted(one.not_for_them(shown[one.id])) for one in NEWCOMERS}
    assert {newcomer: groups for newcomer, groups in wrong.items() if groups} == snapshot
