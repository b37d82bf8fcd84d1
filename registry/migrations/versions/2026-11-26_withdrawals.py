"""Withdrawals: how an entry went, and from which list."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Adds both; what was withdrawn until now was so on paper, and its list is not known."""
    with op.batch_alter_table("withdrawal", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("how", sa.String(length=12), nullable=False, server_default="withdrawn")
        )
        batch_op.add_column(
            sa.Column("listed", sa.String(length=12), nullable=False, server_default="record")
        )
