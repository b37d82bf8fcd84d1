"""Many rows in one act: Core inserts, and one ledger entry that names the file's digest."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import insert
from sqlmodel import Session, SQLModel, col, select

from registry import tables
from registry.access import Actor
from registry.acts.authority import authorise
from registry.acts.inspections import inspection_values
from registry.acts.institutions import Rows, next_serial, rows_of
from registry.acts.matters import WEEKENDS_ONLY
from registry.acts.owners import owner_for
from registry.acts.restoring import restored_rows
from registry.calendar import Calendar
from registry.credit_file import CreditFile
from registry.errors import Conflict, NotFound
from registry.forms import (
    CoverForm,
    CoverSheet,
    FindingForm,
    InspectionSheet,
    InstitutionForm,
    PastFindingSheet,
)
from registry.identity import institution_id
from registry.ledger import Act, append, next_number
from registry.procedure import TRANSITIONS, is_open

AT_ONCE = 5000
SHOWN = 10
# Parents before children, so that every foreign key finds its row.
ORDER: tuple[type[SQLModel], ...] = (
    tables.Institution,
    tables.Profile,
    tables.Name,
    tables.Premises,
    tables.Registration,
    tables.Licence,
    tables.Lineage,
    tables.Contact,
    tables.Staff,
    tables.Inspection,
    tables.Matter,
    tables.Step,
    tables.Finding,
    tables.Decision,
    tables.CaseFinding,
    tables.Listing,
    tables.Objection,
    tables.Reply,
    tables.Cover,
    tables.Custody,
    tables.CustodyReport,
    tables.AnnualInspection,
)


class Source(Struct, frozen=True, kw_only=True):
    """Where the rows come from: the file's name and its SHA-256."""

    name: str
    digest: str


def bulk_register(
    session: Session,
    forms: Sequence[InstitutionForm],
    *,
    source: Source,
    by: Actor,
    now: datetime,
    prefix: str,
) -> list[str]:
    """Registers many institutions at once; gives their numbers in the forms' order."""
    authorise(session, by, "bulk_register", "批量登记", now=now)
    _refuse_unknown_jurisdictions(session, {form.jurisdiction for form in forms})
    serial = next_serial(session)
    rows: Rows = {}
    ids = []
    for offset, form in enumerate(forms):
        id = institution_id(prefix, serial + offset)
        ids.append(id)
        _extend(rows, rows_of(form, id, serial + offset, now.date()))
    _refuse_known_codes(session, rows)
    _write(session, "institutions", rows, len(ids), source, by=by, now=now)
    return ids


def bulk_inspections(
    session: Session,
    forms: Sequence[InspectionSheet],
    *,
    source: Source,
    by: Actor,
    now: datetime,
) -> list[str]:
    """Records many past visits; a key that is already there is left as it is."""
    authorise(session, by, "bulk_register", "批量登记", now=now)
    _refuse_unknown_institutions(session, {form.institution for form in forms})
    known = dict(session.exec(select(tables.Inspection.key, tables.Inspection.id)).all())
    number = next_number(session)
    ids, fresh = [], []
    for offset, form in enumerate(forms, 1):
        id = known.get(form.key)
        if id is None:
            id = known[form.key] = f"JC{now.year}-{number:06d}-{offset}"
            fresh.append({**inspection_values(form), "id": id})
        ids.append(id)
    rows: Rows = {tables.Inspection: fresh}
    _write(session, "inspections", rows, len(fresh), source, by=by, now=now)
    return ids


