"""Native import and export: row by row, nothing half-done, the same file twice changes nothing."""

import io
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.directory import LiveDirectory
from api.exporting import export_groups, export_profiles
from api.formats.files import read_lines
from api.importing import ImportProgress, ImportReport, RowOutcome, import_groups, import_profiles
from api.storage.database import Database
from api.storage.directory_store import DirectoryStore
from models.errors import InvalidInput, StorageUnavailable
from models.group import Group
from models.profile import ExperienceProfile
from tests import records
from tests.records import a_group, a_profile
from tests.storage.test_live_directory import CountingEncoder

shared_database = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def sqlite_directory(sqlite_database: Database) -> LiveDirectory:
    return LiveDirectory(DirectoryStore(sqlite_database), CountingEncoder())


def write(folder: Path, name: str, content: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def rows_of(*values: object) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


def group_row(id_: str, **fields: object) -> dict[str, object]:
    return {"id": id_, "name": "Circle", "description": "For people who grieve.", **fields}


def outcomes(report: ImportReport) -> list[str]:
    return [row.outcome.value for row in report.rows]


def test_groups_and_their_profiles_are_taken(directory: LiveDirectory, tmp_path: Path) -> None:
    groups = write(tmp_path, "groups.jsonl", rows_of(group_row("g1"), group_row("g2", status="active")))
    profiles = write(tmp_path, "profiles.jsonl", rows_of({"id": "p1", "group_id": "g2", "experience": "My son died."}))
    assert outcomes(import_groups(groups, directory)) == ["taken", "taken"]
    assert outcomes(import_profiles(profiles, directory)) == ["taken"]
    assert directory.current().facts.profiles.tolist() == [0, 1]


@shared_database
@given(
    groups=st.lists(records.groups, max_size=6, unique_by=lambda group: group.id),
    profiles=st.lists(records.profiles, max_size=6, unique_by=lambda profile: profile.id),
)
def test_what_is_exported_imports_to_the_same_and_a_second_time_changes_nothing(
    sqlite_directory: LiveDirectory, groups: list[Group], profiles: list[ExperienceProfile]
) -> None:
    empty(sqlite_directory)
    store = sqlite_directory.store
    sqlite_directory.put_groups(groups)
    sqlite_directory.put_profiles(profiles)
    exported = ["\n".join(export_groups(store)), "\n".join(export_profiles(store))]
    empty(sqlite_directory)
    with tempfile.TemporaryDirectory() as folder:
        files = [write(Path(folder), f"{number}.jsonl", rows) for number, rows in enumerate(exported)]
        for expected in ({"taken"}, {"unchanged"}):
            reports = [import_groups(files[0], sqlite_directory), import_profiles(files[1], sqlite_directory)]
            assert {outcome for report in reports for outcome in outcomes(report)} <= expected
    assert ["\n".join(export_groups(store)), "\n".join(export_profiles(store))] == exported


def empty(directory: LiveDirectory) -> None:
    for group in directory.store.groups(limit=1000):
        directory.delete_group(group.id)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('{"id": "g2", "name": "Circle"', "is not JSON: something is wrong at character 30 of the line"),
        ('["g2"]', "must be a JSON object: {…}"),
        (json.dumps({"id": "g2", "name": "Circle"}), "description: is missing"),
        (json.dumps(group_row("g2", colour="canaryword")), "colour: is not a field that Kindred knows"),
        (json.dumps(group_row("g2", places="canaryword")), "places: must be a valid integer"),
        (json.dumps(group_row("g2", name="nul\0canaryword")), "name: holds a control character"),
        (json.dumps(group_row("g2", name="half \ud800 canaryword")), "name: "),
        (json.dumps(group_row("g2", format="canaryword")), "format: must be 'in_person', 'online'"),
        (json.dumps(group_row("g2", eligibility={"minimum_age": 200})), "eligibility minimum_age: must be less than"),
        (
            json.dumps(group_row("g2", schedules=[{"rule": "FREQ=DAILY", "start_time": "25:00"}])),
            "schedules 1 start_time: ",
        ),
        ("[" * 100_000, "holds a number too long or lists too deep to read"),
        (json.dumps(group_row("g2", description="x" * 1_100_000)), "the row is longer than 1 MB"),
    ],
)
def test_a_bad_row_is_refused_in_words_and_the_others_are_taken(
    row: str, reason: str, sqlite_directory: LiveDirectory, tmp_path: Path
) -> None:
    file = write(tmp_path, "groups.jsonl", rows_of(group_row("g1")) + row + "\n" + rows_of(group_row("g3")))
    report = import_groups(file, sqlite_directory)
    assert outcomes(report) == ["taken", "refused", "taken"]
    refused = report.rows[1]
    assert refused.line == 2
    assert any(told.startswith(reason) for told in refused.reasons)
    assert "canaryword" not in json.dumps(report.as_json())
    assert [group.id for group in sqlite_directory.store.groups()] == ["g1", "g3"]


