"""Makes the text encoder of the settings ready to run on this machine, so that the first start needn't.

Run by `scripts/set_up.py`, in the virtual environment: .venv/bin/python -m scripts.prepare_encoder
"""

import logging
import sys

from api.settings import read_settings
from matcher.encoder import load_encoder
from models.errors import KindredError


def main() -> int:
    """Prepare it; the exit status says whether that worked."""
    logging.basicConfig(level=logging.WARNING, format="  %(message)s", stream=sys.stdout)
    try:
        settings = read_settings()
        encoder = load_encoder(settings.encoder, settings.cache_dir)
    except KindredError as error:
        print(error.sentence)
        return 1
    print(f"  {encoder.identity} runs on {encoder.runtime}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
