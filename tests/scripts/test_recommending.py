"""Answers that can't be read, on the command line: one sentence says where, and repeats nothing."""

import io
from pathlib import Path

import pytest

from tests.scripts.conftest import Kindred
from tests.scripts.test_cli import write_rows

CANARY = "canary"


@pytest.mark.parametrize("option", [("--must", "online"), ()])
def test_wishes_that_are_no_object_are_told_with_and_without_more_wishes(
    kindred: Kindred, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: tuple[str, ...]
) -> None:
    answers = write_rows(tmp_path / "answers.json", {"wishes": [CANARY]})
    assert kindred("recommend", "--answers", answers, *option) == 2
    told = capsys.readouterr().err
    assert told == "kindred: These answers can't be used. wishes: must be a JSON object.\n"


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_a_story_that_is_not_utf_8_is_one_sentence(
    kindred: Kindred, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], errors: str
) -> None:
    latin = io.TextIOWrapper(io.BytesIO(f"{CANARY} é".encode("latin-1")), encoding="utf-8", errors=errors)
    monkeypatch.setattr("sys.stdin", latin)
    assert kindred("recommend", "--story", "-") == 2
    assert capsys.readouterr().err == "kindred: --story: what comes from standard input must be text in UTF-8.\n"


def test_a_story_is_read_as_utf_8_whatever_the_terminal_speaks(
    kindred: Kindred, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("I’m grieving. 😢".encode()), encoding="ascii"))
    assert kindred("recommend", "--story", "-", "--json") == 0
    assert capsys.readouterr().err == ""
