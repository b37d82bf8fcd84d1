"""The portal's reckoning: what each action would do, which few reach a goal, and what time does."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from msgspec import Struct

from scoring import Facts, Policy, Rating
from scoring.repair import Action, Plan, actions, smallest, timeline, what_if
from scoring.telling import chinese, number

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
    """The fewest actions that reach something, or the word that they do not."""

    title: str
    steps: tuple[str, ...]
    leads_to: str


class Repair(Struct, frozen=True, kw_only=True):
    """Everything the portal says about repair."""

    choices: tuple[Choice, ...]
    chosen: str
    goals: tuple[Goal, ...]
    turns: tuple[tuple[str, str], ...]


def repair_of(facts: Facts, policy: Policy, rating: Rating, tried: frozenset[str]) -> Repair:
    """What can be done about a rating today; `tried` names the ticked actions."""
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
        goals=tuple(_goals(facts, policy, rating)),
        turns=tuple(_turns(timeline(facts, policy, on))),
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
            yield chinese(after.on), f"{_said(after)}。{fresh}"


def _goals(facts: Facts, policy: Policy, rating: Rating) -> list[Goal]:
    found = []
    grades = [one.grade for one in policy.bands]
    if rating.next_grade:
        better = grades[: grades.index(rating.next_grade) + 1]
        found.append(
            _goal(
                facts, policy, rating, f"升到 {rating.next_grade} 级", lambda r: r.grade in better
            )
        )
    if rating.status == "none" and policy.white:
        found.append(
            _goal(facts, policy, rating, "符合白名单的全部条件", lambda r: r.status == "white")
        )
    return found


def _goal(
    facts: Facts, policy: Policy, rating: Rating, title: str, reached: Callable[[Rating], bool]
) -> Goal:
    plan: Plan | None = smallest(facts, policy, rating.on, reached)
    if plan is None:
        return Goal(title=title, steps=(), leads_to="")
    return Goal(
        title=title,
        steps=tuple(one.title for one in plan.actions),
        leads_to=_said(plan.rating),
    )


def _said(rating: Rating) -> str:
    status = WORDS[rating.status]
    if rating.score is None:
        return f"没有等级，{status}"
    return f"{number(rating.score)} 分，{rating.grade} 级，{status}"
