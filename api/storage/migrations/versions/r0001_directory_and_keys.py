"""The directory (groups, profiles, their vectors, what was deleted) and the access keys."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_IDENTIFIER = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")


def upgrade() -> None:
    _make_state()
    op.create_table(
        "groups",
        sa.Column("id", _IDENTIFIER, primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "profiles",
        sa.Column("id", _IDENTIFIER, primary_key=True),
        sa.Column("group_id", _IDENTIFIER, sa.ForeignKey("groups.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "deletions",
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("id", _IDENTIFIER, primary_key=True),
        sa.Column("changed", sa.BigInteger, nullable=False, index=True),
    )
    _make_vectors("group_vectors", "groups")
    _make_vectors("profile_vectors", "profiles")
    op.create_table(
        "access_keys",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(300), nullable=False, unique=True),
        sa.Column("scope", sa.String(20), nullable=False),
        sa.Column("secret_digest", sa.String(64), nullable=False, unique=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
    )


def _make_state() -> None:
    state = op.create_table(
        "directory_state",
        sa.Column("only_row", sa.Integer, primary_key=True),
        sa.Column("directory_id", sa.String(32), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.CheckConstraint("only_row = 1", name="one_directory"),
    )
    op.bulk_insert(state, [{"only_row": 1, "directory_id": secrets.token_hex(16), "version": 0}])


def _make_vectors(name: str, owners: str) -> None:
    op.create_table(
        name,
        sa.Column("owner_id", _IDENTIFIER, sa.ForeignKey(f"{owners}.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("encoder", sa.String(300), nullable=False),
        sa.Column("passage_digest", sa.String(64), nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
    )
