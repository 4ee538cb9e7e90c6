"""Words that suggest danger make help prominent; ordinary sorrow does not."""

import pytest

from matcher.distress import suggests_danger
from models.intake import Intake
from models.vocabulary import Topic


@pytest.mark.parametrize(
    "story",
    [
        "I want to die",
        "I don’t want to wake up tomorrow",
        "they would be better off without me",
        "I keep thinking about ending my life",
        "I cut myself again last night",
        "my husband hits me",
        "husband hits me please help",
        "my partner is violent",
        "I feel suicidal",
    ],
)
def test_danger_is_noticed(story: str) -> None:
    assert suggests_danger(Intake(story=story))


@pytest.mark.parametrize(
    "story", ["My dog died and I cry a lot", "I could murder a cup of tea", "the diet is hard", ""]
)
def test_sorrow_is_not_danger(story: str) -> None:
    assert not suggests_danger(Intake(story=story))


def test_a_picked_topic_is_enough() -> None:
    assert suggests_danger(Intake(topics=(Topic.SELF_HARM,)))
    assert not suggests_danger(Intake(topics=(Topic.GRIEF,)))
