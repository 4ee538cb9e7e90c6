"""Every hard rule: what is met, what is not, what is not known, and the sentence that says so."""

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from matcher.eligibility import RULES, has_wish, judge
from matcher.rulebook import default_rules
from models.recommendation import Finding, Outcome
from models.vocabulary import Wish
from tests.records import a_group
from tests.situations import a_situation

LEEDS = {"city": "Leeds", "country": "GB", "latitude": 53.80, "longitude": -1.55}
TOWNS = {"leeds": (53.80, -1.55), "bristol": (51.45, -2.59), "york": (53.96, -1.08)}
MET, NOT_MET, UNKNOWN = Outcome.MET, Outcome.NOT_MET, Outcome.UNKNOWN
IN_LEEDS = {"format": "in_person", "location": LEEDS}

CASES: list[tuple[str, dict[str, Any], dict[str, Any], Outcome]] = [
    ("running", {}, {}, MET),
    ("running", {"status": "active"}, {}, MET),
    ("running", {"status": "inactive"}, {}, NOT_MET),
    ("running", {"status": "temporarily closed"}, {}, NOT_MET),
    ("running", {"status": "defunct"}, {}, NOT_MET),
    ("room", {"places_open": 0}, {}, NOT_MET),
    ("room", {"places_open": 1}, {}, MET),
    ("role", {"eligibility": {"roles": ["supporting"]}}, {"role": "supporting"}, MET),
    ("role", {"eligibility": {"roles": ["living_with"]}}, {"role": "supporting"}, NOT_MET),
    ("role", {"eligibility": {"roles": ["living_with", "supporting"]}}, {"role": "bereaved"}, NOT_MET),
    ("role", {"eligibility": {"roles": ["living_with"]}}, {}, UNKNOWN),
    ("role", {"eligibility": {"roles": ["living_with"]}}, {"story": "My mum drinks."}, UNKNOWN),
    ("role", {"eligibility": {"roles": ["living_with", "supporting"]}}, {}, MET),
    ("role", {}, {"role": "supporting"}, UNKNOWN),
    ("role", {}, {}, MET),
    ("relation", {"eligibility": {"relations": ["partner"]}}, {"relation": "child"}, NOT_MET),
    ("relation", {"eligibility": {"relations": ["partner", "child"]}}, {"relation": "child"}, MET),
    ("relation", {"eligibility": {"relations": ["partner"]}}, {"role": "supporting"}, UNKNOWN),
    ("relation", {"eligibility": {"relations": ["partner"]}}, {"role": "living_with"}, MET),
    ("relation", {}, {"relation": "child"}, MET),
    ("stage", {"eligibility": {"stages": ["new"]}}, {"stage": "advanced"}, NOT_MET),
    ("stage", {"eligibility": {"stages": ["new", "ongoing"]}}, {"stage": "new"}, MET),
    ("stage", {"eligibility": {"stages": ["new"]}}, {}, UNKNOWN),
    ("stage", {"eligibility": {"stages": ["new", "ongoing", "recovering"]}}, {}, UNKNOWN),
    ("stage", {}, {"stage": "new"}, MET),
    ("age", {"eligibility": {"minimum_age": 18}}, {"age": 17}, NOT_MET),
    ("age", {"eligibility": {"minimum_age": 18}}, {"age": 18}, MET),
    ("age", {"eligibility": {"minimum_age": 16, "maximum_age": 25}}, {"age": 26}, NOT_MET),
    ("age", {"eligibility": {"maximum_age": 25}}, {"age": 25}, MET),
    ("age", {"eligibility": {"maximum_age": 25}}, {}, UNKNOWN),
    ("age", {}, {"age": 40}, MET),
    ("minors_apart", {}, {"age": 15}, NOT_MET),
    ("minors_apart", {"eligibility": {"maximum_age": 19}}, {"age": 15}, MET),
    ("minors_apart", {"eligibility": {"maximum_age": 60}}, {"age": 15}, NOT_MET),
    ("minors_apart", {}, {"age": 18}, MET),
    ("minors_apart", {}, {}, MET),
    ("identity", {"eligibility": {"identities": ["women"]}}, {"identities": ["women", "parents"]}, MET),
    ("identity", {"eligibility": {"identities": ["women"]}}, {"identities": ["men"]}, NOT_MET),
    ("identity", {"eligibility": {"identities": ["veterans"]}}, {"identities": []}, NOT_MET),
    ("identity", {"eligibility": {"identities": ["veterans"]}}, {}, UNKNOWN),
    ("identity", {"eligibility": {"identities": []}}, {"identities": ["men"]}, MET),
    ("country", {"eligibility": {"countries": ["GB", "IE"]}}, {"country": "US"}, NOT_MET),
    ("country", {"eligibility": {"countries": ["GB", "IE"]}}, {"country": "IE"}, MET),
    ("country", {"eligibility": {"countries": ["GB"]}}, {}, UNKNOWN),
    ("country", IN_LEEDS, {"country": "US"}, NOT_MET),
    ("country", {**IN_LEEDS, "format": "hybrid"}, {"country": "US"}, MET),
    ("distance", IN_LEEDS, {"place": "Bristol"}, NOT_MET),
    ("distance", IN_LEEDS, {"place": "York"}, MET),
    ("distance", IN_LEEDS, {"place": "York", "travel_km": 15}, NOT_MET),
    ("distance", IN_LEEDS, {"place": "leeds, UK", "travel_km": 5}, MET),
    ("distance", IN_LEEDS, {"place": "Nowhere"}, UNKNOWN),
    ("distance", {"format": "in_person"}, {}, UNKNOWN),
    ("distance", {"format": "online", "location": LEEDS}, {"place": "Bristol"}, MET),
    ("distance", {"format": "hybrid", "location": LEEDS}, {"place": "Bristol"}, MET),
    ("distance", {**IN_LEEDS, "format": "hybrid"}, {"place": "Bristol", "wishes": {"in_person": "must"}}, NOT_MET),
    ("distance", {**IN_LEEDS, "format": "hybrid"}, {"place": "Bristol", "wishes": {"online": "avoid"}}, NOT_MET),
    ("language", {"languages": ["es"]}, {"languages": ["en"]}, NOT_MET),
    ("language", {"languages": ["es", "en-GB"]}, {"languages": ["en"]}, MET),
    ("language", {}, {"languages": ["en"]}, UNKNOWN),
    ("language", {"languages": ["es"]}, {}, MET),
    ("guided", {"topics": ["self_harm"], "facilitation": "none"}, {}, NOT_MET),
    ("guided", {"topics": ["self_harm"], "facilitation": "peer"}, {}, MET),
    ("guided", {"topics": ["self_harm"]}, {}, UNKNOWN),
    ("guided", {"topics": ["grief"], "facilitation": "none"}, {}, MET),
    ("faith", {"faith": "faith_based"}, {"wishes": {"faith": "avoid"}}, NOT_MET),
    ("faith", {"faith": "secular"}, {"wishes": {"faith": "avoid"}}, MET),
    ("faith", {"faith": "secular"}, {"wishes": {"faith": "must"}}, NOT_MET),
    ("faith", {}, {"wishes": {"faith": "avoid"}}, UNKNOWN),
    ("online", {"format": "in_person"}, {"wishes": {"online": "must"}}, NOT_MET),
    ("online", {"format": "hybrid"}, {"wishes": {"online": "must"}}, MET),
    ("in_person", {"format": "hybrid"}, {"wishes": {"in_person": "must"}}, MET),
    ("referral", {"eligibility": {"referral_needed": True}}, {}, UNKNOWN),
    ("referral", {"eligibility": {"note": "For patients of St Anne's."}}, {}, UNKNOWN),
    ("referral", {}, {}, MET),
]


