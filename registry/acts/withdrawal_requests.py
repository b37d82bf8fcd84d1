"""A withdrawal asked for by one person and agreed to by another; the record undone by a third needs no other."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlmodel import Session, col, select

from registry.access import Actor
from registry.acts.authority import authorise, must_exist
from registry.acts.gate import tell_publishers
from registry.acts.withdrawals import put_on_record
from registry.errors import Conflict, NotAllowed, NotFound
from registry.forms import DeclineForm, WithdrawalForm, WithdrawalRequestForm
from registry.ledger import Act, append
from registry.tables import WithdrawalRequest


class Ground(Struct, frozen=True, kw_only=True):
    """On what a withdrawal rests: what was shown of it, and whether somebody else undid all that goes."""

    seen: str
    undone_by: tuple[str, ...] = ()

    def needs_another(self, account: str) -> bool:
        """Whether this account may not agree to what it asked for itself: nobody takes back alone."""
        return not self.undone_by or account in self.undone_by


def ask_withdrawal(
    session: Session, form: WithdrawalRequestForm, ground: Ground, *, by: Actor, now: datetime
) -> int:
    """Puts a withdrawal before whoever agrees to it; asked for twice it is the same one."""
    authorise(session, by, "ask_withdrawal", "呈请撤回", now=now)
    must_exist(session, form.institution)
    editions = " ".join(form.editions)
    query = select(WithdrawalRequest).where(
        WithdrawalRequest.institution == form.institution,
        col(WithdrawalRequest.state).in_(("asked", "confirmed")),
    )
    for row in session.exec(query):
        said = (row.editions, row.reason, row.document_no, row.organ)
        if said == (editions, form.reason, form.document_no, form.organ):
            return row.id or 0
        if row.state == "asked":
            raise Conflict(
                f"{form.institution} 已有一份撤回（第 {row.id} 号）等人同意。请先办完那一份，或者不同意它，再另行呈请。"
            )
    row = WithdrawalRequest(
        **form.model_dump(exclude={"editions"}),
        editions=editions,
        state="asked",
        seen=ground.seen,
        recorded_at=now,
        recorded_by=by.account,
    )
    session.add(row)
    session.flush()
    _enter(session, row, "ask_withdrawal", form.model_dump(mode="json"), by=by, now=now)
    told = (
        f"{by.name or by.account}呈请撤回 {form.institution} 在 {len(form.editions)} 版里的条目："
        f"{form.reason}（{form.organ} {form.document_no}）。请核对后同意。"
    )
    subject, link = f"第 {row.id} 号撤回等人同意", f"desk/withdrawals/{row.id}/"
    tell_publishers(session, f"withdraw:{row.id}", subject, told, now=now, link=link)
    return row.id or 0


def confirm_withdrawal(
    session: Session,
    id: int,
    forms: Sequence[WithdrawalForm],
    ground: Ground,
    *,
    by: Actor,
    now: datetime,
) -> bool:
    """Agrees to exactly what was shown, and puts each edition's withdrawal on record; False where it was done.

    Raises NotAllowed for whoever asked for it, unless another person undid every record that goes.
    """
    authorise(session, by, "confirm_withdrawal", "同意撤回", now=now)
    row = request_of(session, id)
    if row.state in ("confirmed", "done"):
        return False
    if row.state != "asked":
        raise Conflict(f"第 {id} 号撤回已经不同意，没有撤回。需要的请另行呈请。")
    if row.recorded_by == by.account and ground.needs_another(by.account):
        raise NotAllowed(
            f"第 {id} 号撤回由您本人呈请，所撤的记录又没有由别人撤销，不能由您同意。请由另一人核对后同意。"
        )
    row.state, row.confirmed_by, row.confirmed_at = "confirmed", by.account, now
    row.note = ""
    session.add(row)
    session.flush()
    body = {"seen": ground.seen, "organ": row.organ, "undone_by": list(ground.undone_by)}
    _enter(session, row, "confirm_withdrawal", body, by=by, now=now)
    for form in forms:
        put_on_record(session, form, by=by, now=now)
    return True


def decline_withdrawal(
    session: Session, id: int, form: DeclineForm, *, by: Actor, now: datetime
) -> None:
    """Ends a request that nobody has agreed to yet, with a reason; whoever made it may take it back."""
    authorise(session, by, "confirm_withdrawal", "不同意撤回", now=now)
    row = request_of(session, id)
    if row.state == "declined":
        return
    if row.state != "asked":
        raise Conflict(f"第 {id} 号撤回已经同意，不能再不同意。请刷新后查看。")
    row.state, row.note = "declined", form.reason
    session.add(row)
    session.flush()
    _enter(session, row, "decline_withdrawal", {"reason": form.reason}, by=by, now=now)


def finish_withdrawal(session: Session, id: int, trouble: str, *, by: Actor, now: datetime) -> None:
    """Says that no edition asked for shows the entry any more, or what keeps one from it."""
    authorise(session, by, "withdraw_entry", "撤回条目", now=now)
    row = request_of(session, id)
    if row.state != "confirmed" or (trouble and row.note == trouble):
        return
    row.note = trouble
    if not trouble:
        row.state, row.finished_at = "done", now
    session.add(row)
    session.flush()
    if not trouble:
        _enter(session, row, "finish_withdrawal", {}, by=by, now=now)


def request_of(session: Session, id: int) -> WithdrawalRequest:
    """A request by its number; raises NotFound."""
    row = session.get(WithdrawalRequest, id)
    if row is None:
        raise NotFound("撤回", str(id))
    return row


def _enter(
    session: Session,
    row: WithdrawalRequest,
    act: str,
    body: dict[str, Any],
    *,
    by: Actor,
    now: datetime,
) -> None:
    subject = f"withdrawal-request:{row.id}"
    entry = Act(act=act, subject=subject, institution=row.institution, body=body)
    append(session, entry, by=by, now=now)
