"""Draws whole directories of any size around the demo directory's groups, members and vectors, and stores them.

Uniform noise would flatter every search: in it nothing is near anything. A drawn group lies between two real ones and
its members differ from it as real members do from theirs. Its texts are put together from those groups' own sentences,
so that they are as long and as wordy; their vectors are drawn, not encoded, because encoding a million texts takes
hours. Queries are real texts, encoded for real. Decides nothing about the matching.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.engine import URL

from api.formats.native import R, parse_file
from api.storage.database import Database
from api.storage.directory_records import GROUPS, PROFILES, StoredVector
from api.storage.directory_store import DirectoryStore
from api.storage.documents import digest
from api.storage.schema import prepare
from matcher.encoder import Matrix, TextEncoder, Vector
from matcher.text import encode_passages, passage_of_group, passage_of_profile
from models.group import Group
from models.profile import ExperienceProfile

PROFILES_EACH: Final = 10
DOCUMENTS_EACH: Final = PROFILES_EACH + 1
"""A group's listing, then its members' profiles: rows of `vectors.npy`, group after group."""
_DEMO: Final = Path(__file__).parents[1] / "demo_directory"
_GROUPS_AT_ONCE: Final = 500
_RESIDUALS_MIXED: Final = 3


@dataclass(frozen=True)
class Seeds:
    """The real groups that others are drawn around; each has members."""

    groups: tuple[Group, ...]
    members: tuple[tuple[ExperienceProfile, ...], ...]
    listings: Matrix  # (groups, dimensions)
    centres: Matrix  # (groups, dimensions), the mean of each one's members
    residuals: Matrix  # (profiles, dimensions), how members differ from their group

    @staticmethod
    def of_demo(encoder: TextEncoder) -> "Seeds":
        """Of the demo directory: a thousand texts to encode."""
        told = sorted(_read(_DEMO / "profiles.jsonl", ExperienceProfile), key=lambda one: one.group_id)
        members = {home: tuple(some) for home, some in groupby(told, key=lambda one: one.group_id)}
        groups = [group for group in _read(_DEMO / "groups.jsonl", Group) if len(members.get(group.id, ())) > 1]
        vectors = [encode_passages([passage_of_profile(one) for one in members[group.id]], encoder) for group in groups]
        return Seeds(
            groups=tuple(groups),
            members=tuple(members[group.id] for group in groups),
            listings=encode_passages([passage_of_group(group) for group in groups], encoder),
            centres=np.stack([rows.mean(axis=0) for rows in vectors]),
            # A mean of few takes some of their spread with it.
            residuals=np.concatenate(
                [(rows - rows.mean(axis=0)) * np.sqrt(len(rows) / (len(rows) - 1)) for rows in vectors]
            ),
        )


@dataclass(frozen=True)
class DrawnDirectory:
    """A directory in a folder: what Kindred serves from it, and the same for its peers."""

    folder: Path
    groups: int

    @property
    def profiles(self) -> int:
        return self.groups * PROFILES_EACH

    @property
    def database(self) -> URL:
        return URL.create("sqlite", database=str(self.folder / "kindred.sqlite3"))

    @property
    def vectors(self) -> Matrix:
        """Mapped, not read, (groups × 11, dimensions): each group's listing and then its members'."""
        rows: Matrix = np.load(self.folder / "vectors.npy", mmap_mode="r")
        return rows

    @property
    def owners(self) -> NDArray[np.int64]:
        """The group that each row of `vectors` belongs to."""
        return np.repeat(np.arange(self.groups), DOCUMENTS_EACH)

    def listings(self) -> list[dict[str, object]]:
        """The groups' facts as they are sent to newcomers, in the order of the rows."""
        with (self.folder / "groups.jsonl").open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]


def draw_directory(folder: Path, groups: int, seeds: Seeds, encoder_identity: str) -> DrawnDirectory:
    """Draws and stores so many groups with ten profiles each: the same ones whenever the seeds are the same."""
    directory = DrawnDirectory(folder, groups)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(directory.database)
    prepare(database)
    shape = (groups * DOCUMENTS_EACH, seeds.listings.shape[1])
    vectors = np.lib.format.open_memmap(folder / "vectors.npy", "w+", np.float32, shape)
    with (folder / "groups.jsonl").open("w", encoding="utf-8") as listings:
        for start in range(0, groups, _GROUPS_AT_ONCE):
            drawn = draw_groups(start, min(start + _GROUPS_AT_ONCE, groups), seeds)
            store_groups(DirectoryStore(database), drawn, encoder_identity)
            vectors[start * DOCUMENTS_EACH : (start + len(drawn)) * DOCUMENTS_EACH] = np.concatenate(
                [one.vectors for one in drawn]
            )
            listings.writelines(f"{one.group.model_dump_json(exclude_none=True)}\n" for one in drawn)
    vectors.flush()
    database.close()
    return directory


