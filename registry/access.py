"""Who may do which act: roles, and the jurisdiction or institution a grant is limited to."""

from msgspec import Struct

from registry.errors import NotAllowed
from registry.procedure import ROLES, TRANSITIONS

ROLE_NAMES = tuple(ROLES)
# Whoever takes any step of any matter at the desk; which step, the table of transitions says.
_STEPPERS = tuple(
    role
    for role in ROLES
    if role != "institution" and any(role in edge.roles for edge in TRANSITIONS)
)
_KEEPERS = ("inspector", "reviewer", "head", "publisher", "administrator")
PERMISSIONS: dict[str, tuple[str, ...]] = {
    "register_jurisdiction": ("administrator",),
    "register_institution": _KEEPERS,
    "change_institution": _KEEPERS,
    "record_inspection": ("inspector", "reviewer"),
    "open_campaign": ("reviewer", "head"),
    "draw_lots": ("reviewer", "head"),
    "assign_task": ("reviewer", "head"),
    "record_recusal": ("inspector", "reviewer", "head"),
    "attach_file": ("inspector", "reviewer", "head", "institution"),
    "record_cover": (*_KEEPERS, "institution"),
    "record_custody": (*_KEEPERS, "institution"),
    "record_custody_report": _KEEPERS,
    "record_annual_inspection": ("reviewer", "head", "publisher"),
    "reply_to": ("institution",),
    "withdraw_reply": ("institution",),
    "defend": ("institution",),
    "keep_draft": ("institution",),
    "hand_over": ("inspector", "reviewer", "head"),
    "identify": ("inspector", "reviewer", "head"),
    "bulk_register": ("publisher", "administrator"),
    "prepare_edition": ("publisher",),
    "approve_edition": ("publisher", "head"),
    "release_edition": ("publisher",),
    "accept_violation": ("publisher",),
    "return_edition": ("publisher", "head"),
    "lapse_edition": ("publisher",),
    "watch_editions": ("publisher", "head", "auditor"),
    "withdraw_entry": ("publisher",),
    "ask_withdrawal": ("publisher",),
    "confirm_withdrawal": ("publisher", "head"),
    "keep_subscriptions": ("publisher", "administrator"),
    "release_report": ("publisher",),
    "take_step": _STEPPERS,
    "create_account": ("administrator",),
    "close_account": ("administrator",),
    "keep_accounts": ("administrator",),
    "watch_operations": ("administrator",),
    "browse_sign_ins": ("administrator", "auditor"),
    "browse_readings": ("auditor",),
    "use_portal": ("institution",),
    "keep_people": ("institution",),
    "browse_ledger": ("auditor", "administrator", "head", "publisher"),
    "read_register": (*_KEEPERS, "auditor"),
}
# Who releases, decides, or opens the door to others shows a second factor.
STRONG_ROLES = ("head", "publisher", "administrator")
STRONG_ACTS = (
    "approve_edition",
    "accept_violation",
    "release_edition",
    "withdraw_entry",
    "confirm_withdrawal",
    "keep_accounts",
)
STRONG_STEPS = ("decide", "issue", "annul")


class Actor(Struct, frozen=True, kw_only=True):
    """Who acts, in which role; `name` is the person's name as it stands in the ledger.

    `strong` is false only for a session without a second factor: whoever commands the machine itself
    has shown more than that.
    """

    account: str
    role: str
    name: str = ""
    strong: bool = True


def allowed(role: str, act: str) -> bool:
    """Whether a role may do an act at all; `kind.act` names a step of a matter."""
    if act in PERMISSIONS:
        return role in PERMISSIONS[act]
    kind, _, step = act.rpartition(".")
    return any(role in edge.roles for edge in TRANSITIONS if edge.kind == kind and edge.act == step)


def needs_second_factor(act: str) -> bool:
    """Whether an act is done only by a session that has shown a second factor."""
    return act in STRONG_ACTS or act.rpartition(".")[2] in STRONG_STEPS


def require(by: Actor, act: str, label: str) -> None:
    """Raises NotAllowed if the actor's role may not do the act."""
    if not allowed(by.role, act):
        role = ROLES.get(by.role, by.role)
        raise NotAllowed(f"{role}“{by.name or by.account}”无权{label}。请由有权限的人办理。")
