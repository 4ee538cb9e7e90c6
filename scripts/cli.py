"""The `kindred` command: its commands, and what becomes of errors. Each family of commands has a file of its own.

Those files import what takes seconds to load inside their functions, so that `kindred keys list` is quick.
"""

import os
import sys
from collections.abc import Sequence

import click

from models.errors import KindredError
from scripts.bench.command import bench
from scripts.doctor import doctor
from scripts.evaluating import evaluate
from scripts.exporting import export
from scripts.importing import import_
from scripts.keys import keys
from scripts.recommending import recommend
from scripts.serving import serve

INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="kindred", message="Kindred %(version)s")
def kindred() -> None:
    """Kindred matches people with the peer-support groups where others share what they live with, and says why.

    Settings come from the environment: KINDRED_DATA_DIR, KINDRED_PORT and others (see docs/settings.md).
    """


for command in (serve, import_, recommend, keys, export, evaluate, bench, doctor):
    kindred.add_command(command)


def main() -> None:
    """Run the command line of this process and leave with its exit status."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command. 0: all well; 1: done in part; 2: could not be done, and one sentence says why."""
    try:
        # Not by `kindred.main`: it would leave by itself, with 1, when nobody reads on.
        with kindred.make_context("kindred", list(arguments)) as context:
            status = kindred.invoke(context)
        # What still waits in a buffer is written here, where it can be seen to fail.
        click.echo(nl=False)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except KindredError as error:
        click.echo(f"kindred: {error.sentence}", err=True)
        return 2
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        # On a line of its own, after the terminal's ^C.
        click.echo("\nStopped.", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read along has seen enough, as `head` does. What still waits to be written goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status if isinstance(status, int) else 0


if __name__ == "__main__":
    main()
