"""Complaints about somebody the register does not hold, and which institution they turned out to mean."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """A matter may be without an institution; what stood at the door is kept with the complaint."""
    with op.batch_alter_table("matter", schema=None) as batch_op:
        batch_op.alter_column("institution", existing_type=sa.String(), nullable=True)
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("named", sa.String(length=200), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("address", sa.String(length=300), nullable=False, server_default="")
        )
    op.create_table(
        "identification",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution"],
            ["institution.id"],
            name=op.f("fk_identification_institution_institution"),
        ),
        sa.ForeignKeyConstraint(
            ["matter"], ["matter.id"], name=op.f("fk_identification_matter_matter")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identification")),
    )
    with op.batch_alter_table("identification", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_identification_institution"), ["institution"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_identification_matter"), ["matter"], unique=False)
