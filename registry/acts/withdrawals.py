"""An entry lawfully withdrawn from a released edition: first on record, then from its files."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, select

from registry.access import Actor
from registry.acts.authority import authorise, must_exist
from registry.acts.undoing import close_withdrawn, owing_institutions
from registry.errors import Conflict, NotFound
from registry.forms import WithdrawalForm, edition_name
from registry.ledger import Act, append
from registry.tables import Edition, Withdrawal

__all__ = ["owing_institutions", "recall_done", "withdraw_entry"]


def withdraw_entry(session: Session, form: WithdrawalForm, *, by: Actor, now: datetime) -> int:
    """Withdraws one institution's entry from a released edition, with its reason and paper.

    What is on record is work to do until the edition's folder shows it; once recorded it is not recorded
    again.
    """
    authorise(session, by, "withdraw_entry", "撤回条目", now=now)
    return put_on_record(session, form, by=by, now=now)


def put_on_record(session: Session, form: WithdrawalForm, *, by: Actor, now: datetime) -> int:
    """The same, by whom another act has found entitled."""
    must_exist(session, form.institution)
    name = edition_name(form.period, form.number)
    query = select(Edition).where(Edition.period == form.period, Edition.number == form.number)
    edition = session.exec(query).first()
    if edition is None:
        raise NotFound("版次", name)
    if edition.state != "released":
        raise Conflict(f"{name} 还没有发布，没有可撤回的条目。请改正登记后重新拟制。")
    before = select(Withdrawal.id).where(
        Withdrawal.edition == edition.id, Withdrawal.institution == form.institution
    )
    if (known := session.exec(before).first()) is not None:
        return known
    row = Withdrawal(
        edition=edition.id or 0,
        **form.model_dump(exclude={"period", "number"}),
        recorded_at=now,
        recorded_by=by.account,
    )
    session.add(row)
    session.flush()
    entry = Act(
        act="withdraw_entry",
        subject=name,
        institution=form.institution,
        body=form.model_dump(mode="json"),
    )
    append(session, entry, by=by, now=now)
    return row.id or 0


def recall_done(
    session: Session, institution: str, printed: Collection[str], *, by: Actor, now: datetime
) -> list[str]:
    """Closes the duty to withdraw what no released edition shows any more; gives the matters closed.

    `printed` are the institution's records that some edition still shows.
    """
    authorise(session, by, "withdraw_entry", "撤回条目", now=now)
    return close_withdrawn(session, institution, printed, by=by, now=now)
