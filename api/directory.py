"""Keeps the index that requests search in step with storage, in every process, without a restart.

Decides when to look, what to load again and which texts to encode. Does not decide what a match is.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

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
from api.storage.snapshots import (
    Piece,
    SnapshotInPieces,
    clear_unfinished,
    forget_snapshot,
    open_snapshot,
    save_snapshot,
)
from matcher.encoder import TextEncoder, Vector
from matcher.index import DirectoryIndex, Entry
from matcher.phrasebook import Phrasebook
from matcher.rulebook import default_rules
from matcher.text import encode_passages, passage_of_group, passage_of_profile
from models.errors import KindredError, NotFound, StorageUnavailable
from models.group import Group
from models.profile import ExperienceProfile
from models.rules import MatchingRules

_logger = logging.getLogger(__name__)
_BATCH_TEXTS = 256
# Up to so many groups everything is learned anew at each change: it takes less time than anyone notices, and each group
# changes much of what there is to learn.
_SMALL_GROUPS = 100
# Past that, once so large a share of the groups was changed.
_DRIFT_SHARE = 0.05
LEARNED_FROM_MOST = 20_000
"""Past so many groups, what a directory teaches is learned from so many of them: more would teach nothing else."""
_GROUPS_AT_ONCE = 500

Progress = Callable[[int, int], None]
"""Called with how many texts are encoded, and of how many."""


@dataclass(frozen=True)
class _Snapshot:
    """The directory as of a version."""

    version: DirectoryVersion
    index: DirectoryIndex


class LiveDirectory:
    """The directory as requests see it. Safe to share between threads."""

    def __init__(
        self,
        store: DirectoryStore,
        encoder: TextEncoder,
        on_progress: Progress | None = None,
        rules: MatchingRules | None = None,
        phrasebook: Phrasebook | None = None,
        snapshots: Path | None = None,
    ) -> None:
        self.store = store
        self.encoder = encoder
        self.rules = rules or default_rules()
        self._phrasebook = phrasebook or Phrasebook(encoder)
        self._on_progress = on_progress or _log_progress
        self._lock = threading.Lock()
        self._folder = snapshots
        self._snapshot: _Snapshot | None = None
        self._is_learning = False
        self._is_kept = False
        self._follower: Follower | None = None

    def current(self) -> DirectoryIndex:
        """The index of the directory with all that this process wrote, and what others did. Raises StorageUnavailable.

        What others wrote is in it at once; where changes are followed, within a second, and while the database is
        gone, it is the last that was read.
        """
        snapshot = self._snapshot
        if snapshot is not None and self._may_serve(snapshot.version):
            return snapshot.index
        try:
            with self._lock:
                return self._catch_up().index
        except StorageUnavailable:
            if snapshot is None or self._follower is None:
                raise
            return snapshot.index

    def follow(self, bell: ChangeBell) -> None:
        """From now on, take in what others change in a thread of its own, instead of asking at each request."""
        self._follower = Follower(bell, self._refresh)
        self._follower.start()

    def keep(self) -> None:
        """Keep what this start learned of a small directory for the next one, until something changes; that of a large
        one was kept as soon as it was learned.
        """
        snapshot = self._snapshot
        if self._is_kept or snapshot is None or snapshot.index.shortcuts is not None or snapshot.index.drift:
            return
        version, documents = self.store.digest_documents()
        if version == snapshot.version:
            self._save(version, snapshot.index, documents)

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
            return self._catch_up(from_primary).version == newest

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

    def _catch_up(self, from_primary: bool = False) -> _Snapshot:
        snapshot = self._snapshot
        if snapshot is None:
            kept = self._open()
            self._snapshot = self._take_in(kept, from_primary) if kept else self._learn(from_primary)
        elif snapshot.version != self.store.version():
            self._snapshot = self._take_in(snapshot, from_primary)
        assert self._snapshot is not None
        self._learn_again_if_much_changed(self._snapshot.index)
        return self._snapshot

    def _learn_again_if_much_changed(self, index: DirectoryIndex) -> None:
        if index.drift > _DRIFT_SHARE and not self._is_learning:
            self._is_learning = True
            threading.Thread(target=self._learn_beside, name="learning", daemon=True).start()

    def _learn(self, from_primary: bool = False) -> _Snapshot:
        """From all groups there are; of very many, from some, and through the disk."""
        if self._folder is not None:
            version = self.store.version()
            ids = self.store.group_ids(version, from_primary)
            found = None if len(ids) <= LEARNED_FROM_MOST else self._learn_in_pieces(version, ids, from_primary)
            if found is not None:
                return found
        return self._learn_at_once(from_primary)

    def _learn_in_pieces(self, version: DirectoryVersion, ids: Sequence[str], from_primary: bool) -> _Snapshot | None:
        """Holds only a part of the directory at any time; what changes meanwhile is newer than `version`, and taken in
        later. None: the disk doesn't take it.
        """
        assert self._folder is not None

        def read(some: Sequence[str]) -> Iterator[list[Entry]]:
            for start in range(0, len(some), _GROUPS_AT_ONCE):
                yield self._entries(self.store.whole(some[start : start + _GROUPS_AT_ONCE], version, from_primary))

        sample = list(chain.from_iterable(read(ids[:: -(-len(ids) // LEARNED_FROM_MOST)])))
        try:
            with SnapshotInPieces(self._folder, sample, self.encoder.dimensions, self.rules) as making:
                sample.clear()
                for entries in read(ids):
                    making.add(Piece.of(entries, making.learned))
                return _Snapshot(version, making.finish(version, self.encoder.identity))
        except OSError as error:
            _logger.warning("The index could not be kept (%s): all of it is held in memory.", error.strerror)
        return self._open()

    def _learn_at_once(self, from_primary: bool) -> _Snapshot:
        changes = self.store.changes_since(None, from_primary)
        entries, label = self._entries(changes), changes.version.label
        index = DirectoryIndex.build(entries, label, self.encoder.dimensions, self.rules)
        if index.shortcuts is not None:
            self._save(changes.version, index)
        return _Snapshot(changes.version, index)

    def _take_in(self, snapshot: _Snapshot, from_primary: bool = False) -> _Snapshot:
        """With what changed since; its index takes the place of the one in `snapshot`, which can't be changed again."""
        changes = self.store.changes_since(snapshot.version, from_primary)
        if changes.version == snapshot.version:
            return snapshot
        if changes.is_everything or len(snapshot.index.ids) <= _SMALL_GROUPS:
            self._forget()
            return self._learn(from_primary)
        index = snapshot.index.changed(self._entries(changes), changes.deleted_groups, changes.version.label)
        if index.gone.any():
            self._forget()
        return _Snapshot(changes.version, index)

    def _learn_beside(self) -> None:
        """Learn anew while requests go on; what has changed meanwhile is taken in before it is searched."""
        try:
            learned = self._learn()
            with self._lock:
                self._snapshot = self._take_in(learned)
        except KindredError as error:
            _logger.warning("The directory could not be learned anew. %s", error.sentence)
        except Exception as error:  # whatever it is, what was learned before still answers
            _logger.error("The directory could not be learned anew. %s.", type(error).__name__)
        finally:
            self._is_learning = False

    def _open(self) -> _Snapshot | None:
        """The directory as it was saved, if it is this one."""
        if self._folder is None:
            return None
        clear_unfinished(self._folder)
        found = open_snapshot(
            self._folder,
            self.store.version().directory_id,
            self.encoder.identity,
            self.rules,
            lambda: self.store.digest_documents()[1],
        )
        self._is_kept = found is not None
        return _Snapshot(*found) if found else None

    def _forget(self) -> None:
        """What was changed or deleted must not stay on disk."""
        self._is_kept = False
        if self._folder is not None:
            forget_snapshot(self._folder)

    def _save(self, version: DirectoryVersion, index: DirectoryIndex, documents: str | None = None) -> None:
        if self._folder is None:
            return
        try:
            save_snapshot(self._folder, version, index, self.encoder.identity, documents)
            self._is_kept = True
        except OSError as error:
            _logger.warning("The index could not be kept (%s); the next start takes longer.", error.strerror)

    def _entries(self, changes: Changes) -> list[Entry]:
        """Every group that changed, with its members; texts without a vector are encoded."""
        group_vectors = self._all_vectors(GROUPS, changes.groups)
        profile_vectors = self._all_vectors(PROFILES, changes.profiles)
        members: dict[str, list[tuple[ExperienceProfile, Vector]]] = {group.id: [] for group, _ in changes.groups}
        for profile, _ in changes.profiles:
            members[profile.group_id].append((profile, profile_vectors[profile.id]))
        return [
            Entry.of(group, group_vectors[group.id], members[group.id], self._phrasebook.voice_of(group))
            for group, _ in changes.groups
        ]

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