def test_a_profile_for_a_missing_group_is_refused_and_the_others_are_taken(
    directory: LiveDirectory, tmp_path: Path
) -> None:
    directory.put_group(a_group())
    profiles = [{"id": f"p{n}", "group_id": home, "experience": "Mine."} for n, home in enumerate(["g1", "g9", "g1"])]
    report = import_profiles(write(tmp_path, "profiles.jsonl", rows_of(*profiles)), directory)
    assert outcomes(report) == ["taken", "refused", "taken"]
    assert report.rows[1].reasons == ("group_id: there is no group with that id",)


def test_of_two_rows_with_one_id_the_first_counts_each_time(sqlite_directory: LiveDirectory, tmp_path: Path) -> None:
    rows = rows_of({"id": "g1"}, group_row("g1", name="First"), group_row("g1", name="Second"))
    file = write(tmp_path, "groups.jsonl", rows)
    assert outcomes(import_groups(file, sqlite_directory)) == ["refused", "taken", "refused"]
    report = import_groups(file, sqlite_directory)
    assert outcomes(report) == ["refused", "unchanged", "refused"]
    assert report.rows[2].reasons == ("id: line 2 has the same id, and counts",)
    assert sqlite_directory.store.group("g1").name == "First"


def test_an_interrupted_import_is_simply_run_again(directory: LiveDirectory, tmp_path: Path) -> None:
    rows = [group_row(f"g{number:04}", name=f"Circle {number}") for number in range(600)]
    file = write(tmp_path, "groups.jsonl", rows_of(*rows))

    def unplug(progress: ImportProgress) -> None:
        assert 0 < progress.bytes_done < progress.bytes_total
        raise StorageUnavailable("The server was switched off.")

    with pytest.raises(StorageUnavailable):
        import_groups(file, directory, unplug)
    encoder = CountingEncoder(directory.encoder.identity)
    report = import_groups(file, LiveDirectory(directory.store, encoder))
    assert report.counts == {"taken": 344, "changed": 0, "unchanged": 256, "refused": 0}
    assert len(encoder.encoded) == 344


def test_progress_ends_at_the_end_of_the_file(sqlite_directory: LiveDirectory, tmp_path: Path) -> None:
    told: list[ImportProgress] = []
    file = write(tmp_path, "groups.jsonl", rows_of(*[group_row(f"g{number}") for number in range(300)]))
    import_groups(file, sqlite_directory, told.append)
    assert [progress.rows_done for progress in told] == [256, 300]
    assert told[-1].bytes_done == told[-1].bytes_total == file.stat().st_size


def test_a_csv_row_becomes_a_whole_group(sqlite_directory: LiveDirectory, tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "groups.csv",
        "ID,Name,description,topics,languages,eligibility.minimum_age,location.city,drop_in,hopes,"
        "schedules.rule,schedules.start_time,schedules.time_zone\n"
        'g1,Circle,"Two lines,\nand a comma",grief; pet loss|loss,[],18,Bristol,yes,,FREQ=WEEKLY;BYDAY=TU,'
        "19:00,Europe/London\n",
    )
    report = import_groups(file, sqlite_directory)
    assert outcomes(report) == ["taken"], report
    group = sqlite_directory.store.group("g1")
    assert group == a_group(
        name="Circle",
        description="Two lines,\nand a comma",
        topics=["grief", "pet loss", "loss"],
        languages=[],
        eligibility={"minimum_age": 18},
        location={"city": "Bristol"},
        drop_in=True,
        schedules=[{"rule": "FREQ=WEEKLY;BYDAY=TU", "start_time": "19:00", "time_zone": "Europe/London"}],
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xef\xbb\xbfid,name,description\r\ng1,Caf\xc3\xa9,Grief\r\ng2,B,Grief\r\n", ["Café", "B"]),
        (b"id,name,description\rg1,Caf\xe9,\x93Grief\x94\rg2,Caf\xc3\xa9,Grief\r", ["Café", "Café"]),
        (b"id;name;description\ng1;A, B;Grief\n;;\n\ng2;C;Grief", ["A, B", "C"]),
        (b"id\tname\tdescription\ng1\tA\tGrief\n", ["A"]),
        (b'id,name,description\ng0,"Never closed,Grief\ng1,"A",Grief\ng2,B,Grief\n', ["A", "B"]),
        (b"id,name,description\ng0,A,Grief,too,many\ng1,A,Grief\n", ["A"]),
        (b"", []),
    ],
)
def test_untidy_csv_is_read(
    content: bytes, expected: list[str], sqlite_directory: LiveDirectory, tmp_path: Path
) -> None:
    import_groups(write(tmp_path, "groups.csv", content), sqlite_directory)
    assert [group.name for group in sqlite_directory.store.groups()] == expected


