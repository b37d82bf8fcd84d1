"""A defence can never worsen the result (行政处罚法 第四十五条): what was told is kept, and compared."""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session

from registry.access import Actor
from registry.errors import FormRefused, Problem
from registry.forms import StepSheet
from registry.queries.terms import newest_proposal
from registry.tables import Proposal
from scoring import Policy
from scoring.policy import Indicator

_SEVERITIES = ("", "轻微", "一般", "严重")
FOR_EVER = 10_000  # months
_WHY = "不得因当事人陈述、申辩而加重（行政处罚法第四十五条），要加重请重新告知"


def keep_proposal(
    session: Session, matter: str, step: int, form: StepSheet, *, by: Actor, now: datetime
) -> None:
    """Keeps what a step proposes or sets."""
    session.add(
        Proposal(
            matter=matter,
            step=step,
            code=form.code,
            kinds=form.kinds,
            fine_fen=form.fine_fen,
            confiscated_fen=form.confiscated_fen,
            extent=form.extent or 1,
            months=form.months or 0,
            statement=form.statement,
            recorded_at=now,
            recorded_by=by.account,
        )
    )
    session.flush()


def refuse_harder(session: Session, matter: str, form: StepSheet, policy: Policy | None) -> None:
    """Raises FormRefused where a penalty is harder than what was told; every harder part is named."""
    told = newest_proposal(session, matter)
    if told is None:
        raise FormRefused(
            [
                Problem(
                    field="code",
                    label="“处罚编码”",
                    value=form.code,
                    remedy="没有找到处罚告知的内容，请先办理处罚告知",
                )
            ]
        )
    if problems := list(_harder(told, form, policy)):
        raise FormRefused(problems)


def refuse_more(field: str, label: str, value: int, told: int) -> None:
    """Raises FormRefused where a number is larger than the one that was told."""
    if value > told:
        remedy = f"告知的是 {told}，{_WHY}"
        raise FormRefused([Problem(field=field, label=label, value=str(value), remedy=remedy)])


def _harder(told: Proposal, form: StepSheet, policy: Policy | None) -> Iterator[Problem]:
    for field, label, limit, value in (
        ("fine_fen", "“罚款（分）”", told.fine_fen, form.fine_fen),
        ("confiscated_fen", "“没收（分）”", told.confiscated_fen, form.confiscated_fen),
        ("extent", "“次数或人数”", told.extent, form.extent or 1),
    ):
        if value > limit:
            remedy = f"告知的是 {limit}，{_WHY}"
            yield Problem(field=field, label=label, value=str(value), remedy=remedy)
    if more := _parts(form.kinds) - _parts(told.kinds):
        remedy = f"告知的是“{told.kinds}”，没有{'、'.join(sorted(more))}，{_WHY}"
        yield Problem(field="kinds", label="“处罚种类”", value=form.kinds, remedy=remedy)
    if form.code != told.code and _costlier(form.code, told.code, policy):
        remedy = f"告知的是“{told.code}”，这个编码更重或者无法比较轻重，{_WHY}"
        yield Problem(field="code", label="“处罚编码”", value=form.code, remedy=remedy)


def _parts(kinds: str) -> set[str]:
    """The kinds of punishment one by one, however they are strung together."""
    return {one for one in re.split(r"[、，,；;和及\s]+", kinds) if one}


def _costlier(code: str, told: str, policy: Policy | None) -> bool:
    """Whether a code weighs more in any way; one that cannot be compared counts as heavier."""
    new, old = (policy.by_code.get(one) if policy else None for one in (code, told))
    if new is None or old is None:
        return True
    if new.limits_grade_to and new.limits_grade_to != old.limits_grade_to:
        return True
    return any(mine > theirs for mine, theirs in zip(_weights(new), _weights(old), strict=True))


def _weights(rule: Indicator) -> tuple[Decimal, ...]:
    """Everything of a rule that can be heavier or lighter, each as a number."""
    months = FOR_EVER if rule.months is None else rule.months
    kept = ("full", "half", "none").index(rule.restore)
    grave = _SEVERITIES.index(rule.severity)
    return rule.points, *(Decimal(one) for one in (months, kept, grave, rule.black_proposal))
