"""What comes in from outside by itself: insurers' new covers, the banks' monthly reports, the yearly results."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from random import Random

from msgspec import Struct
from sqlalchemy import Engine
from sqlmodel import col, select

from registry import acts, tables
from registry.access import Actor
from registry.calendar import Calendar
from registry.database import reading, writing
from registry.forms import AnnualInspectionForm, CoverSheet, CustodyReportForm

BY = Actor(account="publisher", role="publisher", name="拟稿人")
AHEAD = 20  # days before its end a cover is renewed
FORGETS, LATE = 0.01, 30  # how many renew late, and how many days after the end
SILENT = 0.002  # of the banks' reports that do not come in a month
POOR = 0.003  # of the yearly results
REPORTS, RESULTS = 20, (5, 29)  # the day of the month; month and day


class Ends(Struct):
    """The cover of one class that an institution has, and when it sees to the next."""

    institution: str
    cover_class: str
    until: date
    renew_on: date


class Renewals:
    """The insurers, the banks and the yearly inspection of those institutions that go on."""

    def __init__(
        self, engine: Engine, calendar: Calendar, places: Sequence[str], seed: int, on: date
    ) -> None:
        self.engine, self.calendar = engine, calendar
        self.dice = Random(f"renewals:{seed}")  # noqa: S311 play
        self.told, self.done = on, 0
        known = set(places)
        cover, custody = tables.Cover, tables.Custody
        held = select(cover).where(cover.since <= on, cover.until >= on).order_by(col(cover.id))
        with reading(engine) as session:
            self.ends = [
                self._ends(one.institution, one.cover_class, one.until)
                for one in session.exec(held)
                if one.institution in known
            ]
            open_ = select(custody.institution, custody.bank).where(col(custody.until).is_(None))
            self.banks = {id: bank for id, bank in session.exec(open_) if id in known}

    def work(self, now: datetime) -> None:
        """What has come in since the last working day; a day again changes nothing."""
        today = now.date()
        owed = [one for one in self.ends if one.renew_on <= today]
        if owed:
            self._covers(owed, now)
        day = self.told
        while day < today:
            day += timedelta(days=1)
            if day.day == REPORTS:
                self._reports(day, now)
            if (day.month, day.day) == RESULTS:
                self._results(day, now)
            self.told = day

    def _ends(self, institution: str, cover_class: str, until: date) -> Ends:
        late = self.dice.random() < FORGETS
        renew_on = until + timedelta(days=LATE if late else -AHEAD)
        return Ends(institution, cover_class, until, renew_on)

    def _covers(self, owed: Sequence[Ends], now: datetime) -> None:
        forms = []
        for one in owed:
            since = max(one.until + timedelta(days=1), one.renew_on)
            forms.append(
                CoverSheet(
                    institution=one.institution,
                    cover_class=one.cover_class,
                    insurer="甬城示例保险",
                    policy_no=f"{one.cover_class[:2].upper()}{since:%Y%m%d}{one.institution}",
                    sum_fen=500_000_000,
                    since=since,
                    until=since + timedelta(days=364),
                )
            )
        with writing(self.engine) as session:
            source = self._source("covers", now)
            acts.bulk_covers(session, forms, source=source, by=BY, now=now)
        gone = {id(one) for one in owed}
        self.ends = [one for one in self.ends if id(one) not in gone]
        self.ends += [self._ends(one.institution, one.cover_class, one.until) for one in forms]
        self.done += len(forms)

    def _reports(self, on: date, now: datetime) -> None:
        forms = [
            CustodyReportForm(institution=one, bank=bank, on=on)
            for one, bank in self.banks.items()
            if self.dice.random() >= SILENT
        ]
        self._bulk("custody-reports", tables.CustodyReport, forms, now)

    def _results(self, on: date, now: datetime) -> None:
        forms = [
            AnnualInspectionForm(
                institution=one,
                year=on.year - 1,
                result="基本合格" if self.dice.random() < POOR else "合格",
                on=on,
            )
            for one in self.banks
        ]
        self._bulk("annual-inspections", tables.AnnualInspection, forms, now)

    def _bulk(
        self,
        kind: str,
        table: type[tables.CustodyReport] | type[tables.AnnualInspection],
        forms: Sequence[CustodyReportForm] | Sequence[AnnualInspectionForm],
        now: datetime,
    ) -> None:
        with writing(self.engine) as session:
            source = self._source(kind, now)
            acts.bulk_duties(session, kind, table, forms, source=source, by=BY, now=now)
        self.done += len(forms)

    def _source(self, kind: str, now: datetime) -> acts.Source:
        name = f"{kind} {now:%Y-%m-%d}.csv"
        return acts.Source(name=name, digest=sha256(name.encode()).hexdigest())
