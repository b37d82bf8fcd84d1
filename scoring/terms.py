"""How long a penalty or a listing may be shown, from the day that determined it. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date

from msgspec import structs

from scoring.claims import claims, is_pending, mates_of, rule_of
from scoring.facts import Facts, Listing, Record, State
from scoring.policy import Policy
from scoring.rules import ONE_DAY, days_after, first, months_after, open_term

# 国办发〔2025〕22号 and 信用修复管理办法 (令36), in force 2026-04-01; the decree before it knew three years for all.
NEW_RULES = date(2026, 4, 1)
MAXIMUM = {"轻微": 3, "一般": 12, "严重": 36}
LONGEST = 36


def last_shown_day(case: Iterable[Record], facts: Facts, policy: Policy) -> date | None:
    """The last day on which a case with a decision may be shown; None while nothing ends it.

    The faults it punishes are shown no longer than the decision: one fact is one record. What the policy
    still counts is shown until it no longer does, for a rating rests on published facts alone.
    """
    mates = tuple(case)
    decided = [one for one in mates if one.kind == "decision"]
    if any(one.code in policy.forgiving and not _stays(one, policy) for one in mates):
        return None
    ends = [end for one in decided for end in _maxima(one, mates, policy)]
    if not ends:
        return None
    end, ids = max(ends), {one.id for one in mates}
    held = [one.until for one in claims(facts, policy, end + ONE_DAY) if one.record.id in ids]
    if None in held:
        return None
    return max([end, *(until for until in held if until is not None)])


def _maxima(decision: Record, mates: tuple[Record, ...], policy: Policy) -> Iterator[date]:
    """The last day by the class of each code of the case, from the day of the decision (认定之日)."""
    on = min((one.on for one in decision.events if one.state == State.DECIDED), default=None)
    if on is None:
        return
    for record in mates:
        yield last_day_of_class(record.code, on, policy)


def last_day_of_class(code: str, on: date, policy: Policy) -> date:
    """The last day on which a decision of a day may be shown by the class of a code."""
    classes = {rule.severity for rule in policy.rules.get(code, ())}
    # A code without a class is treated as the gravest, so that nothing ends too early.
    months = max((MAXIMUM.get(one, LONGEST) for one in classes), default=LONGEST)
    return months_after(on, months if on >= NEW_RULES else LONGEST) - ONE_DAY


def _stays(record: Record, policy: Policy) -> bool:
    """Whether a fault is shown on without its penalty: where the first of its kind costs nothing, one must
    know which was the first; that it was found is proven without the penalty."""
    if record.kind == "decision" or record.code not in policy.forgiving:
        return False
    return all(rule.gate in ("F", "O") for rule in policy.rules[record.code])


def _has_left(record: Record, facts: Facts, policy: Policy, on: date) -> bool:
    """Whether somebody is off a court's list, and nothing else rests on what was recorded of it."""
    if record.code in policy.forgiving or not any(
        policy.scale.ends_by_cure(one) for one in policy.rules.get(record.code, ())
    ):
        return False
    mates, passed = mates_of(record, facts), first(record.events, State.PASSED)
    if passed is None or passed.on > on:
        return False
    rule = rule_of(record, mates, policy)
    alone = all(one.kind == "finding" for one in (record, *mates))
    return alone and rule is not None and policy.scale.ends_by_cure(rule)


def _counted_out(facts: Facts, policy: Policy, on: date) -> set[str]:
    """The mended faults that nobody was punished for and that have counted as long as they do.

    What is no longer needed to derive a rating is published no longer (个人信息保护法 第十九条、
    浙江省公共信用信息管理条例 第十六条). A first fault stays where one must know which was the first.
    """
    if any(one.code not in policy.rules for one in facts.records):
        return set()  # by that policy nothing of them is known
    found = [one for one in facts.records if _may_end(one, facts, policy)]
    if not found:
        return set()
    standing = {one.record.id for one in claims(facts, policy, on)}
    return {one.id for one in found if one.id not in standing}


def _may_end(record: Record, facts: Facts, policy: Policy) -> bool:
    """Whether a fault is proven and mended, and nothing rests on it once it does not count."""
    if record.kind != "finding" or record.code in policy.forgiving or open_term(record):
        return False
    mates = mates_of(record, facts)
    rule = rule_of(record, mates, policy)
    if rule is None or rule.gate not in ("F", "O") or any(one.kind == "decision" for one in mates):
        return False
    return not is_pending(record, facts, policy)


def ended_on(listing: Listing) -> date:
    """The first day on which a listing no longer stands."""
    return min(listing.ended_on or date.max, days_after(listing.until, 1))


def shown(facts: Facts, policy: Policy, on: date) -> Facts:
    """The facts without what is over by a day: penalties, faults that count no more, listings, a court's too.

    The rating is the same with and without them. Where a policy counts afresh from the end of a listing,
    an ended one is shown as long as there is something before it that would count again.
    """
    gone = {one.id for case in ended_cases(facts, policy, on) for one in case}
    gone |= {one.id for one in facts.records if _has_left(one, facts, policy, on)}
    gone |= _counted_out(facts, policy, on)
    records = tuple(one for one in facts.records if one.id not in gone)
    listings = tuple(
        one for one in facts.listings if on < ended_on(one) or _restarts(one, records, policy)
    )
    if len(records) == len(facts.records) and len(listings) == len(facts.listings):
        return facts
    return structs.replace(facts, records=records, listings=listings)


def ended_cases(facts: Facts, policy: Policy, on: date) -> Iterator[tuple[Record, ...]]:
    """What is shown no longer on a day, by case: those with a decision whose term was over before it."""
    for case in cases_of(facts):
        last = last_shown_day(case, facts, policy)
        if last is not None and last < on:
            yield tuple(one for one in case if not _stays(one, policy))


def cases_of(facts: Facts) -> list[tuple[Record, ...]]:
    """The records of every case that has a decision; a decision without a case is one by itself."""
    found: dict[str, list[Record]] = {}
    for one in facts.records:
        if one.kind == "decision":
            found.setdefault(one.case or one.id, [])
    if not found:
        return []
    for one in facts.records:
        key = one.case or one.id
        if key in found:
            found[key].append(one)
    return [tuple(records) for records in found.values()]


def _restarts(listing: Listing, records: tuple[Record, ...], policy: Policy) -> bool:
    if not policy.scale.fresh_after_listing:
        return False
    end = ended_on(listing)
    return any(one.seen_on < end for one in records)
