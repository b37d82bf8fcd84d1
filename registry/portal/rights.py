"""What an institution may do about a matter, until when, and how many working days that leaves."""

from collections.abc import Iterator, Mapping
from datetime import date

from msgspec import Struct

from registry.acts.repairs import IN_FORCE
from registry.calendar import Calendar
from registry.procedure import IN_CONTEST, PAYMENT, REVIEW, SUIT, SUIT_AFTER_REVIEW, edges_from
from registry.procedure.clocks import OBJECTION
from registry.queries import ShownMatter
from registry.queries.spot import review_organ
from scoring.words import chinese

_SUIT_ARTICLE = "行政诉讼法第四十六条"
_CONTESTABLE = {
    "penalty": ("served", "final"),
    "spot": ("warned", "fined"),
    "listing": ("effective",),
    "objection": ("rejected",),
    "repair": ("refused", "declined"),
    "white_loss": ("removed",),
}
_DEFENDED = {
    "finding": ("discovered", "heard"),
    "penalty": ("notified", "hearing_asked", "hearing_called", "hearing_held", "heard"),
    "listing": ("notified", "heard"),
    "white_loss": ("notified", "told_after", "heard"),
}
_DISPUTED = {
    "finding": ("confirmed", "ordered", "passed", "failed", "closed"),
    "penalty": ("served", "contested", "sustained", "final"),
    "spot": (
        "warned",
        "fined",
        "fine_due",
        "in_default",
        "on_file",
        "contested",
        "sustained",
        "final",
    ),
    "listing": ("effective",),
    "judgment": ("judged", "exited"),
    "alert": ("issued",),
    "commendation": ("confirmed",),
}
_ANSWERED = {
    "finding": ("discovered", "heard", *_DISPUTED["finding"]),
    "penalty": _DISPUTED["penalty"],
    "listing": _DISPUTED["listing"],
}


# What is handed in as a step of the matter itself.
STEPS = {"withdrawal": "withdraw", "hearing": "ask_hearing"}


class Right(Struct, frozen=True, kw_only=True):
    """One clock in words: what may be done or is owed, by when, on which article."""

    said: str
    article: str
    by: date | None
    left: str
    over: bool


def rights(matter: ShownMatter, today: date, calendar: Calendar) -> list[Right]:
    """Every clock of a matter that concerns its institution."""
    return [
        _right(said, article, by, today, calendar) for said, article, by in _all(matter, calendar)
    ]


def may(matter: ShownMatter, what: str, today: date | None = None) -> bool:
    """Whether the institution may reply, defend itself, object, or take its request back, now or on a day."""
    tables: dict[str, Mapping[str, tuple[str, ...]]] = {
        "reply": _ANSWERED,
        "defence": _DEFENDED,
        "objection": _DISPUTED,
    }
    if what in STEPS:
        steps = edges_from(matter.kind, matter.state)
        return any(one.act == STEPS[what] and "institution" in one.roles for one in steps)
    if what == "objection" and matter.disputed_by:
        return False
    if what == "defence" and today is not None and _was_heard_in_full(matter, today):
        return False
    return matter.state in tables[what].get(matter.kind, ())


def _was_heard_in_full(matter: ShownMatter, today: date) -> bool:
    """Whether a place on the white list waits for no more words: they were heard, and the term is over."""
    told = matter.step("notified", "told_after")
    over = told is not None and told.due_on is not None and told.due_on < today
    return (matter.kind, matter.state) == ("white_loss", "heard") and over


def is_repairable(matter: ShownMatter) -> bool:
    """Whether a repair of it may be asked for: a penalty or a listing in force that none was granted for."""
    return IN_FORCE.get(matter.kind) == matter.state and matter.repaired_on is None


