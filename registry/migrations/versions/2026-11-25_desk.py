"""The desk and the portal: draws, checklists, files, proposals, applications, notices, second factors."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Creates the new tables and adds the new columns; what is there stays."""
    op.create_table(
        "handshake",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=100), nullable=False),
        sa.Column("verifier", sa.String(length=200), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_handshake")),
    )
    op.create_table(
        "attachment",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media", sa.String(length=60), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution"], ["institution.id"], name=op.f("fk_attachment_institution_institution")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_about"), ["about"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_attachment_institution"), ["institution"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_attachment_sha256"), ["sha256"], unique=False)

    op.create_table(
        "contact",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution"], ["institution.id"], name=op.f("fk_contact_institution_institution")
        ),
        sa.ForeignKeyConstraint(
            ["replaces"], ["contact.id"], name=op.f("fk_contact_replaces_contact")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_institution"), ["institution"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("notice", sa.String(length=120), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["notice"], ["outbox.key"], name=op.f("fk_delivery_notice_outbox")),
        sa.PrimaryKeyConstraint("notice", "channel", name=op.f("pk_delivery")),
    )
    op.create_table(
        "draw",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("seed", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pool", sa.String(), nullable=False),
        sa.Column("pool_hash", sa.String(length=64), nullable=False),
        sa.Column("weights", sa.String(), nullable=False),
        sa.Column("excluded", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign"], ["campaign.id"], name=op.f("fk_draw_campaign_campaign")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw")),
    )
    with op.batch_alter_table("draw", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draw_campaign"), ["campaign"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by", sa.String(length=60), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution"], ["institution.id"], name=op.f("fk_invitation_institution_institution")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitation")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invitation_institution"), ["institution"], unique=False
        )

    op.create_table(
        "recusal",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("officer", sa.String(length=60), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution"], ["institution.id"], name=op.f("fk_recusal_institution_institution")
        ),
        sa.ForeignKeyConstraint(
            ["replaces"], ["recusal.id"], name=op.f("fk_recusal_replaces_recusal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recusal")),
    )
    with op.batch_alter_table("recusal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recusal_institution"), ["institution"], unique=False)
        batch_op.create_index(batch_op.f("ix_recusal_officer"), ["officer"], unique=False)

    op.create_table(
        "staff",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("post", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("qualification", sa.String(length=100), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution"], ["institution.id"], name=op.f("fk_staff_institution_institution")
        ),
        sa.ForeignKeyConstraint(["replaces"], ["staff.id"], name=op.f("fk_staff_replaces_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
    )
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_institution"), ["institution"], unique=False)

    op.create_table(
        "alert",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["matter"], ["matter.id"], name=op.f("fk_alert_matter_matter")),
        sa.PrimaryKeyConstraint("matter", name=op.f("pk_alert")),
    )
    op.create_table(
        "answer",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("inspection", sa.String(length=40), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection"], ["inspection.id"], name=op.f("fk_answer_inspection_inspection")
        ),
        sa.PrimaryKeyConstraint("inspection", "item", name=op.f("pk_answer")),
    )
    op.create_table(
        "change",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["matter"], ["matter.id"], name=op.f("fk_change_matter_matter")),
        sa.PrimaryKeyConstraint("matter", name=op.f("pk_change")),
    )
    op.create_table(
        "complaint",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("receipt", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["matter"], ["matter.id"], name=op.f("fk_complaint_matter_matter")),
        sa.PrimaryKeyConstraint("matter", name=op.f("pk_complaint")),
        sa.UniqueConstraint("receipt", name=op.f("uq_complaint_receipt")),
    )
    op.create_table(
        "handover",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("owner", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["matter"], ["matter.id"], name=op.f("fk_handover_matter_matter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_matter"), ["matter"], unique=False)

    op.create_table(
        "proposal",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("kinds", sa.String(length=200), nullable=False),
        sa.Column("fine_fen", sa.BigInteger(), nullable=False),
        sa.Column("confiscated_fen", sa.BigInteger(), nullable=False),
        sa.Column("extent", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["matter"], ["matter.id"], name=op.f("fk_proposal_matter_matter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_matter"), ["matter"], unique=False)

    op.create_table(
        "repair",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.Column("undertaking", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["about"], ["matter.id"], name=op.f("fk_repair_about_matter")),
        sa.ForeignKeyConstraint(["matter"], ["matter.id"], name=op.f("fk_repair_matter_matter")),
        sa.PrimaryKeyConstraint("matter", name=op.f("pk_repair")),
    )
    with op.batch_alter_table("repair", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_repair_about"), ["about"], unique=False)

    op.create_table(
        "task",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("draw", sa.String(), nullable=True),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("first_officer", sa.String(length=60), nullable=False),
        sa.Column("second_officer", sa.String(length=60), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign"], ["campaign.id"], name=op.f("fk_task_campaign_campaign")
        ),
        sa.ForeignKeyConstraint(["draw"], ["draw.id"], name=op.f("fk_task_draw_draw")),
        sa.ForeignKeyConstraint(
            ["institution"], ["institution.id"], name=op.f("fk_task_institution_institution")
        ),
        sa.ForeignKeyConstraint(["replaces"], ["task.id"], name=op.f("fk_task_replaces_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_campaign"), ["campaign"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_draw"), ["draw"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_institution"), ["institution"], unique=False)

    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("email", sa.String(length=200), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("subject", sa.String(length=200), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("totp_secret", sa.String(length=200), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("totp_step", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.create_index(batch_op.f("ix_account_subject"), ["subject"], unique=False)

    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("address", sa.String(length=60), nullable=False, server_default="")
        )
        batch_op.create_index(batch_op.f("ix_attempt_address"), ["address"], unique=False)

    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=40), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("jurisdiction", sa.String(length=20), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("note", sa.String(length=1000), nullable=False, server_default="")
        )

    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("present", sa.String(length=60), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("statement", sa.String(length=4000), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("checklist", sa.String(length=60), nullable=False, server_default="")
        )

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("institution", sa.String(length=20), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("subject", sa.String(length=200), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("link", sa.String(length=300), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_outbox_account"), ["account"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_institution"), ["institution"], unique=False)
        batch_op.drop_column("attempts")
        batch_op.drop_column("delivered_at")

    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=20), nullable=False, server_default="reply")
        )

    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("strong", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(
            sa.Column("address", sa.String(length=60), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("device", sa.String(length=200), nullable=False, server_default="")
        )
