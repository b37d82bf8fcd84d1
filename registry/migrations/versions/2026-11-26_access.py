"""Who signs in and how: idle sessions, capacities, recovery codes, passwords that serve once."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Adds the columns and the table; every attempt kept so far was a wrong password."""
    op.create_table(
        "recovery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"], ["account.id"], name=op.f("fk_recovery_account_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
    )
    op.create_index(op.f("ix_recovery_account"), "recovery", ["account"], unique=False)
    added: dict[str, list[sa.Column[object]]] = {
        "account": [sa.Column("once_until", sa.DateTime(timezone=True), nullable=True)],
        "grant": [
            sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
            sa.Column("ended_by", sa.String(length=60), nullable=False, server_default=""),
        ],
        "session": [
            sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
            sa.Column("grant", sa.Integer(), nullable=True),
            sa.Column("pending", sa.String(length=64), nullable=False, server_default=""),
        ],
        "attempt": [
            sa.Column("outcome", sa.String(length=20), nullable=False, server_default="password")
        ],
    }
    for table, columns in added.items():
        for column in columns:
            op.add_column(table, column)
