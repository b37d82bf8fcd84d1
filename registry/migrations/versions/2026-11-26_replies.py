"""The portal: a reply may be replaced or taken back by a later row."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds which reply a reply replaces; those that are there replace none."""
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replaces", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_reply_replaces_reply"), "reply", ["replaces"], ["id"]
        )
