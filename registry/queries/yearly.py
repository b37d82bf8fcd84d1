"""What a year's account counts in the register: visits, findings, cases, requests, and which terms were kept."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct
from sqlmodel import Session, col, func, select

from registry.queries.spot import MADE
from registry.queries.voided import stands
from registry.tables import Decision, Inspection, Licence, Listing, Matter, SpotPenalty, Step

# Which step answers a matter, after the one that opened it; the first of them is in the asker's favour.
ANSWERS: dict[str, tuple[str, ...]] = {
    "complaint": ("answer", "refer", "refuse"),
    "objection": ("uphold", "reject"),
    "repair": ("grant", "reject", "refuse"),
    "change": ("apply", "reject"),
}


class Kept(Struct, frozen=True, kw_only=True):
    """One term: from when, until when, and when it was met, if it was."""

    since: date
    due_on: date
    done_on: date | None


class Asked(Struct, frozen=True, kw_only=True):
    """Requests of one kind: carried over, received, how they ended, and their terms."""

    kind: str
    carried: int
    received: int
    outcomes: Mapping[str, int]
    withdrawn: int
    pending: int
    terms: tuple[Kept, ...]
    termless: int


class Formed(Struct, frozen=True, kw_only=True):
    """A record that came to be published: from which day its twenty working days run, and when it was recorded."""

    matter: str
    kind: str
    on: date
    recorded_at: datetime


class YearFacts(Struct, frozen=True, kw_only=True):
    """The year in the register; counts are of steps taken and visits made within it.

    `fine_fen` holds what was fined on the spot as well, which `spot_fine_fen` is by itself.
    """

    inspections: Mapping[str, int]
    inspected: int
    steps: Mapping[str, int]
    fine_fen: int
    spot_fine_fen: int
    confiscated_fen: int
    licences: int
    listed: Mapping[str, int]
    removed: Mapping[str, int]
    contested: int
    contests: Mapping[str, int]
    contests_open: int
    asked: tuple[Asked, ...]
    withdrawals: tuple[Kept, ...]
    served: tuple[Kept, ...]
    decided: tuple[Kept, ...]
    formed: tuple[Formed, ...]


Courses = dict[str, list[Step]]


def year_facts(session: Session, first: date, last: date) -> YearFacts:
    """Everything the register says of the days from `first` to `last`."""
    kinds = dict(session.exec(select(Matter.id, Matter.kind)).all())
    courses: Courses = defaultdict(list)
    for step in session.exec(
        select(Step).where(col(Step.on) <= last).order_by(Step.matter, col(Step.seq))
    ):
        courses[step.matter].append(step)
    by_kind: dict[str, Courses] = defaultdict(dict)
    for id, steps in courses.items():
        by_kind[kinds[id]][id] = steps
    days = (first, last)
    decided = [one.matter for one in _taken(by_kind["penalty"], days) if one.act == "decide"]
    on_the_spot = [one.matter for one in _taken(by_kind["spot"], days) if one.state in MADE]
    visits = session.exec(
        select(Inspection.kind, Inspection.institution).where(
            col(Inspection.on) >= first, col(Inspection.on) <= last, stands()
        )
    ).all()
    money = _money(session, decided)
    spot_fine_fen = _spot_fines(session, on_the_spot)
    lists = dict(session.exec(select(Listing.matter, Listing.list)).all())
    taken = _taken(courses, days)
    punished = by_kind["penalty"] | by_kind["spot"]
    contests = _contests(punished, days)
    return YearFacts(
        inspections=dict(sorted(Counter(kind for kind, _ in visits).items())),
        inspected=len({id for _, id in visits}),
        steps=dict(sorted(Counter(f"{kinds[one.matter]}.{one.act}" for one in taken).items())),
        fine_fen=money[0] + spot_fine_fen,
        spot_fine_fen=spot_fine_fen,
        confiscated_fen=money[1],
        licences=session.exec(
            select(func.count())
            .select_from(Licence)
            .where(
                col(Licence.since) >= first,
                col(Licence.since) <= last,
                col(Licence.replaces).is_(None),
            )
        ).one(),
        listed=_count(
            lists[one.matter]
            for one in taken
            if kinds[one.matter] == "listing" and one.state == "effective"
        ),
        removed=_count(
            one.act for one in taken if kinds[one.matter] == "listing" and one.state == "ended"
        ),
        contested=sum(one.act == "contest" for one in _taken(punished, days)),
        contests=contests,
        contests_open=sum(steps[-1].state == "contested" for steps in punished.values()),
        asked=tuple(_asked(kind, by_kind[kind], days) for kind in ANSWERS),
        withdrawals=_terms(by_kind["withdrawal"], days, "open", _ENDS_WITHDRAWAL),
        served=_terms(by_kind["penalty"], days, "decide", ("serve",)),
        decided=_terms(by_kind["penalty"], days, "file", ("decide",)),
        formed=tuple(_formed(by_kind, days)),
    )


_ENDS_WITHDRAWAL = ("recall", "replace", "find_none")


def _count(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def _taken(courses: Courses, days: tuple[date, date]) -> list[Step]:
    return [one for steps in courses.values() for one in steps if days[0] <= one.on <= days[1]]


def _money(session: Session, matters: Sequence[str]) -> tuple[int, int]:
    fines = confiscated = 0
    for at in range(0, len(matters), 500):
        rows = session.exec(
            select(Decision.fine_fen, Decision.confiscated_fen).where(
                col(Decision.matter).in_(matters[at : at + 500])
            )
        )
        for fine, taken in rows:
            fines, confiscated = fines + fine, confiscated + taken
    return fines, confiscated


def _spot_fines(session: Session, matters: Sequence[str]) -> int:
    return sum(
        fine
        for at in range(0, len(matters), 500)
        for fine in session.exec(
            select(SpotPenalty.fine_fen).where(col(SpotPenalty.matter).in_(matters[at : at + 500]))
        )
    )


def _contests(courses: Courses, days: tuple[date, date]) -> dict[str, int]:
    """How reviews and suits ended in the year: upheld, given up, or the decision annulled."""
    found: Counter[str] = Counter()
    for steps in courses.values():
        open_contest = False
        for one in steps:
            ends = open_contest and one.act in ("uphold", "uphold_finally", "give_up", "annul")
            if ends and days[0] <= one.on <= days[1]:
                found[one.act] += 1
            open_contest = one.state == "contested"
    return dict(sorted(found.items()))


def _asked(kind: str, courses: Courses, days: tuple[date, date]) -> Asked:
    first, last = days
    carried = received = withdrawn = pending = termless = 0
    outcomes: Counter[str] = Counter()
    terms = []
    for steps in courses.values():
        at = next(
            (at for at, one in enumerate(steps) if at and one.act in (*ANSWERS[kind], "withdraw")),
            None,
        )
        end = steps[at] if at is not None else None
        if end is not None and end.on < first:
            continue
        received += steps[0].on >= first
        carried += steps[0].on < first
        if end is None:
            pending += 1
        elif end.act == "withdraw":
            withdrawn += 1
            continue
        else:
            outcomes[end.act] += 1
        due = steps[(at or len(steps)) - 1].due_on
        termless += due is None
        # A term that still runs is neither kept nor missed.
        if due is not None and (end is not None or due < last):
            terms.append(Kept(since=steps[0].on, due_on=due, done_on=end.on if end else None))
    return Asked(
        kind=kind,
        carried=carried,
        received=received,
        outcomes=dict(sorted(outcomes.items())),
        withdrawn=withdrawn,
        pending=pending,
        terms=tuple(terms),
        termless=termless,
    )


def _terms(
    courses: Courses, days: tuple[date, date], begins: str, ends: Sequence[str]
) -> tuple[Kept, ...]:
    """The terms a step opened that were met in the year, or ran out in it unmet."""
    found = []
    for steps in courses.values():
        for at, one in enumerate(steps):
            if one.act != begins or one.due_on is None:
                continue
            done = next((late for late in steps[at + 1 :] if late.act in ends), None)
            over = done.on if done else one.due_on
            # What was dropped on the way, or still runs, is neither kept nor missed.
            dropped = done is None and len(steps) > at + 1 and steps[-1].state in _OVER
            runs = done is None and one.due_on >= days[1]
            if days[0] <= over <= days[1] and not dropped and not runs:
                found.append(
                    Kept(since=one.on, due_on=one.due_on, done_on=done.on if done else None)
                )
    return tuple(sorted(found, key=lambda one: (one.since, one.due_on)))


_OVER = ("dropped", "annulled", "dismissed")


def _formed(by_kind: Mapping[str, Courses], days: tuple[date, date]) -> Iterable[Formed]:
    """The decisions and listings that were there to be published from a day of the year on."""
    for kind, state in (("penalty", "final"), ("listing", "effective")):
        for id, steps in sorted(by_kind[kind].items()):
            there = next((one for one in steps if one.state == state), None)
            if there is not None and days[0] <= there.on <= days[1]:
                at = there.recorded_at
                yield Formed(matter=id, kind=kind, on=there.on, recorded_at=at)
