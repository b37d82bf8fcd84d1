"""Institutions and jurisdictions: registered once, changed only by rows that supersede."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, col, func, select

from registry.access import Actor
from registry.acts.authority import authorise, must_exist, require_jurisdiction
from registry.errors import Conflict, refuse
from registry.forms import (
    InstitutionForm,
    JurisdictionForm,
    LicenceForm,
    NameForm,
    PremisesForm,
    ProfileForm,
    RegistrationForm,
    further_names,
    further_places,
)
from registry.identity import institution_id, read_code
from registry.ledger import Act, append
from registry.tables import (
    Institution,
    Jurisdiction,
    Licence,
    Lineage,
    Name,
    Premises,
    Profile,
    Registration,
)

Row = TypeVar("Row", bound=SQLModel)
Rows = dict[type[SQLModel], list[dict[str, Any]]]


def register_jurisdiction(
    session: Session, form: JurisdictionForm, *, by: Actor, now: datetime
) -> str:
    """Records a jurisdiction; one that exists is superseded by the new record."""
    authorise(session, by, "register_jurisdiction", "登记区划", now=now)
    before = session.exec(
        select(Jurisdiction)
        .where(Jurisdiction.id == form.id)
        .order_by(col(Jurisdiction.key).desc())
        .limit(1)
    ).first()
    row = Jurisdiction(
        **form.model_dump(),
        replaces=before.key if before else None,
        recorded_at=now,
        recorded_by=by.account,
    )
    session.add(row)
    entry = Act(act="register_jurisdiction", subject=form.id, body=form.model_dump(mode="json"))
    append(session, entry, by=by, now=now)
    return form.id


def register_institution(
    session: Session,
    form: InstitutionForm,
    *,
    by: Actor,
    now: datetime,
    prefix: str,
    not_the_same: Mapping[str, Any] | None = None,
) -> str:
    """Registers an institution; gives its number, which never changes.

    `not_the_same` is why it is none of those it is alike to, and stands in the ledger.
    """
    require_jurisdiction(session, form.jurisdiction)
    authorise(
        session,
        by,
        "register_institution",
        "登记机构",
        jurisdiction=form.jurisdiction,
        now=now,
    )
    serial = next_serial(session)
    id = institution_id(prefix, serial)
    rows = rows_of(form, id, serial, now.date())
    _refuse_known(session, form, rows)
    stamp = {"recorded_at": now, "recorded_by": by.account}
    for table, values in rows.items():
        for value in values:
            session.add(table(**value, **stamp))
        session.flush()
    entry = Act(
        act="register_institution",
        subject=id,
        institution=id,
        body=form.model_dump(mode="json", exclude_defaults=True)
        | ({"not_the_same": not_the_same} if not_the_same else {}),
    )
    append(session, entry, by=by, now=now)
    return id


def next_serial(session: Session) -> int:
    """The serial of the institution to come."""
    return (session.exec(select(func.max(col(Institution.serial)))).one() or 0) + 1


def rows_of(form: InstitutionForm, id: str, serial: int, today: date) -> Rows:
    """Everything a new institution's sheet says, as values of rows, parents first."""
    code, confirmed = read_code(form.code, confirmed=form.confirmed_as_on_original)
    start = form.opened_on or form.since or form.registered_on or form.licence_since or today
    profile = form.model_dump(include=set(ProfileForm.model_fields))
    rows: Rows = {
        Institution: [{"id": id, "serial": serial, "opened_on": form.opened_on}],
        Profile: [{**profile, "institution": id, "since": form.since or start}],
        Name: [{"institution": id, "kind": "legal", "text": form.name, "since": start}],
    }
    names, places = further_names(form), further_places(form, start)
    rows[Name] += [{"institution": id, **one.model_dump()} for one in names]
    former = [one.until for one in names if one.kind == "legal" and one.until]
    if former:
        rows[Name][0]["since"] = max(former) + timedelta(days=1)
    if form.address:
        places.insert(0, PremisesForm(address=form.address, since=start))
    if places:
        rows[Premises] = [{"institution": id, **one.model_dump()} for one in places]
    registration = {
        "code": code,
        "number": form.registration_no,
        "registrar": form.registrar,
        "legal_representative": form.legal_representative,
        "until": form.registered_until,
    }
    # Without a number it is not in term for any rule, and is kept until somebody brings the number.
    if form.registered_on or any(registration.values()):
        since = form.registered_on or start
        more = {"institution": id, "confirmed": confirmed, "since": since}
        rows[Registration] = [{**registration, **more}]
    if form.licence_no:
        since = form.licence_since or start
        licence = {"number": form.licence_no, "since": since, "until": form.licence_until}
        rows[Licence] = [{"institution": id, **licence}]
    if form.predecessor:
        rows[Lineage] = [{"institution": id, "predecessor": form.predecessor, "on": start}]
    return rows


