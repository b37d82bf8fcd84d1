"""The year's account (政府信息公开条例 第四十九、五十条): figures, targets met and missed, as values."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Literal

from msgspec import Struct

from publisher.data import WORDS

UNKNOWN = "未统计"
# The clock releases in its first minute after the hour, and may wait for another node's work.
PUNCTUAL = timedelta(minutes=3)
Verdict = Literal["met", "missed", "not_measured"]
VERDICTS: dict[Verdict, str] = {"met": "达到", "missed": "没有达到", "not_measured": "未衡量"}
LISTS = tuple(WORDS)


class Figure(Struct, frozen=True, kw_only=True):
    """One number with its name; what nobody counted is None, and never nought."""

    label: str
    value: int | None
    unit: str = ""
    note: str = ""

    @property
    def said(self) -> str:
        """The number as it is printed."""
        return UNKNOWN if self.value is None else f"{self.value:,}{self.unit}"


class Section(Struct, frozen=True, kw_only=True):
    """Figures under one heading."""

    title: str
    figures: tuple[Figure, ...]
    note: str = ""


class Target(Struct, frozen=True, kw_only=True):
    """One line of the 成绩单: the target, its source, what was measured, and whether it was met."""

    what: str
    basis: str
    measured: str
    verdict: Verdict

    @property
    def word(self) -> str:
        """The verdict in a word."""
        return VERDICTS[self.verdict]


class Release(Struct, frozen=True, kw_only=True):
    """One edition of the year: when it was due and came, its counts; one never released has no day."""

    name: str
    label: str
    due_at: datetime | None
    released_at: datetime | None
    digest: str = ""
    counts: dict[str, int] = {}
    withdrawn: int = 0

    @property
    def late(self) -> timedelta | None:
        """How long after its hour it came, negative for before; None where there was no hour or no edition."""
        if self.due_at is None or self.released_at is None:
            return None
        return self.released_at - self.due_at

    @property
    def is_late(self) -> bool:
        """Whether it came after its hour by more than a release takes."""
        return self.late is not None and self.late >= PUNCTUAL

    @property
    def punctuality(self) -> str:
        """Early or late, in hours."""
        if self.due_at is None:
            return "增补，随时发布"
        if self.late is None:
            return "没有发布"
        if abs(self.late) < PUNCTUAL:
            return "准时"
        hours = abs(self.late.total_seconds()) / 3600
        return f"{'晚' if self.is_late else '早'} {hours:.1f} 小时"


class Year(Struct, frozen=True, kw_only=True):
    """What `report.json` holds; `as_of` is the last day counted, `whole` whether the year was over."""

    year: int
    organ: str
    title: str
    fictional: bool
    as_of: date
    whole: bool
    sections: tuple[Section, ...]
    releases: tuple[Release, ...]
    targets: tuple[Target, ...]
    problems: tuple[str, ...]
    corrects: str = ""
    because: str = ""


class Term(Struct, frozen=True, kw_only=True):
    """One term and when it was met, if it was."""

    due_on: date
    done_on: date | None

    @property
    def kept(self) -> bool:
        """Whether it was met in time."""
        return self.done_on is not None and self.done_on <= self.due_on


def term_target(
    what: str, basis: str, terms: Sequence[Term], unmeasured: int = 0, days: Iterable[int] = ()
) -> Target:
    """A target that every term be kept; `unmeasured` had none, `days` are the working days each took."""
    left = f"，另有 {unmeasured} 件没有登记期限" if unmeasured else ""
    if not terms:
        said = f"{unmeasured} 件都没有登记期限" if unmeasured else "本年没有这样的事项"
        return Target(what=what, basis=basis, measured=said, verdict="not_measured")
    kept = sum(one.kept for one in terms)
    took = sorted(days)
    told = f"，用时 {took[0]} 至 {took[-1]} 个工作日" if took else ""
    return Target(
        what=what,
        basis=basis,
        measured=f"{len(terms)} 件中 {kept} 件按期{told}{left}",
        verdict="met" if kept == len(terms) else "missed",
    )


def release_target(releases: Sequence[Release], basis: str) -> Target:
    """The target that every month's edition come out by its hour."""
    what = "每月名单按公布的日期和时刻发布"
    due = [one for one in releases if one.due_at is not None]
    if not due:
        return Target(
            what=what, basis=basis, measured="本年没有应当发布的版次", verdict="not_measured"
        )
    late = [one for one in due if one.is_late]
    on_time = [one for one in due if one.late is not None and not one.is_late]
    missing = len(due) - len(on_time) - len(late)
    worst = max((one.late for one in late if one.late), default=None)
    told = f"，最晚迟 {worst.total_seconds() / 3600:.1f} 小时" if worst else ""
    gone = f"，{missing} 期没有发布" if missing else ""
    return Target(
        what=what,
        basis=basis,
        measured=f"应发 {len(due)} 期，按时 {len(on_time)} 期，迟 {len(late)} 期{told}{gone}",
        verdict="met" if len(on_time) == len(due) else "missed",
    )


def read_text(text: str) -> tuple[str, ...]:
    """What a person wrote of problems and improvements, paragraph by paragraph."""
    parts = (" ".join(one.split()) for one in text.replace("\r\n", "\n").split("\n\n"))
    return tuple(filter(None, parts))
