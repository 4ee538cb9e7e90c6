"""Keeps the index that requests search in step with storage, in every process, without a restart.

Decides when to look, what to load again and which texts to encode. Does not decide what a match is.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from api.following import Follower
from api.storage.bell import ChangeBell
from api.storage.directory_records import (
    GROUPS,
    PROFILES,
    Changes,
    DirectoryVersion,
    Outcome,
    R,
    Shelf,
    StoredVector,
)
from api.storage.directory_store import DirectoryStore
from api.storage.documents import digest
from matcher.encoder import TextEncoder, Vector
from matcher.index import DirectoryIndex, Entry
from matcher.phrasebook import Phrasebook
from matcher.rulebook import default_rules
from matcher.text import encode_passages, passage_of_group, passage_of_profile
from models.errors import NotFound, StorageUnavailable
from models.group import Group
from models.profile import ExperienceProfile
from models.rules import MatchingRules

_logger = logging.getLogger(__name__)
_BATCH_TEXTS = 256
# Up to so many groups everything is learned anew at each change: it takes less time than anyone notices.
_SMALL_GROUPS = 1_000
# Past that, once so large a share of the groups was changed.
_DRIFT_SHARE = 0.05

Progress = Callable[[int, int], None]
"""Called with how many texts are encoded, and of how many."""


@dataclass
class _Known:
    """What this process has taken in: the directory as of `version`, and the entries made of it."""

    version: DirectoryVersion | None = None
    groups: dict[str, tuple[Group, Vector]] = field(default_factory=dict)
    members: dict[str, dict[str, tuple[ExperienceProfile, Vector]]] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)

    def add_profile(self, profile: ExperienceProfile, vector: Vector) -> set[str]:
        touched = self.remove_profile(profile.id)
        self.homes[profile.id] = profile.group_id
        self.members.setdefault(profile.group_id, {})[profile.id] = (profile, vector)
        return touched | {profile.group_id}

    def remove_profile(self, profile_id: str) -> set[str]:
        home = self.homes.pop(profile_id, None)
        if home is None:
            return set()
        del self.members[home][profile_id]
        return {home}

    def renew_entry(self, group_id: str, phrasebook: Phrasebook) -> None:
        self.entries.pop(group_id, None)
        if group_id not in self.groups:
            return
        members = self.members.get(group_id, {})
        # In the order of their ids, so that the sums don't depend on the order of the changes.
        in_order = [members[profile_id] for profile_id in sorted(members)]
        group, vector = self.groups[group_id]
        self.entries[group_id] = Entry.of(group, vector, in_order, phrasebook.voice_of(group))


class LiveDirectory:
    """The directory as requests see it. Safe to share between threads."""

    def __init__(
        self,
        store: DirectoryStore,
        encoder: TextEncoder,
        on_progress: Progress | None = None,
        rules: MatchingRules | None = None,
        phrasebook: Phrasebook | None = None,
    ) -> None:
        self.store = store
        self.encoder = encoder
        self.rules = rules or default_rules()
        self._phrasebook = phrasebook or Phrasebook(encoder)
        self._on_progress = on_progress or _log_progress
        self._lock = threading.Lock()
        self._known = _Known()
        self._snapshot: tuple[DirectoryVersion, DirectoryIndex] | None = None
        self._touched: set[str] = set()
        self._is_learning = False
        self._follower: Follower | None = None

    def current(self) -> DirectoryIndex:
        """The index of the directory with all that this process wrote, and what others did. Raises StorageUnavailable.

        What others wrote is in it at once; where changes are followed, within a second, and while the database is
        gone, it is the last that was read.
        """
        snapshot = self._snapshot
        if snapshot is not None and self._may_serve(snapshot[0]):
            return snapshot[1]
        try:
            with self._lock:
                return self._catch_up()
        except StorageUnavailable:
            if snapshot is None or self._follower is None:
                raise
            return snapshot[1]

    def follow(self, bell: ChangeBell) -> None:
        """From now on, take in what others change in a thread of its own, instead of asking at each request."""
        self._follower = Follower(bell, self._refresh)
        self._follower.start()

    def close(self) -> None:
        """Stop following."""
        if self._follower is not None:
            self._follower.close()

    def _may_serve(self, version: DirectoryVersion) -> bool:
        if self._follower is None:
            return version == self.store.version()
        return version.number >= self.store.written or self.store.database.seems_gone

    def _refresh(self, from_primary: bool) -> bool:
        """Take in what there is to read; whether that is all."""
        newest = self.store.version()
        with self._lock:
            self._catch_up(from_primary)
        return self._known.version == newest

    def put_group(self, group: Group) -> Outcome:
        """Create or replace a group."""
        return self.put_groups([group])[0]

    def add_group(self, group: Group) -> None:
        """Create a group. Raises Conflict when its id is taken."""
        self.put_groups([group], only_new=True)

    def put_profile(self, profile: ExperienceProfile) -> Outcome:
        """Create or replace a profile; another `group_id` moves it. Raises NotFound when its group isn't there."""
        return _at_home(self.put_profiles([profile])[0])

    def add_profile(self, profile: ExperienceProfile) -> None:
        """Create a profile. Raises Conflict when its id is taken, NotFound when its group isn't there."""
        _at_home(self.put_profiles([profile], only_new=True)[0])

    def put_groups(self, groups: Sequence[Group], only_new: bool = False) -> list[Outcome]:
        """Create or replace groups with different ids, all in one transaction. Conflict: one had to be new."""
        return self.store.put(GROUPS, groups, self._new_vectors(GROUPS, groups), only_new)

    def put_profiles(self, profiles: Sequence[ExperienceProfile], only_new: bool = False) -> list[Outcome]:
        """As `put_groups`, but a profile whose group is missing is left out."""
        homes = self.store.groups_there({profile.group_id for profile in profiles})
        at_home = [profile for profile in profiles if profile.group_id in homes]
        return self.store.put(PROFILES, profiles, self._new_vectors(PROFILES, at_home), only_new)

    def delete_group(self, group_id: str) -> None:
        """Delete a group with all its profiles. Raises NotFound."""
        self.store.delete_group(group_id)

    def delete_profile(self, profile_id: str) -> None:
        """Delete a profile. Raises NotFound."""
        self.store.delete_profile(profile_id)

    def _catch_up(self, from_primary: bool = False) -> DirectoryIndex:
        known, snapshot = self._known, self._snapshot
        if snapshot is not None and known.version == self.store.version():
            return snapshot[1]
        changes = self.store.changes_since(known.version, from_primary)
        if snapshot is not None and changes.version == known.version:
            return snapshot[1]
        if changes.is_everything:
            known = _Known()
        # Whatever fails from here on, the next look starts over instead of building on half a change.
        self._known = _Known()
        touched = self._take_in(known, changes)
        if snapshot is None or changes.is_everything or len(known.entries) <= _SMALL_GROUPS:
            index = self._learn_anew(known)
        else:
            index = self._add_to(snapshot[1], touched, known)
        self._known, self._snapshot = known, (changes.version, index)
        return index

    def _learn_anew(self, known: _Known) -> DirectoryIndex:
        label = known.version.label if known.version else ""
        return DirectoryIndex.build(known.entries.values(), label, self.encoder.dimensions, self.rules)

    def _add_to(self, index: DirectoryIndex, touched: set[str], known: _Known) -> DirectoryIndex:
        """The index with what changed; where that has become much, the whole is learned anew beside it."""
        label = known.version.label if known.version else ""
        entries = [known.entries[group_id] for group_id in sorted(touched & known.entries.keys())]
        self._touched |= touched
        changed = index.changed(entries, touched - known.entries.keys(), label)
        if changed.drift > _DRIFT_SHARE and not self._is_learning:
            self._is_learning, self._touched = True, set()
            entries = list(known.entries.values())
            threading.Thread(target=self._learn_beside, args=(entries, known), name="learning", daemon=True).start()
        return changed

    def _learn_beside(self, entries: list[Entry], known: _Known) -> None:
        """Learn from all groups while requests go on, then take its place with what has changed meanwhile."""
        try:
            index = DirectoryIndex.build(entries, "", self.encoder.dimensions, self.rules)
            with self._lock:
                if self._known is known and self._snapshot is not None:
                    self._snapshot = (self._snapshot[0], self._add_to(index, set(self._touched), known))
        finally:
            self._is_learning = False

    def _take_in(self, known: _Known, changes: Changes) -> set[str]:
        """Takes in what changed; the ids of the groups that it touches."""
        group_vectors = self._all_vectors(GROUPS, changes.groups)
        profile_vectors = self._all_vectors(PROFILES, changes.profiles)
        touched = {group.id for group, _ in changes.groups} | set(changes.deleted_groups)
        for group_id in changes.deleted_groups:
            known.groups.pop(group_id, None)
        for group, _ in changes.groups:
            known.groups[group.id] = (group, group_vectors[group.id])
        for profile_id in changes.deleted_profiles:
            touched |= known.remove_profile(profile_id)
        for profile, _ in changes.profiles:
            touched |= known.add_profile(profile, profile_vectors[profile.id])
        for group_id in touched:
            known.renew_entry(group_id, self._phrasebook)
        known.version = changes.version
        return touched

    def _new_vectors(self, shelf: Shelf[R], records: Sequence[R]) -> dict[str, StoredVector]:
        """Vectors for the records whose words have none yet."""
        encoded = self.store.passages_encoded(shelf, [record.id for record in records], self.encoder.identity)
        return self._encode([record for record in records if encoded.get(record.id) != digest(_passage(record))])

    def _all_vectors(self, shelf: Shelf[R], pairs: Sequence[tuple[R, StoredVector | None]]) -> dict[str, Vector]:
        """A vector for every record: the stored one where it is good, else one made now, and kept."""
        good = {record.id: stored.vector for record, stored in pairs if stored and self._is_good(stored, record)}
        missing = [record for record, _ in pairs if record.id not in good]
        for start in range(0, len(missing), _BATCH_TEXTS):
            made = self._encode(missing[start : start + _BATCH_TEXTS])
            self._keep(shelf, made)
            good.update({id_: stored.vector for id_, stored in made.items()})
            self._on_progress(min(start + _BATCH_TEXTS, len(missing)), len(missing))
        return good

    def _is_good(self, stored: StoredVector, record: Group | ExperienceProfile) -> bool:
        return (
            stored.encoder == self.encoder.identity
            and stored.vector.shape == (self.encoder.dimensions,)
            and stored.passage_digest == digest(_passage(record))
        )

    def _encode(self, records: Sequence[Group | ExperienceProfile]) -> dict[str, StoredVector]:
        passages = [_passage(record) for record in records]
        vectors = encode_passages(passages, self.encoder)
        return {
            record.id: StoredVector(self.encoder.identity, digest(passage), vector)
            for record, passage, vector in zip(records, passages, vectors, strict=True)
        }

    def _keep(self, shelf: Shelf[R], made: dict[str, StoredVector]) -> None:
        try:
            self.store.save_vectors(shelf, made)
        except StorageUnavailable as error:
            # A directory that can only be read still answers; its vectors are made again at the next start.
            _logger.warning("Vectors are kept in memory only. %s", error.sentence)


def _at_home(outcome: Outcome) -> Outcome:
    if outcome is Outcome.GROUP_MISSING:
        raise NotFound("There is no group with the profile's group_id. Add the group first. Nothing was changed.")
    return outcome


def _passage(record: Group | ExperienceProfile) -> str:
    return passage_of_group(record) if isinstance(record, Group) else passage_of_profile(record)


def _log_progress(done: int, total: int) -> None:
    _logger.info("Encoded %d of %d texts of the directory.", done, total)
