"""Institutions, each with the policy that rates it, that between them hold every sort of line."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from scoring import Facts, Policy, load_policy
from scoring.facts import Event, Inspection, Measure, Record, State
from tests.scoring import records
from tests.scoring.records import sound
from tests.scoring.strategies import POLICY, STANDING, policy_of

HERE = Path(__file__).parent
FHRS = load_policy((HERE / "authorities/fhrs/policy-2010.toml").read_bytes())
CONFIRMED, ORDERED, PASSED = State.CONFIRMED, State.ORDERED, State.PASSED


def day(text: str) -> date:
    """A day of 2026, as month-day."""
    return date.fromisoformat(f"2026-{text}")


def record(id: str, code: str, seen: str, *steps: tuple[State, str], **more: object) -> Record:
    """A record of 2026 with its steps; an order is to be obeyed within thirty days."""
    events = []
    for state, on in steps:
        due = date.fromordinal(day(on).toordinal() + 30) if state == ORDERED else None
        events.append(Event(state=state, on=day(on), due_on=due))
    return records.record(id, code, day(seen), *events, **more)


EVERYTHING = [
    record(
        "a1",
        "F",
        "05-06",
        (CONFIRMED, "05-15"),
        extent=2,
        inspection="i",
        statement="疏散通道堆物",
    ),
    record("a2", "F", "05-20", (CONFIRMED, "06-01"), (State.DISPUTED, "06-20"), extent=2),
    record("a3", "F", "05-21", (CONFIRMED, "06-02"), (ORDERED, "06-02"), (PASSED, "06-20")),
    record("b1", "O", "03-01", (CONFIRMED, "03-08"), (ORDERED, "03-10"), (PASSED, "04-01")),
    record("b2", "O", "03-02", (CONFIRMED, "03-08"), (ORDERED, "03-11"), (PASSED, "04-11")),
    record("c1", "F", "04-01", (CONFIRMED, "04-08"), case="案"),
    record(
        "c2",
        "J",
        "04-01",
        (State.DECIDED, "05-01"),
        (State.FINAL, "06-25"),
        case="案",
        kind="decision",
    ),
    record("m1", "M", "04-01", (ORDERED, "04-15")),
    record("n1", "I", "02-01", (CONFIRMED, "02-08"), (PASSED, "03-01")),
    record("v1", "V", "06-01", (ORDERED, "06-05")),
    record("y1", "Y", "06-01", (ORDERED, "06-05")),
    record("t1", "T", "01-01", (CONFIRMED, "01-05")),
    record("e1", "B", "01-01", (CONFIRMED, "01-05"), extent=3, kind="commendation"),
]
MARKING = load_policy(
    STANDING.replace(
        "[unrated]",
        "[unrated]\nclasses = [{ grade = 'M', title = '没有收入', record = 'Z', from = 70 }]",
    )
    .replace(
        "[[groups]]",
        "[[indicators]]\ncode = 'Z'\ntitle = '当年没有收入'\npoints = 0\nmonths = 12\n"
        "reference = { document = '法', article = '第十三条' }\n[[groups]]",
    )
    .encode()
)


def measured(hygiene: int) -> Facts:
    """A place with the three sub-scores of one visit."""
    values = {"hygiene": hygiene, "structure": 0, "management": 0}
    measures = tuple(Measure(code=code, value=Decimal(value)) for code, value in values.items())
    visit = Inspection(id="v", kind="routine", on=day("03-02"), measures=measures)
    return Facts(institution="x", inspections=(visit,))


UNVISITED = Facts(
    institution="x",
    inspections=(Inspection(id="i", kind="daily", on=date(2025, 1, 1)),),
)
FROZEN: dict[str, tuple[Facts, Policy]] = {
    "everything": (sound(EVERYTHING), POLICY),
    "by-year": (sound(EVERYTHING), policy_of("yearly")),
    "range": (sound(EVERYTHING[1:3]), policy_of("unknown")),
    "range-of-one-grade": (sound(EVERYTHING), policy_of("unknown")),
    "measures": (measured(10), FHRS),
    "no-visit": (UNVISITED, POLICY),
    "new": (sound(EVERYTHING[:1], opened_on=day("05-01")), POLICY),
    "proposed": (
        sound([record("p1", "P", "01-05", (State.DECIDED, "02-01"), (State.FINAL, "05-01"))]),
        POLICY,
    ),
    "clean": (sound([]), POLICY),
    "measures-at-the-limit": (measured(5), FHRS),
    "last-day-and-first-day-over": (
        sound(
            [
                record("o1", "O", "05-25", (ORDERED, "05-31")),
                record("o2", "O", "05-25", (ORDERED, "05-30")),
            ]
        ),
        POLICY,
    ),
    "marked": (
        sound(
            [
                record("z1", "Z", "05-25", (CONFIRMED, "05-31")),
                record("f1", "F", "05-25", (CONFIRMED, "05-31")),
            ]
        ),
        MARKING,
    ),
}
