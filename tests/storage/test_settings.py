"""What an operator may set."""

from pathlib import Path

import pytest

from api.settings import Settings, read_settings
from models.errors import InvalidInput


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"KINDRED_{name.upper()}", raising=False)


def test_without_settings_it_is_a_file_on_this_machine_for_this_machine_only() -> None:
    settings = read_settings()
    assert (settings.host, settings.port, settings.demo, settings.encoder) == ("127.0.0.1", 8000, True, "mpnet")
    assert settings.database.database == str(Path("data") / "kindred.sqlite3")


def test_the_database_lies_in_the_data_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_DATA_DIR", "/srv/kindred")
    monkeypatch.setenv("KINDRED_DATABASE_URL", "")
    assert read_settings().database.database == "/srv/kindred/kindred.sqlite3"


@pytest.mark.parametrize("start", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_spelling_of_a_postgresql_address_is_understood(
    start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINDRED_DATABASE_URL", f"{start}://kindred:opensesame@db.example.org/kindred")
    settings = read_settings()
    assert settings.database.drivername == "postgresql+psycopg"
    assert "opensesame" not in f"{settings!r} {settings.database!r}"


def test_a_replica_is_read_with_the_same_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings().replica is None
    monkeypatch.setenv("KINDRED_DATABASE_URL", "postgresql://kindred:opensesame@primary/kindred")
    monkeypatch.setenv("KINDRED_DATABASE_REPLICA_URL", "postgresql://kindred:opensesame@replica/kindred")
    settings = read_settings()
    assert settings.replica is not None
    assert (settings.replica.drivername, settings.replica.host) == ("postgresql+psycopg", "replica")
    assert "opensesame" not in f"{settings!r} {settings.replica!r}"


def test_a_file_has_no_replica(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_DATABASE_REPLICA_URL", "postgresql://kindred:opensesame@replica/kindred")
    with pytest.raises(InvalidInput, match=r"^KINDRED_DATABASE_REPLICA_URL: must start with postgresql"):
        read_settings()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "eighty", "must be a valid integer"),
        ("PORT", "99999", "must be less than or equal to 65535"),
        ("DEMO", "perhaps", "must be a valid boolean"),
        ("DATABASE_URL", "mysql://kindred:opensesame@db/kindred", "must start with postgresql:// or sqlite:///"),
        ("DATABASE_URL", "sqlite://", "must name a file"),
        ("DATABASE_URL", "opensesame", "is not a database address"),
        ("DATABASE_REPLICA_URL", "sqlite:///opensesame", "must start with postgresql://"),
    ],
)
def test_a_wrong_setting_is_named_and_never_repeated(
    name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"KINDRED_{name}", value)
    with pytest.raises(InvalidInput) as caught:
        read_settings()
    assert f"KINDRED_{name}: " in caught.value.sentence
    assert says in caught.value.sentence
    assert "opensesame" not in caught.value.sentence


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, setting in Settings.model_fields.items() if not setting.description] == []
