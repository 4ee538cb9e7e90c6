"""Measures `kindred import profiles`: texts a second, as a share of what the encoder does with the same texts."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from api.directory import LiveDirectory
from api.importing import ImportProgress, RowOutcome, import_profiles
from api.service import open_service
from api.settings import Settings
from matcher.encoder import TextEncoder
from matcher.text import encode_passages
from models.group import Group
from scripts.bench.encoders import own_encoder
from scripts.bench.figures import Importing
from scripts.bench.texts import experiences

_GROUPS: Final = 100
_WARMING_TEXTS: Final = 256
_STEPS_BETWEEN: Final = 8


def measure_importing(profiles: int, say: Callable[[str], None]) -> Importing:
    """One file of members' profiles, taken into an empty directory, in turn with the encoder alone on the same texts: a
    slow moment of the machine falls on both. Only what was taken counts.
    """
    told, encoder = experiences(profiles), own_encoder()
    # So that neither is measured with an encoder that runs for the first time.
    encode_passages(told[:_WARMING_TEXTS], encoder)
    alone = _Alone(encoder, told, say)
    alone.encode(told[:_WARMING_TEXTS])
    with TemporaryDirectory(prefix="kindred-bench-") as folder:
        service = open_service(Settings(data_dir=Path(folder), demo=False), encoder)
        service.directory.put_groups([_group(number) for number in range(_GROUPS)])
        file = Path(folder) / "profiles.jsonl"
        file.write_text("".join(_line(place, text) for place, text in enumerate(told)), encoding="utf-8")
        begun, before = perf_counter(), alone.seconds
        found = import_profiles(file, LiveDirectory(service.store, encoder), alone.take_turn)
        seconds = perf_counter() - begun - (alone.seconds - before)
        service.close()
    taken = found.counts[RowOutcome.TAKEN]
    return Importing(taken, taken / seconds, alone.texts / alone.seconds)


class _Alone:
    """The encoder between the steps of an import."""

    def __init__(self, encoder: TextEncoder, told: list[str], say: Callable[[str], None]) -> None:
        self.texts = 0
        self.seconds = 0.0
        self._encoder = encoder
        self._told = told
        self._say = say
        self._steps = 0
        self._rows_done = 0

    def take_turn(self, progress: ImportProgress) -> None:
        """After so many steps of the import: the texts of the last step."""
        last = self._told[self._rows_done : progress.rows_done]
        self._steps, self._rows_done = self._steps + 1, progress.rows_done
        if self._steps % _STEPS_BETWEEN == 0:
            self._say(f"   {progress.rows_done:,} of {len(self._told):,} profiles")
            self.encode(last)

    def encode(self, texts: list[str]) -> None:
        """Adds what it takes."""
        begun = perf_counter()
        encode_passages(texts, self._encoder)
        self.seconds += perf_counter() - begun
        self.texts += len(texts)


def _line(place: int, text: str) -> str:
    row = {"id": f"p{place:06d}", "group_id": f"g{place % _GROUPS:03d}", "experience": text}
    return json.dumps(row) + "\n"


def _group(number: int) -> Group:
    return Group(id=f"g{number:03d}", name=f"Group {number}", description="People who share what they live with.")