def _all(matter: ShownMatter, calendar: Calendar) -> Iterator[tuple[str, str, date | None]]:
    last = matter.steps[-1]
    if matter.kind == "finding" and matter.state in _DEFENDED["finding"]:
        yield "确认以前，您都可以陈述申辩，申辩不会加重结果", "", None
    if matter.kind == "white_loss" and matter.state in _DEFENDED["white_loss"]:
        told = matter.step("notified", "told_after")
        yield "您可以陈述申辩，也可以在期限内改好", "", told.due_on if told else None
    elif matter.state == "notified":
        article = "行政处罚法第四十五条"
        if matter.kind == "listing":
            article = "浙江省公共信用信息管理条例第二十八条"
        yield "您可以陈述申辩", article, last.due_on
        if matter.kind == "penalty":
            yield "符合听证条件的，您可以要求听证", "行政处罚法第六十四条", last.due_on
    if matter.state == "hearing_called" and last.due_on:
        said = f"请在{chinese(last.due_on)}参加听证，地点见听证通知；也可以提交书面的陈述申辩"
        yield said, "行政处罚法第六十四条", None
    if matter.state == "ordered":
        yield "请改正，并可以申请复查", "", last.due_on
    if told_on := _fine_since(matter):
        yield "请缴纳罚款", PAYMENT.article, PAYMENT.ends(told_on, calendar)
    if matter.kind == "objection" and matter.state in ("lodged", "accepted"):
        yield "我们应当答复", OBJECTION.article, last.due_on
    yield from _contests(matter, calendar)


def _contests(matter: ShownMatter, calendar: Calendar) -> Iterator[tuple[str, str, date | None]]:
    """Whom the party may go to against a decision."""
    last = matter.steps[-1]
    if matter.state == "sustained":
        # What was upheld on review has a term of its own, and the first one is no longer anybody's.
        article, until = (
            SUIT_AFTER_REVIEW.article,
            last.due_on and calendar.on_or_after(last.due_on),
        )
        yield "复议维持的，您可以向人民法院起诉；一审维持的，可以上诉", article, until
    elif _may_be_contested(matter):
        first = next(one for one in matter.steps if one.state in _CONTESTABLE[matter.kind])
        review = REVIEW.ends(first.on, calendar)
        if matter.kind == "spot":
            yield from _review_first(first.organ, review)
            return
        yield "您可以申请行政复议", REVIEW.article, review
        suit = calendar.on_or_after(first.due_on) if first.due_on else SUIT.ends(first.on, calendar)
        yield "您可以向人民法院起诉", _SUIT_ARTICLE, suit


def _fine_since(matter: ShownMatter) -> date | None:
    """The day from which the term of a fine runs, while nothing says that it was paid; a contest does not stop it."""
    fined = matter.step("fined")
    if fined:
        return fined.on if matter.state in ("fined", "fine_due", "in_default") else None
    acts = {one.act: one.on for one in matter.steps}
    over = "perform" in acts or matter.state == "annulled"
    owed = matter.kind == "penalty" and matter.content.get("fine_fen") and not over
    return acts.get("serve") if owed else None


def _review_first(organ: str, review: date) -> Iterator[tuple[str, str, date | None]]:
    """What was decided on the spot goes to review before any court hears of it (行政复议法 第二十三条)."""
    said = f"不服的，您应当先向{review_organ(organ)}申请行政复议"
    yield said, f"{REVIEW.article}、第二十三条", review
    said = "复议以后仍然不服的，您可以自收到复议决定书之日起十五日内向人民法院起诉"
    yield said, SUIT_AFTER_REVIEW.article, None


def _may_be_contested(matter: ShownMatter) -> bool:
    """Whether the terms of review and suit are the institution's: once either is used they are not."""
    used = matter.state in (*IN_CONTEST, "final") and matter.step(*IN_CONTEST) is not None
    return (
        not used
        and matter.step(*_CONTESTABLE.get(matter.kind, ())) is not None
        and matter.state not in ("annulled", "ended")
    )


def _right(said: str, article: str, by: date | None, today: date, calendar: Calendar) -> Right:
    left = ""
    if by is not None:
        days = calendar.left(by, today)
        left = "已经届满" if by < today else f"还剩 {days} 个工作日" if days else "今天到期"
    when = f"（{chinese(by)}前，含当日）" if by else ""
    return Right(
        said=f"{said}{when}",
        article=f"《{article.replace('第', '》第', 1)}" if article else "",
        by=by,
        left=left,
        over=by is not None and by < today,
    )
