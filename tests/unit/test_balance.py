"""What is shown of what was ranked: nothing that waits for an answer, three that differ, the safer one first."""

from collections.abc import Iterable
from typing import Any

import pytest

from matcher.balance import balance, hold_back
from matcher.eligibility import judge
from matcher.encoder import Vector
from matcher.index import DirectoryIndex
from matcher.ranking import Ranked, Ranking
from matcher.rulebook import default_rules
from matcher.situation import Situation
from models.group import Group
from models.recommendation import Fit, Move
from tests.records import a_group
from tests.situations import a_situation, doubts, rank_groups, towards

Offered = tuple[Group, Vector, float]

RULES = default_rules()
NOBODY_KNOWN = a_situation()


def a_candidate(group_id: str, vector: Vector, nearness: float = 0.8, **facts: Any) -> Offered:
    return a_group(id=group_id, **facts), vector, nearness


def ranked(*offered: Offered, situation: Situation = NOBODY_KNOWN) -> tuple[Ranking, DirectoryIndex]:
    groups, vectors, nearness = zip(*offered, strict=True)
    return rank_groups(groups, situation, nearness, vectors)


def balanced(*offered: Offered, situation: Situation = NOBODY_KNOWN, limit: int = 3) -> tuple[list[Ranked], list[Move]]:
    found, index = ranked(*offered, situation=situation)
    return balance(found, limit, index, RULES)


def ids(ranked: Iterable[Ranked]) -> list[str]:
    return [one.group_id for one in ranked]


def shown(*offered: Offered, situation: Situation = NOBODY_KNOWN, limit: int = 3) -> list[str]:
    return ids(balanced(*offered, situation=situation, limit=limit)[0])


def undoubted(facts: dict[str, Any], nearness: float = 0.8, **answers: Any) -> tuple[list[str], list[str]]:
    """The groups left, and those that a move names, of one group with these facts and one open to all."""
    situation = a_situation({"leeds": (53.80, -1.55), "bristol": (51.45, -2.59)}, **answers)
    kept = a_candidate("kept", towards(0), nearness, **facts)
    why = [finding.sentence for finding in doubts(kept[0], situation, RULES)]
    found, index = ranked(kept, a_candidate("open", towards(1)), situation=situation)
    left, moves = hold_back(found, situation, index, RULES)
    assert {move.step for move in moves} <= {"reading"}
    assert [move.sentence for move in moves] == why[: len(moves)]
    return ids(left), [move.group_id for move in moves]


DRINKERS = {"eligibility": {"roles": ["living_with"]}}
PARENTS = {"eligibility": {"relations": ["child"]}}
OVER_SIXTY = {"eligibility": {"minimum_age": 60}}
IN_LEEDS = {"format": "in_person", "location": {"city": "Leeds", "latitude": 53.80, "longitude": -1.55}}


@pytest.mark.parametrize(
    ("facts", "story", "statement"),
    [
        (DRINKERS, "My mum drinks", "role:supporting"),
        (PARENTS, "My husband drinks", "relation:partner"),
        (OVER_SIXTY, "I'm 34 and lonely", "age:34"),
    ],
)
def test_a_group_that_a_reading_speaks_against_is_held_back_until_it_is_struck(
    facts: dict[str, Any], story: str, statement: str
) -> None:
    assert undoubted(facts, story=story) == (["open"], ["kept"])
    left, moves = undoubted(facts, story=story, struck=[statement])
    assert (set(left), moves) == ({"kept", "open"}, [])


def test_a_group_out_of_reach_of_the_town_in_the_story_is_held_back() -> None:
    assert undoubted(IN_LEEDS, story="I live in Bristol") == (["open"], ["kept"])
    assert set(undoubted(IN_LEEDS, story="I live in Leeds")[0]) == {"kept", "open"}


@pytest.mark.parametrize(
    ("facts", "story"),
    [
        (DRINKERS, "My father drank and now I drink"),
        (OVER_SIXTY, "I'm 34. I am 43"),
        (PARENTS, "My husband and my daughter drink"),
        ({"eligibility": {"stages": ["new"]}}, "I've had MS for twelve years"),
        (DRINKERS, "hello"),
    ],
)
def test_readings_that_disagree_and_stages_hold_nothing_back(facts: dict[str, Any], story: str) -> None:
    assert set(undoubted(facts, story=story)[0]) == {"kept", "open"}


