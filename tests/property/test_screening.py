"""Rules and features over many groups at once agree with the plain ones, asked of one group at a time."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.eligibility import judge
from matcher.facts import READS
from matcher.features import measure_facts
from matcher.rulebook import default_rules
from matcher.screening import Screening
from matcher.situation import Situation
from models.group import Group, Location
from models.profile import ExperienceProfile
from models.recommendation import Outcome
from models.vocabulary import (
    AccessNeed,
    DayPart,
    Format,
    Hope,
    Identity,
    Importance,
    Relation,
    Role,
    Stage,
    Topic,
    Wish,
)
from tests.plain_features import Told
from tests.plain_features import measure_facts as measure_plainly
from tests.records import groups, profiles
from tests.situations import a_situation, an_index, doubts

RULES = default_rules()
TOWNS = {"leeds": (53.80, -1.55), "york": (53.96, -1.08)}
LOCATIONS: list[dict[str, Any] | None] = [
    None,
    {"city": "Leeds", "country": "GB", "latitude": 53.80, "longitude": -1.55},
    {"city": "York", "country": "GB", "latitude": 53.96, "longitude": -1.08},
    {"city": "Leeds"},
    {"city": "York", "country": "US"},
    {"city": "Kirkby Lonsdale", "country": "IE"},
    {"country": "GB"},
]


def some(terms: Any) -> st.SearchStrategy[Any]:
    return st.none() | st.lists(st.sampled_from(terms), max_size=3, unique=True)


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "topics": some(["self_harm", "grief", "child_loss", "ostomy", "digestive", "our own word"]),
        "status": st.sampled_from(["active", "inactive"]),
        "format": st.sampled_from(Format),
        "location": st.sampled_from(LOCATIONS),
        "languages": some(["en", "en-GB", "cy", "pt-BR"]),
        "places_open": st.integers(0, 5),
        "typical_size": st.integers(1, 40),
        "hopes": some(list(Hope)),
        "accessibility": some(list(AccessNeed)),
        "facilitation": st.sampled_from(["none", "peer", "professional"]),
        "structure": st.sampled_from(["open", "programme"]),
        "faith": st.sampled_from(["secular", "spiritual"]),
        "twelve_step": st.booleans(),
        "camera_off": st.booleans(),
        "cost_options": st.sampled_from(["free", "paid"]),
        "eligibility": st.fixed_dictionaries(
            {},
            optional={
                "roles": some(list(Role)),
                "relations": some(list(Relation)),
                "stages": some(list(Stage)),
                "minimum_age": st.integers(0, 30),
                "maximum_age": st.integers(30, 90) | st.just(30),
                "identities": some(list(Identity)),
                "countries": some(["GB", "IE"]),
                "referral_needed": st.booleans(),
                "note": st.just("For patients of St Anne's."),
            },
        ),
    },
)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "story": st.sampled_from(["My mum drinks", "I'm 15 and new to this", "I live in Leeds", "I'm 34, from York"]),
        "topics": some([Topic.GRIEF, Topic.CHILD_LOSS, Topic.OSTOMY]),
        "role": st.sampled_from(Role),
        "relation": st.sampled_from(Relation),
        "stage": st.sampled_from(Stage),
        "hopes": some(list(Hope)),
        "wishes": st.dictionaries(st.sampled_from(Wish), st.sampled_from(Importance), max_size=4),
        "availability": some(list(DayPart)),
        "country": st.sampled_from(["GB", "IE", "US"]),
        "place": st.sampled_from(["Leeds", "york", "Kirkby Lonsdale", "Nowhere"]),
        "travel_km": st.sampled_from([0, 5, 60]),
        "time_zone": st.sampled_from(["Europe/London", "America/New_York"]),
        "languages": some(["en", "cy", "fr"]),
        "access_needs": some(list(AccessNeed)),
        "age": st.sampled_from([15, 18, 30, 70]),
        "identities": some(list(Identity)),
    },
).map(lambda answers: a_situation(TOWNS, **answers))


def with_facts(group: Group, facts: dict[str, Any], number: int) -> Group:
    plain = group.model_dump() | facts | {"id": f"g{number:02}", "fact_sources": {}, "places": None}
    return Group.model_validate(plain)


DIRECTORIES = st.lists(st.tuples(groups, FACTS), min_size=1, max_size=8).map(
    lambda drawn: [with_facts(group, facts, number) for number, (group, facts) in enumerate(drawn)]
)


@given(DIRECTORIES, ANSWERS)
@settings(max_examples=150)
def test_many_groups_are_judged_as_one_is(directory: list[Group], situation: Situation) -> None:
    facts, rows = an_index(directory).facts, np.arange(len(directory))
    screening = Screening.of(facts, situation, RULES)
    judged = [judge(group, situation, RULES) for group in directory]
    assert list(~screening.find_out(rows)) == [
        all(finding.outcome is not Outcome.NOT_MET for finding in findings) for findings in judged
    ]
    assert list(screening.count_open(rows)) == [
        sum(finding.outcome is Outcome.UNKNOWN for finding in findings) for findings in judged
    ]
    np.testing.assert_array_equal(screening.find_out(), screening.find_out(rows))
    doubted = Screening.of_readings(facts, situation, RULES).find_out(rows)
    assert list(doubted) == [bool(doubts(group, situation, RULES)) for group in directory]


@given(DIRECTORIES, st.lists(profiles, max_size=12), ANSWERS)
@settings(max_examples=150)
def test_features_of_many_groups_are_those_of_each(
    directory: list[Group], told: list[ExperienceProfile], situation: Situation
) -> None:
    members = [
        profile.model_copy(update={"id": f"p{number}", "group_id": directory[number % 2 % len(directory)].id})
        for number, profile in enumerate(told)
    ]
    index, rows = an_index(directory, members), np.arange(len(directory))
    columns = measure_facts(rows, index, situation, RULES)
    for row, group in enumerate(directory):
        own = tuple(profile for profile in members if profile.group_id == group.id)
        plain = measure_plainly(Told(group, own), situation, RULES)
        assert {name: column[row] for name, column in columns.items()} == pytest.approx(
            {name: np.nan if value is None else value for name, value in plain.items()}, nan_ok=True, abs=1e-9
        )


@pytest.mark.parametrize(("kilometres", "value"), [(0, 0.5), (5, 0.5), (16, 0.75), (None, 0.92)])
def test_whoever_stays_in_town_is_measured_by_the_town(kilometres: int | None, value: float) -> None:
    # 4 km away, half of what counts as the same town.
    near_leeds = {"city": "Leeds", "latitude": 53.80 + 4 / 111.195, "longitude": -1.55}
    group = Group(
        id="g", name="g", description="g", format=Format.IN_PERSON, location=Location.model_validate(near_leeds)
    )
    situation = a_situation(TOWNS, place="Leeds", travel_km=kilometres)
    [travel] = measure_facts(np.arange(1), an_index([group]), situation, RULES)["travel"]
    assert travel == pytest.approx(value, abs=1e-3)


def test_every_rule_and_every_wish_says_which_facts_it_reads() -> None:
    assert {finding.rule for finding in judge(Group(id="g", name="g", description="g"), a_situation(), RULES)} <= {
        *READS,
        "distance",
    }
    assert set(Wish) <= set(READS)
