"""Matters, their steps, and what each kind is about."""

import sqlalchemy as sa
from alembic import op


def create() -> None:
    """Creates these tables with their indexes."""
    op.create_table(
        "matter",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("jurisdiction", sa.String(length=20), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("owner", sa.String(length=60), nullable=False),
        sa.Column("case_no", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution"], ["institution.id"], name=op.f("fk_matter_institution_institution")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter")),
    )
    with op.batch_alter_table("matter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_matter_institution"), ["institution"], unique=False)
        batch_op.create_index(batch_op.f("ix_matter_jurisdiction"), ["jurisdiction"], unique=False)
        batch_op.create_index("ix_matter_kind_institution", ["kind", "institution"], unique=False)
    op.create_table(
        "reply",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution"], ["institution.id"], name=op.f("fk_reply_institution_institution")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
    )
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reply_institution"), ["institution"], unique=False)
    op.create_table(
        "case_finding",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("finding", sa.String(length=40), nullable=False),
        sa.Column("penalty", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding"], ["matter.id"], name=op.f("fk_case_finding_finding_matter")
        ),
        sa.ForeignKeyConstraint(
            ["penalty"], ["matter.id"], name=op.f("fk_case_finding_penalty_matter")
        ),
        sa.PrimaryKeyConstraint("finding", "penalty", name=op.f("pk_case_finding")),
    )
    op.create_table(
        "decision",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("kinds", sa.String(length=200), nullable=False),
        sa.Column("fine_fen", sa.BigInteger(), nullable=False),
        sa.Column("confiscated_fen", sa.BigInteger(), nullable=False),
        sa.Column("article", sa.String(length=300), nullable=False),
        sa.Column("statement", sa.String(length=1000), nullable=False),
        sa.Column("social_impact", sa.Boolean(), nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("extent", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["matter"], ["matter.id"], name=op.f("fk_decision_matter_matter")),
        sa.PrimaryKeyConstraint("matter", name=op.f("pk_decision")),
    )
    op.create_table(
        "finding",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("extent", sa.Integer(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=True),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("article", sa.String(length=300), nullable=False),
        sa.Column("statement", sa.String(length=1000), nullable=False),
        sa.Column("note", sa.String(length=4000), nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("inspection", sa.String(), nullable=True),
        sa.Column("corrects", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["corrects"], ["matter.id"], name=op.f("fk_finding_corrects_matter")
        ),
        sa.ForeignKeyConstraint(
            ["inspection"], ["inspection.id"], name=op.f("fk_finding_inspection_inspection")
        ),
        sa.ForeignKeyConstraint(["matter"], ["matter.id"], name=op.f("fk_finding_matter_matter")),
        sa.PrimaryKeyConstraint("matter", name=op.f("pk_finding")),
    )
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finding_inspection"), ["inspection"], unique=False)
    op.create_table(
        "listing",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("list", sa.String(), nullable=False),
        sa.Column("ground", sa.String(length=60), nullable=False),
        sa.Column("statement", sa.String(length=1000), nullable=False),
        sa.Column("article", sa.String(length=300), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decision"], ["matter.id"], name=op.f("fk_listing_decision_matter")
        ),
        sa.ForeignKeyConstraint(["matter"], ["matter.id"], name=op.f("fk_listing_matter_matter")),
        sa.PrimaryKeyConstraint("matter", name=op.f("pk_listing")),
    )
    op.create_table(
        "objection",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["about"], ["matter.id"], name=op.f("fk_objection_about_matter")),
        sa.ForeignKeyConstraint(["matter"], ["matter.id"], name=op.f("fk_objection_matter_matter")),
        sa.PrimaryKeyConstraint("matter", name=op.f("pk_objection")),
    )
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_objection_about"), ["about"], unique=False)
    op.create_table(
        "step",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("document_no", sa.String(length=100), nullable=False),
        sa.Column("organ", sa.String(length=100), nullable=False),
        sa.Column("first_officer", sa.String(length=60), nullable=False),
        sa.Column("second_officer", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_step_seq")),
        sa.ForeignKeyConstraint(["matter"], ["matter.id"], name=op.f("fk_step_matter_matter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sa.UniqueConstraint("matter", "seq", name=op.f("uq_step_matter_seq")),
    )
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_step_due_on"), ["due_on"], unique=False)
