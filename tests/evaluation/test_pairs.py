"""What is read from 320 invented minimal pairs, what is missed, and that a miss is asked and never guessed.

`pairs_development.jsonl` is there to choose words by. `pairs.jsonl` was written by somebody who had not seen the words,
and none was chosen by it: its figures are the ones to believe.
"""

from collections import Counter
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from matcher.asking import choose_questions
from matcher.index import DirectoryIndex
from matcher.ranking import Ranking
from matcher.rulebook import default_rules
from matcher.screening import Screening
from matcher.situation import Situation
from tests.evaluation.pairs import Outcome, Reading, believed, judge_readings, lay_out, read_pairs, towns_of
from tests.records import a_group
from tests.situations import rank_groups

STORIES = {name: read_pairs(f"{name}.jsonl") for name in ("pairs_development", "pairs")}
RULES = default_rules()

# What is reached on the pairs that no word was chosen by: read rightly at least, and read wrongly at most.
REACHED = {"role": (366, 14), "relation": (179, 1), "stage": (64, 8), "age": (25, 0), "place": (21, 0), "wish": (26, 5)}

# Two groups that only the answer to a question tells apart.
KEPT_FOR: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "role": ({"eligibility": {"roles": ["living_with"]}}, {"eligibility": {"roles": ["supporting"]}}),
    "relation": ({"eligibility": {"relations": ["partner"]}}, {"eligibility": {"relations": ["child"]}}),
    "stage": ({"eligibility": {"stages": ["new"]}}, {"eligibility": {"stages": ["long_term"]}}),
    "age": ({"eligibility": {"maximum_age": 40}}, {"eligibility": {"minimum_age": 41}}),
    "place": (
        {"format": "in_person", "location": {"city": "Leeds"}},
        {"format": "in_person", "location": {"city": "Cork"}},
    ),
}


@pytest.fixture(scope="module")
def readings() -> dict[str, list[Reading]]:
    return {name: judge_readings(stories) for name, stories in STORIES.items()}


def situation_of(reading: Reading, name: str) -> Situation:
    return reading.story.situation(towns_of(STORIES[name]))


def rank_two(question: str, situation: Situation) -> tuple[Ranking, DirectoryIndex]:
    """Two groups that words speak for alike, ranked by the facts too."""
    groups = [a_group(id=f"g{row}", **facts) for row, facts in enumerate(KEPT_FOR[question])]
    return rank_groups(groups, situation, with_facts=True)


def test_there_are_320_pairs_of_eight_kinds_and_none_stands_in_both_files() -> None:
    pairs = {name: {story.id[:-1]: story.kind for story in stories} for name, stories in STORIES.items()}
    assert Counter(pairs["pairs_development"].values()) == dict.fromkeys(pairs["pairs"].values(), 15)
    assert Counter(pairs["pairs"].values()) == dict.fromkeys(pairs["pairs_development"].values(), 25)
    assert {story.words for story in STORIES["pairs"]}.isdisjoint(story.words for story in STORIES["pairs_development"])


@pytest.mark.parametrize("name", STORIES)
def test_what_is_read_and_what_is_missed(
    name: str, readings: dict[str, list[Reading]], snapshot: SnapshotAssertion
) -> None:
    assert lay_out(readings[name]) == snapshot


@pytest.mark.parametrize("fact", REACHED)
def test_it_reads_no_worse_than_it_did(fact: str, readings: dict[str, list[Reading]]) -> None:
    counts = Counter(reading.outcome for reading in readings["pairs"] if reading.fact == fact)
    right_at_least, wrong_at_most = REACHED[fact]
    assert counts[Outcome.RIGHT] >= right_at_least
    assert counts[Outcome.WRONG] <= wrong_at_most


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("question", KEPT_FOR)
def test_a_miss_is_asked_and_moves_no_group(question: str, name: str, readings: dict[str, list[Reading]]) -> None:
    """Nothing is believed, neither group stands above the other or is held back alone, and the question is asked."""
    guessed = []
    for reading in readings[name]:
        if reading.question != question or reading.outcome not in {Outcome.MISSED, Outcome.QUIET}:
            continue
        situation = situation_of(reading, name)
        ranking, index = rank_two(question, situation)
        one, other = ranking
        apart = one.score != other.score or one.doubted != other.doubted
        asked = question in choose_questions(ranking, Screening.of(index.facts, situation, RULES))
        if believed(situation, question) is not None or apart or not asked:
            guessed.append(reading.story.id)
    assert guessed == []


@pytest.mark.parametrize("name", STORIES)
def test_two_readings_of_one_question_are_both_shown_and_neither_is_believed(
    name: str, readings: dict[str, list[Reading]]
) -> None:
    both = [reading for reading in readings[name] if reading.outcome is Outcome.BOTH]
    shown = {
        reading.story.id: [one for one in situation_of(reading, name).statements if one.question_id == reading.question]
        for reading in both
    }
    assert [story for story, statements in shown.items() if len(statements) < 2] == []
    assert [reading.story.id for reading in both if believed(situation_of(reading, name), reading.question)] == []


@pytest.mark.parametrize("name", STORIES)
def test_what_is_read_never_becomes_an_answer_nor_a_condition(name: str) -> None:
    towns = towns_of(STORIES[name])
    situations = {story.id: story.situation(towns) for story in STORIES[name]}
    answered = {id: one.intake.model_dump(exclude={"story"}, exclude_defaults=True) for id, one in situations.items()}
    assert {id: answers for id, answers in answered.items() if answers} == {}
    assert [id for id, one in situations.items() if one.supposed.wishes is not None] == []