def test_a_group_about_something_else_is_held_back_without_a_word() -> None:
    assert undoubted(DRINKERS, nearness=0.0, story="My mum drinks") == (["open"], [])


def test_no_one_loses_a_group_by_a_rule_to_a_reading() -> None:
    for story, group in (("I'm 34", a_group(**OVER_SIXTY)), ("I'm 15", a_group())):
        assert "not_met" not in {finding.outcome for finding in judge(group, a_situation(story=story), RULES)}


def test_whoever_seems_to_be_under_age_is_shown_only_groups_for_young_people() -> None:
    young = a_situation(story="I'm 15")
    assert [finding.rule for finding in doubts(a_group(), young, RULES)] == ["minors_apart"]
    assert not doubts(a_group(eligibility={"maximum_age": 19}), young, RULES)
    assert not doubts(a_group(), a_situation(story="I'm 15", struck=["age:15"]), RULES)


def test_a_twin_waits_until_others_have_had_their_turn_and_a_move_says_so() -> None:
    twins = [a_candidate("tuesday", towards(0), 1.0), a_candidate("wednesday", towards(0), 0.99)]
    others = [a_candidate("other", towards(1), 0.7), a_candidate("another", towards(2), 0.65)]
    chosen, moves = balanced(*twins, *others)
    assert ids(chosen) == ["tuesday", "other", "another"]
    assert {(move.group_id, move.step) for move in moves} == {("wednesday", "variety")}


def test_a_twin_is_better_than_nothing_close() -> None:
    twins = [a_candidate("tuesday", towards(0)), a_candidate("wednesday", towards(0))]
    assert shown(*twins, a_candidate("far", towards(1), nearness=0.0)) == ["tuesday", "wednesday", "far"]


def test_groups_for_other_people_are_no_twins() -> None:
    men = a_candidate("men", towards(0), 0.99, eligibility={"identities": ["men"]})
    groups = (a_candidate("all", towards(0), 1.0), men, a_candidate("other", towards(1), 0.5))
    assert shown(*groups, situation=a_situation(identities=["men"]))[:2] == ["all", "men"]


def test_among_near_equals_the_group_open_to_all_comes_first() -> None:
    kept = a_candidate("kept", towards(0), 0.82, eligibility={"minimum_age": 18})
    chosen, moves = balanced(kept, a_candidate("open", towards(1), 0.80))
    assert ids(chosen) == ["open", "kept"]
    assert [(move.group_id, move.step) for move in moves] == [("kept", "conditions")]


def test_a_much_better_group_comes_first_with_its_question() -> None:
    kept = a_candidate("kept", towards(0), 1.0, eligibility={"minimum_age": 18})
    assert shown(kept, a_candidate("open", towards(1), 0.6)) == ["kept", "open"]


def test_a_condition_that_was_answered_costs_nothing() -> None:
    kept = a_candidate("kept", towards(0), 0.82, eligibility={"minimum_age": 18})
    assert shown(kept, a_candidate("open", towards(1), 0.80), situation=a_situation(age=40)) == ["kept", "open"]


def test_a_condition_costs_nothing_of_the_score() -> None:
    kept, free = a_candidate("kept", towards(0), eligibility={"minimum_age": 18}), a_candidate("open", towards(1))
    assert len({one.score for one in ranked(kept, free)[0]}) == 1


def test_no_more_than_the_limit_and_each_once() -> None:
    many = [a_candidate(f"g{axis}", towards(axis % 4)) for axis in range(8)]
    assert len(shown(*many, limit=2)) == 2
    everything = shown(*many, limit=50)
    assert sorted(everything) == sorted(group.id for group, _, _ in many)


def test_what_is_close_always_stands_before_what_is_not() -> None:
    near = [a_candidate(f"near{axis}", towards(0), eligibility={"minimum_age": 18}) for axis in range(2)]
    chosen, _ = balanced(*near, a_candidate("far", towards(1), nearness=0.1))
    assert [one.fit is Fit.NOT_CLOSE for one in chosen] == [False, False, True]
