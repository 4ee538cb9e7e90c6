"""Groups know when their members' profiles last changed, so that a reader need only ask about groups."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("groups", sa.Column("members_changed", sa.BigInteger, nullable=False, server_default="0"))
    # What was changed before this column was there counts as changed now: readers take it in once more.
    op.execute("UPDATE groups SET members_changed = (SELECT version FROM directory_state)")
    # Nobody asks any more which profiles were deleted.
    op.execute("DELETE FROM deletions WHERE kind = 'profile'")
    op.create_index("ix_groups_members_changed", "groups", ["members_changed"])
