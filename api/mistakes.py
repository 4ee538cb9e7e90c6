"""What is wrong in a request, mistake by mistake: where it stands and what would be right. Never what was sent.

The name of an unknown field was sent too, so a mistake points at the nearest place whose name is ours.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict

from api.reasons import in_words
from models.text import Record
from models.vocabulary import Wish

_MISTAKES_SHOWN = 50


class Mistake(BaseModel):
    """One thing that can't be used."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    pointer: str | None = None
    """Where it stands in the body (RFC 6901); an empty text is the whole body."""
    parameter: str | None = None
    """Which parameter of the address it is, where it doesn't stand in the body."""
    detail: str
    """What would be right."""


def find_mistakes(details: Sequence[Mapping[str, Any]], route: object) -> list[Mistake]:
    """The mistakes of a request to this route, from what validation found."""
    body = _body_of(route)
    return [_mistake(detail, body) for detail in details[:_MISTAKES_SHOWN]]


def _mistake(detail: Mapping[str, Any], body: type[Record] | None) -> Mistake:
    where, *path = detail["loc"]
    if where != "body":
        return Mistake(parameter=path[0] if path else where, detail=in_words(detail["msg"]))
    own = list(_walk(path, body))
    pointer = "".join(f"/{part}" for part, _ in own)
    if detail["type"] == "extra_forbidden":
        return Mistake(pointer=pointer, detail=_unknown_field(own[-1][1] if own else body))
    return Mistake(pointer=pointer, detail=in_words(detail["msg"]))


def _walk(path: Sequence[str | int], record: type[Record] | None) -> Iterator[tuple[str | int, type[Record] | None]]:
    """The parts of a path that are ours or mere numbers, each with the record that stands there."""
    for part in path:
        if isinstance(part, str):
            if record is None or part not in record.model_fields:
                # A wish is a key of ours inside an object that is no record.
                if part in set(Wish):
                    yield part, None
                return
            record = _record_in(record.model_fields[part].annotation)
        yield part, record


def _unknown_field(record: type[Record] | None) -> str:
    known = ", ".join(record.model_fields) if record else ""
    return f"holds an unknown field. The known ones are: {known}." if known else "holds an unknown field."


def _body_of(route: object) -> type[Record] | None:
    field = route.body_field if isinstance(route, APIRoute) else None
    return _record_in(field.field_info.annotation) if field else None


def _record_in(annotation: Any) -> type[Record] | None:
    """The record that a type holds, inside whatever else: `tuple[Schedule, ...] | None` holds Schedule."""
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return annotation
    inner = (_record_in(argument) for argument in get_args(annotation))
    return next((record for record in inner if record is not None), None)
