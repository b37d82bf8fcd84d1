"""An edition's way to its release: one person prepares, another signs, and exactly one is released."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from registry.access import Actor
from registry.acts.authority import authorise
from registry.acts.gate import (
    draft_of,
    edition_of,
    find_edition,
    keep_draft,
    name_of,
    replace_pending,
    require_accepted,
    require_second_person,
)
from registry.acts.undoing import close_replaced
from registry.acts.white_losses import lose_places
from registry.drafts import Draft, signed_content
from registry.errors import Conflict
from registry.forms import EditionForm
from registry.ledger import Act, append
from registry.tables import Edition


def prepare_edition(
    session: Session, form: EditionForm, *, by: Actor, now: datetime, draft: Draft | None = None
) -> int:
    """Puts a frozen edition before the second person; any that is not out may be prepared again."""
    authorise(session, by, "prepare_edition", "拟制名单", now=now)
    row = find_edition(session, form.period, form.number)
    if row is None or row.state != "released":
        _require_newest(session, form)
    values = {
        **form.model_dump(),
        "state": "prepared",
        "prepared_by": by.account,
        "prepared_at": now,
        "approved_by": "",
        "approved_at": None,
        "signed": "",
        "note": "",
    }
    if row is None:
        row = Edition(**values, recorded_at=now, recorded_by=by.account)
    elif row.state == "released":
        raise Conflict(f"{name_of(form)} 已经发布，不能改动。需要更正时请拟制补充版次。")
    else:
        if form.due_on is None:
            # Prepared again by a person, it is due as before.
            values |= {"due_on": row.due_on, "cause": row.cause}
        row.sqlmodel_update({**values, "attempt": row.attempt + 1})
    session.add(row)
    session.flush()
    keep_draft(session, row, draft)
    doubts = [one.code for one in draft.violations] if draft else []
    body = {**form.model_dump(mode="json"), "violations": doubts}
    append(session, Act(act="prepare_edition", subject=name_of(form), body=body), by=by, now=now)
    return row.id or 0


def approve_edition(
    session: Session, period: str, number: int, digest: str, *, by: Actor, now: datetime
) -> None:
    """Signs exactly the digest that was shown, its difference and what was let pass; never by its preparer."""
    authorise(session, by, "approve_edition", "签发名单", now=now)
    row = edition_of(session, period, number)
    name = name_of(row)
    if row.state != "prepared":
        raise Conflict(f"{name} 现在不是待签发状态，不能签发。请刷新后查看。")
    if row.digest != digest:
        raise Conflict(f"{name} 在您查看之后又重新拟制过，摘要不同。请重新查看差别后再签发。")
    require_second_person(row, by, "签发")
    accepted = require_accepted(session, row)
    row.state, row.approved_by, row.approved_at = "approved", by.account, now
    row.signed = signed_content(row.digest, row.difference, accepted)
    session.add(row)
    session.flush()
    body = {
        "digest": digest,
        "difference": row.difference,
        "accepted": list(accepted),
        "signed": row.signed,
    }
    append(session, Act(act="approve_edition", subject=name, body=body), by=by, now=now)


def release_edition(
    session: Session, period: str, number: int, *, by: Actor, now: datetime
) -> None:
    """Marks a signed edition released; of any number of attempts exactly one succeeds."""
    authorise(session, by, "release_edition", "发布名单", now=now)
    row = edition_of(session, period, number)
    done = session.connection().execute(
        update(Edition)
        .where(col(Edition.id) == row.id, col(Edition.state) == "approved")
        .values(state="released", released_by=by.account, released_at=now)
    )
    if done.rowcount != 1:
        why = "已经发布" if row.state == "released" else "还没有第二人签发"
        raise Conflict(f"{name_of(row)} {why}，没有再次发布。")
    session.expire(row)
    append(
        session,
        Act(act="release_edition", subject=name_of(row), body={"digest": row.digest}),
        by=by,
        now=now,
    )
    close_replaced(session, row, by=by, now=now)
    lose_places(session, draft_of(session, row), by=by, now=now)
    replace_pending(session, row, by=by, now=now)


def _require_newest(session: Session, form: EditionForm) -> None:
    """Editions follow one another: none is put before one that is out."""
    newest = session.exec(
        select(Edition)
        .where(Edition.state == "released")
        .order_by(col(Edition.period).desc(), col(Edition.number).desc())
        .limit(1)
    ).first()
    if newest and (newest.period, newest.number) > (form.period, form.number):
        raise Conflict(
            f"{name_of(newest)} 已经发布，不能再拟制更早的 {name_of(form)}。"
            f"需要更正时请拟制 {newest.period} 的补充版次。"
        )
