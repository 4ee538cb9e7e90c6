"""Where towns lie, so that "an hour away" can be told without asking anyone: no request leaves the machine.

`towns.tsv` holds name, country, latitude, longitude and population of the towns of six countries, the largest of each
name in a country. Source: GeoNames (geonames.org), CC BY 4.0; made by `scripts/make_towns.py`.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt
from typing import Final, TypeAlias

Coordinates: TypeAlias = tuple[float, float]  # latitude, longitude, in degrees
Towns: TypeAlias = Mapping[str, Mapping[str | None, Coordinates | None]]
"""Key of the town → country, None: not named → where; None: in more than one place."""
EARTH_RADIUS_KM: Final = 6371.0
TOWN_REACH_KM: Final = 50.0
"""No town reaches farther from its middle: what lies beyond is another one of the same name."""


def locate_town(place: str, country: str | None, listed: Towns) -> Coordinates | None:
    """Where a newcomer's town lies: the directory's own towns first, since that is where its groups meet. None when it
    is not known, or could be in more than one place.
    """
    own, found = listed.get(place_key(place), {}), find_town(place, country)
    if country is None:
        return _only_place(list(own.values()) or [found])
    if country in own:
        return own[country]
    # A listing that names no country may mean another one.
    return _only_place([own[None], found or own[None]] if None in own else [found])


def may_lie_at(place: str, country: str | None, at: Coordinates | None) -> bool:
    """Whether a town of that name may be the one that lies there. Yes, where it is not known."""
    found = find_town(place, country) if country else None
    return found is None or at is None or great_circle_km(found, at) <= TOWN_REACH_KM


def great_circle_km(one: Coordinates, other: Coordinates) -> float:
    """The haversine distance between two points, in kilometres."""
    latitude, longitude = radians(other[0] - one[0]), radians(other[1] - one[1])
    half = sin(latitude / 2) ** 2 + cos(radians(one[0])) * cos(radians(other[0])) * sin(longitude / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, half)))


def find_town(place: str, country: str | None) -> Coordinates | None:
    """Where a town lies; None when it is not known, or could be in more than one country."""
    found = _towns().get(place_key(place), {})
    if country is not None:
        return found.get(country)
    return next(iter(found.values())) if len(found) == 1 else None


def place_key(place: str) -> str:
    """A town's name as it is compared: `Cork, Ireland` and `cork` are one."""
    return " ".join(place.partition(",")[0].casefold().split())


def _only_place(possible: list[Coordinates | None]) -> Coordinates | None:
    """The first, if all are known and lie in one town."""
    first = possible[0]
    if first is None or any(at is None or great_circle_km(first, at) > TOWN_REACH_KM for at in possible):
        return None
    return first


@cache
def _towns() -> dict[str, dict[str, Coordinates]]:
    """Key of the town → country → where."""
    towns: dict[str, dict[str, Coordinates]] = {}
    for line in files("matcher").joinpath("towns.tsv").read_text(encoding="utf-8").splitlines():
        name, country, latitude, longitude, _ = line.split("\t")
        towns.setdefault(place_key(name), {})[country] = (float(latitude), float(longitude))
    return towns
