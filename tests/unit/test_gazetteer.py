"""Where towns lie: known without asking anyone, and not known where it could be two places."""

from importlib.resources import files

import pytest

from matcher.gazetteer import find_town, place_key
from matcher.situation import great_circle_km

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
