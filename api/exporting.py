"""Writes the directory out as JSONL rows that import again to the same groups and profiles."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from api.storage.directory_store import DirectoryStore
from api.storage.documents import write_document
from models.group import Group
from models.profile import ExperienceProfile

R = TypeVar("R", Group, ExperienceProfile)
_PAGE_ROWS = 500


def export_groups(store: DirectoryStore) -> Iterator[str]:
    """One JSON object a group, in the order of their ids, without line ends. Raises StorageUnavailable."""
    return _export(store.groups)


def export_profiles(store: DirectoryStore) -> Iterator[str]:
    """One JSON object a profile, in the order of their ids, without line ends. Raises StorageUnavailable."""
    return _export(store.profiles)


def _export(page_after: Callable[[str, int], list[R]]) -> Iterator[str]:
    after = ""
    while page := page_after(after, _PAGE_ROWS):
        yield from (write_document(record) for record in page)
        after = page[-1].id
