"""What a day should have said, knowing what came to light later; an act undone never was. Pure values."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Literal, TypeVar

from msgspec import Struct, structs

from scoring.assess import assess
from scoring.facts import Custody, Facts, Listing, Record, State
from scoring.policy import Policy
from scoring.rating import Rating
from scoring.rules import known

Fault = Literal["annulled", "dismissed", "late", "changed", "gone"]
Held = TypeVar("Held", Record, Listing)

_UNDONE: dict[State, Fault] = {State.DISMISSED: "dismissed", State.ANNULLED: "annulled"}
# What was printed of these must be withdrawn, whether it moved the rating or not.
_VOID = ("annulled", "dismissed", "gone")


class Cause(Struct, frozen=True, kw_only=True):
    """A record, a listing, or another field of the facts that was wrong; `on` is the day it was undone.

    `late` was recorded after the edition, `changed` is told otherwise today, `gone` is no longer known.
    A cause without a `record` names in `code` the field of the facts.
    """

    record: str = ""
    code: str
    fault: Fault
    on: date | None = None


class Wrong(Struct, frozen=True, kw_only=True):
    """One published rating, the rating that should have been, and by what the first was wrong."""

    institution: str
    published: Rating
    rightful: Rating
    causes: tuple[Cause, ...]

    @property
    def moved(self) -> bool:
        """Whether list, grade or score is another; else a void record was printed without effect."""
        return place(self.published) != place(self.rightful)


def undone(facts: Facts, knowing: date) -> tuple[Cause, ...]:
    """Every record and listing that was dismissed or annulled by a day, in order of number."""
    found = []
    for record in facts.records:
        ends = [one for one in record.events if one.state in _UNDONE and one.on <= knowing]
        if ends:
            end = min(ends, key=lambda one: one.on)
            fault = _UNDONE[end.state]
            found.append(Cause(record=record.id, code=record.code, fault=fault, on=end.on))
    for one in facts.listings:
        if one.annulled and one.ended_on is not None and one.ended_on <= knowing:
            found.append(Cause(record=one.id, code=one.ground, fault="annulled", on=one.ended_on))
    return tuple(sorted(found, key=lambda one: one.record))


def struck(facts: Facts, void: Iterable[Cause]) -> Facts:
    """The facts as if the records and listings named had never been.

    What is undone is void from the start, and what was published of it is withdrawn: 行政处罚法 第四十八条.
    """
    gone = {one.record for one in void}
    return structs.replace(
        facts,
        records=tuple(one for one in facts.records if one.id not in gone),
        listings=tuple(one for one in facts.listings if one.id not in gone),
    )


def with_hindsight(facts: Facts, on: date, knowing: date) -> Facts:
    """The facts of a day as one must see them knowing everything up to another.

    What was dismissed or annulled by then never was; everything else is as on the day.
    """
    return known(struck(facts, undone(facts, knowing)), min(on, knowing))


def is_as_printed(printed: Facts, seen: Facts, on: date) -> bool:
    """Whether the facts of a day, seen later, say nothing that was not printed of that day.

    A custody report made since hides the one before it, so where that is all, the print stands.
    """
    return printed == structs.replace(
        seen,
        licences=tuple(one for one in seen.licences if one.since <= on),
        registrations=tuple(one for one in seen.registrations if one.since <= on),
        covers=tuple(one for one in seen.covers if one.since <= on),
        custody=tuple(_reported(one, printed) for one in seen.custody if one.since <= on),
    )


def compare(
    published: Rating, printed: Facts, seen: Facts, policy: Policy, void: Iterable[Cause]
) -> Wrong | None:
    """What is wrong with a published rating, given the facts of its day as they are seen now.

    None when list, grade and score stand and nothing void was printed. A cause is named when it is
    void, or when the rating would be another without it. Raises PolicyError as `assess` does.
    """
    rightful = assess(seen, policy, published.on)
    moved = place(published) != place(rightful)
    causes = tuple(_causes(printed, seen, void))
    told = tuple(one for one in causes if one.fault in _VOID)
    if not moved and not told:
        return None

    def decides(one: Cause) -> bool:
        without = assess(_reverted(seen, printed, one), policy, published.on)
        return place(without) != place(rightful)

    if moved:
        # Two causes may each be enough, so that neither decides alone; then both are named.
        told = tuple(one for one in causes if one in told or decides(one)) or causes
    return Wrong(
        institution=printed.institution, published=published, rightful=rightful, causes=told
    )


def place(rating: Rating) -> tuple[str, str, Decimal | None, Decimal | None, Decimal | None]:
    """Where a rating puts an institution: list, grade and score, or the ends of what it may be."""
    return rating.status, rating.grade, rating.score, rating.score_from, rating.score_to


def _reported(account: Custody, printed: Facts) -> Custody:
    """The account with the report that was printed, where none up to the day is left to be seen."""
    if account.reported_on is not None:
        return account
    for one in printed.custody:
        if (one.bank, one.since) == (account.bank, account.since):
            return structs.replace(account, reported_on=one.reported_on)
    return account


def _causes(printed: Facts, seen: Facts, void: Iterable[Cause]) -> Iterator[Cause]:
    """Everything in which the facts differ from the print, field by field."""
    by_record = {one.record: one for one in void}
    for field in Facts.__struct_fields__:
        before, after = getattr(printed, field), getattr(seen, field)
        if field == "records":
            yield from _differing(before, after, by_record, lambda one: one.code)
        elif field == "listings":
            yield from _differing(before, after, by_record, lambda one: one.ground)
        elif before != after:
            yield Cause(code=field, fault="changed")


def _differing(
    printed: tuple[Held, ...],
    seen: tuple[Held, ...],
    void: dict[str, Cause],
    code: Callable[[Held], str],
) -> Iterator[Cause]:
    before, after = ({one.id: one for one in side} for side in (printed, seen))
    for id in sorted(before.keys() | after.keys()):
        if id not in after:
            yield void.get(id, Cause(record=id, code=code(before[id]), fault="gone"))
        elif id not in before:
            yield Cause(record=id, code=code(after[id]), fault="late")
        elif before[id] != after[id]:
            yield Cause(record=id, code=code(after[id]), fault="changed")


def _reverted(seen: Facts, printed: Facts, cause: Cause) -> Facts:
    """The facts as seen now, but for one cause, which stays as it was printed."""
    if not cause.record:
        return structs.replace(seen, **{cause.code: getattr(printed, cause.code)})
    return structs.replace(
        seen,
        records=_put_back(seen.records, printed.records, cause.record),
        listings=_put_back(seen.listings, printed.listings, cause.record),
    )


def _put_back(seen: tuple[Held, ...], printed: tuple[Held, ...], id: str) -> tuple[Held, ...]:
    kept = tuple(one for one in seen if one.id != id)
    return kept + tuple(one for one in printed if one.id == id)
