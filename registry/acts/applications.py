"""Credit repair asked for: what may be repaired from which day on, and the application with its papers."""

from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct
from sqlmodel import Session, select

from registry.access import Actor
from registry.acts.filing import Filed, hand_in, receipted
from registry.acts.matters import WEEKENDS_ONLY, steps_of
from registry.acts.repairs import IN_FORCE, apply_for_repair
from registry.calendar import Calendar
from registry.errors import Conflict, FormRefused, NotFound, Problem
from registry.forms import RepairForm, RepairSheet
from registry.procedure import is_open
from registry.queries.portal import ShownMatter, shown_matter
from registry.queries.terms import class_of_penalty, first_repair_day
from registry.tables import Repair
from scoring import Policy
from scoring.words import chinese

SOURCE = "信用修复管理办法（国家发展改革委令第36号）"
_LISTS = {"black": "严重", "watch": "一般"}
PROMISES = (
    "所提交的申请材料真实、合法、有效，并对材料的真实性负责；",
    "已经履行决定书确定的义务，停止并纠正了失信行为；",
    "今后依法依规办学，遵守有关民办教育和校外培训的规定，自觉接受监督检查；",
    "如有违背，自愿承担相应的责任，并同意将违背承诺的情况记入信用档案。",
)


class Repairable(Struct, frozen=True, kw_only=True):
    """A record that may be repaired by application: from which day on, and what is missing until then."""

    matter: ShownMatter
    title: str
    severity: str
    determined_on: date
    first_day: date
    missing: tuple[str, ...]


def repairable(
    session: Session, matter: ShownMatter, policy: Policy, today: date
) -> Repairable | None:
    """What is to be said of repairing a record; None for what is not repaired by application."""
    decided = matter.step("decided")
    if matter.kind not in IN_FORCE or decided is None or matter.state in ("annulled", "ended"):
        return None
    if matter.kind == "penalty":
        severity = class_of_penalty(session, matter.id, policy)
    else:
        severity = _LISTS[matter.content["list"]]
    first = first_repair_day(session, matter.id, policy) or decided.on
    return Repairable(
        matter=matter,
        title=f"{decided.organ} {decided.document_no}".strip() or matter.id,
        severity=severity,
        determined_on=decided.on,
        first_day=first,
        missing=tuple(_missing(session, matter, first, today)),
    )


def _missing(session: Session, matter: ShownMatter, first: date, today: date) -> list[str]:
    if matter.repaired_on:
        return [f"已于{chinese(matter.repaired_on)}准予修复，不用再申请。"]
    found = []
    if matter.state != IN_FORCE[matter.kind]:
        found.append("决定还没有生效，或者正在复议、诉讼。")
    if today < first:
        found.append(f"最短公示期未满，{chinese(first)}起可以申请。")
    for id in session.exec(select(Repair.matter).where(Repair.about == matter.id)).all():
        if is_open("repair", steps_of(session, id)[-1].state):
            found.append(f"已有修复申请“{id}”正在办理。")
    return found


def promise(name: str, title: str) -> str:
    """The credit undertaking (信用承诺书) about a record, to be signed."""
    lines = [f"{number}．{said}" for number, said in enumerate(PROMISES, 1)]
    return "\n".join([f"{name}就{title}申请信用修复，郑重承诺：", *lines])


def apply_with_papers(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    form: RepairForm,
    institution: tuple[str, str],
    files: Sequence[Filed] = (),
    *,
    policy: Policy,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> str:
    """Opens a repair matter with its two papers; refused before the shortest term is over."""
    id, name = institution
    matter = shown_matter(session, id, form.about)
    found = repairable(session, matter, policy, now.date())
    if found is None:
        raise NotFound("可以申请修复的记录", form.about)
    if found.missing:
        raise Conflict("".join(found.missing))
    if not form.promised:
        said = Problem(
            field="promised", label="“信用承诺”", value="", remedy="请读过承诺书后勾选这一项"
        )
        raise FormRefused([said])
    undertaking = f"{promise(name, found.title)}\n{form.signer}"
    sheet = RepairSheet(about=form.about, on=form.on, proof=form.proof, undertaking=undertaking)
    made = apply_for_repair(
        session,
        sheet,
        by=by,
        now=now,
        calendar=calendar,
        policy=policy,
        proven={"signer": form.signer, **receipted(form.proof, files)},
    )
    hand_in(session, id, made, "repair", files, by=by, now=now)
    return made
