"""The ledger is browsed by day and by account: both have an index."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds two indexes; the table is never rebuilt, for that would drop its guards."""
    with op.batch_alter_table("ledger", schema=None, recreate="never") as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_account"), ["account"], unique=False)
