"""Push: subscriptions, and the messages to them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Adds the two tables; no secret is stored in them."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "subscription",
        sa.Column("recorded_at", instant, nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("because", sa.String(length=300), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("verified_at", instant, nullable=True),
        sa.Column("through", sa.String(length=20), nullable=False),
        sa.Column("withdrawn_through", sa.Integer(), nullable=False),
        sa.Column("hold_until", instant, nullable=True),
        sa.Column("leased_until", instant, nullable=True),
        sa.Column("leased_by", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    op.create_table(
        "push",
        sa.Column("subscription", sa.String(length=20), nullable=False),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("edition", sa.String(length=20), nullable=False),
        sa.Column("against", sa.String(length=20), nullable=False),
        sa.Column("institution", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("happened_at", instant, nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", instant, nullable=False),
        sa.Column("delivered_at", instant, nullable=True),
        sa.Column("failed_at", instant, nullable=True),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription"], ["subscription.id"], name=op.f("fk_push_subscription_subscription")
        ),
        sa.PrimaryKeyConstraint("subscription", "event", name=op.f("pk_push")),
    )
    op.create_index("ix_push_subscription_state", "push", ["subscription", "state"], unique=False)
    op.create_index(op.f("ix_push_institution"), "push", ["institution"], unique=False)
