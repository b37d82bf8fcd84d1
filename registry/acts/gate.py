"""At the gate: a doubt is let pass by name, an edition goes back, a signature lapses, a later one takes over."""

from datetime import datetime

from sqlmodel import Session, col, select

from registry.access import Actor
from registry.acts.authority import authorise
from registry.acts.owners import people_in
from registry.drafts import Draft, Violation, read_draft
from registry.errors import Conflict, NotAllowed, NotFound
from registry.forms import AcceptanceForm, EditionForm, ReturnForm, edition_name
from registry.ledger import Act, append
from registry.outbox import Notice, put
from registry.queries.proof import EditionLine
from registry.tables import Acceptance, Edition, EditionDraft
from scoring.canonical import canonical

PENDING = ("prepared", "approved", "returned", "lapsed")


def accept_violation(
    session: Session, period: str, number: int, form: AcceptanceForm, *, by: Actor, now: datetime
) -> None:
    """Lets one violation of exactly this edition pass; by a publisher who did not prepare it.

    It is bound to the violation and to the edition's digest: prepared anew, everything is looked at again.
    """
    authorise(session, by, "accept_violation", "放行核对不通过的名单", now=now)
    row = edition_of(session, period, number)
    if row.state != "prepared":
        raise Conflict(f"{name_of(row)} 现在不是待签发状态，没有可放行的。请刷新后查看。")
    require_second_person(row, by, "放行")
    found = {one.digest: one for one in violations_of(session, row)}
    violation = found.get(form.violation)
    if violation is None:
        raise NotFound(f"{name_of(row)} 核对不通过的这一项", form.violation[:16])
    if not violation.acceptable:
        raise NotAllowed(f"{violation.title}不合的，谁都不能放行。{violation.remedy}")
    if form.violation in accepted_of(session, row):
        return
    session.add(
        Acceptance(
            edition=row.id or 0,
            digest=row.digest,
            violation=form.violation,
            code=violation.code,
            reason=form.reason,
            recorded_at=now,
            recorded_by=by.account,
        )
    )
    session.flush()
    body = {
        "digest": row.digest,
        "violation": form.violation,
        "code": violation.code,
        "said": violation.said,
        "reason": form.reason,
    }
    entry = Act(
        act="accept_violation",
        subject=name_of(row),
        institution=violation.about if violation.name else "",
        body=body,
    )
    append(session, entry, by=by, now=now)


def return_edition(
    session: Session, period: str, number: int, form: ReturnForm, *, by: Actor, now: datetime
) -> None:
    """Sends an edition back to whoever prepared it, who is told why."""
    authorise(session, by, "return_edition", "退回名单", now=now)
    row = edition_of(session, period, number)
    if row.state not in ("prepared", "approved"):
        raise Conflict(f"{name_of(row)} 现在不能退回。请刷新后查看。")
    row.state, row.note, row.signed = "returned", form.reason, ""
    session.add(row)
    session.flush()
    body = {"digest": row.digest, "reason": form.reason}
    append(session, Act(act="return_edition", subject=name_of(row), body=body), by=by, now=now)
    said = f"{by.name or by.account}把 {name_of(row)} 退回。理由：{form.reason}。请改正后重新拟制。"
    key = f"returned:{name_of(row)}:{row.attempt}"
    tell_publishers(session, key, f"{name_of(row)} 退回拟稿人", said, now=now)


def lapse_edition(
    session: Session, seen: EditionLine, why: str, *, by: Actor, now: datetime
) -> bool:
    """Ends what was prepared or signed of an edition that is no longer the same; whoever signs is told.

    False where it is not what was `seen` any more: what somebody has prepared anew meanwhile stands.
    """
    authorise(session, by, "lapse_edition", "记录签字失效", now=now)
    row = edition_of(session, seen.period, seen.number)
    if row.state not in ("prepared", "approved") or row.digest != seen.digest:
        return False
    signed = row.state == "approved"
    row.state, row.note, row.signed = "lapsed", why, ""
    session.add(row)
    session.flush()
    body = {"digest": row.digest, "was_signed": signed, "why": why}
    append(session, Act(act="lapse_edition", subject=name_of(row), body=body), by=by, now=now)
    what = "签字已失效" if signed else "拟稿已过时"
    key = f"lapsed:{name_of(row)}:{row.attempt}"
    said = f"{name_of(row)} {what}：{why}。请重新拟制，由另一人再签发。"
    tell_publishers(session, key, f"{name_of(row)} {what}", said, now=now)
    return True