def test_a_row_that_is_not_utf_8_is_told(sqlite_directory: LiveDirectory, tmp_path: Path) -> None:
    file = write(tmp_path, "groups.csv", b"id,name,description\ng1,Caf\xe9,Grief\ng2,B,Grief\n")
    rows = import_groups(file, sqlite_directory).rows
    assert [row.notes for row in rows] == [("is not UTF-8; it was read as Windows-1252",), ()]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("groups.csv", "id,name,canaryword\n", "Column 3 of the header is not a field"),
        ("groups.csv", "id,name,id\n", "Column 3 of the header has the name of an earlier column"),
        ("groups.csv", "id,name\n".encode("utf-16"), "saved as UTF-16"),
        ("groups.json", ' [\n{"id": 1}]', "holds one JSON list"),
        ("groups.xlsx", "", "must end in"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_whole(
    name: str, content: str | bytes, says: str, sqlite_directory: LiveDirectory, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        import_groups(write(tmp_path, name, content), sqlite_directory)
    assert "canaryword" not in caught.value.sentence


def test_a_file_that_is_not_there_is_told(sqlite_directory: LiveDirectory, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no such file"):
        import_groups(tmp_path / "nothing.csv", sqlite_directory)


@given(lines=st.lists(st.text("ab é"), min_size=1), ending=st.sampled_from(["\n", "\r\n", "\r"]))
def test_every_kind_of_line_end_ends_a_line(lines: list[str], ending: str) -> None:
    read = list(read_lines(io.BytesIO(ending.join([*lines, "end"]).encode())))
    assert [line.text.rstrip("\r\n") for line in read] == [*lines, "end"]


def test_a_line_that_never_ends_is_read_in_little_memory_and_the_next_is_found(tmp_path: Path) -> None:
    file = write(tmp_path, "long.jsonl", b"x" * 3_000_000 + b"\r\nnext\nlast")
    with file.open("rb") as opened:
        read = list(read_lines(opened))
    assert read[0].is_too_long
    assert len(read[0].text) < 1_200_000
    assert [line.text for line in read[1:]] == ["next\n", "last"]


def test_the_report_is_json(sqlite_directory: LiveDirectory, tmp_path: Path) -> None:
    report = import_groups(write(tmp_path, "groups.jsonl", rows_of(group_row("g1"), {"id": "g2"})), sqlite_directory)
    assert json.loads(json.dumps(report.as_json())) == {
        "file": "groups.jsonl",
        "counts": {"taken": 1, "changed": 0, "unchanged": 0, "refused": 1},
        "rows": [
            {"line": 1, "id": "g1", "outcome": "taken", "reasons": [], "notes": []},
            {
                "line": 2,
                "id": "g2",
                "outcome": "refused",
                "reasons": ["name: is missing", "description: is missing"],
                "notes": [],
            },
        ],
    }
    assert report.counts[RowOutcome.TAKEN] == 1


def test_profiles_are_read_from_csv_too(sqlite_directory: LiveDirectory, tmp_path: Path) -> None:
    sqlite_directory.put_group(a_group())
    content = "id,group_id,experience,can_share\np1,g1,I had an ileostomy last spring.,hope;be_heard\n"
    import_profiles(write(tmp_path, "profiles.csv", content), sqlite_directory)
    assert sqlite_directory.store.profile("p1") == a_profile(can_share=["hope", "be_heard"])
