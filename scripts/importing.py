"""`kindred import`, and the demo directory at the first start: progress while rows are read, a report at the end.

What becomes of a row is decided in `api.importing`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.settings import read_settings
from models.errors import StorageUnavailable
from scripts.outputs import check_writable

if TYPE_CHECKING:
    from api.directory import LiveDirectory
    from api.importing import ImportReport, OnProgress, RowReport
    from api.service import Service

    ImportFile = Callable[[Path, LiveDirectory, OnProgress | None], ImportReport]

SOME_REFUSED = 1
_REFUSED_SHOWN = 20
DEMO = Path(__file__).parent / "demo_directory"

_file = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
_report = click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=check_writable,
    help="Write what became of every row here, as JSON.",
)


@click.group("import")
def import_() -> None:
    """Take groups or profiles from a .jsonl or .csv FILE into the directory.

    A bad row is refused and never stops the good ones; the same file twice changes nothing. Leaves with 0 when every
    row was taken, with 1 when some were refused, with 2 when the file can't be used.
    """


@import_.command()
@_file
@_report
def groups(file: Path, report: Path | None) -> int:
    """Import groups (see docs/formats.md)."""
    from api.importing import import_groups

    return _import(file, import_groups, report)


@import_.command()
@_file
@_report
def profiles(file: Path, report: Path | None) -> int:
    """Import experience profiles; their groups must be there already."""
    from api.importing import import_profiles

    return _import(file, import_profiles, report)


def load_demo(service: Service) -> None:
    """Fill an empty directory with the invented demo groups, or go on where that was interrupted."""
    from api.directory import LiveDirectory
    from api.importing import import_groups, import_profiles
    from scripts.vector_cache import remember_invented

    # There while the demo is being loaded: a load that was cut short is taken up again.
    unfinished = service.settings.data_dir / "demo-unfinished"
    is_empty = service.store.counts(service.encoder.identity).groups == 0
    if not service.settings.demo or not (is_empty or unfinished.exists()):
        return
    click.echo("Loading the demo directory. All its groups and people are invented.")
    _mark(unfinished)
    directory = LiveDirectory(service.store, remember_invented(service.encoder, service.settings.cache_dir))
    _with_progress("Groups", DEMO / "groups.jsonl", import_groups, directory)
    _with_progress("Profiles", DEMO / "profiles.jsonl", import_profiles, directory)
    unfinished.unlink(missing_ok=True)
    held = service.store.counts(service.encoder.identity)
    click.echo(f"{held.groups} groups and {held.profiles} profiles are loaded.")


def _import(file: Path, import_file: ImportFile, report_file: Path | None) -> int:
    from api.directory import LiveDirectory
    from api.importing import RowOutcome
    from api.service import open_service

    service = open_service(read_settings())
    # Nobody else waits for the encoder here, so it is given as much at a time as it can take.
    report = _with_progress(file.name, file, import_file, LiveDirectory(service.store, service.encoder))
    if report_file is not None:
        report_file.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _show(report)
    return SOME_REFUSED if report.counts[RowOutcome.REFUSED] else 0


def _with_progress(label: str, file: Path, import_file: ImportFile, directory: LiveDirectory) -> ImportReport:
    with click.progressbar(
        length=file.stat().st_size,
        label=label,
        show_eta=True,
        width=0,
        file=sys.stderr,
        # In a log the bar would be one line that says nothing.
        hidden=not sys.stderr.isatty(),
    ) as bar:
        return import_file(file, directory, lambda progress: bar.update(progress.bytes_done - bar.pos))


def _show(report: ImportReport) -> None:
    from api.importing import RowOutcome

    counts = report.counts
    click.echo(f"{report.file}: {', '.join(f'{counts[outcome]} {outcome.value}' for outcome in RowOutcome)}.")
    refused = [row for row in report.rows if row.outcome is RowOutcome.REFUSED]
    for row in refused[:_REFUSED_SHOWN]:
        click.echo(f"  {_why(row)}")
    if len(refused) > _REFUSED_SHOWN:
        click.echo(f"  … and {len(refused) - _REFUSED_SHOWN} more. --report FILE writes what became of every row.")
    for note in sorted({note for row in report.rows for note in row.notes}):
        noted = sum(note in row.notes for row in report.rows)
        click.echo(f"  {noted} {'row' if noted == 1 else 'rows'}: {note}")


def _why(row: RowReport) -> str:
    whose = f" ({row.id})" if row.id else ""
    return f"line {row.line}{whose}: {'; '.join(row.reasons)}"


def _mark(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch()
    except OSError as error:
        reason = (error.strerror or "it can't be written").lower()
        raise StorageUnavailable(
            f"The data directory {file.parent} can't be used: {reason}. "
            "Set KINDRED_DATA_DIR to a directory that Kindred may write to."
        ) from None
