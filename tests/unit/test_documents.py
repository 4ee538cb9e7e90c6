"""Documents keep step with the code: settings, rule keys, stored columns, import columns, links."""

import json
import re
from pathlib import Path

import pytest

from api.formats.native import columns_of
from api.settings import Settings
from api.storage.tables import Kept, metadata
from matcher.rulebook import default_rules
from models.group import Group
from models.profile import ExperienceProfile

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
# Parts of a rule that say why it is so.
PROVENANCE = {"date", "reason", "source"}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def first_cells(name: str) -> set[str]:
    """What stands in backticks in the first cell of each row of a document's tables."""
    cells = [line.split("|")[1] for line in read(name).splitlines() if line.startswith("| `")]
    return {code for cell in cells for code in re.findall(r"`([^`]+)`", cell)}


@pytest.mark.parametrize("name", ["README.md", "docs/settings.md"])
def test_every_setting_is_documented_and_none_that_is_not_there(name: str) -> None:
    documented = {cell for cell in first_cells(name) if cell.startswith("KINDRED_")}
    assert documented == {f"KINDRED_{field.upper()}" for field in Settings.model_fields}


def test_every_setting_is_documented_with_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "~")
    rows = {
        line.split("|")[1].strip(" `"): line.split("|")[2]
        for line in read("docs/settings.md").splitlines()
        if "|" in line
    }
    for field, information in Settings.model_fields.items():
        default = information.get_default(call_default_factory=True)
        if default is not None:
            assert f"`{int(default) if isinstance(default, bool) else default}`" in rows[f"KINDRED_{field.upper()}"]


def test_every_rule_key_has_a_documented_meaning() -> None:
    sections = {
        name: getattr(default_rules(), name) for name in type(default_rules()).model_fields if name != "version"
    }
    keys = {
        f"{name}.{key}"
        for name, section in sections.items()
        for key in type(section).model_fields
        if key not in PROVENANCE
    }
    assert first_cells("docs/rules.md") == keys


def test_every_stored_column_is_documented_as_it_is_classed() -> None:
    rows = [
        [cell.strip(" `") for cell in line.split("|")[1:-1]]
        for line in read("docs/data.md").splitlines()
        if "`" in line and line.startswith("|")
    ]
    documented = {column: (privacy, how_long) for column, _, privacy, how_long in rows}
    assert documented == {
        f"{table.name}.{column.name}": (kept.privacy.value, kept.how_long)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(kept := column.info["kept"], Kept)
    }


def test_every_column_that_can_be_imported_is_documented() -> None:
    columns = columns_of(Group) | columns_of(ExperienceProfile)
    # A whole list of meetings and its parts are one thing to describe.
    assert set(columns) - first_cells("docs/formats.md") == {"schedules"}
    assert first_cells("docs/formats.md") <= set(columns)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(\s*([^)\s]+)\s*\)", document.read_text(encoding="utf-8"))
    paths = [link.partition("#")[0] for link in links if not link.startswith(("http://", "https://", "#"))]
    assert [path for path in paths if not (document.parent / path).exists()] == []


def test_the_matching_report_is_its_template_with_its_parts() -> None:
    text, parts = read("docs/matching-report/page.template"), json.loads(read("docs/matching-report/parts.json"))
    for name, content in parts.items():
        assert f"{{{{{name}}}}}" in text, name
        text = text.replace(f"{{{{{name}}}}}", content)
    assert "{{" not in text
    assert read("docs/matching-report.md") == text
