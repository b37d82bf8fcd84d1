"""Looking at personal data that is not public leaves a trace: who, what, why and when."""

from datetime import datetime

from sqlmodel import Session

from registry.access import Actor
from registry.acts.authority import authorise
from registry.errors import refuse
from registry.tables import Reading


def log_reading(  # noqa: PLR0913 who, what, where and what for
    session: Session,
    institution: str,
    what: str,
    purpose: str,
    *,
    by: Actor,
    now: datetime,
    jurisdiction: str = "",
) -> None:
    """Records that somebody looked; without a purpose nobody looks.

    What belongs to no institution lies in a `jurisdiction`.
    """
    where = {"institution": institution, "jurisdiction": "" if institution else jurisdiction}
    authorise(session, by, "read_register", "查看非公开信息", **where, now=now)
    if not purpose.strip():
        raise refuse("purpose", "“查看目的”", None, "查看非公开的个人信息必须写明目的")
    session.add(
        Reading(
            account=by.account,
            institution=institution,
            what=what,
            purpose=purpose.strip(),
            at=now,
        )
    )
    session.flush()
