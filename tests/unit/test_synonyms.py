"""Initials and plain phrases are called what listings call them, and nothing else is touched."""

import pytest

from matcher.synonyms import add_synonyms


@pytest.mark.parametrize(
    ("story", "meaning"),
    [
        ("recently diagnosed with MS", "multiple sclerosis"),
        ("My husband hits me", "domestic abuse"),
        ("I don’t know, I want to die", "suicidal thoughts"),
        ("POTS since the virus", "postural tachycardia"),
        ("my son was shot and killed", "bereaved"),
    ],
)
def test_a_story_is_followed_by_what_listings_say(story: str, meaning: str) -> None:
    added = add_synonyms(story)
    assert added.startswith(story)
    assert meaning in added


@pytest.mark.parametrize("story", ["problems at work", "Mrs Potts came by", "the gardens", "", "she chose me"])
def test_words_that_only_look_alike_are_left_alone(story: str) -> None:
    assert add_synonyms(story) == story
