"""What `kindred doctor` looks at, one function a part: each says what it found, and what to do where that is needed.

Makes no database, migrates nothing, encodes nothing but three sentences of its own. All that it may make is the text
encoder's form for this machine, in the cache, where that is missing; a start would make it, too.
"""

from __future__ import annotations

import platform
import re
import shutil
import sqlite3
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from api.settings import Settings
from models.errors import InvalidInput, KindredError

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

    from api.storage.database import Database
    from api.storage.directory_store import DirectoryStore
    from models.group import Group
    from models.profile import ExperienceProfile

R = TypeVar("R", "Group", "ExperienceProfile")

_STALE_DAYS = 365
_PAGE_ROWS = 500
_NAMED_MOST = 5
_ANSWER_SECONDS = 2.0
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_PINNED = re.compile(r"([A-Za-z0-9._-]+)(?:\[\w+\])?==(\S+)")
_MAIN_LIBRARIES = ("openvino", "torch", "sentence-transformers", "fastapi", "sqlalchemy", "numpy")


class Level(StrEnum):
    """How a part is."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True)
class Line:
    """One thing found."""

    level: Level
    sentence: str


def _ok(sentence: str) -> Line:
    return Line(Level.OK, sentence)


def _note(sentence: str) -> Line:
    return Line(Level.NOTE, sentence)


def _wrong(sentence: str) -> Line:
    return Line(Level.WRONG, sentence)


def check_versions() -> Iterator[Line]:
    """What is installed."""
    libraries = ", ".join(f"{name} {_installed(name) or 'missing'}" for name in _MAIN_LIBRARIES)
    yield _ok(f"Kindred {metadata.version('kindred')} on Python {platform.python_version()}, with {libraries}.")


def check_libraries() -> Iterator[Line]:
    """Whether the direct dependencies are the versions that Kindred is tested with."""
    pinned = [_PINNED.match(text) for text in metadata.requires("kindred") or () if "extra ==" not in text]
    others = [pin[1] for pin in pinned if pin and _installed(pin[1]) != pin[2]]
    if others:
        yield _wrong(f"Missing, or not of the version that is pinned: {', '.join(others)}. Run scripts/serve.")


def _installed(name: str) -> str | None:
    try:
        # What stands after a plus names a build, such as +cpu, of the same version.
        return metadata.version(name).partition("+")[0]
    except metadata.PackageNotFoundError:
        return None


def check_settings(settings: Settings) -> Iterator[Line]:
    """The settings in force, and which of them were set. Never a password."""
    values = settings.model_dump(exclude={"database_url", "database_replica_url"}) | {
        "database_url": _shown(settings.database),
        "database_replica_url": "none" if settings.replica is None else _shown(settings.replica),
    }
    named = {name: f"KINDRED_{name.upper()}={value}" for name, value in values.items()}
    chosen = [text for name, text in named.items() if name in settings.model_fields_set]
    defaults = [text for name, text in named.items() if name not in settings.model_fields_set]
    if chosen:
        yield _ok(f"Set in the environment: {', '.join(chosen)}.")
    yield _ok(f"Left as they are: {', '.join(defaults)}.")


def _shown(url: URL) -> str:
    return url.set(password="***" if url.password else None).render_as_string(hide_password=True)


def check_rules() -> Iterator[Line]:
    """The rules and the questionnaire that ship with Kindred."""
    from matcher.rulebook import default_rules
    from models.questionnaire import default_questionnaire

    try:
        rules, questionnaire = default_rules(), default_questionnaire()
    except (KindredError, ValueError) as error:
        yield _wrong(error.sentence if isinstance(error, KindredError) else "The questionnaire can't be read.")
        return
    yield _ok(f"Matching rules of {rules.version}, questionnaire of {questionnaire.version}.")


def check_encoder(settings: Settings) -> Generator[Line, None, str | None]:
    """Loads the encoder, made ready for this machine where it isn't yet, and tries it; returns its identity."""
    from matcher.encoder import SentenceTransformerEncoder, load_encoder
    from matcher.weights import OWN_WEIGHTS

    try:
        encoder = load_encoder(settings.encoder, settings.cache_dir)
    except KindredError as error:
        yield _wrong(error.sentence)
        return None
    is_own = settings.encoder in OWN_WEIGHTS
    proof = "its weights are the publisher's own" if is_own else "named in the settings"
    yield _ok(f"Text encoder {encoder.identity}: {proof}; {encoder.dimensions} dimensions.")
    if is_own and isinstance(encoder, SentenceTransformerEncoder):
        yield _note(f"It runs on {encoder.runtime}: OpenVINO, which is several times faster, can't be used here.")
    else:
        yield _ok(f"It runs on {encoder.runtime}.")
    died, grieving, bus = encoder.encode(["My mother died.", "I am grieving for my mother.", "The bus was late."])
    if float(died @ grieving) > float(died @ bus):
        yield _ok("The encoder puts two sentences that mean the same nearer than two that don't.")
    else:
        yield _wrong("The encoder can't tell meaning apart. Leave KINDRED_ENCODER out, or name another one.")
    return encoder.identity


