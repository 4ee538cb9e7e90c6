"""Measures `kindred import profiles`: texts a second, as a share of what the encoder does with the same texts."""

import json
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from api.directory import LiveDirectory
from api.importing import RowOutcome, import_profiles
from api.service import open_service
from api.settings import Settings
from matcher.text import encode_passages
from models.group import Group
from scripts.bench.encoders import own_encoder
from scripts.bench.encoding import passage_rate
from scripts.bench.figures import Importing
from scripts.bench.texts import experiences

_GROUPS: Final = 100
_AT_ONCE: Final = 64
"""Profiles: a few seconds' work, and more than a batch of the encoder's takes."""


def measure_importing(profiles: int) -> Importing:
    """A bounded sample of profiles as long as real ones, taken into an empty directory part by part, in turn with the
    encoder alone on the same texts: a slow moment of the machine falls on both. Only what was taken counts.
    """
    told, encoder = experiences(profiles), own_encoder()
    encode_passages(told[:_AT_ONCE], encoder)
    alone, rates, taken = list[float](), list[float](), 0
    with TemporaryDirectory(prefix="kindred-bench-") as folder:
        service = open_service(Settings(data_dir=Path(folder), demo=False), encoder)
        service.directory.put_groups([_group(number) for number in range(_GROUPS)])
        directory = LiveDirectory(service.store, encoder)
        for start in range(0, profiles, _AT_ONCE):
            some = told[start : start + _AT_ONCE]
            file = Path(folder) / "profiles.jsonl"
            file.write_text("".join(_line(place, text) for place, text in enumerate(some, start)), encoding="utf-8")
            alone.append(passage_rate(encoder, some))
            begun = perf_counter()
            counts = import_profiles(file, directory).counts
            rates.append(counts[RowOutcome.TAKEN] / (perf_counter() - begun))
            taken += counts[RowOutcome.TAKEN]
        service.close()
    return Importing(taken, fmean(rates), fmean(alone))


def _line(place: int, text: str) -> str:
    row = {"id": f"p{place:06d}", "group_id": f"g{place % _GROUPS:03d}", "experience": text}
    return json.dumps(row) + "\n"


def _group(number: int) -> Group:
    return Group(id=f"g{number:03d}", name=f"Group {number}", description="People who share what they live with.")
