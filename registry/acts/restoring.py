"""A credit file as the values of rows: the way back of `queries.credit_files`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from msgspec.structs import asdict
from sqlmodel import SQLModel

from registry import tables
from registry.credit_file import CreditFile
from scoring.facts import Event, Listing, Record, State

Rows = dict[type[SQLModel], list[dict[str, Any]]]
_KINDS = {"finding": "finding", "decision": "penalty", "commendation": "commendation"}
_ACTS = {
    "discovered": "record",
    "confirmed": "confirm",
    "dismissed": "dismiss",
    "ordered": "order",
    "passed": "pass",
    "failed": "fail",
    "decided": "decide",
    "served": "serve",
    "final": "finalise",
    "annulled": "annul",
}
_DISPUTES = (State.DISPUTED, State.DISPUTE_ENDED)
_LONG_AGO = date(1900, 1, 1)


def restored_rows(
    file: CreditFile,
    serial: int,
    owner: str,
    officers: tuple[str, str],
    reports: Sequence[date] = (),
    visitors: Mapping[str, tuple[str, str]] | None = None,
) -> Rows:
    """Every row a credit file stands for."""
    rows = _identity(file, serial)
    rows[tables.Inspection] = _inspections(file, visitors or {})
    rows |= _duties(file, reports)
    course = _Course(file, owner, officers)
    for record in file.facts.records:
        course.add_record(record)
    for listing in file.facts.listings:
        course.add_listing(listing)
    rows |= course.rows
    rows[tables.Reply] = [
        {"institution": file.institution, "about": one.record, "on": one.on, "text": one.text}
        for one in file.replies
    ]
    return rows


def _identity(file: CreditFile, serial: int) -> Rows:
    id, facts = file.institution, file.facts
    since = facts.opened_on or _LONG_AGO
    names = [
        {"kind": one.kind, "text": one.text, "since": one.since, "until": one.until}
        for one in file.names
    ]
    if not any(one["kind"] == "legal" and one["text"] == file.name for one in names):
        names.append({"kind": "legal", "text": file.name, "since": since, "until": None})
    profile = {
        "kind": facts.kind,
        "legal_form": facts.legal_form,
        "subject": facts.subject,
        "mode": facts.mode,
        "stage": facts.stage,
        "jurisdiction": file.jurisdiction,
        "status": facts.status,
        "on_platform": facts.on_platform,
        "charges_in_advance": facts.charges_in_advance,
        "since": since,
    }
    person = {"code": file.code, "legal_representative": file.legal_representative}
    registrations = [
        {**person, "number": one.number, "since": one.since, "until": one.until}
        for one in facts.registrations
    ]
    if not registrations and file.legal_representative:
        registrations = [{**person, "number": "", "since": since, "until": None}]
    licences = [
        {"number": one.number, "since": one.since, "until": one.until} for one in facts.licences
    ]
    if licences and file.licence_no:
        licences[-1]["number"] = file.licence_no
    rows: Rows = {tables.Institution: [{"id": id, "serial": serial, "opened_on": facts.opened_on}]}
    for table, values in (
        (tables.Profile, [profile]),
        (tables.Name, names),
        (tables.Premises, [{"address": one, "since": since} for one in file.addresses]),
        (tables.Registration, registrations),
        (tables.Licence, licences),
        (tables.Lineage, _lineage(file)),
        (tables.Contact, _contacts(file, since)),
        (tables.Staff, [{**asdict(one), "since": since} for one in file.staff or ()]),
    ):
        rows[table] = [{**one, "institution": id} for one in values]
    return rows


def _contacts(file: CreditFile, since: date) -> list[dict[str, Any]]:
    return [{**asdict(one), "public": True, "since": since} for one in file.contacts or ()]


def _lineage(file: CreditFile) -> list[dict[str, Any]]:
    if not file.predecessor:
        return []
    return [{"predecessor": file.predecessor, "on": file.facts.opened_on}]


def _inspections(file: CreditFile, visitors: Mapping[str, tuple[str, str]]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "institution": file.institution,
            "first_officer": visitors.get(one.id, ("", ""))[0],
            "second_officer": visitors.get(one.id, ("", ""))[1],
            "key": f"{file.institution}:{one.id}",
            "kind": one.kind,
            "on": one.on,
            "onsite": one.onsite,
            "measures": msgspec.json.encode(one.measures).decode() if one.measures else "",
        }
        for one in file.facts.inspections
    ]


def _duties(file: CreditFile, reports: Sequence[date]) -> Rows:
    facts, key = file.facts, {"institution": file.institution}
    found: Rows = {tables.Cover: [], tables.Custody: [], tables.CustodyReport: []}
    for cover in facts.covers:
        values = {**msgspec.structs.asdict(cover), **key}
        del values["leaves_out"]  # the places it does protect are named in the register only
        found[tables.Cover].append(values)
    for account in facts.custody:
        custody = {"bank": account.bank, "since": account.since, "until": account.until}
        found[tables.Custody].append({**custody, **key})
        days = {*reports, *([account.reported_on] if account.reported_on else [])}
        found[tables.CustodyReport] += [
            {"bank": account.bank, "on": day, **key} for day in sorted(days)
        ]
    found[tables.AnnualInspection] = [
        {"year": one.year, "result": one.result, "on": one.on, **key}
        for one in facts.annual_inspections
    ]
    return found


class _Course:
    """The matters of one file with their steps."""

    def __init__(self, file: CreditFile, owner: str, officers: tuple[str, str]) -> None:
        self.file, self.owner = file, owner
        self.officers = {"first_officer": officers[0], "second_officer": officers[1]}
        self.rows: Rows = {
            table: []
            for table in (
                tables.Matter,
                tables.Step,
                tables.Finding,
                tables.Decision,
                tables.CaseFinding,
                tables.Listing,
                tables.Objection,
            )
        }
        decisions = [one for one in file.facts.records if one.kind == "decision"]
        self.cases = {one.case: one.id for one in decisions if one.case}
        self.final = next(
            (
                one.id
                for one in decisions
                if any(event.state == State.FINAL for event in one.events)
            ),
            None,
        )

    def add_record(self, record: Record) -> None:
        """A finding, a decision or a commendation with its steps and its disputes."""
        kind = _KINDS[record.kind]
        case_no = record.case if kind == "penalty" and record.case != record.id else ""
        self._matter(record.id, kind, record.seen_on, case_no)
        events = sorted(
            (one for one in record.events if one.state not in _DISPUTES), key=lambda one: one.on
        )
        if not events:
            events = [Event(state=State.DISCOVERED, on=record.seen_on)]
        self._steps(record.id, [self._step(one) for one in events])
        values = {
            "matter": record.id,
            "code": record.code,
            "extent": record.extent,
            "seen_on": record.seen_on,
            "statement": record.statement,
        }
        if kind == "penalty":
            self.rows[tables.Decision].append(values)
        else:
            seen_at = {"inspection": record.inspection or None}
            self.rows[tables.Finding].append({**values, **seen_at})
            self._link(record)
        self._disputes(record)

    def add_listing(self, listing: Listing) -> None:
        """A list decision in force, or one that has ended."""
        self._matter(listing.id, "listing", listing.decided_on)
        papers = {"document_no": listing.document_no, "organ": listing.organ, **self.officers}
        steps: list[dict[str, Any]] = [
            {"act": "decide", "state": "decided", "on": listing.decided_on, **papers},
            {"act": "serve", "state": "effective", "on": listing.effective_on, **papers},
        ]
        if listing.ended_on:
            steps.append(
                {
                    "act": "annul" if listing.annulled else "lift",
                    "state": "ended",
                    "on": listing.ended_on,
                    "reason": listing.ended_because,
                }
            )
        self._steps(listing.id, steps)
        self.rows[tables.Listing].append(
            {
                "matter": listing.id,
                "list": listing.list,
                "ground": listing.ground,
                "statement": listing.reason,
                "article": listing.article,
                "until": listing.until,
                "decision": self.final if listing.list == "black" else None,
            }
        )
        if listing.disputed:
            self._objection(f"{listing.id}-Y", listing.id, listing.effective_on, None)

    def _link(self, record: Record) -> None:
        if not record.case:
            return
        penalty = self.cases.get(record.case)
        if penalty is None:
            penalty = self.cases[record.case] = record.case
            self._matter(penalty, "penalty", record.seen_on)
            self._steps(penalty, [{"act": "file", "state": "filed", "on": record.seen_on}])
        self.rows[tables.CaseFinding].append({"finding": record.id, "penalty": penalty})

    def _disputes(self, record: Record) -> None:
        disputes = sorted(
            (one for one in record.events if one.state in _DISPUTES), key=lambda one: one.on
        )
        opened: date | None = None
        for number, event in enumerate(disputes, 1):
            if event.state == State.DISPUTED:
                if opened is None:
                    opened = event.on
            elif opened is not None:
                self._objection(f"{record.id}-Y{number}", record.id, opened, event.on)
                opened = None
        if opened is not None:
            self._objection(f"{record.id}-Y", record.id, opened, None)

    def _objection(self, id: str, about: str, filed: date, ended: date | None) -> None:
        self._matter(id, "objection", filed)
        steps = [{"act": "object", "state": "lodged", "on": filed}]
        if ended is not None:
            steps.append({"act": "reject", "state": "rejected", "on": ended})
        self._steps(id, steps)
        self.rows[tables.Objection].append({"matter": id, "about": about, "text": ""})

    def _matter(self, id: str, kind: str, opened_on: date, case_no: str = "") -> None:
        self.rows[tables.Matter].append(
            {
                "id": id,
                "kind": kind,
                "institution": self.file.institution,
                "jurisdiction": self.file.jurisdiction,
                "opened_on": opened_on,
                "owner": self.owner,
                "case_no": case_no,
            }
        )

    def _step(self, event: Event) -> dict[str, Any]:
        return {
            "act": _ACTS.get(event.state.value, ""),
            "state": event.state.value,
            "on": event.on,
            "due_on": event.due_on,
            "document_no": event.document_no,
        }

    def _steps(self, matter: str, steps: Iterable[dict[str, Any]]) -> None:
        for seq, step in enumerate(steps, 1):
            self.rows[tables.Step].append({**step, "matter": matter, "seq": seq})
