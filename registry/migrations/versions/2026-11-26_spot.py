"""Penalties decided on the spot, and places on the white list that are about to be lost."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Adds the two tables."""
    op.create_table(
        "spot_penalty",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("statement", sa.String(length=1000), nullable=False),
        sa.Column("article", sa.String(length=300), nullable=False),
        sa.Column("kinds", sa.String(length=200), nullable=False),
        sa.Column("fine_fen", sa.BigInteger(), nullable=False),
        sa.Column("heard", sa.String(length=4000), nullable=False),
        sa.Column("receiver", sa.String(length=60), nullable=False),
        sa.Column("refusal", sa.String(length=300), nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("finding", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding"], ["matter.id"], name=op.f("fk_spot_penalty_finding_matter")
        ),
        sa.ForeignKeyConstraint(
            ["matter"], ["matter.id"], name=op.f("fk_spot_penalty_matter_matter")
        ),
        sa.PrimaryKeyConstraint("matter", name=op.f("pk_spot_penalty")),
    )
    op.create_index(op.f("ix_spot_penalty_finding"), "spot_penalty", ["finding"], unique=False)
    op.create_table(
        "white_loss",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("edition", sa.String(length=40), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["matter"], ["matter.id"], name=op.f("fk_white_loss_matter_matter")
        ),
        sa.PrimaryKeyConstraint("matter", name=op.f("pk_white_loss")),
    )
