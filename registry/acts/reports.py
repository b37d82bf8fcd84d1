"""The release of a year's account: who released which bytes, in the ledger."""

from datetime import datetime

from sqlmodel import Session, col, select

from registry.access import Actor
from registry.acts.authority import authorise
from registry.ledger import Act, append
from registry.tables import LedgerEntry


def release_report(
    session: Session, year: int, digest: str, because: str = "", *, by: Actor, now: datetime
) -> bool:
    """Enters the release of a report by its digest (政府信息公开条例 第四十九条); the same one is entered once."""
    authorise(session, by, "release_report", "发布年度报告", now=now)
    last = session.exec(
        select(LedgerEntry.body)
        .where(LedgerEntry.act == "release_report", LedgerEntry.subject == f"report {year}")
        .order_by(col(LedgerEntry.seq).desc())
        .limit(1)
    ).first()
    if last is not None and digest in last:
        return False
    body = {"digest": digest, "because": because}
    append(session, Act(act="release_report", subject=f"report {year}", body=body), by=by, now=now)
    return True
