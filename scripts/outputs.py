"""Options that name what a command will write: what can't be written is told before the work, not after it."""

import os
from pathlib import Path

import click

from models.errors import InvalidInput


def check_writable(_: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """The `callback` of such an option. Raises InvalidInput."""
    if path is None:
        return None
    if not os.path.isdir(path.parent):
        reason = f"there is no folder {path.parent}"
    elif not os.access(path if os.path.exists(path) else path.parent, os.W_OK):
        reason = "permission denied"
    else:
        return path
    raise InvalidInput(f"{parameter.opts[0]}: {path} can't be written: {reason}.")