def replace_pending(session: Session, released: Edition, *, by: Actor, now: datetime) -> None:
    """Whatever was under way before an edition that is now out has been overtaken by it."""
    rows = session.exec(select(Edition).where(col(Edition.state).in_(PENDING))).all()
    for row in rows:
        if (row.period, row.number) >= (released.period, released.number):
            continue
        row.state, row.note, row.signed = "replaced", f"由 {name_of(released)} 代替", ""
        session.add(row)
        session.flush()
        body = {"digest": row.digest, "by": name_of(released)}
        append(session, Act(act="replace_edition", subject=name_of(row), body=body), by=by, now=now)


def tell_publishers(
    session: Session, key: str, subject: str, body: str, *, now: datetime, link: str = "desk/gate/"
) -> int:
    """Tells everybody who publishes for the whole city, once by its key; gives how many are told anew."""
    return sum(
        put(
            session,
            Notice(
                key=f"{key}:{account}"[:120],
                kind="edition",
                account=account,
                subject=subject,
                body=body,
                link=link,
            ),
            now,
        )
        for account in people_in(session, ("publisher",), now)
    )


def keep_draft(session: Session, row: Edition, draft: Draft | None) -> None:
    """Keeps what an edition changes, in place of what an earlier attempt would have changed."""
    kept = session.get(EditionDraft, row.id)
    if draft is None:
        if kept is not None:
            session.delete(kept)
    else:
        kept = kept or EditionDraft(edition=row.id or 0, body="")
        kept.body = canonical(draft).decode()
        session.add(kept)
    session.flush()


def violations_of(session: Session, row: Edition) -> tuple[Violation, ...]:
    """What a machine doubts of an edition as it was prepared."""
    draft = draft_of(session, row)
    return draft.violations if draft else ()


def draft_of(session: Session, row: Edition) -> Draft | None:
    """What an edition changes as it was prepared, if that was kept."""
    kept = session.get(EditionDraft, row.id)
    return read_draft(kept.body) if kept else None


def accepted_of(session: Session, row: Edition) -> tuple[str, ...]:
    """The violations that were let pass in exactly this edition, in order."""
    query = select(Acceptance.violation).where(
        Acceptance.edition == row.id, Acceptance.digest == row.digest
    )
    return tuple(sorted(session.exec(query).all()))


def require_accepted(session: Session, row: Edition) -> tuple[str, ...]:
    """What was let pass; raises Conflict while anything is doubted that nobody has let pass."""
    accepted = accepted_of(session, row)
    found = violations_of(session, row)
    open_ = [one for one in found if one.digest not in accepted]
    if open_:
        said = "".join(f"\n{one.sentence}" for one in open_)
        raise Conflict(
            f"{name_of(row)} 还有 {len(open_)} 项核对不通过，没有人放行，不能签发。{said}"
        )
    return tuple(sorted({one.digest for one in found}))


def require_second_person(row: Edition, by: Actor, label: str) -> None:
    """Raises NotAllowed for whoever prepared the edition: nobody looks over their own shoulder."""
    if row.prepared_by == by.account:
        raise NotAllowed(f"{name_of(row)} 由您本人拟制，不能由您{label}。请由另一人{label}。")


def find_edition(session: Session, period: str, number: int) -> Edition | None:
    """An edition's row, if there is one."""
    query = select(Edition).where(Edition.period == period, Edition.number == number)
    return session.exec(query).first()


def edition_of(session: Session, period: str, number: int) -> Edition:
    """An edition's row; raises NotFound."""
    row = find_edition(session, period, number)
    if row is None:
        raise NotFound("版次", edition_name(period, number))
    return row


def name_of(edition: Edition | EditionForm) -> str:
    """`2026-11`, or `2026-11.1` for a supplementary one."""
    return edition_name(edition.period, edition.number)
