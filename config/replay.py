"""A draft policy over the register and its past months."""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from msgspec import Struct

from config.progress import Report
from config.register import open_register
from config.settings import Settings, load_policies
from publisher.pages.words import TAGS
from registry import queries
from registry.database import reading
from scoring import Rating, in_force, load_policy
from scoring.replay import Move, replay

HEADS = ("日期", "机构编号", "现办法", "草案", "规则的差别")


class Replayed(Struct, frozen=True, kw_only=True):
    """What a draft would change: per day, how many of how many move, from what to what, and who."""

    on: date
    institutions: int
    moves: tuple[Move, ...]

    def paths(self) -> list[tuple[str, int]]:
        """From what to what, the most trodden first."""
        found = Counter(f"{place(one.before)} → {place(one.after)}" for one in self.moves)
        return found.most_common()


def replay_policy(
    settings: Settings, draft: Path, last: date, months: int, report: Report
) -> list[Replayed]:
    """The draft on a day and at the ends of the months before it, the oldest first."""
    new = load_policy(draft.read_bytes())
    policies = [load_policy(one) for one in load_policies(settings)]
    engine = open_register(settings)
    found = []
    for done, on in enumerate(_days(last, months), 1):
        with reading(engine) as session:
            facts = [file.facts for file in queries.credit_files(session, on)]
        known = [one for one in facts if one.opened_on is None or one.opened_on <= on]
        moves = replay(known, in_force(policies, on), new, on)
        found.append(Replayed(on=on, institutions=len(known), moves=moves))
        report("重放", done, months)
    engine.dispose()
    return found


def place(rating: Rating) -> str:
    """A rating's list and grade in words."""
    return f"{TAGS[rating.status]} {rating.grade}"


def rows(found: list[Replayed]) -> Iterator[tuple[str, ...]]:
    """Every move as a row of text."""
    for one in found:
        for move in one.moves:
            shifts = "；".join(
                f"{shift.code}：{shift.before or '无'} → {shift.after or '无'}"
                for shift in move.shifts
            )
            yield str(one.on), move.institution, _said(move, 0), _said(move, 1), shifts


def _said(move: Move, side: int) -> str:
    rating = (move.before, move.after)[side]
    score = "" if rating.score is None else f" {rating.score} 分"
    return f"{place(rating)}{score}"


def _days(last: date, months: int) -> list[date]:
    """The day itself and the ends of the months before."""
    days = [last]
    year, month = last.year, last.month
    for _ in range(months - 1):
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
        days.append(date(year, month, monthrange(year, month)[1]))
    return days[::-1]
