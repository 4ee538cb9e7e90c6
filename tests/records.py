"""Groups and profiles for tests: plain ones to build on, and hypothesis strategies for any valid one."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from models.group import Eligibility, FactSource, Group, Joining, Location
from models.profile import Consent, ExperienceProfile
from models.schedule import Schedule
from models.vocabulary import AccessNeed, Cost, Facilitation, Faith, Format, Hope, Identity, Role, Stage, Status


def a_group(id: str = "g1", **fields: Any) -> Group:
    plain = {"name": "Tuesday circle", "description": "For people after bowel surgery."}
    return Group.model_validate({"id": id, **plain, **fields})


def a_profile(id: str = "p1", group_id: str = "g1", **fields: Any) -> ExperienceProfile:
    return ExperienceProfile.model_validate(
        {"id": id, "group_id": group_id, "experience": "I had an ileostomy last spring.", **fields}
    )


_shown = st.characters(exclude_categories=["Cs", "Cc"])
_lines = st.text(_shown, min_size=1, max_size=30).filter(lambda text: text.strip() != "")
_texts = st.text(st.one_of(_shown, st.sampled_from("\n\t,;|\"'")), min_size=1, max_size=80).filter(
    lambda text: text.strip() != ""
)
identifiers = st.text(st.sampled_from("abcdefgh-Zé:7 '\""), min_size=1, max_size=8).filter(
    lambda text: text.strip() != ""
)


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def _some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return _maybe(st.lists(strategy, max_size=3).map(tuple))


_schedules = st.builds(
    Schedule,
    rule=st.sampled_from(["FREQ=WEEKLY;BYDAY=TU", "FREQ=MONTHLY;BYDAY=2TU,4TU"]),
    start_time=st.times(),
    time_zone=st.sampled_from(["Europe/London", "America/New_York"]),
    duration_minutes=_maybe(st.integers(5, 300)),
    first_date=_maybe(st.dates(date(2000, 1, 1), date(2040, 1, 1))),
)
_places = st.builds(
    Location, name=_maybe(_lines), city=_maybe(_lines), latitude=st.just(51.5), longitude=st.floats(-180, 180)
)
groups = st.builds(
    Group,
    id=identifiers,
    name=_lines,
    description=_texts,
    topics=_some(_lines),
    status=_maybe(st.sampled_from(Status)),
    eligibility=st.builds(
        Eligibility,
        roles=_some(st.sampled_from(Role)),
        stages=_some(st.sampled_from(Stage)),
        minimum_age=_maybe(st.integers(0, 60)),
        maximum_age=_maybe(st.integers(60, 120)),
        identities=_some(st.sampled_from(Identity)),
        countries=_some(st.sampled_from(["GB", "IE"])),
        note=_maybe(_lines),
    ),
    format=_maybe(st.sampled_from(Format)),
    location=_maybe(_places),
    schedules=_some(_schedules),
    languages=_some(st.sampled_from(["en", "cy", "pt-BR"])),
    places=_maybe(st.integers(10, 100)),
    places_open=_maybe(st.integers(0, 10)),
    hopes=_some(st.sampled_from(Hope)),
    facilitation=_maybe(st.sampled_from(Facilitation)),
    faith=_maybe(st.sampled_from(Faith)),
    camera_off=_maybe(st.booleans()),
    cost_options=_maybe(st.sampled_from(Cost)),
    accessibility=_some(st.sampled_from(AccessNeed)),
    joining=_maybe(st.builds(Joining, how=_maybe(_lines), url=_maybe(st.just("https://example.org/join")))),
    first_visit=_maybe(_texts),
    assured_date=_maybe(st.dates()),
    fact_sources=st.dictionaries(st.sampled_from(["places", "status"]), st.builds(FactSource, source=_lines)),
)
profiles = st.builds(
    ExperienceProfile,
    id=identifiers,
    group_id=identifiers,
    experience=_texts,
    role=_maybe(st.sampled_from(Role)),
    stage=_maybe(st.sampled_from(Stage)),
    can_share=_some(st.sampled_from(Hope)),
    consent=_maybe(st.builds(Consent, given_date=st.dates(), wording=_lines)),
)
