"""Who prepares and who signs: the month's edition the day before, what the clock prepared as soon as it is seen."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Engine

from config import month
from config.freezing import moment_of
from config.register import actor_of
from config.settings import Settings
from config.withdrawing import Asked, NothingToWithdraw, withdraw
from publisher.gate import SignatureLapsed
from registry import acts, queries
from registry.calendar import Calendar
from registry.database import reading, writing
from registry.errors import Conflict
from registry.forms import AcceptanceForm, StepForm
from registry.queries import EditionLine

UNHEARD = "名单按期公布，不能等到期限届满"
LOOKS = 5
LET_PASS = "核对过，属实"  # noqa: S105 a reason, no password
BY = acts.Actor(account="publisher", role="publisher", name="拟稿人")


class Signed(Struct):
    """How often a signature lapsed before it was given, and how many doubts of the gate were let pass.

    `anew` counts what the clock prepared anew while it was looked at.
    """

    lapsed: int = 0
    anew: int = 0
    let_pass: int = 0


class Publishers:
    """The two of them, each working day at nine."""

    def __init__(self, engine: Engine, settings: Settings, calendar: Calendar) -> None:
        self.engine, self.settings, self.calendar = engine, settings, calendar
        self.signed = Signed()

    def work(self, now: datetime) -> None:
        """What is due soon is prepared, what is prepared is signed, what was undone is withdrawn."""
        period = f"{now:%Y-%m}"
        rows = {one.name: one for one in self._rows()}
        state = rows[period].state if period in rows else ""
        near = self.calendar.after(now.date(), 1) >= moment_of(self.settings, period).date()
        if near and state not in ("prepared", "approved", "released"):
            month.prepare_month(self.engine, self.settings, period, by="publisher", now=now)
        for _ in range(LOOKS):
            if all(self._sign(row, now) for row in list(self._rows()) if row.state == "prepared"):
                break
        self._withdraw(now)

    def _rows(self) -> Iterator[EditionLine]:
        with reading(self.engine) as session:
            found = queries.editions(session)
        yield from sorted(found, key=lambda one: one.order)

    def _sign(self, row: EditionLine, now: datetime) -> bool:
        """What changed since it was prepared lapses, and is prepared anew: a month's by its publisher.

        False where the clock prepared it anew since it was looked at: it is to be looked at again.
        """
        signer = actor_of(self.engine, "signer", now)
        with writing(self.engine) as session:
            draft = queries.edition_draft(session, row.period, row.number)
            passed = queries.acceptances(session, row.period, row.number)
            for one in draft.violations if draft else ():
                if one.digest not in passed:
                    form = AcceptanceForm(violation=one.digest, reason=LET_PASS)
                    acts.accept_violation(session, row.period, row.number, form, by=signer, now=now)
                    self.signed.let_pass += 1
        try:
            month.approve_month(
                self.engine, self.settings, row.name, by="signer", now=now, unheard=UNHEARD
            )
        except SignatureLapsed:
            self.signed.lapsed += 1
        except Conflict:
            self.signed.anew += 1
            return False
        return True

    def _withdraw(self, now: datetime) -> None:
        with reading(self.engine) as session:
            owed = queries.matters(session, kinds=["withdrawal"], open_only=True, limit=1000)
        for number, one in enumerate(owed):
            paper = f"甬教撤公〔{now.year}〕{now:%m%d}{number}号"
            asked = Asked(institution=one.institution, reason="决定已撤销", document_no=paper)
            try:
                withdraw(self.engine, self.settings, asked, by=BY, now=now)
            except NothingToWithdraw as none:
                self._none(one.id, str(none), now)

    def _none(self, matter: str, said: str, now: datetime) -> None:
        """What no edition ever printed is found out by a person, and need not be withdrawn."""
        form = StepForm(on=now.date(), reason=said)
        with writing(self.engine) as session:
            acts.take_step(
                session, matter, "find_none", form, by=BY, now=now, calendar=self.calendar
            )