def finding(rule: str, facts: dict[str, Any], answers: dict[str, Any]) -> Finding:
    findings = judge(a_group(**facts), a_situation(TOWNS, **answers), default_rules())
    return next(one for one in findings if one.rule == rule)


@pytest.mark.parametrize(("rule", "facts", "answers", "outcome"), CASES)
def test_a_rule_finds(rule: str, facts: dict[str, Any], answers: dict[str, Any], outcome: Outcome) -> None:
    assert finding(rule, facts, answers).outcome is outcome


def test_every_sentence_of_a_rule(snapshot: SnapshotAssertion) -> None:
    said = {(rule, finding(rule, facts, answers).sentence) for rule, facts, answers, _ in CASES}
    assert sorted(said) == snapshot


def test_every_rule_has_an_example() -> None:
    rules = {one.rule for one in judge(a_group(), a_situation(), default_rules())}
    assert len(rules) == len(RULES)
    assert rules <= {rule for rule, *_ in CASES}


def test_a_nice_wish_is_no_condition() -> None:
    findings = judge(a_group(faith="secular"), a_situation(wishes={"faith": "nice"}), default_rules())
    assert "faith" not in {one.rule for one in findings}


def test_what_is_not_met_and_what_is_only_unknown_are_told_apart() -> None:
    out = judge(a_group(places_open=0), a_situation(), default_rules())
    stays = judge(a_group(topics=["self_harm"]), a_situation(), default_rules())
    assert [finding.rule for finding in out if finding.outcome is NOT_MET] == ["room"]
    assert [finding.rule for finding in stays if finding.outcome is NOT_MET] == []


WISHES: list[tuple[Wish, dict[str, Any], bool | None]] = [
    (Wish.ONLINE, {"format": "phone"}, True),
    (Wish.IN_PERSON, {"format": "online"}, False),
    (Wish.LISTENING_ONLY, {"listening_only": True}, True),
    (Wish.CAMERA_OFF, {"format": "in_person"}, True),
    (Wish.CAMERA_OFF, {"format": "online"}, None),
    (Wish.SMALL, {"typical_size": 8}, True),
    (Wish.SMALL, {"typical_size": 30}, False),
    (Wish.FACILITATED, {"facilitation": "trained_peer"}, True),
    (Wish.FACILITATED, {"facilitation": "peer"}, False),
    (Wish.STRUCTURED, {"structure": "open"}, False),
    (Wish.STRUCTURED, {"twelve_step": True}, True),
    (Wish.TWELVE_STEP, {"twelve_step": False}, False),
    (Wish.FAITH, {"faith": "spiritual"}, True),
    (Wish.SHARED_IDENTITY, {"eligibility": {"identities": ["women"]}}, True),
    (Wish.SHARED_IDENTITY, {"eligibility": {"identities": []}}, False),
    (Wish.FREE, {"cost_options": "donation"}, True),
    (Wish.FREE, {"cost_options": "paid"}, False),
    (Wish.DROP_IN, {"drop_in": True}, True),
]


@pytest.mark.parametrize(("wish", "facts", "has"), WISHES)
def test_a_wish_is_true_of_a_group(wish: Wish, facts: dict[str, Any], has: bool | None) -> None:
    assert has_wish(a_group(**facts), wish, a_situation(identities=["women"]), default_rules()) is has


@pytest.mark.parametrize("wish", list(Wish))
def test_a_wish_of_which_the_listing_says_nothing_is_not_known(wish: Wish) -> None:
    assert has_wish(a_group(), wish, a_situation(), default_rules()) is None
