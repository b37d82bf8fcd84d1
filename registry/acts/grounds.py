"""What a black listing may rest on, and for how long it may stand (国办发〔2020〕49号: no further grounds)."""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlmodel import col, select

from registry.acts.hand import Hand
from registry.errors import Problem
from registry.queries.files import facts_of
from registry.queries.terms import BLACK_MINIMUM
from registry.tables import CaseFinding, Decision, Finding
from scoring.conditions import in_term
from scoring.rules import months_after

SHOWN_AT_MOST = 36  # months; 信用修复管理办法: what is grave is shown one to three years
UNLICENSED = "擅自举办"


def no_ground(
    hand: Hand, penalty: str, ground: str, institution: str, on: date
) -> Iterator[Problem]:
    """Why this penalty is no ground for the black list, where neither its codes nor a missing licence make it one."""
    policy = hand.policy
    # Where a grade alone leads to a case for the list, or no code does, the codes say nothing.
    if policy is None or not policy.blackening or any(o.proposes == "black" for o in policy.bands):
        return
    if _codes(hand, penalty) & policy.blackening:
        return
    if UNLICENSED in ground and not in_term(facts_of(hand.session, institution, on).licences, on):
        return
    codes = "、".join(sorted(policy.blackening))
    remedy = (
        f"评分办法 {policy.id} 只以 {codes} 作为列入黑名单的依据，这个案件认定的问题和处罚决定里都没有；"
        f"没有办学许可的，列入情形请写“{UNLICENSED}”。不得另增列入情形，请核对案件编号"
    )
    yield Problem(field="decision", label="“处罚决定的事项编号”", value=penalty, remedy=remedy)


def no_lawful_term(on: date, months: int, until: date | None) -> Iterator[Problem]:
    """Why this term is none for the black list; a last day that is fixed goes before the months."""
    bounds = f"黑名单的期限是 {BLACK_MINIMUM} 到 {SHOWN_AT_MOST} 个月"
    if until is None:
        if not BLACK_MINIMUM <= months <= SHOWN_AT_MOST:
            yield Problem(field="months", label="“期限（月）”", value=str(months), remedy=bounds)
        return
    first, last = (
        months_after(on, one) - timedelta(days=1) for one in (BLACK_MINIMUM, SHOWN_AT_MOST)
    )
    if not first <= until <= last:
        remedy = f"{bounds}，从 {on} 起应当在 {first} 和 {last} 之间"
        yield Problem(field="until", label="“期限至”", value=str(until), remedy=remedy)


def _codes(hand: Hand, penalty: str) -> frozenset[str]:
    """Every code the case speaks of: its decisions' and its findings'."""
    decided = select(Decision.code).where(Decision.matter == penalty)
    found = (
        select(Finding.code)
        .join(CaseFinding, col(CaseFinding.finding) == col(Finding.matter))
        .where(CaseFinding.penalty == penalty)
    )
    return frozenset(hand.session.exec(decided)) | frozenset(hand.session.exec(found))
