"""Kindred's own exchange format: a record's fields by their names, as JSONL or as CSV. Row → record or reasons.

CSV: nested fields with dots (`location.city`), lists split on ; or |, an empty cell is "not known". A cell of a list
may also hold JSON, so `[]` says "there are none". Schedules: one column of JSON, or the dotted columns of one schedule.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from api.formats.files import CSV_ENDINGS, Cells, Row, check_readable, read_csv_rows, read_json_rows
from api.reasons import reasons_of
from models.group import Group
from models.profile import ExperienceProfile
from models.text import Identifier, Record

R = TypeVar("R", Group, ExperienceProfile)
_IDENTIFIER: TypeAdapter[str] = TypeAdapter(Identifier)


@dataclass(frozen=True)
class ParsedRow(Generic[R]):
    """One row of a file: a valid record, or the reasons why it is none."""

    line: int
    bytes_read: int
    id: str | None
    """The row's id, where it can be read."""
    record: R | None
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What was done to read it that its owner should know."""


def parse_file(path: Path, kind: type[R]) -> Iterator[ParsedRow[R]]:
    """The rows of a .jsonl, .ndjson, .json or .csv file, one after another.

    Raises:
        InvalidInput: the file can't be opened, or its header can't be understood.
    """
    check_readable(path)
    columns = columns_of(kind) if path.suffix.lower() in CSV_ENDINGS else None
    with path.open("rb") as file:
        for row in read_json_rows(file) if columns is None else read_csv_rows(file, frozenset(columns)):
            yield _parse_row(row, kind, columns)


class Holds(Enum):
    """What the cells of a CSV column hold."""

    ONE = auto()
    LIST = auto()
    """Values between ; or |, or a JSON list."""
    RECORDS = auto()
    """A JSON list of objects, or one object."""
    JSON = auto()


def columns_of(kind: type[Record]) -> dict[str, Holds]:
    """The CSV columns of a kind of record: dotted name → what its cells hold."""
    columns: dict[str, Holds] = {}
    for name, information in kind.model_fields.items():
        annotation = _known_type(information.annotation)
        inner = _record_in(annotation)
        if inner is not annotation:
            columns[name] = _holds(annotation)
        if inner is not None:
            columns |= {f"{name}.{column}": holds for column, holds in columns_of(inner).items()}
    return columns


def _parse_row(row: Row, kind: type[R], columns: Mapping[str, Holds] | None) -> ParsedRow[R]:
    notes = ("is not UTF-8; it was read as Windows-1252",) if row.is_legacy else ()

    def refused(*reasons: str) -> ParsedRow[R]:
        return ParsedRow(row.line, row.bytes_read, _id_of(row.content), None, reasons, notes)

    if row.problem is not None:
        return refused(row.problem)
    if not isinstance(row.content, dict):
        return refused("must be a JSON object: {…}")
    try:
        record = kind.model_validate(row.content if columns is None else _nest(row.content, columns))
    except _UnreadableCellError as error:
        return refused(str(error))
    except ValidationError as error:
        return refused(*reasons_of(error))
    return ParsedRow(row.line, row.bytes_read, record.id, record, (), notes)


def _id_of(content: object) -> str | None:
    try:
        return _IDENTIFIER.validate_python(content.get("id") if isinstance(content, dict) else None)
    except ValidationError:
        return None


class _UnreadableCellError(Exception):
    """A cell that holds no value of its column. Its text is the reason."""


def _nest(cells: Cells, columns: Mapping[str, Holds]) -> dict[str, Any]:
    """The fields of a row: `location.city` becomes a field of a location."""
    fields: dict[str, Any] = {}
    for column, cell in cells.items():
        outer, _, inner = column.partition(".")
        value = _value(column, cell.strip(), columns[column])
        if not inner:
            fields[outer] = value
            continue
        if outer in cells:
            raise _UnreadableCellError(f"{outer}: is given twice, as a whole and in parts")
        fields.setdefault(outer, {})[inner] = value
    # The parts of one schedule make a list of one.
    return {name: [value] if _is_one_of_many(name, value, columns) else value for name, value in fields.items()}


def _is_one_of_many(name: str, value: object, columns: Mapping[str, Holds]) -> bool:
    return isinstance(value, dict) and columns.get(name) is Holds.RECORDS


def _value(column: str, cell: str, holds: Holds) -> Any:
    if holds is Holds.ONE:
        return cell
    if holds is Holds.LIST and not cell.startswith("["):
        return [part.strip() for part in re.split(r"[;|]", cell) if part.strip()]
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        raise _UnreadableCellError(f"{column}: is not JSON") from None


def _holds(annotation: Any) -> Holds:
    if get_origin(annotation) is not tuple:
        return Holds.JSON if get_origin(annotation) is dict else Holds.ONE
    return Holds.LIST if _record_in(annotation) is None else Holds.RECORDS


def _known_type(annotation: Any) -> Any:
    """A field's type without "or None" and without its constraints."""
    if get_origin(annotation) is Annotated:
        return _known_type(get_args(annotation)[0])
    known = [choice for choice in get_args(annotation) if choice is not NoneType]
    is_optional = len(known) < len(get_args(annotation))
    return _known_type(known[0]) if is_optional else annotation


def _record_in(annotation: Any) -> type[Record] | None:
    """The record that a field holds, or holds many of."""
    inner = get_args(annotation)[0] if get_origin(annotation) is tuple else annotation
    return inner if isinstance(inner, type) and issubclass(inner, Record) else None
