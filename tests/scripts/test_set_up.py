"""Set-up goes on where it failed, and is finished only when nothing is left to do."""

import sys
from pathlib import Path

import pytest

from scripts import set_up


def test_an_encoder_that_could_not_be_made_ready_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "bin" / "kindred"
    command.parent.mkdir()
    command.touch()
    attempts = iter([set_up.SetUpError("The disk is full."), None])

    def prepare_encoder() -> None:
        if failure := next(attempts):
            raise failure

    monkeypatch.setattr(set_up, "_VENV", tmp_path)
    monkeypatch.setattr(set_up, "_PYTHON", Path(sys.executable))
    monkeypatch.setattr(set_up, "_install", lambda *_: None)
    monkeypatch.setattr(set_up, "_prepare_encoder", prepare_encoder)
    with pytest.raises(set_up.SetUpError):
        set_up.set_up("test")
    assert not set_up.is_set_up("test")
    set_up.set_up("test")
    assert all(set_up.is_set_up(purpose) for purpose in ("run", "test"))
