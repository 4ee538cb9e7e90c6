"""`kindred evaluate` on a few invented cases: what it prints, writes, compares and refuses."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from syrupy.assertion import SnapshotAssertion

from matcher.encoder import FakeEncoder, Vector
from matcher.rulebook import default_rules
from scripts.vector_cache import RememberingEncoder
from tests.records import a_group, a_profile
from tests.scripts.conftest import Kindred
from tests.scripts.test_cli import write_rows

SECRET = "my ileostomy leaks at night"
GROUPS = [
    a_group("drains", name="Drains and all", description="Living with an ileostomy after bowel surgery."),
    a_group("drink", name="Kitchen table", description="For partners of someone who drinks."),
    a_group("grief", name="Empty chair", description="After the death of a parent."),
]
NEWCOMERS: list[dict[str, Any]] = [
    {"id": "stoma", "answers": {"story": SECRET}, "good": ["drains"], "kind": "rare_words", "why": "ignored"},
    {"id": "partner", "answers": {"story": "He drinks. Partners, anyone?"}, "good": ["drink"], "kind": "role"},
    {"id": "silent", "answers": {"topics": ["grief"]}, "good": ["grief", "drink"]},
    {"id": "router", "answers": {"story": "zxqv"}, "good": [], "nothing_close": True},
]
MISTAKEN = {SECRET: "After the death of a parent.", "He drinks.": "I had an ileostomy last spring."}
OTHER_RULES = "other.toml"


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    folder = tmp_path / "cases"
    folder.mkdir()
    write_rows(folder / "groups.jsonl", *(group.model_dump(mode="json") for group in GROUPS))
    write_rows(folder / "profiles.jsonl", a_profile("p", "drains").model_dump(mode="json"))
    write_rows(folder / "newcomers.jsonl", *NEWCOMERS)
    return folder


def test_the_table_tells_every_figure_with_its_interval(
    kindred: Kindred, cases: Path, capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion
) -> None:
    assert kindred("evaluate", cases, "--on", "2026-11-20") == 0
    shown = capsys.readouterr().out
    assert shown.replace(default_rules().version, "VERSION") == snapshot


def test_newcomers_may_lie_apart_from_the_directory(
    kindred: Kindred, cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    apart = write_rows(tmp_path / "others.jsonl", NEWCOMERS[0])
    assert kindred("evaluate", apart, "--directory", cases) == 0
    assert re.search(r"^all +1 ", capsys.readouterr().out, re.MULTILINE)


def test_what_is_written_holds_no_words_of_a_newcomer(kindred: Kindred, cases: Path, tmp_path: Path) -> None:
    run, page, vectors = tmp_path / "run.json", tmp_path / "page.html", tmp_path / "vectors"
    assert kindred("evaluate", cases, "--json", run, "--page", page, "--vectors", vectors) == 0
    written = [file for file in (run, page, *vectors.iterdir()) if SECRET.encode() not in file.read_bytes()]
    assert len(written) == 3
    placings = json.loads(run.read_text(encoding="utf-8"))["placings"]
    assert [one["id"] for one in placings] == [newcomer["id"] for newcomer in NEWCOMERS]
    assert page.read_text(encoding="utf-8").count("<svg") == 7


def test_probabilities_and_refusals_are_written_for_programs(kindred: Kindred, cases: Path, tmp_path: Path) -> None:
    kindred("evaluate", cases, "--json", tmp_path / "run.json")
    report = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["report"]
    assert (report["calibration"]["claims"], report["calibration_of_all"]["claims"]) == (9, 12)
    present, refusals = report["refusal_curve"]["present"], report["refusals"]
    assert present["closeness"] == default_rules().levels.possible_closeness.value
    assert present["kept"] == pytest.approx(1 - refusals["with_group_refused"] / refusals["with_group"])
    assert present["declined"] == refusals["without_group_refused"] / refusals["without_group"]


def test_without_newcomers_whom_nothing_fits_there_is_no_curve(
    kindred: Kindred, cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(cases / "newcomers.jsonl", *NEWCOMERS[:3])
    page = tmp_path / "page.html"
    assert kindred("evaluate", cases, "--page", page) == 0
    shown = capsys.readouterr().out
    assert "Calibration of the first three" in shown
    assert "of all" not in shown
    assert "threshold" not in shown
    assert page.read_text(encoding="utf-8").count("<svg") == 6


def test_a_run_is_compared_with_an_earlier_one_newcomer_by_newcomer(
    kindred: Kindred, cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = tmp_path / "run.json"
    kindred("evaluate", cases, "--json", earlier)
    run = json.loads(earlier.read_text(encoding="utf-8"))
    run["placings"][0]["ranks"] = [None]
    for placing in run["placings"]:  # as runs were written before probabilities were kept
        del placing["claims"], placing["closeness"]
    earlier.write_text(json.dumps(run), encoding="utf-8")
    capsys.readouterr()
    page = tmp_path / "page.html"
    assert kindred("evaluate", cases, "--against", earlier, "--page", page) == 0
    assert "1 newcomers win, 0 lose, 2 stay.\n  win: stoma (out → 1)" in capsys.readouterr().out
    assert "Against the other run" in page.read_text(encoding="utf-8")


class MistakenEncoder(FakeEncoder):
    """Takes two newcomers' stories for something else."""

    identity = "fake-2"

    def _encode_one(self, text: str) -> Vector:
        return super()._encode_one(next((other for said, other in MISTAKEN.items() if said in text), text))


