"""An edition's way to its release: one person prepares, another signs, and exactly one is released."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from registry.access import Actor
from registry.acts.authority import authorise
from registry.acts.undoing import close_replaced
from registry.errors import Conflict, NotAllowed, NotFound
from registry.forms import EditionForm
from registry.ledger import Act, append
from registry.tables import Edition


def prepare_edition(session: Session, form: EditionForm, *, by: Actor, now: datetime) -> int:
    """Puts a frozen edition before the second person; an unsigned one may be prepared again."""
    authorise(session, by, "prepare_edition", "拟制名单", now=now)
    row = _find(session, form.period, form.number)
    values = {
        **form.model_dump(),
        "state": "prepared",
        "prepared_by": by.account,
        "prepared_at": now,
        "approved_by": "",
        "approved_at": None,
    }
    if row is None:
        row = Edition(**values, recorded_at=now, recorded_by=by.account)
    elif row.state == "released":
        raise Conflict(f"{_name(form)} 已经发布，不能改动。需要更正时请拟制补充版次。")
    else:
        row.sqlmodel_update({**values, "attempt": row.attempt + 1})
    session.add(row)
    session.flush()
    body = form.model_dump(mode="json")
    append(session, Act(act="prepare_edition", subject=_name(form), body=body), by=by, now=now)
    return row.id or 0


def approve_edition(
    session: Session, period: str, number: int, digest: str, *, by: Actor, now: datetime
) -> None:
    """Signs exactly the digest that was shown; never by the person who prepared it."""
    authorise(session, by, "approve_edition", "签发名单", now=now)
    row = _edition(session, period, number)
    name = _name(row)
    if row.state != "prepared":
        raise Conflict(f"{name} 现在不是待签发状态，不能签发。请刷新后查看。")
    if row.digest != digest:
        raise Conflict(f"{name} 在您查看之后又重新拟制过，摘要不同。请重新查看差别后再签发。")
    if row.prepared_by == by.account:
        raise NotAllowed(f"{name} 由您本人拟制，不能由您签发。请由另一人签发。")
    row.state, row.approved_by, row.approved_at = "approved", by.account, now
    session.add(row)
    session.flush()
    append(
        session,
        Act(act="approve_edition", subject=name, body={"digest": digest}),
        by=by,
        now=now,
    )


def release_edition(
    session: Session, period: str, number: int, *, by: Actor, now: datetime
) -> None:
    """Marks a signed edition released; of any number of attempts exactly one succeeds."""
    authorise(session, by, "release_edition", "发布名单", now=now)
    row = _edition(session, period, number)
    done = session.connection().execute(
        update(Edition)
        .where(col(Edition.id) == row.id, col(Edition.state) == "approved")
        .values(state="released", released_by=by.account, released_at=now)
    )
    if done.rowcount != 1:
        why = "已经发布" if row.state == "released" else "还没有第二人签发"
        raise Conflict(f"{_name(row)} {why}，没有再次发布。")
    session.expire(row)
    append(
        session,
        Act(act="release_edition", subject=_name(row), body={"digest": row.digest}),
        by=by,
        now=now,
    )
    close_replaced(session, row, by=by, now=now)


def _find(session: Session, period: str, number: int) -> Edition | None:
    query = select(Edition).where(Edition.period == period, Edition.number == number)
    return session.exec(query).first()


def _edition(session: Session, period: str, number: int) -> Edition:
    row = _find(session, period, number)
    if row is None:
        raise NotFound("版次", f"{period}.{number}" if number else period)
    return row


def _name(edition: Edition | EditionForm) -> str:
    return f"{edition.period}.{edition.number}" if edition.number else edition.period
