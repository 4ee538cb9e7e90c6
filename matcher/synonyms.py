"""What people write, in the words that listings use: an encoder reads initials and plain phrases badly.

The words added are compared, never shown; what they are is data (`synonyms.toml`).
"""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files


def add_synonyms(story: str) -> str:
    """The story, followed by what its initials and plain phrases are called in listings."""
    plain = story.lower().replace("’", "'")
    meanings = [
        meaning for meaning, phrases, cue in _cues() if any(map(plain.__contains__, phrases)) and cue.search(plain)
    ]
    return f"{story} ({'; '.join(meanings)})" if meanings else story


@cache
def _cues() -> tuple[tuple[str, Sequence[str], re.Pattern[str]], ...]:
    text = files("matcher").joinpath("synonyms.toml").read_text(encoding="utf-8")
    means: dict[str, list[str]] = tomllib.loads(text)["means"]
    return tuple(
        (meaning, phrases, re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)"))
        for meaning, phrases in means.items()
    )
