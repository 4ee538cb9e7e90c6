"""The command line: what it prints, what it leaves behind, and how it leaves."""

import io
import json
import re
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from api.presenting import RecommendationsReply
from models.intake import Intake
from models.vocabulary import Importance
from scripts.cli import INTERRUPTED
from scripts.recommending import recommend
from tests.records import a_group, a_profile
from tests.scripts.conftest import Kindred

CAROL = "My husband drinks every night and I am frightened."


def write_rows(path: Path, *rows: object) -> Path:
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def groups_file(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "groups.jsonl", *(a_group(f"g{n}").model_dump(mode="json") for n in range(3)))


def test_importing_the_same_file_twice_changes_nothing(
    kindred: Kindred, groups_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [kindred("import", "groups", groups_file) for _ in range(2)] == [0, 0]
    first, second = capsys.readouterr().out.splitlines()
    assert first == "groups.jsonl: 3 taken, 0 changed, 0 unchanged, 0 refused."
    assert second == "groups.jsonl: 0 taken, 0 changed, 3 unchanged, 0 refused."


def test_a_refused_row_is_told_with_its_line_and_its_reason_and_stops_no_other(
    kindred: Kindred, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_rows(tmp_path / "groups.jsonl", {"id": "a"}, a_group("b").model_dump(mode="json"), "{broken")
    assert kindred("import", "groups", file, "--report", tmp_path / "report.json") == 1
    told = capsys.readouterr().out
    assert "1 taken" in told
    assert "line 1 (a): name: is missing; description: is missing" in told
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert [(row["line"], row["outcome"]) for row in report["rows"]] == [(1, "refused"), (2, "taken"), (3, "refused")]


def test_of_many_refused_rows_twenty_are_shown(
    kindred: Kindred, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kindred("import", "profiles", write_rows(tmp_path / "p.jsonl", *["{}"] * 25)) == 1
    lines = capsys.readouterr().out.splitlines()
    assert sum("line " in line for line in lines) == 20
    assert "… and 5 more" in lines[-1]


def test_a_file_that_cant_be_used_is_one_sentence(
    kindred: Kindred, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kindred("import", "groups", write_rows(tmp_path / "groups.xls", "")) == 2
    assert re.fullmatch(r"kindred: groups\.xls: .+\n", capsys.readouterr().err)


def test_an_exported_directory_imports_again_unchanged(
    kindred: Kindred, groups_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kindred("import", "groups", groups_file)
    profiles = write_rows(tmp_path / "profiles.jsonl", a_profile("p", "g1").model_dump(mode="json"))
    kindred("import", "profiles", profiles)
    for kind in ("groups", "profiles"):
        assert kindred("export", kind, tmp_path / f"{kind}-out.jsonl") == 0
    capsys.readouterr()
    for kind in ("groups", "profiles"):
        assert kindred("import", kind, tmp_path / f"{kind}-out.jsonl") == 0
    assert re.findall(r"(\d) unchanged", capsys.readouterr().out) == ["3", "1"]


def test_json_is_the_reply_of_the_api(kindred: Kindred, groups_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kindred("import", "groups", groups_file)
    capsys.readouterr()
    assert kindred("recommend", "--story", "I had bowel surgery.", "--limit", 1, "--json") == 0
    reply = RecommendationsReply.model_validate_json(capsys.readouterr().out)
    assert len(reply.recommendations) == 1


def test_a_reply_is_laid_out_for_80_columns(
    kindred: Kindred, tmp_path: Path, capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion
) -> None:
    group = a_group(
        "al",
        name="Families of drinkers",
        description="For people whose husband, wife, parent or friend drinks every night, and who are frightened.",
        eligibility={"roles": ["supporting"], "minimum_age": 18},
        format="online",
        joining={"how": "Write first", "url": "https://families.example.org/join", "phone": "01632 960123"},
        first_visit="You needn't say anything.",
        listening_only=True,
    )
    kindred("import", "groups", write_rows(tmp_path / "groups.jsonl", group.model_dump(mode="json")))
    capsys.readouterr()
    assert kindred("recommend", "--story", CAROL, "--nice", "listening_only", "--country", "GB") == 0
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= 80
    assert told == snapshot


def test_when_words_suggest_danger_help_stands_first(kindred: Kindred, capsys: pytest.CaptureFixture[str]) -> None:
    kindred("recommend", "--story", "I want to kill myself.")
    assert capsys.readouterr().out.startswith("If you might hurt yourself")


def test_a_story_can_come_from_standard_input_and_answers_from_a_file(
    kindred: Kindred, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = write_rows(tmp_path / "answers.json", {"role": "bereaved", "wishes": {"small": "nice"}})
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(CAROL.encode())))
    assert kindred("recommend", "--story", "-", "--answers", answers, "--must", "online", "--json") == 0
    # The role was answered, so none is read from the story.
    assert all(one["question_id"] != "role" for one in json.loads(capsys.readouterr().out)["understood"])


def test_answers_that_cant_be_used_are_not_repeated(kindred: Kindred, capsys: pytest.CaptureFixture[str]) -> None:
    assert kindred("recommend", "--story", "canary \x07", "--country", "canary", "--age", 999) == 2
    told = capsys.readouterr()
    assert "canary" not in told.out + told.err
    assert all(field in told.err for field in ("story", "country", "age"))


def test_a_key_is_printed_once_and_listed_without_its_secret(
    kindred: Kindred, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kindred("keys", "create", "my-website", "--scope", "recommend") == 0
    secret = capsys.readouterr().out.strip()
    assert re.fullmatch(r"kindred_recommend_[\w-]{43}", secret)
    assert kindred("keys", "revoke", "my-website") == 0
    assert kindred("keys", "revoke", "my-website") == 2
    capsys.readouterr()
    kindred("keys", "list")
    listed = capsys.readouterr().out
    assert "my-website" in listed
    assert "revoked" in listed
    assert secret not in listed


def test_a_setting_that_cant_be_meant_is_one_sentence(
    kindred: Kindred, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KINDRED_PORT", "eighty")
    assert kindred("keys", "list") == 2
    assert re.fullmatch(r"kindred: KINDRED_PORT: .+\n", capsys.readouterr().err)


def test_ctrl_c_ends_calmly(
    kindred: Kindred, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scripts.exporting.open_database", interrupt)
    assert kindred("export", "groups") == INTERRUPTED
    assert capsys.readouterr().err.strip() == "Stopped."


def test_every_answer_of_an_intake_has_its_option() -> None:
    options = {parameter.name for parameter in recommend.params}
    # Wishes are three options, by how much they matter.
    assert set(Intake.model_fields) - options == {"wishes"}
    assert set(Importance) <= options
