"""Takes the rows of a file into the directory and reports on each. A bad row never stops the good ones.

Of two rows with the same id the first counts and the later is refused: so the same file twice changes nothing.
Rows are encoded and written in batches; an interrupted import is simply run again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from api.directory import LiveDirectory
from api.formats.native import ParsedRow, parse_file
from api.storage.directory_records import Outcome
from models.group import Group
from models.profile import ExperienceProfile

R = TypeVar("R", Group, ExperienceProfile)
T = TypeVar("T")
_BATCH_ROWS = 256


class RowOutcome(StrEnum):
    """What became of a row."""

    TAKEN = "taken"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


_OUTCOMES = {
    Outcome.CREATED: RowOutcome.TAKEN,
    Outcome.CHANGED: RowOutcome.CHANGED,
    Outcome.UNCHANGED: RowOutcome.UNCHANGED,
    Outcome.GROUP_MISSING: RowOutcome.REFUSED,
}


@dataclass(frozen=True)
class RowReport:
    """What became of one row, and why."""

    line: int
    id: str | None
    outcome: RowOutcome
    reasons: tuple[str, ...] = ()
    """Why it was refused: field and what would be right, never what was in the file."""
    notes: tuple[str, ...] = ()
    """What was done to read it."""


@dataclass(frozen=True)
class ImportReport:
    """What became of a file, row by row in its order."""

    file: str
    rows: tuple[RowReport, ...]

    @property
    def counts(self) -> dict[RowOutcome, int]:
        counted = Counter(row.outcome for row in self.rows)
        return {outcome: counted[outcome] for outcome in RowOutcome}

    def as_json(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {"file": self.file, "counts": self.counts, "rows": [asdict(row) for row in self.rows]}


@dataclass(frozen=True)
class ImportProgress:
    """How far an import has come."""

    rows_done: int
    bytes_done: int
    bytes_total: int


OnProgress = Callable[[ImportProgress], None]


def import_groups(path: Path, directory: LiveDirectory, on_progress: OnProgress | None = None) -> ImportReport:
    """Create or change groups from a file.

    Raises:
        InvalidInput: the file can't be opened, or its header can't be understood. Nothing was changed.
        StorageUnavailable: the rows of earlier batches stay; run the import again.
    """
    return _import_file(path, parse_file(path, Group), directory.put_groups, on_progress)


def import_profiles(path: Path, directory: LiveDirectory, on_progress: OnProgress | None = None) -> ImportReport:
    """Create or change experience profiles from a file; their groups must be there already. Raises as import_groups."""
    return _import_file(path, parse_file(path, ExperienceProfile), directory.put_profiles, on_progress)


def _import_file(
    path: Path,
    rows: Iterator[ParsedRow[R]],
    put: Callable[[list[R]], list[Outcome]],
    on_progress: OnProgress | None,
) -> ImportReport:
    reports: list[RowReport] = []
    lines_of_ids: dict[str, int] = {}
    for batch in _batches(rows):
        reports += _import_batch(batch, lines_of_ids, put)
        if on_progress is not None:
            on_progress(ImportProgress(len(reports), batch[-1].bytes_read, path.stat().st_size))
    return ImportReport(path.name, tuple(reports))


def _import_batch(
    batch: list[ParsedRow[R]], lines_of_ids: dict[str, int], put: Callable[[list[R]], list[Outcome]]
) -> list[RowReport]:
    """Writes what is valid, all in one transaction, and reports on every row of the batch."""
    for row in batch:
        if row.record is not None:
            lines_of_ids.setdefault(row.record.id, row.line)
    records = [row.record for row in batch if row.record is not None and lines_of_ids[row.record.id] == row.line]
    outcomes = dict(zip((record.id for record in records), put(records), strict=True)) if records else {}
    return [_report(row, lines_of_ids, outcomes) for row in batch]


def _report(row: ParsedRow[R], lines_of_ids: dict[str, int], outcomes: dict[str, Outcome]) -> RowReport:
    if row.record is None:
        return RowReport(row.line, row.id, RowOutcome.REFUSED, row.reasons, row.notes)
    first_line = lines_of_ids[row.record.id]
    if first_line != row.line:
        reason = f"id: line {first_line} has the same id, and counts"
        return RowReport(row.line, row.id, RowOutcome.REFUSED, (reason,), row.notes)
    outcome = outcomes[row.record.id]
    reasons = ("group_id: there is no group with that id",) if outcome is Outcome.GROUP_MISSING else ()
    return RowReport(row.line, row.id, _OUTCOMES[outcome], reasons, row.notes)


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(items)
    while batch := list(islice(remaining, _BATCH_ROWS)):
        yield batch
