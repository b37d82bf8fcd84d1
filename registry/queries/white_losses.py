"""Places on the white list about to be lost: what was told and answered, and who has not been heard yet."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct
from sqlmodel import Session, col, select

from registry.drafts import Draft, DraftLine
from registry.tables import Matter, Reply, Step, WhiteLoss

AWAITED = ("notified", "told_after")
DECIDED = ("heard", "unanswered", "hastened")
# Where an edition's lines say somebody stood whose entry was withdrawn from the one before.
GONE = "gone"
OVER = ("kept", "retold")
# Days, numbers and grades within a reason; the same reason tomorrow is no other.
_VARIES = re.compile(r"[0-9A-Za-z.\-–−]+")


class Loss(Struct, frozen=True, kw_only=True):
    """Whose place is about to be lost and why; `red` where a red line is crossed."""

    institution: str
    because: str
    red: bool = False


class LossLine(Struct, frozen=True, kw_only=True):
    """One notice: where it stands, until when it may be answered, what was answered, what came of that."""

    matter: str
    institution: str
    state: str
    told_on: date
    due_on: date | None
    because: str = ""
    answers: tuple[tuple[date, str], ...] = ()
    weighed: str = ""
    red: bool = False
    added: bool = False  # something was answered since it was last heard

    def is_told_of(self, because: str) -> bool:
        """Whether the notice names every reason that is named now, whatever its days and numbers."""
        return grounds(because) <= grounds(self.because)

    def is_heard(self, today: date, because: str) -> bool:
        """Whether the place may be lost now for that: the term is over and every answer weighed, or it cannot wait.

        What was heard before an earlier loss, or on other reasons, says nothing of this one. Where a red line
        is crossed whatever else is named cannot hold the place.
        """
        if self.state == "told_after":
            return True
        if self.state == "removed" or not self.is_told_of(because):
            return False
        if self.state == "heard":
            return self.red or (self.is_over(today) and not self.added)
        if self.state != "notified":
            return True
        return self.is_silent(today)

    def is_over(self, today: date) -> bool:
        """Whether the term to answer has passed."""
        return self.due_on is not None and self.due_on < today

    def is_silent(self, today: date) -> bool:
        """Whether the term is over and nothing was answered."""
        return self.is_over(today) and not self.answers

    def said(self, today: date) -> str:
        """Where it stands, in one sentence for whoever signs."""
        if self.state == "told_after":
            return f"一票否决，先移出；{self.told_on} 已告知，{self.due_on} 以前可以陈述申辩。"
        if self.state != "notified":
            words = {
                "heard": "已听取陈述申辩",
                "unanswered": "期满没有答复",
                "hastened": "期限未满先行移出",
                "removed": "已移出",
            }
            weighed = f"：{self.weighed}" if self.weighed else "。"
            return f"{self.told_on} 已告知。{words.get(self.state, self.state)}{weighed}{self._more(today)}"
        if self.answers:
            return f"{self.told_on} 已告知，机构已经答复，还没有办理“听取陈述申辩”。"
        over = self.is_over(today)
        term = f"期限 {self.due_on} 已满，没有答复" if over else f"期限 {self.due_on} 未满"
        return f"{self.told_on} 已告知，陈述申辩{term}。"

    def _more(self, today: date) -> str:
        """What is still to be heard of whoever was heard once."""
        if self.state != "heard":
            return ""
        end = "" if not self.weighed or self.weighed.endswith("。") else "。"
        if self.added:
            return f"{end}机构又有答复，还没有听取。"
        return "" if self.is_over(today) else f"{end}期限 {self.due_on} 未满，机构还可以补充。"


def grounds(because: str) -> frozenset[str]:
    """The reasons of a loss, one by one, without what changes from day to day."""
    return frozenset(_VARIES.sub("", one).strip() for one in because.split("。") if one.strip())


def white_losses(session: Session, institutions: Iterable[str]) -> dict[str, LossLine]:
    """The newest notice of each institution that has one; those whose place was kept, or who were told anew, have none."""
    wanted = sorted(set(institutions))
    query = select(Matter).where(Matter.kind == "white_loss", col(Matter.institution).in_(wanted))
    rows = {
        one.id: one for one in session.exec(query.order_by(col(Matter.recorded_at), col(Matter.id)))
    }
    courses: dict[str, list[Step]] = {id: [] for id in rows}
    steps = select(Step).where(col(Step.matter).in_(list(rows))).order_by(col(Step.seq))
    for step in session.exec(steps):
        courses[step.matter].append(step)
    reasons = select(WhiteLoss).where(col(WhiteLoss.matter).in_(list(rows)))
    because = {one.matter: one.because for one in session.exec(reasons)}
    said: dict[str, list[tuple[date, str]]] = {id: [] for id in rows}
    spoken: dict[str, datetime] = {}
    replies = select(Reply).where(col(Reply.about).in_(list(rows)), Reply.kind == "defence")
    for one in session.exec(replies.order_by(col(Reply.id))):
        said[one.about].append((one.on, one.text))
        spoken[one.about] = one.recorded_at
    found = {}
    for id, row in rows.items():
        course = courses[id]
        heard = [one.recorded_at for one in course if one.act == "hear"]
        if course[-1].state not in OVER:
            found[row.institution] = LossLine(
                matter=id,
                institution=row.institution,
                state=course[-1].state,
                told_on=course[0].on,
                due_on=course[0].due_on,
                because=because.get(id, ""),
                answers=tuple(said[id]),
                weighed=course[-1].reason if len(course) > 1 else "",
                red=course[0].state == "told_after",
                added=bool(heard) and id in spoken and spoken[id] > heard[-1],
            )
    return found


def open_losses(session: Session) -> dict[str, LossLine]:
    """Every notice over which nothing has been decided yet, by institution."""
    query = select(Matter.institution).where(Matter.kind == "white_loss").distinct()
    found = white_losses(session, session.exec(query).all())
    return {id: one for id, one in found.items() if one.state in (*AWAITED, *DECIDED)}


def removals_in(draft: Draft | None) -> list[DraftLine]:
    """Who leaves the white list without a list decision, in which everybody has been heard already."""
    lines: Sequence[DraftLine] = draft.lines if draft else ()
    return [
        one
        for one in lines
        if (one.list, one.kind) == ("white", "removed")
        and one.after.split(" ")[0] not in ("", "black", "watch")
    ]


def returns_in(draft: Draft | None) -> list[DraftLine]:
    """Who comes back to no list, of whom the edition before says nothing, for their entry was withdrawn from it.

    Whether they had the place there only an open notice of its loss tells.
    """
    lines: Sequence[DraftLine] = draft.lines if draft else ()
    return [one for one in lines if (one.list, one.before) == ("none", GONE)]


def losses_in(session: Session, draft: Draft | None) -> dict[str, LossLine]:
    """The newest notice of each who leaves the white list by an edition, or may, seen or not."""
    lines = (*removals_in(draft), *returns_in(draft))
    return white_losses(session, [one.institution for one in lines])


def unheard(draft: Draft | None, losses: Mapping[str, LossLine], today: date) -> list[DraftLine]:
    """Who would lose the place without having been told, or while the answer is still awaited."""
    waiting = [
        one
        for one in removals_in(draft)
        if one.institution not in losses or not losses[one.institution].is_heard(today, one.why)
    ]
    for one in returns_in(draft):
        loss = losses.get(one.institution)
        if loss is not None and loss.state != "removed" and not loss.is_heard(today, one.why):
            waiting.append(one)
    return waiting
