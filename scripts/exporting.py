"""`kindred export`: writes the directory as JSONL that imports again to the same groups and profiles."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from models.errors import InvalidInput
from scripts.opening import open_database

if TYPE_CHECKING:
    from api.storage.directory_store import DirectoryStore

_file = click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default="-")


@click.group()
def export() -> None:
    """Write groups or profiles as JSONL, to FILE or (-) to the screen."""


@export.command()
@_file
def groups(file: Path) -> None:
    """Write all groups."""
    from api.exporting import export_groups

    _export(export_groups, file)


@export.command()
@_file
def profiles(file: Path) -> None:
    """Write all experience profiles. They are sensitive: keep the file where only you can read it."""
    from api.exporting import export_profiles

    _export(export_profiles, file)


def _export(read_rows: Callable[[DirectoryStore], Iterator[str]], file: Path) -> None:
    from api.storage.directory_store import DirectoryStore

    # Neither the screen nor a pipe can be replaced by a file.
    is_stream = file == Path("-") or (file.exists() and not file.is_file())
    with open_database() as database:
        lines = (f"{row}\n" for row in read_rows(DirectoryStore(database)))
        if is_stream:
            with click.open_file(file, "w", encoding="utf-8") as stream:
                stream.writelines(lines)
        else:
            _replace(file, lines)


def _replace(file: Path, lines: Iterable[str]) -> None:
    """Write all of a file; until all is written, the one that is there stays as it is. Raises InvalidInput."""
    # A link stays, and so does who may read what it leads to.
    target = file.resolve()
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        # What members told is for this account alone, unless somebody gave the file that is there to others.
        unfinished.touch(mode=0o600, exist_ok=False)
        with unfinished.open("w", encoding="utf-8") as opened:
            if target.exists():
                shutil.copymode(target, unfinished)
            opened.writelines(lines)
        unfinished.replace(target)
    except OSError as error:
        raise InvalidInput(f"{file}: can't be written: {(error.strerror or type(error).__name__).lower()}.") from None
    finally:
        with suppress(OSError):
            unfinished.unlink()
