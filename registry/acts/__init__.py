"""One function per official act: form in, one transaction, rows and one ledger entry out."""

from registry.access import Actor
from registry.accounts import close_account, create_account, sign_in, sign_out
from registry.acts.alerts import propose_alert
from registry.acts.applications import apply_with_papers
from registry.acts.attachments import attach, attach_to_visit, attachment_for
from registry.acts.bulk import (
    Source,
    bulk_covers,
    bulk_credit_files,
    bulk_duties,
    bulk_findings,
    bulk_inspections,
    bulk_register,
)
from registry.acts.campaigns import assign_task, open_campaign, reassign_task, record_recusal
from registry.acts.changes import ask_change
from registry.acts.complaints import identify, read_contact, receive_complaint
from registry.acts.decisions import open_case, record_decision
from registry.acts.draws import announce_draw, hold_draw
from registry.acts.duties import (
    cancel_cover,
    record_annual_inspection,
    record_cover,
    record_custody,
    record_custody_report,
)
from registry.acts.editions import (
    approve_edition,
    prepare_edition,
    release_edition,
)
from registry.acts.filing import Filed, drafted, keep_draft
from registry.acts.findings import record_finding
from registry.acts.gate import (
    accept_violation,
    lapse_edition,
    return_edition,
    tell_publishers,
)
from registry.acts.inspections import record_inspection, record_visit
from registry.acts.institutions import (
    change_profile,
    record_licence,
    record_premises,
    record_registration,
    register_institution,
    register_jurisdiction,
    rename,
)
from registry.acts.judgments import record_judgment
from registry.acts.lineage import ask_lineage
from registry.acts.listings import open_listing
from registry.acts.owners import hand_over
from registry.acts.readings import log_reading
from registry.acts.repairs import apply_for_repair
from registry.acts.replies import defend, object_to, reply_to, withdraw_reply
from registry.acts.reports import release_report
from registry.acts.retention import Erased, erase_over
from registry.acts.spot import punish_on_the_spot
from registry.acts.steps import take_step
from registry.acts.subscriptions import (
    Message,
    Queued,
    activate_subscription,
    add_subscription,
    let_go,
    pause_subscription,
    queue_push,
    remove_subscription,
    renew_secret,
    replay_push,
    retry_push,
)
from registry.acts.updates import update_duty, update_institution
from registry.acts.voiding import ask_void
from registry.acts.white_losses import hasten_losses, keep_places, lose_places, tell_of_losses
from registry.acts.withdrawal_requests import (
    Ground,
    ask_withdrawal,
    confirm_withdrawal,
    decline_withdrawal,
    finish_withdrawal,
)
from registry.acts.withdrawals import owing_institutions, recall_done, withdraw_entry

__all__ = [
    "Actor",
    "Erased",
    "Filed",
    "Ground",
    "Message",
    "Queued",
    "Source",
    "accept_violation",
    "activate_subscription",
    "add_subscription",
    "announce_draw",
    "apply_for_repair",
    "apply_with_papers",
    "approve_edition",
    "ask_change",
    "ask_lineage",
    "ask_void",
    "ask_withdrawal",
    "assign_task",
    "attach",
    "attach_to_visit",
    "attachment_for",
    "bulk_covers",
    "bulk_credit_files",
    "bulk_duties",
    "bulk_findings",
    "bulk_inspections",
    "bulk_register",
    "cancel_cover",
    "change_profile",
    "close_account",
    "confirm_withdrawal",
    "create_account",
    "decline_withdrawal",
    "defend",
    "drafted",
    "erase_over",
    "finish_withdrawal",
    "hand_over",
    "hasten_losses",
    "hold_draw",
    "identify",
    "keep_draft",
    "keep_places",
    "lapse_edition",
    "let_go",
    "log_reading",
    "lose_places",
    "object_to",
    "open_campaign",
    "open_case",
    "open_listing",
    "owing_institutions",
    "pause_subscription",
    "prepare_edition",
    "propose_alert",
    "punish_on_the_spot",
    "queue_push",
    "read_contact",
    "reassign_task",
    "recall_done",
    "receive_complaint",
    "record_annual_inspection",
    "record_cover",
    "record_custody",
    "record_custody_report",
    "record_decision",
    "record_finding",
    "record_inspection",
    "record_judgment",
    "record_licence",
    "record_premises",
    "record_recusal",
    "record_registration",
    "record_visit",
    "register_institution",
    "register_jurisdiction",
    "release_edition",
    "release_report",
    "remove_subscription",
    "rename",
    "renew_secret",
    "replay_push",
    "reply_to",
    "retry_push",
    "return_edition",
    "sign_in",
    "sign_out",
    "take_step",
    "tell_of_losses",
    "tell_publishers",
    "update_duty",
    "update_institution",
    "withdraw_entry",
    "withdraw_reply",
]
