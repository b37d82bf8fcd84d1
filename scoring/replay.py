"""A draft policy beside the one in force: who would move, from what to what, by which rule."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from msgspec import Struct

from scoring.assess import assess
from scoring.errors import PolicyError, Problem
from scoring.facts import Facts
from scoring.hindsight import place
from scoring.policy import Policy
from scoring.rating import Rating
from scoring.words import number, points, score_words

SHOWN = 20
ZERO = Decimal(0)
BASE = "基础分"
CONDITION = "条件 "
BANDS = "等级界线"
Counts = Literal["points", "met", ""]
Seat = tuple[str, str]


class Shift(Struct, frozen=True, kw_only=True):
    """One rule that makes the difference for one institution, as it was and as it would be.

    It `counts` points, or whether a condition of the white list is met, or has only its words.
    """

    code: str
    before: str
    after: str
    counts: Counts = ""
    was: Decimal = ZERO
    would_be: Decimal = ZERO


class Move(Struct, frozen=True, kw_only=True):
    """One institution whose list, grade or score would be another."""

    institution: str
    on: date
    before: Rating
    after: Rating
    shifts: tuple[Shift, ...]

    @property
    def moves(self) -> Literal["list", "grade", "score"]:
        """The greatest thing that would be another."""
        if self.before.status != self.after.status:
            return "list"
        return "grade" if self.before.grade != self.after.grade else "score"


class Cell(Struct, frozen=True, kw_only=True):
    """How many go from one list and grade to another, or stay where they are."""

    before: Seat
    after: Seat
    institutions: int


class Part(Struct, frozen=True, kw_only=True):
    """What one rule does among those who move: how many it touches, and its sums before and after.

    The sums are of points, or of institutions that meet a condition of the white list.
    """

    code: str
    counts: Counts
    institutions: int
    before: Decimal
    after: Decimal


class Replay(Struct, frozen=True, kw_only=True):
    """One day under both policies: everyone in the table, and those who move one by one.

    Of them `ungraded` lose a grade they had, and `graded` get one they did not have.
    """

    on: date
    old: str
    new: str
    institutions: int
    table: tuple[Cell, ...]
    parts: tuple[Part, ...]
    moves: tuple[Move, ...]
    ungraded: int
    graded: int


class Uncovered(PolicyError):
    """Records for which a policy has no rule: every code with its records, all at once."""

    def __init__(
        self, records: Mapping[tuple[str, str], Collection[str]], others: Iterable[Problem] = ()
    ) -> None:
        self.records = records
        self.others = tuple(others)
        super().__init__([*(_lacking(*one) for one in sorted(records.items())), *self.others])


class Lacks:
    """What the policies have no rule for, gathered over many institutions."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], set[str]] = {}
        self._others: dict[Problem, None] = {}

    def note(
        self, refused: PolicyError, facts: Facts, policies: Sequence[Policy], on: date
    ) -> None:
        """Keeps why one institution could not be rated on a day."""
        lacking = dict(_without_rule(facts, policies, on))
        for key, ids in lacking.items():
            self._records.setdefault(key, set()).update(ids)
        if not lacking:
            self._others |= dict.fromkeys(refused.problems)

    def refuse(self) -> None:
        """Raises Uncovered with all of it at once; does nothing where nothing was noted."""
        if self._records or self._others:
            raise Uncovered(self._records, self._others)


def replay(facts: Iterable[Facts], old: Policy, new: Policy, on: date) -> Replay:
    """Everyone on a day under both policies; raises Uncovered for all records without a rule."""
    found: list[tuple[Rating, Rating]] = []
    lacks = Lacks()
    for one in facts:
        try:
            found.append((assess(one, old, on), assess(one, new, on)))
        except PolicyError as refused:
            lacks.note(refused, one, (old, new), on)
    lacks.refuse()
    moves = tuple(_move(*pair) for pair in found if place(pair[0]) != place(pair[1]))
    return Replay(
        on=on,
        old=old.id,
        new=new.id,
        institutions=len(found),
        table=tuple(_cells(found)),
        parts=tuple(_parts(moves)),
        moves=moves,
        ungraded=sum(a.base is not None and b.base is None for a, b in found),
        graded=sum(a.base is None and b.base is not None for a, b in found),
    )


