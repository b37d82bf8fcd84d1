"""The staff display has the number of a teacher's certificate; a second factor's secret is encrypted."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Adds the number, and widens what holds a secret that is being set up; secrets are sealed when used."""
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("certificate", sa.String(length=30), nullable=False, server_default="")
        )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.alter_column(
            "pending",
            existing_type=sa.String(length=64),
            type_=sa.String(length=200),
            existing_nullable=False,
            existing_server_default="",
        )
