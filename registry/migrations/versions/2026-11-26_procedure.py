"""The papers served with a decision, what an alert rests on, and what is to be withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Adds columns without touching the guarded table of steps, and the table of retractions."""
    op.add_column(
        "step",
        sa.Column("repair_notice_no", sa.String(length=100), nullable=False, server_default=""),
    )
    op.add_column(
        "step",
        sa.Column("publication_told", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("finding", sa.String(length=40), nullable=False, server_default="")
        )
        batch_op.drop_column("until")
    op.create_table(
        "retraction",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["about"], ["matter.id"], name=op.f("fk_retraction_about_matter")),
        sa.ForeignKeyConstraint(
            ["matter"], ["matter.id"], name=op.f("fk_retraction_matter_matter")
        ),
        sa.PrimaryKeyConstraint("matter", name=op.f("pk_retraction")),
    )
    op.create_index(op.f("ix_retraction_about"), "retraction", ["about"], unique=False)
