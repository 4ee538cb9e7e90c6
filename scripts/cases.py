"""Reads evaluation cases from files (docs/evaluation.md), makes an index of them, and writes and reads finished runs.

Decides the formats. Errors name file, line and field, and never repeat what stood there.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from api.formats.native import R, parse_file
from api.reasons import reasons_of
from matcher.encoder import TextEncoder
from matcher.evaluation import Comparison, JudgedNewcomer, Placing, Report
from matcher.index import DirectoryIndex, Entry
from matcher.phrasebook import Phrasebook, subjects_of
from matcher.synonyms import add_synonyms
from matcher.text import encode_passages, passage_of_group, passage_of_intake, passage_of_profile
from models.errors import InvalidInput
from models.group import Group
from models.intake import Intake
from models.profile import ExperienceProfile
from models.rules import MatchingRules
from models.text import Identifier, Line, Record

_PLACINGS: TypeAdapter[list[Placing]] = TypeAdapter(list[Placing])
_FIELDS = ("id", "answers", "good", "kind", "nothing_close")


class _NewcomerRow(Record):
    id: Identifier
    answers: Intake
    good: tuple[Identifier, ...] = ()
    kind: Line | None = None
    nothing_close: bool = False


@dataclass(frozen=True)
class Cases:
    """A directory, and newcomers with the groups of it that people judged to be right for them."""

    groups: tuple[Group, ...]
    profiles: tuple[ExperienceProfile, ...]
    newcomers: tuple[JudgedNewcomer, ...]


def read_cases(cases: Path, directory: Path | None = None) -> Cases:
    """`cases` is a folder with newcomers.jsonl, or such a file; groups and profiles lie beside it or in `directory`.

    Raises:
        InvalidInput: a file is missing, or a row can't be used. Nothing is left out in silence.
    """
    newcomers_file = cases / "newcomers.jsonl" if cases.is_dir() else cases
    folder = directory or newcomers_file.parent
    groups = tuple(record for _, record in _read(folder / "groups.jsonl", Group))
    ids = {group.id for group in groups}
    profiles_file = folder / "profiles.jsonl"
    profiles = tuple(_read_profiles(profiles_file, ids)) if profiles_file.exists() else ()
    return Cases(groups, profiles, tuple(_read_newcomers(newcomers_file, ids)))


def _read(file: Path, kind: type[R]) -> Iterator[tuple[int, R]]:
    """Each record with its line."""
    seen: set[str] = set()
    for row in parse_file(file, kind):
        if row.record is None or row.record.id in seen:
            reasons = "; ".join(row.reasons) or "its id stands in an earlier line"
            raise InvalidInput(f"{file.name}: line {row.line}: {reasons}.")
        seen.add(row.record.id)
        yield row.line, row.record


def _read_profiles(file: Path, group_ids: set[str]) -> Iterator[ExperienceProfile]:
    for line, profile in _read(file, ExperienceProfile):
        if profile.group_id not in group_ids:
            raise InvalidInput(f"{file.name}: line {line}: group_id: must name a group of groups.jsonl.")
        yield profile


def _read_newcomers(file: Path, group_ids: set[str]) -> Iterator[JudgedNewcomer]:
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(f"{file.name}: can't be read. Evaluation cases need this file, in UTF-8.") from None
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        newcomer, problem = _parse_newcomer(line, group_ids)
        if newcomer is not None and newcomer.id in seen:
            problem = "its id stands in an earlier line"
        if newcomer is None or problem:
            raise InvalidInput(f"{file.name}: line {number}: {problem}.")
        seen.add(newcomer.id)
        yield newcomer


def _parse_newcomer(line: str, group_ids: set[str]) -> tuple[JudgedNewcomer | None, str]:
    """The newcomer, or what would be right."""
    try:
        content = json.loads(line)
        row = _NewcomerRow.model_validate({name: content[name] for name in _FIELDS if name in content})
    except ValidationError as error:
        return None, "; ".join(reasons_of(error))
    except (ValueError, TypeError, RecursionError):
        return None, "must be a JSON object: {…}"
    if bool(row.good) == row.nothing_close:
        return None, "needs judged groups in good, or nothing_close: true, and not both"
    if not set(row.good) <= group_ids or len(set(row.good)) < len(row.good):
        return None, "good must name different groups of groups.jsonl"
    return JudgedNewcomer(row.id, row.answers, row.good, row.kind), ""


def make_index(cases: Cases, encoder: TextEncoder, rules: MatchingRules) -> DirectoryIndex:
    """The directory of the cases, as requests would search it."""
    return DirectoryIndex.build(make_entries(cases, encoder), "cases", encoder.dimensions, rules)


def make_entries(cases: Cases, encoder: TextEncoder) -> list[Entry]:
    """All groups of the cases with all that is known of them."""
    members: dict[str, list[ExperienceProfile]] = {group.id: [] for group in cases.groups}
    for profile in sorted(cases.profiles, key=lambda profile: profile.id):
        members[profile.group_id].append(profile)
    phrasebook = Phrasebook(encoder)
    return [_entry(group, members[group.id], encoder, phrasebook) for group in cases.groups]


def _entry(group: Group, members: Sequence[ExperienceProfile], encoder: TextEncoder, phrasebook: Phrasebook) -> Entry:
    vectors = encode_passages([passage_of_profile(profile) for profile in members], encoder)
    vector = encode_passages([passage_of_group(group)], encoder)[0]
    return Entry.of(group, vector, list(zip(members, vectors, strict=True)), phrasebook.voice_of(group))


def encode_all(cases: Cases, encoder: TextEncoder) -> None:
    """Encode every text there is in one go, for an encoder that remembers."""
    passages = [passage_of_group(group) for group in cases.groups]
    passages += [passage_of_profile(profile) for profile in cases.profiles]
    passages += [phrase for group in cases.groups for subject in subjects_of(group) for phrase in subject.phrases]
    told = [passage for newcomer in cases.newcomers if (passage := passage_of_intake(newcomer.intake))]
    passages += [add_synonyms(passage) for passage in told]
    encode_passages(passages, encoder)


def write_run(
    file: Path, about: dict[str, str], placings: Sequence[Placing], report: Report, comparison: Comparison | None
) -> None:
    """Everything about a run as JSON. It names newcomers by their ids and holds none of their words."""
    run: dict[str, Any] = {"about": about, "report": asdict(report)}
    if comparison is not None:
        run["comparison"] = asdict(comparison)
    run["placings"] = [asdict(placing) for placing in placings]
    file.write_text(json.dumps(run, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_placings(file: Path) -> list[Placing]:
    """Where everybody's groups stood in a run that `write_run` wrote. Raises InvalidInput."""
    try:
        return _PLACINGS.validate_python(json.loads(file.read_text(encoding="utf-8"))["placings"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        raise InvalidInput(f"{file.name}: is not a run that kindred evaluate --json wrote.") from None
