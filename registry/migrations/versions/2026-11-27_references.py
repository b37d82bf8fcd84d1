"""References: which matters name another one is found without reading them all."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Adds the indexes; nothing that is stored changes."""
    for table, column in (
        ("finding", "corrects"),
        ("case_finding", "penalty"),
        ("listing", "decision"),
        ("alert", "finding"),
    ):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
