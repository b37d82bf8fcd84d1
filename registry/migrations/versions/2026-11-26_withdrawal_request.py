"""Withdrawals somebody asks for at the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Adds the table."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "withdrawalrequest",
        sa.Column("recorded_at", instant, nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("editions", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("document_no", sa.String(length=100), nullable=False),
        sa.Column("organ", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("seen", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=60), nullable=False),
        sa.Column("confirmed_at", instant, nullable=True),
        sa.Column("finished_at", instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["institution"],
            ["institution.id"],
            name=op.f("fk_withdrawalrequest_institution_institution"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawalrequest")),
    )
    for column in ("institution", "state"):
        name = op.f(f"ix_withdrawalrequest_{column}")
        op.create_index(name, "withdrawalrequest", [column], unique=False)
