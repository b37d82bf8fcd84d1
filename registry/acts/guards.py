"""What the law asks of a step beyond its papers: days that must have come, and records it rests on."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from msgspec import Struct
from sqlmodel import Session, col, select

from registry.calendar import Calendar
from registry.errors import Problem, StepRefused
from registry.forms import StepForm, StepSheet
from registry.procedure import Edge
from registry.procedure.clocks import (
    DEFENCE,
    HEARING_AHEAD,
    OBJECTION_AT_MOST,
    PAYMENT,
    REVIEW,
    SUIT,
)
from registry.queries.places import is_represented
from registry.queries.spot import spot_on
from registry.queries.terms import first_repair_day, last_listed_day, states_until_now, unpaid_fines
from registry.tables import Listing, Matter, Reply, Step

# 行政处罚法 第五十七条: what weighs this much the heads discuss together before one of them decides.
GRAVE = ("吊销", "停止招收", "停止举办", "停产停业", "责令关闭", "限制从业", "降低资质")

# The acts by which the office takes in what the party has to say.
HEARD = ("hear", "hold_hearing")


class Stand(Struct, frozen=True, kw_only=True):
    """Where a matter stands today: its row, the steps it has taken, the calendar; new ones have neither."""

    session: Session
    matter: Matter | None = None
    steps: tuple[Step, ...] = ()
    calendar: Calendar
    now: datetime

    @property
    def today(self) -> date:
        """The day in the city's zone."""
        return self.now.date()

    def newest(self, *states: str) -> Step | None:
        """The last step that led into one of these states."""
        return next((one for one in reversed(self.steps) if one.state in states), None)


Guard = Callable[[StepForm, Stand], Iterator[Problem]]


def out_of_order(chosen: Edge, form: StepForm, stand: Stand) -> Iterator[Problem]:
    """Every day of the form that comes too early or too late; raises StepRefused for what it rests on."""
    last = stand.steps[-1] if stand.steps else None
    if form.on > stand.today:
        yield _problem("on", "日期", form.on, f"不能晚于今天 {stand.today}")
    if last is not None and form.on < last.on:
        yield _problem("on", "日期", form.on, f"不能早于上一步的日期 {last.on}")
    if form.due_on is not None and form.due_on < form.on:
        yield _problem("due_on", "期限", form.due_on, f"不能早于办理日期 {form.on}")
    yield from _service(form, stand.today)
    yield from _somebody_can_read(chosen, form, stand)
    guard = GUARDS.get((chosen.kind, chosen.act))
    if guard is not None and last is not None:
        yield from guard(form, stand)


def _service(form: StepForm, today: date) -> Iterator[Problem]:
    """A day of service is said with what proves it, and is none on which the paper was not yet there."""
    if form.served_on is None:
        if form.service_proof:
            yield _problem("served_on", "送达日期", "", "写了送达凭证的，请写送达日期")
        return
    if not form.service_proof:
        remedy = "请写送达回证的文号和签收人；没有凭证的，不写送达日期，期限从登记之日起算"
        yield _problem("service_proof", "送达凭证", "", remedy)
    if not form.on <= form.served_on <= today:
        remedy = f"应当在文书的日期 {form.on} 和今天 {today} 之间"
        yield _problem("served_on", "送达日期", form.served_on, remedy)


def _somebody_can_read(chosen: Edge, form: StepForm, stand: Stand) -> Iterator[Problem]:
    """A notice reaches an institution nobody can sign in for on paper only, and its term begins there."""
    reads = chosen.act in ("notify", "call_hearing") and "served_on" in chosen.offers
    if not reads or stand.matter is None or (form.served_on and form.service_proof):
        return
    if not is_represented(stand.session, stand.matter.institution, stand.now):
        remedy = "没有人能在网上代表这家机构阅读告知，请先书面送达，再写"
        if form.served_on is None:
            yield _problem("served_on", "送达日期", "", f"{remedy}送达日期")
        if not form.service_proof:
            yield _problem("service_proof", "送达凭证", "", f"{remedy}送达凭证")


