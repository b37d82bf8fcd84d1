"""Who may do which act: roles, and the jurisdiction or institution a grant is limited to."""

from msgspec import Struct

from registry.errors import NotAllowed
from registry.procedure import ROLES, TRANSITIONS

ROLE_NAMES = tuple(ROLES)
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
    "bulk_register": ("publisher", "administrator"),
    "prepare_edition": ("publisher",),
    "approve_edition": ("publisher", "head"),
    "release_edition": ("publisher",),
    "withdraw_entry": ("publisher",),
    "create_account": ("administrator",),
    "close_account": ("administrator",),
    "browse_ledger": ("auditor", "administrator", "head", "publisher"),
    "read_register": (*_KEEPERS, "auditor"),
}


class Actor(Struct, frozen=True, kw_only=True):
    """Who acts, in which role; `name` is the person's name as it stands in the ledger."""

    account: str
    role: str
    name: str = ""


def allowed(role: str, act: str) -> bool:
    """Whether a role may do an act at all; `kind.act` names a step of a matter."""
    if act in PERMISSIONS:
        return role in PERMISSIONS[act]
    kind, _, step = act.rpartition(".")
    return any(role in edge.roles for edge in TRANSITIONS if edge.kind == kind and edge.act == step)


def require(by: Actor, act: str, label: str) -> None:
    """Raises NotAllowed if the actor's role may not do the act."""
    if not allowed(by.role, act):
        role = ROLES.get(by.role, by.role)
        raise NotAllowed(f"{role}“{by.name or by.account}”无权{label}。请由有权限的人办理。")