def change_profile(
    session: Session, institution: str, form: ProfileForm, *, by: Actor, now: datetime
) -> None:
    """Records what an institution is from a day on; the record before stays for the days before."""
    require_jurisdiction(session, form.jurisdiction)
    since = form.since or now.date()
    _insert(session, Profile, institution, {**form.model_dump(), "since": since}, by=by, now=now)


def rename(session: Session, institution: str, form: NameForm, *, by: Actor, now: datetime) -> None:
    """Records a new name; a new legal name ends the one before on the day before."""
    if form.since is None:
        raise refuse("since", "“启用日期”", None, "更名必须写明从哪一天起")
    if form.kind == "legal":
        end = {"until": form.since - timedelta(days=1)}
        for row in _current(session, Name, institution):
            if row.kind == "legal" and row.until is None:
                _supersede(session, row, end, by=by, now=now)
    _insert(session, Name, institution, form.model_dump(), by=by, now=now)


def record_premises(
    session: Session, institution: str, form: PremisesForm, *, by: Actor, now: datetime
) -> None:
    """Records a further place of teaching."""
    _insert(session, Premises, institution, form.model_dump(), by=by, now=now)


def record_licence(
    session: Session, institution: str, form: LicenceForm, *, by: Actor, now: datetime
) -> None:
    """Records a licence or its renewal."""
    _insert(session, Licence, institution, form.model_dump(), by=by, now=now)


def record_registration(
    session: Session,
    institution: str,
    form: RegistrationForm,
    *,
    by: Actor,
    now: datetime,
    confirmed_as_on_original: bool = False,
) -> None:
    """Records a registration or its change; the one before ends on the day before."""
    code, confirmed = read_code(form.code, confirmed=confirmed_as_on_original)
    for row in _current(session, Registration, institution):
        if row.since < form.since and (row.until is None or row.until >= form.since):
            end = {"until": form.since - timedelta(days=1)}
            _supersede(session, row, end, by=by, now=now)
    values = {**form.model_dump(), "code": code, "confirmed": confirmed}
    _insert(session, Registration, institution, values, by=by, now=now)


def _insert(
    session: Session,
    table: type[Row],
    institution: str,
    values: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
) -> None:
    must_exist(session, institution)
    authorise(session, by, "change_institution", "变更机构", institution=institution, now=now)
    stamp = {"recorded_at": now, "recorded_by": by.account}
    session.add(table(**{**values, "institution": institution, **stamp}))
    session.flush()
    act = f"record_{table.__tablename__!s}"
    body = {key: value for key, value in values.items() if value not in (None, "")}
    entry = Act(act=act, subject=institution, institution=institution, body=body)
    append(session, entry, by=by, now=now)


def _supersede(
    session: Session, row: SQLModel, changed: Mapping[str, Any], *, by: Actor, now: datetime
) -> None:
    """A copy of the row with what changed; the row itself is left as it was recorded."""
    values = row.model_dump(exclude={"id", "replaces", "recorded_at", "recorded_by"})
    stamp = {"replaces": row.id, "recorded_at": now, "recorded_by": by.account}  # type: ignore[attr-defined]
    session.add(type(row)(**{**values, **changed, **stamp}))
    session.flush()


def _current(session: Session, table: Any, institution: str) -> list[Any]:
    """The rows of an institution that no other row supersedes."""
    rows = session.exec(select(table).where(table.institution == institution)).all()
    gone = {row.replaces for row in rows}
    return [row for row in rows if row.id not in gone]


def _refuse_known(session: Session, form: InstitutionForm, rows: Rows) -> None:
    """A code can stand for one institution only."""
    if form.predecessor:
        must_exist(session, form.predecessor)
    for value in rows.get(Registration, []):
        if not value["code"]:
            continue
        held = select(Registration.institution).where(Registration.code == value["code"])
        other = session.exec(held.limit(1)).first()
        if other is not None:
            raise Conflict(
                f"统一社会信用代码“{value['code']}”已登记在机构“{other}”名下。"
                "请先查看该机构，确认是否重复登记。"
            )
