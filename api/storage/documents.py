"""How a group or a profile is written down: one canonical JSON text, so that equal records have equal digests."""

import hashlib
import json
from typing import TypeVar

from pydantic import ValidationError

from models.errors import StorageUnavailable
from models.text import Record

R = TypeVar("R", bound=Record)


def write_document(record: Record) -> str:
    """The record as JSON: keys sorted, what isn't known left out."""
    known = record.model_dump(mode="json", exclude_none=True)
    return json.dumps(known, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def read_document(kind: type[R], document: str) -> R:
    """The record a document was written from. Raises StorageUnavailable when this Kindred can't read it."""
    try:
        return kind.model_validate_json(document)
    except ValidationError:
        raise StorageUnavailable(
            "A stored group or profile can't be read by this version of Kindred. Run `kindred doctor`."
        ) from None


def digest(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
