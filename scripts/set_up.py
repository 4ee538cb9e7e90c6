"""Makes the virtual environment, installs what is pinned there and prepares the text encoder, once; a second call only
compares a stamp.

Runs on a bare Python, so it imports nothing but the standard library. Starts nothing.
Usage: python3 scripts/set_up.py run|test
"""

import fcntl
import hashlib
import re
import subprocess
import sys
import time
import venv
from collections import deque
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_VENV = _ROOT / ".venv"
_PYTHON = _VENV / "bin" / "python"
_RUN_LOCK = _ROOT / "scripts" / "requirements.lock"
_ALONE_LOCK = _ROOT / "scripts" / "requirements-alone.lock"
_TEST_LOCK = _ROOT / "scripts" / "requirements-test.lock"
_PURPOSES = {"run": _RUN_LOCK, "test": _TEST_LOCK}
_LINES_SHOWN_ON_FAILURE = 25
# Smaller downloads aren't worth a line.
_LARGE_DOWNLOAD = re.compile(r"Downloading (\S+?)-(\d[^-]*)-\S+ \((\d[\d.]* [MG]B)\)")


class SetUpError(Exception):
    """Something a person must put right first. Its text says what."""


def main() -> int:
    """Set up for the purpose named on the command line; the exit status says whether that worked."""
    purpose = sys.argv[1] if len(sys.argv) == 2 else ""
    if purpose not in _PURPOSES:
        print("Usage: python3 scripts/set_up.py run|test", file=sys.stderr)
        return 2
    try:
        if not is_set_up(purpose):
            set_up(purpose)
    except SetUpError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Start again whenever you like: it goes on from here.", file=sys.stderr)
        return 130
    return 0


def is_set_up(purpose: str) -> bool:
    """Whether all that is pinned for a purpose was installed and made ready, here, from these very files."""
    command = _VENV / "bin" / "kindred"
    return _PYTHON.exists() and command.exists() and _read(_stamp_file(purpose)) == _stamp(purpose)


def set_up(purpose: str) -> None:
    """Install all that is missing. Raises SetUpError."""
    began = time.monotonic()
    _say(f"Setting Kindred up in {_VENV}. This happens once; it takes a few minutes, most of them for downloads.")
    _VENV.mkdir(exist_ok=True)
    with (_VENV / "set-up.lock").open("w") as lock:
        _wait_for(lock.fileno())
        _make_venv()
        lock_file = _PURPOSES[purpose]
        torch = next(line for line in _RUN_LOCK.read_text().splitlines() if line.startswith("torch=="))
        _install(f"1 of 5: {torch.replace('==', ' ')}, which text encoders compute with", torch)
        _install("2 of 5: the other libraries", "-r", str(lock_file))
        _install("3 of 5: OpenVINO and the text encoder's weights", "--no-deps", "-r", str(_ALONE_LOCK))
        _install("4 of 5: the kindred command", "--no-deps", "--editable", str(_ROOT))
        _prepare_encoder()
        # Only now: whoever starts again after a failure goes on where it was.
        _stamp_file("run").write_text(_stamp("run"))
        _stamp_file(purpose).write_text(_stamp(purpose))
    _say(f"Kindred is set up ({_duration(time.monotonic() - began)}).")


def _make_venv() -> None:
    if _PYTHON.exists() and _runs("import pip"):
        return
    # A link to a Python that is gone would be kept.
    for link in (_VENV / "bin").glob("python*"):
        link.unlink()
    try:
        venv.create(_VENV, with_pip=True, symlinks=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetUpError(
            f"This Python ({sys.executable}) can't make a virtual environment in {_VENV} ({type(error).__name__}). "
            "On Debian and Ubuntu install the package python3-venv, then start again."
        ) from error


def _runs(code: str) -> bool:
    return subprocess.run([_PYTHON, "-c", code], capture_output=True, check=False).returncode == 0


def _install(what: str, *arguments: str) -> None:
    """Run pip and show only what is worth waiting for; all of its last words when it fails."""
    _say(what)
    command = [str(_PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar=off", *arguments]
    last_lines: deque[str] = deque(maxlen=_LINES_SHOWN_ON_FAILURE)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        try:
            for line in pip.stdout or ():
                last_lines.append(line)
                if shown := _worth_showing(line):
                    _say(f"  {shown}")
        except BaseException:
            # Whoever stops this must not leave pip at work behind it.
            pip.terminate()
            pip.wait()
            raise
    if pip.returncode != 0:
        raise SetUpError(
            f"{''.join(last_lines)}\nThat could not be installed; pip's own words are above. Most often the network "
            "is the reason. Start again when it is mended: what was downloaded is kept."
        )


def _prepare_encoder() -> None:
    _say("5 of 5: the text encoder, made ready for this machine; the phrasebook and the demo directory, encoded")
    if subprocess.run([_PYTHON, "-m", "scripts.prepare_encoder"], cwd=_ROOT, check=False).returncode != 0:
        raise SetUpError("The text encoder could not be made ready; why stands above. Start again when that is mended.")


def _worth_showing(line: str) -> str | None:
    if download := _LARGE_DOWNLOAD.search(line):
        return f"downloading {download[1]} {download[2]} ({download[3]})"
    if line.startswith("Installing collected packages:"):
        count = line.count(",") + 1
        return f"installing {count} packages" if count > 1 else None
    return None


def _wait_for(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _say("Another set-up is at work here. Waiting for it …")
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _stamp_file(purpose: str) -> Path:
    return _VENV / f"set-up-{purpose}.stamp"


def _stamp(purpose: str) -> str:
    # The place counts too: a virtual environment that was moved has commands that point to the old one.
    files = {_RUN_LOCK, _ALONE_LOCK, _PURPOSES[purpose], _ROOT / "pyproject.toml"}
    content = "\0".join([str(_ROOT), *(file.read_text() for file in sorted(files))])
    return hashlib.sha256(content.encode()).hexdigest()


def _read(file: Path) -> str | None:
    return file.read_text() if file.exists() else None


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main())
