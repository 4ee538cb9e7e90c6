"""`kindred export`: writes the directory as JSONL that imports again to the same groups and profiles."""

from typing import IO

import click

from scripts.opening import open_database

_FILE = click.File("w", encoding="utf-8", atomic=True)


@click.group()
def export() -> None:
    """Write groups or profiles as JSONL, to FILE or (-) to the screen."""


@export.command()
@click.argument("file", type=_FILE, default="-")
def groups(file: IO[str]) -> None:
    """Write all groups."""
    from api.exporting import export_groups
    from api.storage.directory_store import DirectoryStore

    with open_database() as database:
        file.writelines(f"{row}\n" for row in export_groups(DirectoryStore(database)))


@export.command()
@click.argument("file", type=_FILE, default="-")
def profiles(file: IO[str]) -> None:
    """Write all experience profiles. They are sensitive: keep the file where only you can read it."""
    from api.exporting import export_profiles
    from api.storage.directory_store import DirectoryStore

    with open_database() as database:
        file.writelines(f"{row}\n" for row in export_profiles(DirectoryStore(database)))