def _problem(field: str, label: str, value: object, remedy: str) -> Problem:
    return Problem(field=field, label=f"“{label}”", value=str(value), remedy=remedy)


def _term_of_suits_is_over(form: StepForm, stand: Stand) -> Iterator[Problem]:
    """Final only once review and suit terms have run unused."""
    term = REVIEW if stand.matter and stand.matter.kind == "spot" else SUIT
    due = _last_day(stand) or term.ends(stand.steps[-1].on, stand.calendar)
    if form.on <= due:
        yield _problem("on", "日期", form.on, f"复议和起诉期限到 {due} 才满，请在期满后办理")


def _last_day(stand: Stand) -> date | None:
    """The last day of the running term of days or months; days off announced since it was told move it on."""
    due = stand.steps[-1].due_on
    return due and stand.calendar.on_or_after(due)


def _not_mended_yet(form: StepForm, stand: Stand) -> Iterator[Problem]:
    """What was found mended and closed is not found so again."""
    if stand.newest("passed"):
        raise StepRefused("这个问题已经复查合格，不必再复查。再发现问题的，请另行记录。")
    return iter(())


def _nothing_was_punished(form: StepForm, stand: Stand) -> Iterator[Problem]:
    """What was punished on the spot is not set aside while the penalty stands."""
    if spot := spot_on(stand.session, _id(stand)):
        raise StepRefused(
            f"这个问题已经当场处罚（{spot}），不能认定不成立。请先撤销当场处罚，再认定不成立。"
        )
    return iter(())


def _payment_is_overdue(form: StepForm, stand: Stand) -> Iterator[Problem]:
    due = _last_day(stand)
    if due and form.on <= due:
        remedy = f"缴款期限到 {due} 才满，请在期满后办理（行政处罚法第七十二条）"
        yield _problem("on", "日期", form.on, remedy)


def _fine_is_overdue(form: StepForm, stand: Stand) -> Iterator[Problem]:
    """Of an ordinary fine, whose fifteen days run beside the longer term of suits (行政处罚法 第六十七条)."""
    served_on = unpaid_fines(stand.session, _id(stand)).get(_id(stand))
    if served_on is None:
        raise StepRefused("这件处罚没有罚款，或者罚款已经缴清、已经加处，不能加处罚款。")
    due = PAYMENT.ends(served_on, stand.calendar)
    if form.on <= due:
        remedy = f"缴款期限到 {due} 才满，请在期满后办理（行政处罚法第七十二条）"
        yield _problem("on", "日期", form.on, remedy)


def _in_time_for_a_hearing(form: StepForm, stand: Stand) -> Iterator[Problem]:
    due = _defence_ends(stand)
    if due and form.on > due:
        remedy = f"要求听证应当在 {due} 以前提出"
        yield _problem("on", "日期", form.on, remedy)


def _hearing_far_enough_ahead(form: StepForm, stand: Stand) -> Iterator[Problem]:
    """Counted, like the term of a notice, from the day on which the party could read it."""
    first = stand.calendar.after(form.known_on(stand.today), HEARING_AHEAD)
    if form.due_on and form.due_on < first:
        remedy = f"应当在听证的七个工作日前通知，听证最早 {first}（行政处罚法第六十四条）"
        yield _problem("due_on", "听证日期", form.due_on, remedy)


def _hearing_day_has_come(form: StepForm, stand: Stand) -> Iterator[Problem]:
    called = stand.steps[-1]
    if called.due_on and form.on < called.due_on:
        yield _problem("on", "日期", form.on, f"听证定在 {called.due_on}，请在听证后办理")