@dataclass(frozen=True)
class DrawnGroup:
    """A group with its members, and the vectors of all their texts."""

    group: Group
    members: list[ExperienceProfile]
    vectors: Matrix  # (11, dimensions)


def draw_groups(start: int, end: int, seeds: Seeds) -> list[DrawnGroup]:
    """The groups from one row to before another: the same ones wherever a piece begins at `start`."""
    rng = np.random.default_rng(start)
    return [_draw_group(row, seeds, rng) for row in range(start, end)]


def _draw_group(row: int, seeds: Seeds, rng: np.random.Generator) -> DrawnGroup:
    one, other, facts = (int(place) for place in rng.integers(len(seeds.groups), size=3))
    share = rng.uniform(0.5, 1)
    id_ = f"g{row:07d}"
    subject = seeds.groups[one]
    group = seeds.groups[facts].model_copy(
        update={
            "id": id_,
            "name": subject.name,
            "topics": subject.topics,
            "description": _mix(subject.description, seeds.groups[other].description, share, rng),
        }
    )
    strays = _draw_residuals(DOCUMENTS_EACH, seeds, rng)
    centre = share * seeds.centres[one] + (1 - share) * seeds.centres[other]
    listing = share * seeds.listings[one] + (1 - share) * seeds.listings[other]
    # A listing strays from the mixture half as far as a member from the group.
    rows = np.concatenate([[listing + strays[0] / 2], centre + strays[1:]])
    members = [_draw_member(id_, number, one, other, share, seeds, rng) for number in range(PROFILES_EACH)]
    return DrawnGroup(group, members, np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32))


def _draw_residuals(count: int, seeds: Seeds, rng: np.random.Generator) -> Matrix:
    """Mixtures of real ones that have their covariance, (count, dimensions)."""
    shares = rng.standard_normal((count, _RESIDUALS_MIXED))
    shares /= np.linalg.norm(shares, axis=1, keepdims=True)
    picked = seeds.residuals[rng.integers(len(seeds.residuals), size=(count, _RESIDUALS_MIXED))]
    return np.asarray((shares[:, None].astype(np.float32) @ picked)[:, 0], np.float32)


def _draw_member(
    group_id: str, number: int, one: int, other: int, share: float, seeds: Seeds, rng: np.random.Generator
) -> ExperienceProfile:
    own = seeds.members[one][int(rng.integers(len(seeds.members[one])))]
    theirs = seeds.members[other][int(rng.integers(len(seeds.members[other])))]
    text = _mix(own.experience, theirs.experience, share, rng)
    return own.model_copy(update={"id": f"{group_id}-p{number:02d}", "group_id": group_id, "experience": text})


def _mix(one: str, other: str, share: float, rng: np.random.Generator) -> str:
    """About as many sentences as the first has, most of them its own, in any order."""
    own, foreign = _sentences(one), _sentences(other)
    kinds, places = rng.random((2, len(own))).tolist()
    pools = (own if kind < share else foreign for kind in kinds)
    return " ".join(pool[int(place * len(pool))] for pool, place in zip(pools, places, strict=True))


@cache
def _sentences(text: str) -> list[str]:
    return [part.strip().rstrip(".") + "." for part in text.split(". ")]


def store_groups(store: DirectoryStore, drawn: Sequence[DrawnGroup], encoder: str) -> None:
    """Puts them into the database, with their vectors."""
    groups = [one.group for one in drawn]
    listings = {one.group.id: _stored(passage_of_group(one.group), one.vectors[0], encoder) for one in drawn}
    store.put(GROUPS, groups, listings)
    members = [member for one in drawn for member in one.members]
    vectors = {
        member.id: _stored(passage_of_profile(member), vector, encoder)
        for one in drawn
        for member, vector in zip(one.members, one.vectors[1:], strict=True)
    }
    store.put(PROFILES, members, vectors)


def _stored(passage: str, vector: Vector, encoder: str) -> StoredVector:
    return StoredVector(encoder, digest(passage), vector)


def _read(file: Path, kind: type[R]) -> Iterator[R]:
    return (row.record for row in parse_file(file, kind) if row.record)