def _without_rule(
    facts: Facts, policies: Iterable[Policy], on: date
) -> Iterator[tuple[tuple[str, str], set[str]]]:
    for policy in policies:
        for code in {one.code for one in facts.records} - policy.by_code.keys():
            ids = {one.id for one in facts.records if one.code == code and one.seen_on <= on}
            # A policy that adds up measures needs no rule for any record.
            if ids and policy.scale.made_of != "measures":
                yield (policy.id, code), ids


def _lacking(key: tuple[str, str], ids: Collection[str]) -> Problem:
    policy, code = key
    shown = "、".join(sorted(ids)[:SHOWN])
    more = f"等 {len(ids)} 条" if len(ids) > SHOWN else ""
    sentence = f"没有编码“{code}”，登记册里有 {len(ids)} 条记录用它（{shown}{more}）"
    return Problem(place=f"{policy} indicators", sentence=f"{sentence}。请补上这一项，或者更正记录")


def _move(before: Rating, after: Rating) -> Move:
    return Move(
        institution=before.institution,
        on=before.on,
        before=before,
        after=after,
        shifts=_shifts(before, after),
    )


def _cells(found: Iterable[tuple[Rating, Rating]]) -> Iterator[Cell]:
    """From what to what, the most trodden first."""
    many = Counter(((a.status, a.grade), (b.status, b.grade)) for a, b in found)
    for (before, after), count in sorted(many.items(), key=lambda one: (-one[1], one[0])):
        yield Cell(before=before, after=after, institutions=count)


def _parts(moves: Iterable[Move]) -> Iterator[Part]:
    """Every rule that makes a difference, the one that touches most first."""
    shifts: dict[tuple[str, Counts], list[Shift]] = {}
    for move in moves:
        for one in move.shifts:
            shifts.setdefault((one.code, one.counts), []).append(one)
    for (code, counts), some in sorted(shifts.items(), key=lambda one: (-len(one[1]), one[0])):
        yield Part(
            code=code,
            counts=counts,
            institutions=len(some),
            before=sum((one.was for one in some), ZERO),
            after=sum((one.would_be for one in some), ZERO),
        )


class _Said(NamedTuple):
    """What one rule says in one rating."""

    words: str
    counts: Counts = ""
    amount: Decimal = ZERO


def _shifts(before: Rating, after: Rating) -> tuple[Shift, ...]:
    """Every rule whose part in the two ratings differs, in order of code."""
    was, will = _said(before), _said(after)
    if before.base is None or after.base is None:
        # Whoever has no grade has no base either; why there is none is told anyway.
        was.pop(BASE, None)
        will.pop(BASE, None)
    codes = [code for code in sorted(was | will) if was.get(code) != will.get(code)]
    if before.grade != after.grade and all(code.startswith(CONDITION) for code in codes):
        # Nothing else tells the grades apart, so the bands do.
        codes.append(BANDS)
        was[BANDS], will[BANDS] = _Said(before.grade), _Said(after.grade)
    nothing = _Said("")
    return tuple(
        Shift(
            code=code,
            before=was.get(code, nothing).words,
            after=will.get(code, nothing).words,
            counts=(was.get(code) or will[code]).counts,
            was=was.get(code, nothing).amount,
            would_be=will.get(code, nothing).amount,
        )
        for code in codes
    )


def _said(rating: Rating) -> dict[str, _Said]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    limits: dict[str, str] = {}
    for one in rating.reasons:
        sums[one.code] += one.points
        if one.limits_grade_to:
            limits[one.code] = f"，最高 {one.limits_grade_to}"
    said = {
        code: _Said(f"{points(value)}{limits.get(code, '')}", "points", value)
        for code, value in sums.items()
        if value or code in limits
    }
    for condition in rating.conditions:
        # By its title, for a policy may have several of one kind; of two the one that fails decides.
        code = f"{CONDITION}{condition.title}"
        if condition.met and said.get(code, _Said("符合")).words == "符合":
            said[code] = _Said("符合", "met", Decimal(1))
        else:
            said[code] = _Said("不符合", "met")
    if rating.base is not None:
        said[BASE] = _Said(number(rating.base), "points", rating.base)
    if rating.score is None and rating.score_from is not None:
        said["不详的部分"] = _Said(score_words(rating))
    if rating.not_rated_because:
        said["未评"] = _Said(rating.not_rated_because)
    return said