def _defence_ends(stand: Stand) -> date | None:
    """The last day of the newest notice's term: as it was told, or later by days off that were announced since."""
    notice = stand.newest("notified")
    if notice is None or notice.due_on is None:
        return None
    recorded = notice.recorded_at.astimezone(stand.now.tzinfo).date()
    began = notice.served_on or max(notice.on, recorded)
    return max(notice.due_on, DEFENCE.ends(began, stand.calendar))


def _defence_is_over(form: StepForm, stand: Stand) -> Iterator[Problem]:
    """Nobody decides while the party may still speak, unless it was heard in full at a hearing."""
    due = _defence_ends(stand)
    held = stand.steps[-1].state == "hearing_held"
    if due and not held and form.on <= due:
        remedy = f"陈述申辩期限到 {due} 才满，请在期满后办理"
        yield _problem("on", "日期", form.on, remedy)


def _defence_is_over_and_heard(form: StepForm, stand: Stand) -> Iterator[Problem]:
    yield from _defence_is_over(form, stand)
    yield from _nothing_unheard(form, stand)


def _nothing_unheard(form: StepForm, stand: Stand) -> Iterator[Problem]:
    """Whatever the party has handed in since it was last heard is weighed before anything rests on it."""
    heard = next((one for one in reversed(stand.steps) if one.act in HEARD), None)
    waiting = select(Reply.id).where(Reply.about == _id(stand), Reply.kind == "defence")
    if heard is not None:
        waiting = waiting.where(col(Reply.recorded_at) > heard.recorded_at)
    if stand.session.exec(waiting.limit(1)).first() is not None:
        raise StepRefused("机构提交的陈述申辩还没有听取。请先办理“听取陈述申辩”。")
    return iter(())


def _answered_or_over(form: StepForm, stand: Stand) -> Iterator[Problem]:
    """The answer is weighed when it has come, or when none may come any more."""
    notice = stand.newest("notified", "told_after")
    over = notice is None or notice.due_on is None or form.on > notice.due_on
    if notice and not over and not _answered(stand):
        remedy = f"机构还没有答复，陈述申辩期限到 {notice.due_on} 才满，请在答复或者期满后办理"
        yield _problem("on", "日期", form.on, remedy)


def _unanswered_and_over(form: StepForm, stand: Stand) -> Iterator[Problem]:
    due = stand.steps[-1].due_on
    if due and form.on <= due:
        yield _problem("on", "日期", form.on, f"陈述申辩期限到 {due} 才满，请在期满后办理")
    if _answered(stand):
        raise StepRefused("机构已经答复，请办理“听取陈述申辩”。")


def _heard_and_discussed_if_grave(form: StepForm, stand: Stand) -> Iterator[Problem]:
    yield from _nothing_unheard(form, stand)
    kinds = form.kinds if isinstance(form, StepSheet) else ""
    grave = [one for one in GRAVE if one in kinds]
    if grave and stand.steps[-1].state != "discussed":
        remedy = "情节复杂或者重大的处罚，请先办理负责人集体讨论（行政处罚法第五十七条）"
        yield _problem("kinds", "处罚种类", kinds, remedy)


def _decision_in_force(form: StepForm, stand: Stand) -> Iterator[Problem]:
    """No black list without a penalty decision in force behind it."""
    listing = _listing(stand)
    if listing.list == "black":
        course = states_until_now(stand.session, listing.decision or "")
        if course[-1:] != ["final"]:
            raise StepRefused(
                f"所依据的处罚案件“{listing.decision}”没有生效，不能列入黑名单。"
                "请在处罚决定生效后办理。"
            )
    return iter(())


def _heard_and_decision_in_force(form: StepForm, stand: Stand) -> Iterator[Problem]:
    yield from _decision_in_force(form, stand)
    yield from _nothing_unheard(form, stand)


def _listing_is_over(form: StepForm, stand: Stand) -> Iterator[Problem]:
    last = last_listed_day(stand.session, _id(stand))
    if last and form.on <= last:
        yield _problem("on", "日期", form.on, f"名单期限到 {last} 才满，请在期满后办理")