def check_database(settings: Settings) -> Generator[Line, None, DirectoryStore | None]:
    """Where the database is and whether it can be used; returns the store where it can be read."""
    from api.storage.database import Database
    from api.storage.directory_store import DirectoryStore
    from api.storage.schema import is_prepared

    database = Database(settings.database)
    is_sqlite = settings.database.get_backend_name() == "sqlite"
    if is_sqlite and not Path(settings.database.database or "").exists():
        yield _note(f"There is no database yet: {database.place}. scripts/serve makes it, or any import.")
        return None
    try:
        if not is_prepared(database):
            yield _note(f"The tables of {database.place} are missing or of an older Kindred. scripts/serve makes them.")
            return None
        yield _ok(f"{_capital(database.place)} can be read, and its tables are up to date.")
    except KindredError as error:
        yield _wrong(error.sentence)
        return None
    store = DirectoryStore(database)
    yield from _check_writing(store)
    if is_sqlite:
        yield from _check_sqlite(database)
    return store


def check_replica(settings: Settings) -> Iterator[Line]:
    """Whether the replica, if there is one, can be read and holds the same directory."""
    from api.storage.database import Database
    from api.storage.directory_store import DirectoryStore

    if settings.replica is None:
        return
    try:
        there = DirectoryStore(Database(settings.replica)).version()
        here = DirectoryStore(Database(settings.database)).version()
    except KindredError as error:
        yield _wrong(f"The replica can't be compared with its primary. {error.sentence}")
        return
    if there.directory_id != here.directory_id:
        yield _wrong("KINDRED_DATABASE_REPLICA_URL: is no replica of the database: it holds another directory.")
    else:
        yield _ok(f"The replica can be read. It is at version {there.label}, the database at {here.label}.")


def _check_writing(store: DirectoryStore) -> Iterator[Line]:
    try:
        store.check_writable()
    except KindredError as error:
        yield _wrong(error.sentence)
    else:
        yield _ok("It can be written.")


def _check_sqlite(database: Database) -> Iterator[Line]:
    from api.storage.database import wal_is_safe

    with database.reading() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    why = (
        "readers and a writer don't wait for each other"
        if wal_is_safe(sqlite3.sqlite_version_info)
        else "this SQLite is older than the fix for write-ahead logs that several processes share, so none is used"
    )
    yield _ok(f"SQLite {sqlite3.sqlite_version} with journal mode {mode}: {why}.")


def check_directory(store: DirectoryStore, encoder: str | None) -> Iterator[Line]:
    """What the directory holds, and what of it is not encoded, stale or without voices."""
    counts = store.counts(encoder or "")
    if counts.groups == 0:
        yield _note("The directory is empty. Fill it: kindred import groups FILE (see docs/formats.md).")
        return
    version = store.version().label
    yield _ok(f"Version {version} of the directory: groups {counts.groups}, profiles {counts.profiles}.")
    texts, encoded = counts.groups + counts.profiles, counts.encoded_groups + counts.encoded_profiles
    if encoder is not None and encoded < texts:
        yield _note(f"{texts - encoded} of {texts} texts have no vector of this encoder; the next start makes them.")
    elif encoder is not None:
        yield _ok(f"All {texts} texts have a vector of this encoder.")
    yield from _check_listings(store, datetime.now(UTC).date())
    yield from _check_voices(store)


def _check_listings(store: DirectoryStore, today: date) -> Iterator[Line]:
    assured = {group.id: group.assured_date for group in _pages(store.groups)}
    limit = today - timedelta(days=_STALE_DAYS)
    stale = [group_id for group_id, day in assured.items() if day is not None and day < limit]
    undated = [group_id for group_id, day in assured.items() if day is None]
    if stale:
        yield _note(f"Listings that nobody has checked for more than a year: {len(stale)} ({_some(stale)}).")
    if undated:
        yield _note(f"Listings that don't say when they were last checked: {len(undated)} ({_some(undated)}).")
    if not stale and not undated:
        yield _ok("Every listing was checked within the last year.")


def _check_voices(store: DirectoryStore) -> Iterator[Line]:
    heard = {profile.group_id for profile in _pages(store.profiles)}
    silent = [group.id for group in _pages(store.groups) if group.id not in heard]
    if silent:
        yield _note(f"Groups without a profile, matched by description only: {len(silent)} ({_some(silent)}).")
    else:
        yield _ok("Every group has at least one profile.")


def _pages(page_after: Callable[[str, int], list[R]]) -> Iterator[R]:
    after = ""
    while page := page_after(after, _PAGE_ROWS):
        yield from page
        after = page[-1].id


def _some(ids: list[str]) -> str:
    rest = len(ids) - _NAMED_MOST
    return ", ".join(ids[:_NAMED_MOST]) + (f" and {rest} more" if rest > 0 else "")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def check_port(settings: Settings) -> Iterator[Line]:
    """Whether the port is free, or Kindred itself listens there."""
    from scripts.serving import take_port

    try:
        with take_port(settings.host, settings.port) as listener:
            listener.listen()
    except InvalidInput as error:
        yield _ok(f"Kindred is serving on port {settings.port}.") if _is_kindred(settings) else _wrong(error.sentence)
    except OSError:
        yield _wrong(f"Port {settings.port} is being taken by another program.")
    else:
        yield _ok(f"Port {settings.port} on {settings.host} is free.")


def _is_kindred(settings: Settings) -> bool:
    """Asks the server there for the questionnaire, in one plain request that no proxy sees."""
    from http.client import HTTPConnection, HTTPException

    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    connection = HTTPConnection(host, settings.port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/v1/questionnaire")
        return b'"screens"' in connection.getresponse().read()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def check_browser() -> Iterator[Line]:
    """Whether the browser tests have a browser."""
    if any(shutil.which(name) for name in _BROWSERS):
        yield _ok("Chromium is installed, for the browser tests.")
    else:
        yield _note("No Chromium is installed; only the browser tests need it (on Debian: apt install chromium).")
