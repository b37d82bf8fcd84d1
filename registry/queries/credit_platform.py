"""Penalty decisions and licences as they are reported to the credit platform (双公示), with what ended them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, tzinfo
from typing import Any

from msgspec import Struct
from sqlmodel import Session, SQLModel, col, select

from registry import tables
from registry.queries.files import name_on, names_on, profile_on, valid
from registry.tables import CaseFinding, Decision, Finding, Licence, Matter, Repair, Step

AT_ONCE = 500


class Subject(Struct, frozen=True, kw_only=True):
    """Who was decided on, as it was on the day of the decision."""

    institution: str
    name: str
    legal_form: str
    code: str
    registration_no: str
    legal_representative: str
    licence_no: str


class PenaltyRow(Struct, frozen=True, kw_only=True):
    """A penalty decision that became final; `ended_on` is when it was annulled or repaired, if it was.

    `known_on` and `end_known_on` are the days on which the register said so, which may be later.
    """

    matter: str
    subject: Subject
    document_no: str
    organ: str
    decided_on: date
    final_on: date
    known_on: date
    ended_on: date | None
    end_known_on: date | None
    ended_by: str
    code: str
    finding_codes: tuple[str, ...]
    statement: str
    article: str
    kinds: str
    fine_fen: int
    confiscated_fen: int
    social_impact: bool


class LicenceRow(Struct, frozen=True, kw_only=True):
    """A school licence in its present wording, recorded on a day; `status` is the institution's, with its own.

    `followed_on` is the first day of a later one that bears the same number.
    """

    id: int
    subject: Subject
    number: str
    organ: str
    scope: str
    since: date
    until: date | None
    recorded_on: date
    followed_on: date | None
    status: str
    status_since: date | None
    status_recorded_on: date | None


def penalties_final(session: Session, zone: tzinfo) -> list[PenaltyRow]:
    """Every penalty decision that was ever final, in order of that day; days are those of `zone`."""
    courses: dict[str, list[Step]] = defaultdict(list)
    query = select(Step).join(Matter, col(Matter.id) == col(Step.matter))
    for step in session.exec(query.where(Matter.kind == "penalty").order_by(col(Step.seq))):
        courses[step.matter].append(step)
    ever = {id for id, steps in courses.items() if any(one.state == "final" for one in steps)}
    rows = [
        (matter, decision)
        for matter, decision in session.exec(
            select(Matter, Decision).join(Decision, col(Decision.matter) == col(Matter.id))
        )
        if matter.id in ever
    ]
    repaired = _repaired(session)
    found_in = _findings(session)
    files = _files(session, {matter.institution for matter, _ in rows})
    found = []
    for matter, decision in rows:
        steps = courses[matter.id]
        decided = next((one for one in steps if one.state == "decided"), None)
        if decided is None:
            continue
        findings = found_in.get(matter.id, [])
        end, ended_by = _ended(steps, repaired.get(matter.id))
        final = next(one for one in steps if one.state == "final")
        found.append(
            PenaltyRow(
                matter=matter.id,
                subject=_subject(matter.institution, files, decided.on),
                document_no=decided.document_no,
                organ=decided.organ,
                decided_on=decided.on,
                final_on=final.on,
                known_on=_known(final, zone),
                ended_on=end.on if end else None,
                end_known_on=_known(end, zone) if end else None,
                ended_by=ended_by,
                code=decision.code,
                finding_codes=tuple(one.code for one in findings),
                statement=decision.statement
                or "；".join(one.statement.rstrip("。") for one in findings if one.statement),
                article=decision.article,
                kinds=decision.kinds,
                fine_fen=decision.fine_fen,
                confiscated_fen=decision.confiscated_fen,
                social_impact=decision.social_impact,
            )
        )
    return sorted(found, key=lambda one: (one.final_on, one.matter))


def licences_held(session: Session, zone: tzinfo) -> list[LicenceRow]:
    """Every licence in its present wording, in order of its first day; days are those of `zone`."""
    rows = valid(session.exec(select(Licence).order_by(col(Licence.id))).all())
    files = _files(session, {one.institution for one in rows})
    newest: dict[tuple[str, str], tuple[date, int]] = {}
    for one in rows:
        key = (one.institution, one.number)
        newest[key] = max(newest.get(key, (date.min, 0)), (one.since, one.id))
    found = []
    for one in rows:
        last = newest[one.institution, one.number]
        profile = profile_on(files[tables.Profile][one.institution], date.max)
        found.append(
            LicenceRow(
                id=one.id,
                subject=_subject(one.institution, files, one.since),
                number=one.number,
                organ=one.organ,
                scope=one.scope,
                since=one.since,
                until=one.until,
                recorded_on=_day(one, zone),
                followed_on=None if last == (one.since, one.id) else last[0],
                status=profile.status if profile else "active",
                status_since=profile.since if profile else None,
                status_recorded_on=_day(profile, zone) if profile else None,
            )
        )
    return sorted(found, key=lambda one: (one.since, one.id))


Files = dict[type[SQLModel], dict[str, list[Any]]]


def _files(session: Session, ids: Iterable[str]) -> Files:
    """The dated rows of institutions, by table and number."""
    found: Files = {}
    wanted = sorted(ids)
    dated: tuple[Any, ...] = (
        tables.Profile,
        tables.Name,
        tables.Registration,
        tables.Licence,
    )
    for table in dated:
        rows: dict[str, list[Any]] = defaultdict(list)
        for at in range(0, len(wanted), AT_ONCE):
            some = wanted[at : at + AT_ONCE]
            for row in session.exec(select(table).where(col(table.institution).in_(some))):
                rows[row.institution].append(row)
        found[table] = rows
    return found


def _subject(institution: str, files: Files, on: date) -> Subject:
    profile = profile_on(files[tables.Profile][institution], on)
    registration = _in_force(files[tables.Registration][institution], on)
    licence = _in_force(files[tables.Licence][institution], on)
    return Subject(
        institution=institution,
        name=name_on(names_on(files[tables.Name][institution], on), on),
        legal_form=profile.legal_form if profile else "",
        code=registration.code if registration else "",
        registration_no=registration.number if registration else "",
        legal_representative=registration.legal_representative if registration else "",
        licence_no=licence.number if licence else "",
    )


def _in_force(rows: Sequence[Any], on: date) -> Any:
    """The row in force on a day, else the last one before it: a code outlives its registration."""
    begun = [one for one in valid(rows) if one.since <= on]
    return max(begun, key=lambda one: (one.since, one.id), default=None)


def _day(row: Any, zone: tzinfo) -> date:
    """The day on which a row was recorded."""
    day: date = row.recorded_at.astimezone(zone).date()
    return day


def _known(step: Step, zone: tzinfo) -> date:
    """The first day on which the register says what a step says, and it is so."""
    return max(step.on, _day(step, zone))


def _ended(steps: Sequence[Step], repaired: Step | None) -> tuple[Step | None, str]:
    """The step from which on a decision is no longer to be shown, and by what."""
    annulled = next((one for one in steps if one.state == "annulled"), None)
    if annulled is not None:
        return annulled, f"处罚决定已撤销（{annulled.document_no}）"
    return repaired, "已准予信用修复" if repaired else ""


def _repaired(session: Session) -> dict[str, Step]:
    query = (
        select(col(Repair.about), Step)
        .join(Step, col(Step.matter) == col(Repair.matter))
        .where(Step.state == "granted")
    )
    return dict(session.exec(query).all())


def _findings(session: Session) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = defaultdict(list)
    query = (
        select(col(CaseFinding.penalty), Finding)
        .join(Finding, col(Finding.matter) == col(CaseFinding.finding))
        .order_by(col(Finding.matter))
    )
    for penalty, finding in session.exec(query):
        found[penalty].append(finding)
    return found
