"""Visits that never were, each with the approved matter that says so."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Adds the table; no visit that is there is void."""
    op.create_table(
        "voided_visit",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("inspection", sa.String(length=40), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection"], ["inspection.id"], name=op.f("fk_voided_visit_inspection_inspection")
        ),
        sa.ForeignKeyConstraint(
            ["institution"],
            ["institution.id"],
            name=op.f("fk_voided_visit_institution_institution"),
        ),
        sa.ForeignKeyConstraint(
            ["matter"], ["matter.id"], name=op.f("fk_voided_visit_matter_matter")
        ),
        sa.PrimaryKeyConstraint("inspection", name=op.f("pk_voided_visit")),
    )
    op.create_index(op.f("ix_voided_visit_institution"), "voided_visit", ["institution"])
    op.create_index(op.f("ix_voided_visit_matter"), "voided_visit", ["matter"])
