"""The texts that a run uses: invented ones that come with Kindred, or real newcomers' stories where they were fetched.

Decides which, and how long. No text leaves the process but to the servers of the run on this machine.
"""

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from scripts.cases import Cases, read_cases

_DEMO: Final = Path(__file__).parents[1] / "demo_directory"
_CACHE: Final = Path(__file__).parents[2] / ".cache"
# Those that Kindred's rules were chosen on; the others are kept for docs/matching-report.md.
REAL_CASES: Final = _CACHE / "mental-health" / "development-100-seed0-400words"
REAL_VECTORS: Final = _CACHE / "mental-health" / "vectors"
INVENTED_VECTORS: Final = _CACHE / "bench"
"""Of the demo directory's texts, kept from run to run."""
STORY_WORDS: Final = 60


def are_real_cases_here() -> bool:
    """Whether scripts/fetch_mental_health_posts.py has made them."""
    return (REAL_CASES / "newcomers.jsonl").exists()


@cache
def real_cases() -> Cases:
    return read_cases(REAL_CASES)


def stories(count: int) -> list[str]:
    """So many stories of 60 words or hardly less: real ones where they are here, else members' invented ones in pairs.

    They come round again when there are fewer.
    """
    known = _long_enough(_real_stories() if are_real_cases_here() else _invented_stories())
    return [known[place % len(known)] for place in range(count)]


def experiences(count: int) -> list[str]:
    """So many texts of members, invented ones of some forty words, each different."""
    known = _invented_experiences()
    return [
        known[place] if place < len(known) else f"{known[place % len(known)]} ({place // len(known)})"
        for place in range(count)
    ]


def _long_enough(told: list[str]) -> list[str]:
    words = [text.split() for text in told]
    return [" ".join(some[:STORY_WORDS]) for some in words if len(some) >= STORY_WORDS * 0.9]


def _real_stories() -> list[str]:
    return [newcomer.intake.story for newcomer in real_cases().newcomers if newcomer.intake.story]


def _invented_stories() -> list[str]:
    told = _invented_experiences()
    return [f"{one} {other}" for one, other in pairwise(told)]


def _invented_experiences() -> list[str]:
    from api.formats.native import parse_file
    from models.profile import ExperienceProfile

    rows = parse_file(_DEMO / "profiles.jsonl", ExperienceProfile)
    return [row.record.experience for row in rows if row.record]
