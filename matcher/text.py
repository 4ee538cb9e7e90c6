"""Which words are encoded, and how long ones are split. Age, place, identity and every other fact are never encoded."""

from collections.abc import Sequence

import numpy as np

from matcher.encoder import Matrix, TextEncoder
from models.group import Group
from models.intake import Intake
from models.profile import ExperienceProfile
from models.vocabulary import Topic


def passage_of_intake(intake: Intake) -> str:
    """The newcomer's own words; the topics they picked where there are none; else nothing."""
    return intake.story or "; ".join(Topic(topic).label for topic in intake.topics or ())


def passage_of_group(group: Group) -> str:
    """A group in its own words. Its name stands before them: measured, it finds more than the description alone."""
    return f"{group.name}: {group.description}"


def passage_of_profile(profile: ExperienceProfile) -> str:
    """A member's own words."""
    return profile.experience


def split_into_windows(passage: str, window_words: int) -> list[str]:
    """Parts of about equal length, none longer than `window_words`, so that the end of a long story counts too."""
    words = passage.split()
    if len(words) <= window_words:
        return [" ".join(words)]
    parts = -(-len(words) // window_words)
    return [" ".join(part) for part in np.array_split(np.array(words, dtype=object), parts)]


def encode_passages(passages: Sequence[str], encoder: TextEncoder) -> Matrix:
    """Unit rows, (passages, dimensions): each the mean direction of its windows."""
    windows = [split_into_windows(passage, encoder.window_words) for passage in passages]
    vectors = encoder.encode([window for parts in windows for window in parts])
    rows = np.zeros((len(passages), encoder.dimensions), dtype=np.float32)
    owners = np.repeat(np.arange(len(passages)), [len(parts) for parts in windows])
    np.add.at(rows, owners, vectors)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, np.finfo(np.float32).tiny), dtype=np.float32)
