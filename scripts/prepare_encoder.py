"""Makes the text encoder of the settings ready to run on this machine, and encodes what everyone starts with: the
phrasebook and the demo directory. So the first start needn't.

Run by `scripts/set_up.py`, in the virtual environment: .venv/bin/python -m scripts.prepare_encoder
"""

import logging
import sys
from pathlib import Path

from api.settings import read_settings
from matcher.encoder import TextEncoder, load_encoder
from matcher.phrasebook import keep_phrasebook
from matcher.text import encode_passages, passage_of_group, passage_of_profile
from models.errors import KindredError
from models.group import Group
from models.profile import ExperienceProfile
from scripts.importing import DEMO
from scripts.vector_cache import remember_invented


def main() -> int:
    """Prepare it; the exit status says whether that worked."""
    logging.basicConfig(level=logging.WARNING, format="  %(message)s", stream=sys.stdout)
    try:
        settings = read_settings()
        encoder = load_encoder(settings.encoder, settings.cache_dir)
        print(f"  {encoder.identity} runs on {encoder.runtime}", flush=True)
        keep_phrasebook(encoder, settings.cache_dir)
        _keep_demo(encoder, settings.cache_dir)
    except KindredError as error:
        print(error.sentence)
        return 1
    return 0


def _keep_demo(encoder: TextEncoder, cache_dir: Path) -> None:
    remembering = remember_invented(encoder, cache_dir, _tell_progress)
    groups = [Group.model_validate_json(line) for line in _lines("groups")]
    profiles = [ExperienceProfile.model_validate_json(line) for line in _lines("profiles")]
    encode_passages([*map(passage_of_group, groups), *map(passage_of_profile, profiles)], remembering)
    remembering.keep()


def _lines(kind: str) -> list[str]:
    return (DEMO / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()


def _tell_progress(done: int, total: int) -> None:
    if done % 256 == 0 or done == total:
        print(f"  encoded {done} of {total} texts of the demo directory", flush=True)


if __name__ == "__main__":
    sys.exit(main())
