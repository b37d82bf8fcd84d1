"""What inspectors find in the demo city, and the steps each matter has gone through."""

from datetime import date, timedelta
from random import Random

from scoring.facts import Event, Record, State

SMALL = ("S01", "T01", "F04", "C01", "A01", "I01")
ORDERED = ("F01", "F02", "T02", "C02", "H01", "L02")
PENALISED = ("A02", "L05")
# Every stage at which a penalty case may stand on the day a list is closed.
STAGES: tuple[tuple[State, ...], ...] = (
    (State.DISCOVERED,),
    (State.DISCOVERED, State.CONFIRMED),
    (State.DISCOVERED, State.DISMISSED),
    (State.DISCOVERED, State.CONFIRMED, State.DECIDED),
    (State.DISCOVERED, State.CONFIRMED, State.DECIDED, State.SERVED),
    (State.DISCOVERED, State.CONFIRMED, State.DECIDED, State.SERVED, State.FINAL),
    (State.DISCOVERED, State.CONFIRMED, State.DECIDED, State.SERVED, State.ANNULLED),
    (State.DISCOVERED, State.CONFIRMED, State.DISPUTED),
    (State.DISCOVERED, State.CONFIRMED, State.DISPUTED, State.DISPUTE_ENDED),
)
GAPS = {
    State.DISCOVERED: 0,
    State.CONFIRMED: 7,
    State.DISMISSED: 7,
    State.ORDERED: 10,
    State.PASSED: 35,
    State.FAILED: 45,
    State.DECIDED: 40,
    State.SERVED: 45,
    State.FINAL: 230,
    State.ANNULLED: 120,
    State.DISPUTED: 12,
    State.DISPUTE_ENDED: 30,
}


def events(seen_on: date, states: tuple[State, ...], until: date, number: str) -> tuple[Event, ...]:
    """The steps that have happened by `until`; orders and decisions carry a document number."""
    found = []
    for state in states:
        day = seen_on + timedelta(days=GAPS[state])
        if day > until:
            break
        papers = state in (State.ORDERED, State.DECIDED, State.SERVED)
        due = day + timedelta(days=30) if state is State.ORDERED else None
        found.append(Event(state=state, on=day, due_on=due, document_no=number if papers else ""))
    return tuple(found)


def small(random: Random, *, id: str, inspection: str, seen_on: date, until: date) -> Record:
    """A small fault, confirmed, ordered away and mostly cured."""
    end = State.PASSED if random.random() < 0.9 else State.FAILED
    states = (State.DISCOVERED, State.CONFIRMED, State.ORDERED, end)
    code = random.choice(SMALL if random.random() < 0.85 else ORDERED)
    number = f"甬教改〔{seen_on.year}〕{int(id[-7:-2])}号"
    return Record(
        id=id,
        kind="finding",
        code=code,
        seen_on=seen_on,
        inspection=inspection,
        events=events(seen_on, states, until, number),
    )


def penalty(*, id: str, code: str, stage: int, seen_on: date, until: date) -> Record:
    """A case for a penalty at one of the stages; only the final one may count."""
    states = STAGES[stage % len(STAGES)]
    steps = events(seen_on, states, until, f"甬教罚〔{seen_on.year}〕{int(id[-7:-2])}号")
    decided = any(step.state is State.DECIDED for step in steps)
    return Record(
        id=id,
        kind="decision" if decided else "finding",
        code=code,
        seen_on=seen_on,
        case=f"案{id}",
        events=steps,
    )
