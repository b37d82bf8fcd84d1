"""The portal's reckoning: what each action would do, which few reach a goal, and what time does."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from msgspec import Struct

from scoring import Facts, Policy, Rating
from scoring.actions import Action, actions
from scoring.repair import Deadline, Outlook, clock, outlooks, timeline, what_if
from scoring.telling import also_needed
from scoring.words import EXIT, chinese, score_words

LASTS = {
    "至 改正为止": "改正以后",
    f"至 {EXIT}为止": f"{EXIT}以后",
    "起，没有期限": "没有期限",
}
GIVEN_BACK = {"half": "已恢复一半", "full": "已恢复", "forgiven": "不计分", "": "不能提前恢复"}
WORDS = {
    "white": "白名单",
    "watch": "重点关注名单",
    "black": "黑名单",
    "none": "未列入",
    "new": "新设未评",
}


class Choice(Struct, frozen=True, kw_only=True):
    """One action on the form: what it is, what it alone leads to, whether it is ticked."""

    name: str
    title: str
    leads_to: str
    ticked: bool


class Goal(Struct, frozen=True, kw_only=True):
    """A goal, its earliest day by waiting and by acting, and the fewest actions that reach it then."""

    title: str
    waiting: str
    acting: str
    steps: tuple[str, ...]
    leads_to: str
    proven: bool


class Clock(Struct, frozen=True, kw_only=True):
    """One deduction: what cures it, until when that restores, and the day it lapses by itself."""

    record: str
    title: str
    cure: str
    cure_by: str
    lapses_on: str


class Repair(Struct, frozen=True, kw_only=True):
    """Everything the portal says about repair; `also` is what the next grade needs beside points."""

    choices: tuple[Choice, ...]
    chosen: str
    goals: tuple[Goal, ...]
    clocks: tuple[Clock, ...]
    turns: tuple[tuple[str, str], ...]
    also: str


def repair_of(
    facts: Facts,
    policy: Policy,
    rating: Rating,
    tried: frozenset[str],
    later: Sequence[Policy] = (),
) -> Repair:
    """What can be done about a rating today; `tried` names the ticked actions, `later` are the versions to come."""
    on = rating.on
    possible = actions(facts, policy, on)
    ticked = [one for one in possible if name_of(one) in tried]
    return Repair(
        choices=tuple(
            Choice(
                name=name_of(one),
                title=one.title,
                leads_to=_said(what_if(facts, policy, on, [one])),
                ticked=one in ticked,
            )
            for one in possible
        ),
        chosen=_said(what_if(facts, policy, on, ticked)) if ticked else "",
        goals=tuple(_goal(one, on) for one in outlooks(facts, policy, on, later)),
        clocks=tuple(_clock(one) for one in clock(facts, policy, on)),
        turns=tuple(_turns(timeline(facts, policy, on, later))),
        also=also_needed(rating, facts, policy),
    )


def name_of(action: Action) -> str:
    """What tells an action from the others of the same institution, in an address."""
    about = action.record or (action.cover_class if action.kind == "cover" else "")
    return f"{action.kind}:{about}"


def _turns(line: tuple[Rating, ...]) -> Iterator[tuple[str, str]]:
    """Each day on which something an institution cares about changes, and what it is."""
    for before, after in pairwise(line):
        failed = {one.sentence for one in before.conditions if not one.met}
        new = [one.sentence for one in after.conditions if not one.met]
        fresh = "".join(one for one in new if one not in failed)
        if fresh or _said(before) != _said(after):
            by = "" if before.policy == after.policy else f"改用评分办法 {after.policy}。"
            yield chinese(after.on), f"{by}{_said(after)}。{fresh}"


def _goal(outlook: Outlook, on: date) -> Goal:
    plan = outlook.plan
    white = outlook.goal == "white"
    return Goal(
        title="符合白名单的全部条件" if white else f"升到 {outlook.goal} 级",
        waiting=_day(outlook.without_action, on),
        acting=_day(outlook.with_action, on),
        steps=tuple(one.title for one in plan.actions) if plan else (),
        leads_to=_said(plan.rating) if plan else "",
        proven=plan.exact if plan else True,
    )


def _day(day: date | None, on: date) -> str:
    if day is None:
        return "五年内做不到"
    return "今天" if day == on else chinese(day)


def _clock(one: Deadline) -> Clock:
    by = one.cure.by if one.cure else None
    return Clock(
        record=one.record,
        title=one.title,
        cure=one.cure.title if one.cure else GIVEN_BACK[one.given_back],
        cure_by=chinese(by) if by else "",
        lapses_on=chinese(one.lapses_on) if one.lapses_on else LASTS.get(one.lasts, one.lasts),
    )


def _said(rating: Rating) -> str:
    status = WORDS[rating.status]
    if rating.base is None:
        return f"没有等级，{status}"
    return f"{score_words(rating)} 分，{rating.grade} 级，{status}"
