"""What docs/api.md tells a developer to type works as it stands."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from fastapi import FastAPI

from api.errors import Trouble
from api.scopes import Scope
from api.service import Service
from tests.api.conftest import Headers, serving
from tests.records import a_group

_DOCUMENT = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
_COMMANDS = [block for block in re.findall(r"```sh\n(.*?)```", _DOCUMENT, re.DOTALL) if "curl" in block]


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl: apt-get install curl")
def test_every_command_of_the_document_runs(app: FastAPI, service: Service, keys: dict[Scope, Headers]) -> None:
    about = "For people with an ileostomy who are frightened of eating with others."
    service.directory.put_groups([a_group(f"g{number}", description=about) for number in range(3)])
    secrets = {scope: headers["Authorization"].removeprefix("Bearer ") for scope, headers in keys.items()}
    with serving(app) as address:
        ran = subprocess.run(
            ["sh", "-e", "-c", "\n".join(_COMMANDS)],
            env={
                **os.environ,
                "KINDRED": address,
                "KEY": secrets[Scope.RECOMMEND],
                "DIRECTORY_KEY": secrets[Scope.DIRECTORY],
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert '"reasons":[{' in ran.stdout
    assert 'rel="next"' in ran.stdout


def test_the_document_names_every_kind_of_problem() -> None:
    told = set(re.findall(r"^\| `(/problems/[a-z-]+)` \| (\d+)", _DOCUMENT, re.MULTILINE))
    assert told == {(trouble.type, str(trouble.status)) for trouble in Trouble}