def _minimum_is_over(form: StepForm, stand: Stand) -> Iterator[Problem]:
    first = first_repair_day(stand.session, _id(stand))
    if first and form.on < first:
        yield _problem("on", "日期", form.on, f"最短公示期未满，最早 {first} 可以移出")


def _longer_than_before(form: StepForm, stand: Stand) -> Iterator[Problem]:
    due = stand.steps[-1].due_on
    if form.due_on and due and form.due_on <= due:
        yield _problem("due_on", "期限", form.due_on, f"延长后的期限应当晚于原来的 {due}")


def _within_what_the_law_allows(form: StepForm, stand: Stand) -> Iterator[Problem]:
    """Longer than before, said before the term is over, and never beyond the longest one."""
    yield from _longer_than_before(form, stand)
    due = stand.steps[-1].due_on
    if due and form.on > due:
        remedy = f"期限到 {due} 已满，不能再延长，请尽快答复"
        yield _problem("on", "日期", form.on, remedy)
    last = OBJECTION_AT_MOST.ends(stand.steps[0].on, stand.calendar)
    if form.due_on and form.due_on > last:
        remedy = f"延长以后最迟 {last}，自提出之日起不超过 {OBJECTION_AT_MOST.words}"
        yield _problem("due_on", "期限", form.due_on, f"{remedy}（{OBJECTION_AT_MOST.article}）")


def _alert_still_runs(form: StepForm, stand: Stand) -> Iterator[Problem]:
    due = stand.steps[-1].due_on
    if due and form.on > due:
        yield _problem("on", "日期", form.on, f"提示已在 {due} 结束，请另外提出")


def _alert_has_run(form: StepForm, stand: Stand) -> Iterator[Problem]:
    due = stand.steps[-1].due_on
    if due and form.on < due + timedelta(days=1):
        yield _problem("on", "日期", form.on, f"提示到 {due} 才结束")


GUARDS: dict[tuple[str, str], Guard] = {
    ("finding", "confirm"): _nothing_unheard,
    ("finding", "extend"): _longer_than_before,
    ("finding", "dismiss"): _nothing_was_punished,
    ("finding", "pass"): _not_mended_yet,
    ("penalty", "ask_hearing"): _in_time_for_a_hearing,
    ("penalty", "call_hearing"): _hearing_far_enough_ahead,
    ("penalty", "hold_hearing"): _hearing_day_has_come,
    ("penalty", "review"): _defence_is_over_and_heard,
    ("penalty", "decide"): _heard_and_discussed_if_grave,
    ("penalty", "surcharge"): _fine_is_overdue,
    ("penalty", "finalise"): _term_of_suits_is_over,
    ("spot", "finalise"): _term_of_suits_is_over,
    ("spot", "surcharge"): _payment_is_overdue,
    ("listing", "review"): _defence_is_over_and_heard,
    ("listing", "decide"): _heard_and_decision_in_force,
    ("listing", "serve"): _decision_in_force,
    ("listing", "expire"): _listing_is_over,
    ("listing", "lift"): _minimum_is_over,
    ("listing", "repair"): _minimum_is_over,
    ("white_loss", "hear"): _answered_or_over,
    ("white_loss", "lapse"): _unanswered_and_over,
    ("objection", "extend"): _within_what_the_law_allows,
    ("alert", "renew"): _alert_still_runs,
    ("alert", "lapse"): _alert_has_run,
}


def _id(stand: Stand) -> str:
    return stand.matter.id if stand.matter else ""


def _answered(stand: Stand) -> bool:
    found = select(Reply.id).where(Reply.about == _id(stand), Reply.kind == "defence")
    return stand.session.exec(found.limit(1)).first() is not None


def _listing(stand: Stand) -> Listing:
    return stand.session.get_one(Listing, _id(stand))
