"""What an operator may set, all from the environment: `KINDRED_` and the name below in capitals.

Decides defaults and refuses what can't be meant. Does not open or create anything.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.reasons import in_words
from matcher.weights import default_cache_dir
from models.errors import InvalidInput

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

_PREFIX = "KINDRED_"
_POSTGRESQL_NAMES = {"postgres", "postgresql", "postgresql+psycopg"}


class Settings(BaseSettings):
    """How this Kindred runs."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    data_dir: Path = Path("data")
    """Where the SQLite database lives; made when it isn't there."""
    # Hidden from repr because it may hold a password.
    database_url: str | None = Field(default=None, repr=False)
    """Which database: `postgresql://name:password@host/database`, or `sqlite:///file`. Unset: a file in the data
    directory."""
    database_replica_url: str | None = Field(default=None, repr=False)
    """A streaming replica of the PostgreSQL database, from which the directory is read. Unset: the database itself."""
    host: str = "127.0.0.1"
    """The address to listen on; 0.0.0.0 listens to other machines too."""
    port: int = Field(default=8000, ge=1, le=65535)
    """The port to listen on."""
    demo: bool = True
    """Load the invented demo directory when the directory is empty (1), or start empty (0)."""
    encoder: str = "mpnet"
    """The text encoder: `mpnet`, or `minilm`, which is smaller and quicker and finds less; both come with Kindred. Or
    any sentence-transformers name or path."""
    deadline_seconds: float = Field(default=20, ge=1, le=600)
    """How many seconds a newcomer may wait for groups. Who would wait much longer than half of it is asked at once to
    come back a little later."""
    cache_dir: Path = Field(default_factory=default_cache_dir)
    """Where what is made of the text encoder's weights is kept; it can be made again at any time."""

    @field_validator("database_url")
    @classmethod
    def _a_database_we_speak_to(cls, text: str | None) -> str | None:
        if text is not None:
            _readable_url(text)
        return text

    @field_validator("database_replica_url")
    @classmethod
    def _a_replica_of_a_server(cls, text: str | None, info: ValidationInfo) -> str | None:
        if text is None:
            return None
        primary = info.data.get("database_url")
        if any(url is None or _readable_url(url).get_backend_name() != "postgresql" for url in (text, primary)):
            raise ValueError("must start with postgresql://, and so must KINDRED_DATABASE_URL")
        return text

    @property
    def replica(self) -> "URL | None":
        """Where the replica is, if there is one, with the driver that Kindred uses."""
        return None if self.database_replica_url is None else _readable_url(self.database_replica_url)

    @property
    def database(self) -> "URL":
        """Where the database is, with the driver that Kindred uses."""
        # Imported where it is needed: whoever only asks for the encoder's name needn't wait for it.
        from sqlalchemy.engine import URL

        if self.database_url is None:
            return URL.create("sqlite", database=str(self.data_dir / "kindred.sqlite3"))
        return _readable_url(self.database_url)


def read_settings() -> Settings:
    """The settings of this process's environment. Raises InvalidInput, naming each setting that can't be used."""
    try:
        return Settings()
    except ValidationError as error:
        sentences = [_sentence(str(mistake["loc"][0]), mistake["msg"]) for mistake in error.errors()]
        raise InvalidInput(" ".join(sentences)) from None


def _sentence(name: str, message: str) -> str:
    means = (Settings.model_fields[name].description or "").replace("\n", " ").rstrip(".")
    return f"{_PREFIX}{name.upper()}: {in_words(message)}. It means: {means}."


def _readable_url(text: str) -> "URL":
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("is not a database address such as postgresql://name:password@host/database") from None
    if url.drivername in _POSTGRESQL_NAMES:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername != "sqlite":
        raise ValueError("must start with postgresql:// or sqlite:///")
    if not url.database or url.database == ":memory:":
        raise ValueError("must name a file, such as sqlite:////var/lib/kindred/kindred.sqlite3")
    return url