@pytest.mark.parametrize(
    ("options", "against", "won"),
    [
        (["--against", OTHER_RULES], "against other.toml\n", {"stoma"}),
        (["--against-encoder", "another"], "against another\n", {"stoma"}),
        # Where neither words nor vectors speak for it, one more newcomer's group falls back.
        (
            ["--against", OTHER_RULES, "--against-encoder", "another"],
            "against other.toml another\n",
            {"stoma", "partner"},
        ),
    ],
)
def test_a_run_is_compared_with_other_rules_and_another_encoder(
    kindred: Kindred,
    cases: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    against: str,
    won: set[str],
) -> None:
    encoders = {"mpnet": FakeEncoder(), "another": MistakenEncoder()}
    monkeypatch.setattr("matcher.encoder.load_encoder", lambda name, _: encoders[name])
    own = Path("matcher/default_rules.toml").read_text(encoding="utf-8")
    without_words = re.sub(r"(\[weights\.same_words\]\nvalue) = [\d.]+", r"\1 = 0.0", own)
    (tmp_path / OTHER_RULES).write_text(without_words, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert kindred("evaluate", cases, *options) == 0
    shown = capsys.readouterr().out
    assert against in shown
    assert f"{len(won)} newcomers win, 0 lose, {3 - len(won)} stay." in shown
    assert set(re.findall(r"win: (\w+) \(2 → 1\)", shown)) == won


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('{"id": "x"', "must be a JSON object"),
        ({"id": "x", "answers": {"story": SECRET}}, "needs judged groups in good, or nothing_close"),
        ({"id": "x", "answers": {"story": SECRET}, "good": ["gone"]}, "different groups of groups.jsonl"),
        ({"id": "x", "answers": {"tale": SECRET}, "good": ["drains"]}, "answers tale: is not a field"),
        ({**NEWCOMERS[0], "id": "stoma"}, "its id stands in an earlier line"),
    ],
)
def test_a_case_that_cant_be_used_is_told_by_its_line_and_never_repeated(
    kindred: Kindred, cases: Path, capsys: pytest.CaptureFixture[str], row: object, said: str
) -> None:
    write_rows(cases / "newcomers.jsonl", NEWCOMERS[0], row)
    assert kindred("evaluate", cases) == 2
    told = capsys.readouterr().err
    assert told.startswith("kindred: newcomers.jsonl: line 2: ")
    assert said in told
    assert SECRET not in told


def test_a_file_that_is_no_run_is_one_sentence(
    kindred: Kindred, cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kindred("evaluate", cases, "--against", write_rows(tmp_path / "run.json", {"placings": 3})) == 2
    assert capsys.readouterr().err == "kindred: run.json: is not a run that kindred evaluate --json wrote.\n"


class CountingEncoder(FakeEncoder):
    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: object) -> object:
        self.encoded += texts
        return super().encode(texts)


def test_a_text_is_encoded_once_also_in_a_later_run(tmp_path: Path) -> None:
    texts = ["a long walk", "tea", "a long walk"]
    first, second = CountingEncoder(), CountingEncoder()
    remembering = RememberingEncoder(first, tmp_path)
    vectors = remembering.encode(texts)
    remembering.keep()
    again = RememberingEncoder(second, tmp_path).encode([*texts, "new"])
    assert (sorted(first.encoded), second.encoded) == (["a long walk", "tea"], ["new"])
    assert np.array_equal(vectors, FakeEncoder().encode(texts))
    assert np.array_equal(again[:3], vectors)


def test_a_profile_of_a_group_that_isnt_there_is_told_by_its_line(
    kindred: Kindred, cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profiles = [a_profile("p", "drains"), a_profile("q", "gone")]
    write_rows(cases / "profiles.jsonl", *(profile.model_dump(mode="json") for profile in profiles))
    assert kindred("evaluate", cases) == 2
    told = "kindred: profiles.jsonl: line 2: group_id: must name a group of groups.jsonl.\n"
    assert capsys.readouterr().err == told
