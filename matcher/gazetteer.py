"""Where towns lie, so that "an hour away" can be told without asking anyone: no request leaves the machine.

`towns.tsv` holds name, country, latitude, longitude and population of the towns of six countries, the largest of each
name in a country. Source: GeoNames (geonames.org), CC BY 4.0; made by `scripts/make_towns.py`.
"""

from functools import cache
from importlib.resources import files

Coordinates = tuple[float, float]  # latitude, longitude, in degrees


def find_town(place: str, country: str | None) -> Coordinates | None:
    """Where a town lies; None when it is not known, or could be in more than one country."""
    found = _towns().get(place_key(place), {})
    if country is not None:
        return found.get(country)
    return next(iter(found.values())) if len(found) == 1 else None


def place_key(place: str) -> str:
    """A town's name as it is compared: `Cork, Ireland` and `cork` are one."""
    return " ".join(place.partition(",")[0].casefold().split())


@cache
def _towns() -> dict[str, dict[str, Coordinates]]:
    """Key of the town → country → where."""
    towns: dict[str, dict[str, Coordinates]] = {}
    for line in files("matcher").joinpath("towns.tsv").read_text(encoding="utf-8").splitlines():
        name, country, latitude, longitude, _ = line.split("\t")
        towns.setdefault(place_key(name), {})[country] = (float(latitude), float(longitude))
    return towns
