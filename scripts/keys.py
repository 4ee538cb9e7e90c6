"""`kindred keys`: makes, lists and revokes access keys. What a key opens is decided in `api.security`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from api.scopes import Scope
from scripts.opening import open_database

if TYPE_CHECKING:
    from api.storage.keys import AccessKey, KeyStore


@click.group()
def keys() -> None:
    """Make, list and revoke the keys that programs call the API with."""


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    type=click.Choice([scope.value for scope in Scope]),
    required=True,
    help="recommend: ask for recommendations. directory: read and change groups and profiles. staff: everything.",
)
def create(name: str, scope: str) -> None:
    """Make a key called NAME and print it, this once."""
    with _open_keys() as kept:
        secret = kept.create(name, Scope(scope), datetime.now(UTC))
    click.echo(secret)
    click.echo("Keep it somewhere safe: it is shown only now, and only its digest is stored.", err=True)


@keys.command("list")
def list_() -> None:
    """List all keys, without their secrets."""
    with _open_keys() as kept:
        all_keys = kept.all_keys()
    if not all_keys:
        click.echo("There are no keys. Make one: kindred keys create NAME --scope recommend")
    for key in all_keys:
        click.echo(_line(key))


@keys.command()
@click.argument("name")
def revoke(name: str) -> None:
    """Close the key called NAME for good."""
    with _open_keys() as kept:
        kept.revoke(name, datetime.now(UTC))
    click.echo("Revoked. Requests with this key are refused from now on.")


@contextmanager
def _open_keys() -> Iterator["KeyStore"]:
    from api.storage.keys import KeyStore

    with open_database() as database:
        yield KeyStore(database)


def _line(key: "AccessKey") -> str:
    state = f"revoked {key.revoked:%Y-%m-%d}" if key.revoked else "open"
    return f"{key.scope.value:<10} {key.created:%Y-%m-%d}  {state:<19}  {key.name}"
