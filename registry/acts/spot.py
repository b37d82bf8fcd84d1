"""A penalty decided on the spot by two officers (当场处罚): bounded, heard, handed over at once."""

from collections.abc import Iterator
from datetime import date, datetime

from sqlmodel import Session

from registry.access import Actor
from registry.acts.limitation import lapsed
from registry.acts.matters import WEEKENDS_ONLY, Opening, matter_of, open_matter, state_of, steps_of
from registry.calendar import Calendar
from registry.errors import Conflict, Problem, StepRefused
from registry.forms import SpotForm, SpotSheet
from registry.procedure import STATES
from registry.queries.spot import (
    STANDING,
    case_over,
    known_articles,
    spot_limit,
    spot_numbered,
    spot_on,
)
from registry.tables import Matter, SpotPenalty
from scoring import Policy

WARNING, FINE = "警告", "罚款"
KINDS = (WARNING, FINE, f"{WARNING}、{FINE}")


def punish_on_the_spot(
    session: Session,
    form: SpotSheet,
    *,
    by: Actor,
    now: datetime,
    policy: Policy,
    calendar: Calendar = WEEKENDS_ONLY,
) -> str:
    """Records a warning or a small fine that was decided and handed over on the spot; gives its number.

    Raises FormRefused with everything that is wrong of it at once, and Conflict where the finding has been
    punished already (行政处罚法 第二十九、五十一、五十二条).
    """
    found = matter_of(session, form.finding, "finding")
    _require_unpunished(session, found)
    opening = Opening(
        kind="spot",
        institution=found.institution,
        act="warn" if form.kinds == WARNING else "fine",
        body=form.model_dump(mode="json", include={"finding", *SpotForm.model_fields}),
        problems=tuple(_wrong(session, form, found, policy)),
    )
    matter = open_matter(session, opening, form, by=by, now=now, calendar=calendar)
    session.add(
        SpotPenalty(
            **form.model_dump(include=set(SpotForm.model_fields)),
            matter=matter,
            finding=found.id,
            recorded_at=now,
            recorded_by=by.account,
        )
    )
    session.flush()
    return matter


def require_no_spot(session: Session, finding: str) -> None:
    """Raises Conflict for a finding that was punished on the spot: one fact is not fined twice."""
    if other := spot_on(session, finding):
        raise Conflict(
            f"问题“{finding}”已经当场处罚（{other}），同一个违法行为不得再次罚款"
            "（行政处罚法第二十九条）。当场处罚有错的，请先撤销它。"
        )


def _require_unpunished(session: Session, found: Matter) -> None:
    require_no_spot(session, found.id)
    if case := case_over(session, found.id):
        raise Conflict(
            f"问题“{found.id}”已经按普通程序办理（{case}），不能再当场处罚。请在那件案件里办理。"
        )
    state = state_of(session, found.id)
    if state not in STANDING:
        raise StepRefused(
            f"问题“{found.id}”现在是“{STATES[state]}”，不能据以当场处罚。请另行记录发现的问题。"
        )


def _wrong(session: Session, form: SpotSheet, found: Matter, policy: Policy) -> Iterator[Problem]:
    """What keeps it from being decided on the spot, beside what every step must have."""
    seen = steps_of(session, found.id)[0].on
    if form.on < seen:
        yield _problem("on", "日期", form.on, f"不能早于发现问题的日期 {seen}")
    for field in ("place", "statement"):
        if not getattr(form, field):
            label = str(SpotForm.model_fields[field].title)
            yield _problem(field, label, "", "决定书上必须载明（行政处罚法第五十二条）")
    yield from lapsed(session, [found.id], form.reason)
    yield from _of_money(session, form, found.institution, form.on)
    if form.article not in known_articles(policy):
        remedy = "评分办法里没有这一条，请从列表里选处罚所依据的条文"
        yield _problem("article", "处罚依据", form.article, remedy)
    if form.document_no and (other := spot_numbered(session, form.document_no)):
        remedy = f"已用于当场处罚“{other}”，请核对决定书上印的号码"
        yield _problem("document_no", "文号", form.document_no, remedy)
    if bool(form.receiver) == bool(form.refusal):
        remedy = "请写签收人；对方拒绝签收的，不写签收人，写明当时的情况（行政处罚法第五十二条）"
        yield _problem("receiver", "签收人", form.receiver, remedy)


def _of_money(session: Session, form: SpotSheet, institution: str, on: date) -> Iterator[Problem]:
    if form.kinds not in KINDS:
        remedy = "当场处罚只有警告和罚款（行政处罚法第五十一条），其他种类请按普通程序立案"
        yield _problem("kinds", "处罚种类", form.kinds, remedy)
        return
    limit = spot_limit(session, institution, on)
    yuan = f"{form.fine_fen / 100:.2f} 元"
    if form.kinds == WARNING:
        if form.fine_fen:
            remedy = "处罚种类只有警告，请不写罚款，或者改选含罚款的种类"
            yield _problem("fine_fen", "罚款", yuan, remedy)
    elif not form.fine_fen:
        yield _problem("fine_fen", "罚款", "", f"请写罚款的数额，{limit.words}")
    elif form.fine_fen > limit.fen:
        remedy = f"{limit.words}（行政处罚法第五十一条），超过的请按普通程序立案"
        yield _problem("fine_fen", "罚款", yuan, remedy)


def _problem(field: str, label: str, value: object, remedy: str) -> Problem:
    return Problem(field=field, label=f"“{label}”", value=str(value), remedy=remedy)
