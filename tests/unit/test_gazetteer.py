"""Where towns lie: known without asking anyone, and not known where it could be two places."""

from importlib.resources import files

import numpy as np
import pytest

from matcher.gazetteer import Coordinates, find_town, great_circle_km, place_key
from matcher.situation import Situation, situate
from models.intake import Intake
from tests.records import a_group
from tests.situations import NOW, an_index

ROWS = [line.split("\t") for line in files("matcher").joinpath("towns.tsv").read_text(encoding="utf-8").splitlines()]


def test_every_row_is_a_town_on_earth() -> None:
    assert len(ROWS) > 20_000
    for name, country, latitude, longitude, population in ROWS:
        assert name.strip()
        assert len(country) == 2
        assert -90 <= float(latitude) <= 90
        assert -180 <= float(longitude) <= 180
        assert int(population) >= 0


def test_the_towns_are_those_of_six_countries() -> None:
    assert {country for _, country, *_ in ROWS} == {"AU", "CA", "GB", "IE", "NZ", "US"}


def test_no_town_stands_twice_in_a_country() -> None:
    assert len({(name, country) for name, country, *_ in ROWS}) == len(ROWS)


@pytest.mark.parametrize("place", ["York", "york", "  York ", "York, Yorkshire"])
def test_york_is_found_where_the_country_is_known(place: str) -> None:
    found = find_town(place, "GB")
    assert found is not None
    assert great_circle_km(found, (53.96, -1.08)) < 2


def test_a_country_tells_towns_of_one_name_apart() -> None:
    canadian, british = find_town("Whitby", "CA"), find_town("Whitby", "GB")
    assert canadian is not None
    assert british is not None
    assert great_circle_km(canadian, british) > 5000


@pytest.mark.parametrize(
    ("place", "country"), [("Whitby", None), ("York", None), ("Cork", "US"), ("Rivendell", None), ("Leeds", "ZZ")]
)
def test_what_could_be_elsewhere_or_nowhere_is_not_known(place: str, country: str | None) -> None:
    assert find_town(place, country) is None


def test_a_name_of_one_country_alone_needs_none() -> None:
    assert find_town("Cork", None) == find_town("Cork", "IE") is not None


def test_a_towns_name_is_compared_without_case_spaces_and_what_follows_a_comma() -> None:
    assert place_key(" St  Ives , Cornwall") == place_key("ST IVES") == "st ives"


MASSACHUSETTS, LINCOLNSHIRE = (42.36, -71.06), (52.98, -0.02)


def boston(country: str | None, at: Coordinates | None) -> dict[str, object]:
    where = {"latitude": at[0], "longitude": at[1]} if at else {}
    return {"city": "Boston", "country": country, **where}


def in_boston(country: str | None, *listed: dict[str, object]) -> Situation:
    """A newcomer who writes Boston, in a directory of groups that meet at these places."""
    groups = [a_group(f"g{number}", format="in_person", location=location) for number, location in enumerate(listed)]
    return situate(Intake(place="Boston", country=country), an_index(groups).towns, NOW)


def lies_at(situation: Situation, at: Coordinates | None) -> bool:
    if at is None or situation.coordinates is None:
        return situation.coordinates is at
    return great_circle_km(situation.coordinates, at) < 10


@pytest.mark.parametrize(("country", "at"), [("US", MASSACHUSETTS), ("GB", LINCOLNSHIRE), (None, None)])
def test_towns_of_one_name_in_two_countries_are_two(country: str | None, at: Coordinates | None) -> None:
    assert lies_at(in_boston(country, boston("US", MASSACHUSETTS), boston("GB", LINCOLNSHIRE)), at)


@pytest.mark.parametrize(("country", "at"), [("US", MASSACHUSETTS), ("GB", LINCOLNSHIRE), (None, MASSACHUSETTS)])
def test_a_directory_of_another_country_moves_nobodys_town(country: str | None, at: Coordinates | None) -> None:
    assert lies_at(in_boston(country, boston("US", MASSACHUSETTS)), at)


@pytest.mark.parametrize(("country", "at"), [("US", MASSACHUSETTS), ("GB", None), (None, MASSACHUSETTS)])
def test_a_listing_without_a_country_counts_where_nothing_else_is_known_by_the_name(
    country: str | None, at: Coordinates | None
) -> None:
    assert lies_at(in_boston(country, boston(None, MASSACHUSETTS)), at)


def test_two_towns_of_one_name_in_one_country_are_not_taken_for_one_between_them() -> None:
    assert lies_at(in_boston("US", boston("US", MASSACHUSETTS), boston("US", (36.79, -85.0))), None)


@pytest.mark.parametrize(
    ("country", "kilometres"), [("US", [None, 0.0, 0.0]), ("GB", [0.0, None, 0.0]), (None, [None, 0.0, 0.0])]
)
def test_the_same_name_in_another_country_is_not_the_same_town(
    country: str | None, kilometres: list[float | None]
) -> None:
    groups = [
        a_group(f"g{number}", location=location)
        for number, location in enumerate([boston("GB", None), boston("US", None), boston(None, None)])
    ]
    situation = in_boston(country, boston("US", MASSACHUSETTS))
    assert [situation.distance_km(group.location) for group in groups] == kilometres
    measured = an_index(groups).facts.distances_km(np.arange(3), situation.coordinates, situation.supposed.place)
    np.testing.assert_array_equal(measured, np.array(kilometres, dtype=float))
