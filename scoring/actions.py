"""What an institution can do about its rating today, and the facts as they would be then."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

from msgspec import Struct, structs

from scoring.assess import rated_on
from scoring.claims import is_first, mates_of, rule_of
from scoring.conditions import CLASSES, binds, insured, unprotected
from scoring.facts import Cover, Custody, Event, Facts, Record, State, Term
from scoring.policy import CoverClass, Indicator, Policy, WhiteCondition
from scoring.rules import first, known, months_after, open_term, undone
from scoring.words import EXIT

Kind = Literal["pass", "licence", "registration", "platform", "custody", "cover"]
YEAR = 12
ENOUGH_FEN = 10**15


class Action(Struct, frozen=True, kw_only=True):
    """One thing an institution can do, to a record or to a class of insurance.

    `helps` names the records whose points, limit or growth it changes, `by` is the last day on which it
    gives points back; a limit or a growth it ends on any day, and a cure that helps none still ends a delay.
    """

    kind: Kind
    title: str
    record: str = ""
    cover_class: CoverClass = "premises"
    helps: tuple[str, ...] = ()
    by: date | None = None


def actions(facts: Facts, policy: Policy, on: date) -> tuple[Action, ...]:
    """Everything within the institution's power today; what can have no effect is not among them."""
    facts = known(facts, on)
    rating = rated_on(facts, policy, on)
    counted = {one.record for one in rating.reasons}
    failed = {one.code for one in rating.conditions if not one.met}
    found = [*_cures(facts, policy, counted, on)]
    for rule in policy.white:
        if rule.kind in failed and binds(rule, facts.kind):
            found += _duties(facts, rule, on)
    return tuple(dict.fromkeys(found))


def after(facts: Facts, chosen: Sequence[Action], on: date) -> Facts:
    """The facts as they would be with the actions done today."""
    for one in chosen:
        facts = _done(facts, one, on)
    return facts


def interchangeable(facts: Facts, policy: Policy, possible: Sequence[Action]) -> list[list[Action]]:
    """The actions in classes of which any member does as well as any other."""
    records = {one.id: one for one in facts.records}
    classes: dict[object, list[Action]] = defaultdict(list)
    for one in possible:
        record = records.get(one.record)
        key: object = (one.kind, one.cover_class, one.record)
        if record is not None and not record.case and not _has_order(record, policy):
            # The same fault on the same days: only the number of those cured matters.
            key = structs.replace(record, id="", inspection="", statement="")
        classes[key].append(one)
    return list(classes.values())


def _has_order(record: Record, policy: Policy) -> bool:
    """Whether it matters which of several equal faults came first."""
    return any(one.forgives_first for one in policy.rules.get(record.code, ()))


def _cures(facts: Facts, policy: Policy, counted: set[str], on: date) -> Iterator[Action]:
    """Records a re-inspection passed today would cure: their points, their limit or their delay."""
    decisions: dict[str, list[Record]] = defaultdict(list)
    for one in facts.records:
        if one.case and one.kind == "decision" and one.id in counted:
            decisions[one.case].append(one)
    for one in facts.records:
        if one.kind == "commendation" or undone(one) or first(one.events, State.PASSED):
            continue
        if one.kind == "decision":
            continue  # what is mended and seen again is the fault, not the paper that punishes it
        near = [one, *decisions[one.case]] if one.case else [one]
        near = [r for r in near if r.id in counted]
        term, due = _term(one), open_term(one)
        in_term = term is None or on <= term
        restored = [r for r in near if in_term and _restores(r, facts, policy, on)]
        helps = tuple(r.id for r in near if r in restored or _changes(r, facts, policy))
        if helps or (due is not None and on > due):
            yield Action(
                kind="pass",
                record=one.id,
                title=_cure(one, facts, policy, helps),
                helps=helps,
                by=term if restored else None,
            )


def _cure(fault: Record, facts: Facts, policy: Policy, helps: Sequence[str]) -> str:
    """What a cure is called; of a court's listing it is the exit from it."""
    note = "" if helps else "（期限已过，只消除逾期）"
    if policy.scale.ends_by_cure(_rule(fault, facts, policy)):
        return f"{EXIT}{note}"
    return f"整改“{policy.by_code[fault.code].title}”并复查合格{note}"


def _restores(record: Record, facts: Facts, policy: Policy, on: date) -> bool:
    """Whether a cure in its term gives points back, which a later one does not."""
    rule = _rule(record, facts, policy)
    if rule.restore != "none":
        return not policy.scale.ends_by_cure(rule)
    return rule.forgives_first and is_first(record, facts, policy, on)


def _changes(record: Record, facts: Facts, policy: Policy) -> bool:
    """Whether a cure, whenever it comes, ends what a record costs, its limit or its growth."""
    rule = _rule(record, facts, policy)
    ends = policy.scale.ends_by_cure(rule) or rule.limit_ends_when_passed
    return ends or rule.grows_by is not None


def _rule(record: Record, facts: Facts, policy: Policy) -> Indicator:
    return rule_of(record, mates_of(record, facts), policy) or policy.by_code[record.code]


def _term(record: Record) -> date | None:
    """The last day on which passing restores: the term of the first order."""
    order = first(record.events, State.ORDERED)
    return order.due_on if order else None


def _duties(facts: Facts, rule: WhiteCondition, on: date) -> Iterator[Action]:
    """What meets a failed condition of the white list."""
    titles: dict[str, tuple[Kind, str]] = {
        "licence": ("licence", "取得或者续办办学许可证"),
        "registration": ("registration", "办理或者续办法人登记"),
        "platform": ("platform", "纳入全国监管平台"),
        "custody": ("custody", "开立预收费监管专户，由银行报送余额"),
    }
    if rule.kind in titles:
        kind, title = titles[rule.kind]
        yield Action(kind=kind, title=title)
    elif rule.kind == "cover":
        least = rule.sum_at_least or 0
        sound = [one for one in facts.covers if insured(one, on) and one.sum_fen >= least]
        for one in rule.classes:
            if unprotected(sound, one) != ():
                yield Action(kind="cover", cover_class=one, title=f"投保{CLASSES[one]}保险")


def _done(facts: Facts, action: Action, on: date) -> Facts:
    year = months_after(on, YEAR)
    if action.kind == "pass":
        records = tuple(
            structs.replace(one, events=(*one.events, Event(state=State.PASSED, on=on)))
            if one.id == action.record
            else one
            for one in facts.records
        )
        return structs.replace(facts, records=records)
    if action.kind == "licence":
        return structs.replace(facts, licences=(*facts.licences, Term(since=on, until=year)))
    if action.kind == "registration":
        terms = (*facts.registrations, Term(since=on, until=year))
        return structs.replace(facts, registrations=terms)
    if action.kind == "platform":
        return structs.replace(facts, on_platform=True)
    if action.kind == "custody":
        account = Custody(bank="", since=on, reported_on=on)
        return structs.replace(facts, custody=(*facts.custody, account))
    # As much as any rule could ask: the institution insures what the city demands.
    cover = Cover(cover_class=action.cover_class, since=on, until=year, sum_fen=ENOUGH_FEN)
    return structs.replace(facts, covers=(*facts.covers, cover))
