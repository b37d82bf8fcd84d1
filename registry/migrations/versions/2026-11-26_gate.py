"""The gate: what an edition changes, what was let pass and why, and until when it has to be out."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Adds columns and two tables; editions that are there waited for nothing."""
    for name in ("difference", "signed"):
        column = sa.Column(name, sa.String(length=64), nullable=False, server_default="")
        op.add_column("edition", column)
    for name in ("cause", "note"):
        op.add_column("edition", sa.Column(name, sa.String(), nullable=False, server_default=""))
    for name in ("released_on", "due_on"):
        op.add_column("edition", sa.Column(name, sa.Date(), nullable=True))
    op.create_table(
        "editiondraft",
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition"], ["edition.id"], name=op.f("fk_editiondraft_edition_edition")
        ),
        sa.PrimaryKeyConstraint("edition", name=op.f("pk_editiondraft")),
    )
    op.create_table(
        "acceptance",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("violation", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition"], ["edition.id"], name=op.f("fk_acceptance_edition_edition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance")),
        sa.UniqueConstraint(
            "edition", "digest", "violation", name=op.f("uq_acceptance_edition_digest_violation")
        ),
    )
    op.create_index(op.f("ix_acceptance_edition"), "acceptance", ["edition"], unique=False)
