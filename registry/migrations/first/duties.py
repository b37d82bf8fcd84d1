"""Insurance covers, custody accounts, annual inspections."""

import sqlalchemy as sa
from alembic import op


def create() -> None:
    """Creates these tables with their indexes."""
    op.create_table(
        "annual_inspection",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("document_no", sa.String(length=100), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution"],
            ["institution.id"],
            name=op.f("fk_annual_inspection_institution_institution"),
        ),
        sa.ForeignKeyConstraint(
            ["replaces"],
            ["annual_inspection.id"],
            name=op.f("fk_annual_inspection_replaces_annual_inspection"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_inspection")),
    )
    with op.batch_alter_table("annual_inspection", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_annual_inspection_institution"), ["institution"], unique=False
        )
    op.create_table(
        "cover",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("cover_class", sa.String(), nullable=False),
        sa.Column("insurer", sa.String(length=100), nullable=False),
        sa.Column("policy_no", sa.String(length=80), nullable=False),
        sa.Column("sum_fen", sa.BigInteger(), nullable=False),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("insured_name", sa.String(length=200), nullable=False),
        sa.Column("insured_code", sa.String(length=18), nullable=False),
        sa.Column("insured_matches", sa.Boolean(), nullable=False),
        sa.Column("premium_paid", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution"], ["institution.id"], name=op.f("fk_cover_institution_institution")
        ),
        sa.ForeignKeyConstraint(["replaces"], ["cover.id"], name=op.f("fk_cover_replaces_cover")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cover")),
    )
    with op.batch_alter_table("cover", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cover_institution"), ["institution"], unique=False)
        batch_op.create_index(batch_op.f("ix_cover_until"), ["until"], unique=False)
    op.create_table(
        "custody",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("bank", sa.String(length=100), nullable=False),
        sa.Column("account_no", sa.String(length=40), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution"], ["institution.id"], name=op.f("fk_custody_institution_institution")
        ),
        sa.ForeignKeyConstraint(
            ["replaces"], ["custody.id"], name=op.f("fk_custody_replaces_custody")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody")),
    )
    with op.batch_alter_table("custody", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_custody_institution"), ["institution"], unique=False)
    op.create_table(
        "custody_report",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("bank", sa.String(length=100), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("balance_fen", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution"],
            ["institution.id"],
            name=op.f("fk_custody_report_institution_institution"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_report")),
    )
    with op.batch_alter_table("custody_report", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_custody_report_institution"), ["institution"], unique=False
        )
    op.create_table(
        "cover_premises",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("cover", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["cover"], ["cover.id"], name=op.f("fk_cover_premises_cover_cover")
        ),
        sa.PrimaryKeyConstraint("cover", "address", name=op.f("pk_cover_premises")),
    )
