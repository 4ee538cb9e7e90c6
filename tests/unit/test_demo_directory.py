"""The demo directory: valid, broad, plainly invented, and without twins that differ in nothing."""

import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from sklearn.preprocessing import normalize

from matcher.terms import count_terms
from models.group import Group
from models.profile import ExperienceProfile
from models.vocabulary import Topic
from scripts import importing

FOLDER = Path(importing.__file__).parent / "demo_directory"
TEXTS = {kind: (FOLDER / f"{kind}.jsonl").read_text(encoding="utf-8") for kind in ("groups", "profiles")}
GROUPS = [Group.model_validate_json(line) for line in TEXTS["groups"].splitlines()]
PROFILES = [ExperienceProfile.model_validate_json(line) for line in TEXTS["profiles"].splitlines()]
# Descriptions that share this much of their words could be told apart by facts only.
NEARLY_THE_SAME = 0.9
# Ranges that regulators set apart for stories: in the US 555-0100 to 555-0199, in the UK 01632 960000 to 960999.
FICTIONAL_PHONE = re.compile(r"(?:\+?1[ .-]?)?\(?\d{3}\)?[ .-]?555[ .-]?01\d\d|(?:\+44 ?1632|01632) ?960 ?\d{3}")


def facts(group: Group) -> tuple[object, ...]:
    """What tells two groups with the same words apart."""
    town = group.location.city if group.location else None
    return group.eligibility, group.format, group.schedules, group.languages, town


def test_it_is_as_broad_as_promised() -> None:
    assert len(GROUPS) >= 80
    assert len(PROFILES) >= 600
    missing = set(Topic) - {topic for group in GROUPS for topic in group.topics or ()}
    assert missing == set()


def test_every_id_stands_once_and_every_profile_has_its_group() -> None:
    ids = Counter(record.id for record in (*GROUPS, *PROFILES))
    assert [one for one, times in ids.items() if times > 1] == []
    assert {profile.group_id for profile in PROFILES} <= {group.id for group in GROUPS}


def test_every_group_says_that_it_is_invented() -> None:
    assert [group.id for group in GROUPS if "invented" not in (group.source or "")] == []


def test_no_two_descriptions_are_nearly_the_same_without_a_fact_that_differs() -> None:
    terms = normalize(count_terms([group.description for group in GROUPS]))
    likeness = (terms @ terms.T).toarray()
    twins = [
        (GROUPS[one].id, GROUPS[other].id)
        for one, other in combinations(range(len(GROUPS)), 2)
        if likeness[one, other] >= NEARLY_THE_SAME and facts(GROUPS[one]) == facts(GROUPS[other])
    ]
    assert twins == []


@pytest.mark.parametrize("kind", TEXTS)
def test_every_address_is_one_that_can_belong_to_nobody(kind: str) -> None:
    hosts = re.findall(r"(?:https?://|[\w.+-]+@)([\w.-]+\w)", TEXTS[kind])
    assert {host for host in hosts if host != "example.org" and not host.endswith(".example.org")} == set()


def test_every_phone_number_is_one_that_can_belong_to_nobody() -> None:
    listed = [group.joining.phone for group in GROUPS if group.joining and group.joining.phone]
    assert [phone for phone in listed if not FICTIONAL_PHONE.search(phone)] == []
    everything = " ".join(json.loads(line).get("description", "") for line in TEXTS["groups"].splitlines())
    written = re.findall(r"\+?\(?\d[\d ().-]{8,}\d", everything)
    assert [number for number in written if not FICTIONAL_PHONE.search(number)] == []
