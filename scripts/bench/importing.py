"""Measures `kindred import profiles`: texts a second, as a share of what the encoder does with the same texts."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from api.directory import LiveDirectory
from api.importing import import_profiles
from api.service import open_service
from api.settings import Settings
from models.group import Group
from scripts.bench.encoders import own_encoder
from scripts.bench.encoding import best_rate
from scripts.bench.figures import Importing
from scripts.bench.texts import experiences

_GROUPS: Final = 100


def measure_importing(profiles: int) -> Importing:
    """A bounded sample of profiles as long as real ones, taken into an empty directory."""
    told = experiences(profiles)
    encoder = own_encoder()
    with TemporaryDirectory(prefix="kindred-bench-") as folder:
        file = Path(folder) / "profiles.jsonl"
        file.write_text("".join(_line(place, text) for place, text in enumerate(told)), encoding="utf-8")
        service = open_service(Settings(data_dir=Path(folder), demo=False), encoder)
        service.directory.put_groups([_group(number) for number in range(_GROUPS)])
        # Before and after, so that a busy moment of the machine counts for neither alone.
        before = best_rate(encoder, told, rounds=1)
        begun = perf_counter()
        import_profiles(file, LiveDirectory(service.store, encoder))
        seconds = perf_counter() - begun
        after = best_rate(encoder, told, rounds=1)
        service.close()
    return Importing(profiles, profiles / seconds, (before + after) / 2)


def _line(place: int, text: str) -> str:
    row = {"id": f"p{place:06d}", "group_id": f"g{place % _GROUPS:03d}", "experience": text}
    return json.dumps(row) + "\n"


def _group(number: int) -> Group:
    return Group(id=f"g{number:03d}", name=f"Group {number}", description="People who share what they live with.")
