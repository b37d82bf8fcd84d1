"""Campaigns and visits."""

import sqlalchemy as sa
from alembic import op


def create() -> None:
    """Creates these tables with their indexes."""
    op.create_table(
        "campaign",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    op.create_table(
        "inspection",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("onsite", sa.Boolean(), nullable=False),
        sa.Column("first_officer", sa.String(length=60), nullable=False),
        sa.Column("second_officer", sa.String(length=60), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("refusal", sa.String(length=300), nullable=False),
        sa.Column("campaign", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=4000), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("measures", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution"], ["institution.id"], name=op.f("fk_inspection_institution_institution")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
        sa.UniqueConstraint("key", name=op.f("uq_inspection_key")),
    )
    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inspection_institution"), ["institution"], unique=False
        )
