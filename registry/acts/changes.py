"""Changes of an institution's own data: asked for, compared, and written only once they are approved."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, SQLModel, select

from registry.access import Actor
from registry.acts.filing import receipted
from registry.acts.hand import Hand
from registry.acts.lineage_rows import carry_out
from registry.acts.matters import WEEKENDS_ONLY, Opening, open_matter, steps_of
from registry.acts.voiding import void_visit
from registry.calendar import Calendar
from registry.errors import Conflict, FormRefused, Problem, read_form, refuse
from registry.forms import ChangeKind, ChangeSheet, StepForm, StepSheet
from registry.procedure import is_open
from registry.queries.changes import FIELDS, FORMS, HISTORY, KINDS, ROWS, VOIDING, own_row
from registry.tables import Change, CoverPremises, Matter


def ask_change(
    session: Session,
    form: ChangeSheet,
    values: Mapping[str, object],
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> str:
    """Opens a change with what is there and what shall be; the register stays as it is until approved."""
    after = _values(form.what, form.institution, values)
    before: dict[str, Any] = {}
    if form.row is not None:
        row = own_row(session, form.institution, form.what, form.row, now.date())
        _refuse_waiting(session, form)
        before = {"id": row.id, **row.values}
        if after == row.values:
            raise refuse("reason", f"“{KINDS[form.what]}”", "", "没有改动，请先改动再提交")
    written = json.dumps(after, ensure_ascii=False, sort_keys=True)
    # Contacts and staff are persons' data: the ledger proves them by digest and does not repeat them.
    body = {"what": form.what, "row": form.row, **receipted(written, ())}
    opening = Opening(kind="change", institution=form.institution, act="ask", body=body)
    step = StepForm(on=form.on, reason=form.reason)
    matter = open_matter(session, opening, step, by=by, now=now, calendar=calendar)
    session.add(
        Change(
            matter=matter,
            what=form.what,
            before=json.dumps(before, ensure_ascii=False, sort_keys=True) if before else "",
            after=written,
            recorded_at=now,
            recorded_by=by.account,
        )
    )
    session.flush()
    return matter


def apply_change(hand: Hand, matter: Matter, form: StepSheet) -> str:
    """Approves a change and carries it out in the same act: history, or the row that supersedes."""
    change = hand.session.get_one(Change, matter.id)
    if change.what == "cover" and not form.policy_checked:
        # What the institution was not asked, and a cover protects nobody without, the office has to have seen.
        remedy = "请先对照保单核对：保费已缴，被保险人就是这家机构；核对无误再勾选，否则不予变更"
        raise refuse("policy_checked", "“已核对保单”", "", remedy)
    state = hand.step(matter, "apply", form, {"what": change.what})
    if change.what == VOIDING:
        void_visit(hand.session, matter, by=hand.by, now=hand.now)
        return state
    if change.what in HISTORY:
        carry_out(hand.session, matter, by=hand.by, now=hand.now)
        return state
    what: ChangeKind = change.what  # type: ignore[assignment]  # written by ask_change alone
    before = json.loads(change.before) if change.before else {}
    if before:
        found = own_row(hand.session, matter.institution, what, before["id"], hand.now.date())
        if found.values != {key: value for key, value in before.items() if key != "id"}:
            raise Conflict("这一条在申请以后已经改动。请退回，让机构重新申请。")
    after = json.loads(change.after)
    _write(hand.session, what, matter.institution, after, before, by=hand.by, now=hand.now)
    return state


def _write(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    what: ChangeKind,
    institution: str,
    after: dict[str, Any],
    before: dict[str, Any],
    *,
    by: Actor,
    now: datetime,
) -> None:
    table = ROWS[what]
    places = after.pop("addresses", [])
    kept: dict[str, Any] = {}
    if before:
        # What the institution was not asked about stays as the office found it.
        old = session.get_one(table, before["id"]).model_dump()
        kept = {k: v for k, v in old.items() if k not in ("id", "recorded_at", "recorded_by")}
    stamp: dict[str, Any] = {"recorded_at": now, "recorded_by": by.account}
    dates = {key: date.fromisoformat(after[key]) for key in ("since", "until") if after.get(key)}
    values = {**kept, **after, **{"since": None, "until": None}, **dates}
    values |= {"institution": institution, "replaces": before.get("id")}
    if what == "cover":
        values |= {"premium_paid": True, "insured_matches": True}
    made = table(**values, **stamp)
    session.add(made)
    session.flush()
    for address in dict.fromkeys(places):
        session.add(CoverPremises(cover=made.id, address=address, **stamp))
    session.flush()


def _values(what: ChangeKind, institution: str, typed: Mapping[str, object]) -> dict[str, Any]:
    """The typed row as JSON values, or every wrong field at once."""
    kind: type[SQLModel] = FORMS[what]
    said = dict(typed)
    if "institution" in kind.model_fields:
        said["institution"] = institution
    read = read_form(kind, said)
    values = read.model_dump(mode="json")
    _in_order(values)
    return {field: values.get(field) for field in FIELDS[what]}


def _in_order(values: dict[str, Any]) -> None:
    since, until = values.get("since"), values.get("until")
    if since and until and until < since:
        remedy = f"早于起始日期 {since}，请改正其中一个"
        wrong = Problem(field="until", label="“截止日期”", value=until, remedy=remedy)
        raise FormRefused([wrong])


def _refuse_waiting(session: Session, form: ChangeSheet) -> None:
    """One change of a row at a time: the second would overwrite what nobody has seen."""
    query = (
        select(Change)
        .join(Matter)
        .where(Matter.institution == form.institution, Change.what == form.what)
    )
    for one in session.exec(query).all():
        same = one.before and json.loads(one.before)["id"] == form.row
        if same and is_open("change", steps_of(session, one.matter)[-1].state):
            raise Conflict(f"这一条已有变更申请“{one.matter}”在等核准。请先撤回，再重新申请。")