def bulk_findings(
    session: Session,
    forms: Sequence[PastFindingSheet],
    *,
    source: Source,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> list[str]:
    """Records findings of an old ledger with the steps they have gone through.

    What is still open belongs to somebody of its office from now on, and is to be seen to within a term.
    """
    authorise(session, by, "bulk_register", "批量登记", now=now)
    places = _refuse_unknown_institutions(session, {form.institution for form in forms})
    known = set(session.exec(select(tables.Matter.id)).all())
    number = next_number(session)
    rows: Rows = {tables.Matter: [], tables.Step: [], tables.Finding: []}
    ids = []
    owners: dict[str, str] = {}
    for offset, form in enumerate(forms, 1):
        id = form.id or f"WT{now.year}-{number:06d}-{offset}"
        ids.append(id)
        if id in known:
            continue
        known.add(id)
        made = _past_finding(form, id, places[form.institution], by.account)
        (matter,), last = made[tables.Matter], made[tables.Step][-1]
        if is_open(matter["kind"], last["state"]):
            if form.institution not in owners:
                owners[form.institution] = owner_for(session, form.institution, by, now)
            matter["owner"] = owners[form.institution]
            last["due_on"] = _due(matter["kind"], last, now.date(), calendar)
        _extend(rows, made)
    _write(session, "findings", rows, len(rows[tables.Matter]), source, by=by, now=now)
    return ids


def bulk_covers(
    session: Session, forms: Sequence[CoverSheet], *, source: Source, by: Actor, now: datetime
) -> int:
    """Records many covers; one that is already there is left as it is. Gives how many are new."""
    authorise(session, by, "bulk_register", "批量登记", now=now)
    _refuse_unknown_institutions(session, {form.institution for form in forms})
    cover = tables.Cover
    query = select(
        col(cover.institution), col(cover.policy_no), col(cover.cover_class), col(cover.since)
    )
    known = {tuple(row) for row in session.exec(query).all()}
    fresh = []
    for form in forms:
        key = (form.institution, form.policy_no, form.cover_class, form.since)
        if key not in known:
            known.add(key)
            fresh.append(form.model_dump(include=set(CoverForm.model_fields)))
    _write(session, "covers", {cover: fresh}, len(fresh), source, by=by, now=now)
    return len(fresh)


def bulk_duties(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    kind: str,
    table: type[SQLModel],
    forms: Sequence[SQLModel],
    *,
    source: Source,
    by: Actor,
    now: datetime,
) -> int:
    """Records licences, custody accounts, bank reports or yearly results that are all new."""
    authorise(session, by, "bulk_register", "批量登记", now=now)
    rows = [form.model_dump() for form in forms]
    _refuse_unknown_institutions(session, {row["institution"] for row in rows})
    _write(session, kind, {table: rows}, len(rows), source, by=by, now=now)
    return len(rows)


def bulk_credit_files(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    files: Iterable[CreditFile],
    *,
    source: Source,
    officers: tuple[str, str],
    by: Actor,
    now: datetime,
    reports: Mapping[str, Sequence[date]] | None = None,
    visitors: Mapping[str, tuple[str, str]] | None = None,
) -> int:
    """Takes in whole credit files, history and all; `queries.credit_files` gives them back equal.

    `officers` are the two who vouch for list decisions whose own officers the source does not name;
    `reports` are the days of the custody banks' reports, by institution; `visitors` who made each visit.
    """
    authorise(session, by, "bulk_register", "批量登记", now=now)
    serial = next_serial(session)
    rows: Rows = {}
    count = 0
    for count, file in enumerate(files, 1):
        days = (reports or {}).get(file.institution, ())
        own = restored_rows(file, serial + count - 1, by.account, officers, days, visitors)
        _extend(rows, own)
    _refuse_unknown_jurisdictions(
        session, {value["jurisdiction"] for value in rows.get(tables.Profile, [])}
    )
    _refuse_known_codes(session, rows)
    _write(session, "credit_files", rows, count, source, by=by, now=now)
    return count


def _past_finding(
    form: PastFindingSheet, id: str, jurisdiction: str, owner: str
) -> dict[type[SQLModel], list[dict[str, Any]]]:
    matter = {
        "id": id,
        "kind": "commendation" if form.commendation else "finding",
        "institution": form.institution,
        "jurisdiction": jurisdiction,
        "opened_on": form.seen_on,
        "owner": owner,
    }
    officers = {"first_officer": form.first_officer, "second_officer": form.second_officer}
    days = [
        ("record", "discovered", form.seen_on, {}),
        ("hear", "heard", form.heard_on, {}),
        ("confirm", "confirmed", form.confirmed_on, {}),
        (
            "order",
            "ordered",
            form.ordered_on,
            {"due_on": form.due_on, "document_no": form.document_no},
        ),
        ("pass", "passed", form.passed_on, {}),
    ]
    taken = [(act, state, on, extra) for act, state, on, extra in days if on is not None]
    steps: list[dict[str, Any]] = [
        {"matter": id, "seq": seq, "act": act, "state": state, "on": on, **officers, **extra}
        for seq, (act, state, on, extra) in enumerate(taken, 1)
    ]
    finding = {
        **form.model_dump(include=set(FindingForm.model_fields)),
        "matter": id,
        "inspection": form.inspection or None,
    }
    return {tables.Matter: [matter], tables.Step: steps, tables.Finding: [finding]}


def _due(kind: str, last: dict[str, Any], today: date, calendar: Calendar) -> date | None:
    """The term of the step from the day on which the office learns of it here, or the one it was given."""
    of_step = (one.clock for one in TRANSITIONS if (one.kind, one.act) == (kind, last["act"]))
    clock = next(filter(None, of_step), None)
    return clock.ends(today, calendar) if clock else last.get("due_on")


def _extend(rows: Rows, more: Rows) -> None:
    for table, values in more.items():
        rows.setdefault(table, []).extend(values)


def _write(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session, kind: str, rows: Rows, count: int, source: Source, *, by: Actor, now: datetime
) -> None:
    """Inserts everything and enters it once; with nothing new, nothing is entered."""
    if not count:
        return
    stamp = {"recorded_at": now, "recorded_by": by.account}
    connection = session.connection()
    for table in ORDER:
        values = rows.get(table)
        if not values:
            continue
        columns = _columns(table, values)
        for start in range(0, len(values), AT_ONCE):
            part = [{**columns, **one, **stamp} for one in values[start : start + AT_ONCE]]
            connection.execute(insert(table), part)
    session.add(
        tables.ImportBatch(
            kind=kind,
            digest=source.digest,
            source=source.name,
            rows=count,
            recorded_at=now,
            recorded_by=by.account,
        )
    )
    body = {
        "kind": kind,
        "source": source.name,
        "rows": {str(table.__tablename__): len(values) for table, values in rows.items() if values},
    }
    append(session, Act(act="bulk_register", subject=source.digest, body=body), by=by, now=now)


def _columns(table: type[SQLModel], values: list[dict[str, Any]]) -> dict[str, Any]:
    """Every column any row names, with its default: an executemany needs the same keys throughout."""
    named = {key for one in values for key in one}
    columns = SQLModel.metadata.tables[str(table.__tablename__)].columns
    return {
        column.name: column.default.arg if column.default is not None else None  # type: ignore[attr-defined]
        for column in columns
        if column.name in named
    }


def _refuse_unknown_institutions(session: Session, wanted: set[str]) -> dict[str, str]:
    """The jurisdiction of each institution wanted; NotFound names those that do not exist."""
    profile = tables.Profile
    query = select(profile.institution, profile.jurisdiction).order_by(
        col(profile.since), col(profile.id)
    )
    places = dict(session.exec(query).all())
    if lacking := sorted(wanted - places.keys()):
        raise NotFound("机构", "、".join(lacking[:SHOWN]))
    return places


def _refuse_unknown_jurisdictions(session: Session, wanted: set[str]) -> None:
    known = set(session.exec(select(tables.Jurisdiction.id)).all())
    if lacking := sorted(wanted - known):
        raise NotFound("区划", "、".join(lacking[:SHOWN]))


def _refuse_known_codes(session: Session, rows: Rows) -> None:
    """A code stands for one institution only, in this file and in the register."""
    held: Counter[str] = Counter()
    fresh = {(one["code"], one["institution"]) for one in rows.get(tables.Registration, [])}
    held.update(code for code, _ in fresh if code)
    taken = select(tables.Registration.code).where(col(tables.Registration.code) != "").distinct()
    held.update(session.exec(taken).all())
    if twice := sorted(code for code, times in held.items() if times > 1):
        raise Conflict(
            f"统一社会信用代码重复登记：{'、'.join(twice[:SHOWN])}。"
            "每个代码只能属于一家机构，请核对后再导入。"
        )
