"""Penalty cases: filed over findings, ended by a decision that names its code, kinds and money."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from registry.access import Actor
from registry.acts.hand import Hand, content_of
from registry.acts.limitation import lapsed
from registry.acts.matters import WEEKENDS_ONLY, Opening, matter_of, open_matter, state_of
from registry.acts.proposals import keep_proposal, refuse_harder
from registry.acts.spot import require_no_spot
from registry.calendar import Calendar
from registry.errors import Conflict, StepRefused
from registry.forms import CaseSheet, DecisionForm, DecisionSheet, StepForm, StepSheet
from registry.procedure import STATES
from registry.queries.spot import case_over
from registry.tables import CaseFinding, Decision, Finding, Matter
from scoring import Policy


def open_case(
    session: Session,
    form: CaseSheet,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> str:
    """Files a penalty case (立案) over findings of one institution; gives its number."""
    require_of_one(session, form.findings, form.institution)
    for finding in form.findings:
        require_no_spot(session, finding)
        _require_unfiled(session, finding)
    opening = Opening(
        kind="penalty",
        institution=form.institution,
        act="file",
        case_no=form.case_no,
        body={"findings": list(form.findings), "case_no": form.case_no},
        problems=tuple(lapsed(session, form.findings, form.reason)),
    )
    step = StepForm(**form.model_dump(include=set(StepForm.model_fields)))
    matter = open_matter(session, opening, step, by=by, now=now, calendar=calendar)
    bind(session, form.findings, matter, by=by, now=now)
    return matter


def _require_unfiled(session: Session, finding: str) -> None:
    """Raises for a finding that stands no more, or that another case is about: nobody is fined twice for it."""
    if other := case_over(session, finding):
        raise Conflict(
            f"问题“{finding}”已经立案（{other}），同一个违法行为不得给予两次以上罚款"
            "（行政处罚法第二十九条）。请在那件案件里办理。"
        )
    state = state_of(session, finding)
    if state in ("dismissed", "annulled"):
        raise StepRefused(
            f"问题“{finding}”现在是“{STATES[state]}”，不能据以立案。请另行记录发现的问题。"
        )


def require_of_one(session: Session, findings: Iterable[str], institution: str) -> None:
    """Raises Conflict unless the findings are all of one institution: a case is about one."""
    for finding in findings:
        found = matter_of(session, finding, "finding")
        if found.institution != institution:
            raise Conflict(
                f"问题“{finding}”属于机构“{found.institution}”，"
                f"不属于“{institution}”。请只选同一机构的问题。"
            )


def bind(session: Session, findings: Iterable[str], case: str, *, by: Actor, now: datetime) -> None:
    """Makes findings one case with what punishes them, so that a fact costs once."""
    for finding in dict.fromkeys(findings):
        session.add(
            CaseFinding(finding=finding, penalty=case, recorded_at=now, recorded_by=by.account)
        )
    session.flush()


def notify_penalty(hand: Hand, case: Matter, form: StepSheet) -> str:
    """Tells the party what is proposed; the decision may not be harder (行政处罚法 第四十四条)."""
    number = hand.number_of_next(case, "notify")
    state = hand.step(case, "notify", form, content_of(form))
    keep_proposal(hand.session, case.id, number, form, by=hand.by, now=hand.now)
    return state


def decide_penalty(hand: Hand, case: Matter, form: StepSheet) -> str:
    """Decides what was proposed, or less, and keeps what the decision says."""
    hand.number_of_next(case, "decide")
    refuse_harder(hand.session, case.id, form, hand.policy)
    state = hand.step(case, "decide", form, content_of(form))
    seen = hand.session.exec(
        select(col(Finding.seen_on))
        .join(CaseFinding, col(CaseFinding.finding) == col(Finding.matter))
        .where(CaseFinding.penalty == case.id)
        .order_by(col(Finding.seen_on))
    ).first()
    said = form.model_dump(include=set(DecisionForm.model_fields))
    hand.session.add(
        Decision(
            **{**said, "extent": form.extent or 1},
            matter=case.id,
            seen_on=seen or case.opened_on,
            recorded_at=hand.now,
            recorded_by=hand.by.account,
        )
    )
    hand.session.flush()
    return state


def record_decision(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    matter: str,
    form: DecisionSheet,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
    policy: Policy | None = None,
) -> str:
    """Takes the step `decide` of a penalty case with the decision's whole content; gives the new state."""
    case = matter_of(session, matter, "penalty")
    hand = Hand(session=session, by=by, now=now, calendar=calendar, policy=policy)
    return decide_penalty(hand, case, StepSheet(**form.model_dump()))
