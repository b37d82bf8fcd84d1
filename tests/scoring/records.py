"""Records, listings and institutions as a test tells them: only what differs is named."""

from collections.abc import Iterable
from datetime import date, timedelta

from msgspec import structs

from scoring import Facts
from scoring.facts import Event, Inspection, Listing, Record, State

ON = date(2026, 6, 30)


def record(id: str, code: str, seen: date, *steps: Event | State, **more: object) -> Record:
    """A finding with its steps; a state alone is of the day on which it was seen."""
    events = tuple(one if isinstance(one, Event) else Event(state=one, on=seen) for one in steps)
    values = {"kind": "finding", **more}
    return Record(id=id, code=code, seen_on=seen, events=events, **values)  # type: ignore[arg-type]


def confirmed(id: str, code: str, seen: date) -> Record:
    """A finding confirmed a week after it was seen."""
    return record(id, code, seen, Event(state=State.CONFIRMED, on=seen + timedelta(days=7)))


def small_faults(many: int) -> list[Record]:
    """Confirmed small faults of the day before."""
    seen = ON - timedelta(days=1)
    return [record(f"f{number}", "F", seen, State.CONFIRMED) for number in range(many)]


def proven(code: str, *states: State, id: str = "r", **more: object) -> Record:
    """A record with these steps, ten days apart, the last one yesterday."""
    first_day = ON - timedelta(days=1 + 10 * (len(states) - 1))
    steps = [
        Event(state=state, on=first_day + timedelta(days=10 * place))
        for place, state in enumerate(states)
    ]
    return record(id, code, first_day, *steps, **more)


def faults(codes: str, state: State = State.ORDERED) -> list[Record]:
    """One open fault for each letter, found two months ago, to be mended within the next."""
    seen = ON - timedelta(days=60)
    order = Event(state=state, on=seen, due_on=ON + timedelta(days=30))
    return [
        record(f"{number:02d}", code, seen, State.CONFIRMED, order)
        for number, code in enumerate(codes)
    ]


def overdue(fault: Record) -> Record:
    """The same fault, the term of whose order ended yesterday."""
    yesterday = ON - timedelta(days=1)
    events = tuple(structs.replace(one, due_on=yesterday) for one in fault.events)
    return structs.replace(fault, events=events)


def black(**changed: object) -> Listing:
    """A black listing of April with all its papers."""
    whole: dict[str, object] = {
        "id": "MD1",
        "list": "black",
        "ground": "F05",
        "reason": "恶意停业",
        "document_no": "甬教信〔2026〕1号",
        "organ": "教育局",
        "article": "第十七条",
        "decided_on": date(2026, 4, 2),
        "effective_on": date(2026, 4, 9),
        "until": date(2028, 4, 1),
        **changed,
    }
    return Listing(**whole)  # type: ignore[arg-type]


def sound(found: Iterable[Record], **more: object) -> Facts:
    """An institution that is rated, with these records."""
    inspections = (Inspection(id="i", kind="daily", on=date(2026, 1, 1)),)
    return Facts(institution="x", inspections=inspections, records=tuple(found), **more)  # type: ignore[arg-type]
