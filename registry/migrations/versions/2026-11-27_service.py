"""When a notice was in the party's hands before it was recorded here, and what proves it."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Adds columns without touching the guarded table of steps; no notice that is there says either."""
    op.add_column("step", sa.Column("served_on", sa.Date(), nullable=True))
    op.add_column(
        "step",
        sa.Column("service_proof", sa.String(length=200), nullable=False, server_default=""),
    )
