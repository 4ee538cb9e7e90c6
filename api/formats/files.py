"""Reads rows from a JSONL or CSV file, however it was saved, and says for each that can't be read why.

Decides lines, characters and cells. Does not decide what a row means.
"""

import csv
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from models.errors import InvalidInput

_CHUNK_BYTES = 1 << 16
_ROW_LIMIT_BYTES = 1 << 20
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = ",;\t"
CSV_ENDINGS = frozenset({".csv"})
JSON_ENDINGS = frozenset({".jsonl", ".ndjson", ".json"})

Cells = dict[str, str]
"""Column → what stands in the cell; empty cells left out."""


@dataclass(frozen=True)
class Line:
    """One line of a file as it was read."""

    number: int
    text: str
    bytes_read: int
    """How much of the file lies before the end of this line."""
    is_legacy: bool
    """Whether it isn't UTF-8 and was read as Windows-1252."""
    is_too_long: bool


@dataclass(frozen=True)
class Row:
    """One row of a file: what stands in it, or the reason why it can't be read."""

    line: int
    bytes_read: int
    content: object = None
    """JSON: any value. CSV: `Cells`."""
    problem: str | None = None
    is_legacy: bool = False


def read_lines(file: IO[bytes]) -> Iterator[Line]:
    """Lines that end in LF, CRLF or CR, each with its ending."""
    bytes_read = 0
    for number, raw in enumerate(_raw_lines(file), start=1):
        bytes_read += len(raw)
        text, is_legacy = _decode(raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw)
        yield Line(number, text, bytes_read, is_legacy, is_too_long=len(raw) > _ROW_LIMIT_BYTES)


def read_json_rows(file: IO[bytes]) -> Iterator[Row]:
    """One JSON value a line; empty lines are passed over."""
    for line in read_lines(file):
        if line.is_too_long:
            yield Row(line.number, line.bytes_read, problem="the row is longer than 1 MB")
        elif line.text.strip():
            yield _json_row(line)


def read_csv_rows(file: IO[bytes], columns: frozenset[str]) -> Iterator[Row]:
    """The rows below a header of column names. Raises InvalidInput when the header isn't made of `columns`."""
    records = _records(read_lines(file))
    header = next(records, None)
    if header is None:
        return
    names = _column_names(header, columns)
    for record in records:
        yield _csv_row(record, names)


def check_readable(path: Path) -> None:
    """Raises InvalidInput when a file isn't there, isn't a file of rows, or is not in 8-bit characters."""
    if path.suffix.lower() not in CSV_ENDINGS | JSON_ENDINGS:
        raise InvalidInput(f"{path.name}: a file to import must end in .jsonl, .ndjson, .json or .csv.")
    try:
        with path.open("rb") as file:
            start = file.read(_CHUNK_BYTES)
    except OSError as error:
        reason = (error.strerror or "it can't be read").lower()
        raise InvalidInput(f"{path.name}: can't be opened: {reason}.") from None
    if start.startswith(_WIDE_MARKS):
        raise InvalidInput(f"{path.name}: is saved as UTF-16 (Excel: “Unicode Text”). Save it as CSV UTF-8.")
    if path.suffix.lower() in JSON_ENDINGS and start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        raise InvalidInput(f"{path.name}: holds one JSON list. Write one JSON object a line instead (jq -c '.[]').")


def _raw_lines(file: IO[bytes]) -> Iterator[bytes]:
    """Lines with their endings. Of one that is too long only its start is kept, so that memory stays small."""
    rest = b""
    while chunk := file.read(_CHUNK_BYTES):
        *lines, rest = (rest + chunk).splitlines(keepends=True)
        yield from lines
        if len(rest) > _ROW_LIMIT_BYTES and not rest.endswith((b"\r", b"\n")):
            yield rest
            rest = _skip_to_line_end(file)
    yield from rest.splitlines(keepends=True)


def _skip_to_line_end(file: IO[bytes]) -> bytes:
    """Passes over the rest of a line; what was read of the lines after it."""
    while chunk := file.read(_CHUNK_BYTES):
        skipped, *lines = chunk.splitlines(keepends=True)
        if skipped.endswith((b"\r", b"\n")):
            return b"".join(lines)
    return b""


def _decode(raw: bytes) -> tuple[str, bool]:
    try:
        return raw.decode("utf-8"), False
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("cp1252"), True
    except UnicodeDecodeError:
        # Five bytes mean nothing in Windows-1252; here they become control characters, which are refused in words.
        return raw.decode("latin-1"), True


def _json_row(line: Line) -> Row:
    try:
        content = json.loads(line.text.strip())
    except json.JSONDecodeError as error:
        problem = f"is not JSON: something is wrong at character {error.pos + 1} of the line"
        return Row(line.number, line.bytes_read, problem=problem, is_legacy=line.is_legacy)
    except (ValueError, RecursionError):
        problem = "holds a number too long or lists too deep to read"
        return Row(line.number, line.bytes_read, problem=problem, is_legacy=line.is_legacy)
    return Row(line.number, line.bytes_read, content, is_legacy=line.is_legacy)


@dataclass(frozen=True)
class _Record:
    """The cells of one CSV row, or nothing where its quotes don't match, with the lines that it stands on."""

    cells: list[str] | None
    lines: list[Line]


def _records(lines: Iterator[Line]) -> Iterator[_Record]:
    """CSV rows. Where quotes don't match, one line is given up and reading goes on with the very next."""
    waiting: deque[Line] = deque()
    delimiter = ""
    while True:
        taken: list[Line] = []
        source = _texts(waiting, lines, taken)
        if not delimiter:
            first = next(lines, None)
            if first is None:
                return
            waiting.append(first)
            delimiter = max(_DELIMITERS, key=first.text.count)
        try:
            cells = next(csv.reader(source, delimiter=delimiter, strict=True), None)
        except csv.Error:
            yield _Record(None, taken[:1])
            waiting.extendleft(reversed(taken[1:]))
            continue
        if cells is None:
            return
        # Spreadsheets leave empty rows behind.
        if any(cell.strip() for cell in cells):
            yield _Record(cells, taken)


def _texts(waiting: deque[Line], lines: Iterator[Line], taken: list[Line]) -> Iterator[str]:
    while True:
        line = waiting.popleft() if waiting else next(lines, None)
        if line is None:
            return
        taken.append(line)
        yield line.text


def _column_names(header: _Record, columns: frozenset[str]) -> list[str]:
    names = [cell.strip().lower().replace(" ", "_") for cell in header.cells or []]
    for position, name in enumerate(names, start=1):
        if name not in columns:
            raise InvalidInput(
                f"Column {position} of the header is not a field that can be imported. "
                f"The first row must name the columns: {', '.join(sorted(columns))}."
            )
        if name in names[: position - 1]:
            raise InvalidInput(f"Column {position} of the header has the name of an earlier column.")
    return names


def _csv_row(record: _Record, names: list[str]) -> Row:
    first, last = record.lines[0], record.lines[-1]
    is_legacy = any(line.is_legacy for line in record.lines)
    if record.cells is None:
        problem = "its quotes don't match, or a cell is longer than 130,000 characters"
        return Row(first.number, last.bytes_read, problem=problem, is_legacy=is_legacy)
    if len(record.cells) > len(names):
        problem = "has more cells than the header has columns"
        return Row(first.number, last.bytes_read, problem=problem, is_legacy=is_legacy)
    cells: Cells = {name: cell for name, cell in zip(names, record.cells, strict=False) if cell.strip()}
    return Row(first.number, last.bytes_read, cells, is_legacy=is_legacy)
