"""Whatever the office does, in any order, and wherever it is cut off: only edges of the table are taken,
all of it is in the ledger, and nothing open is without its owner and its date."""

import json
import os
import signal
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, event
from sqlmodel import Session

from registry import acts, queries
from registry.accounts import create_account
from registry.acts.matters import WEEKENDS_ONLY
from registry.database import open_database, reading, writing
from registry.errors import NotAllowed, RegistryError, StepRefused, read_form
from registry.forms import (
    AccountForm,
    AlertSheet,
    ComplaintSheet,
    DefenceSheet,
    ObjectionSheet,
    RepairSheet,
    StepSheet,
)
from registry.ledger import check
from registry.procedure import TRANSITIONS, edge, edges_from
from registry.queries import MatterSheet
from registry.queries.white_losses import Loss
from scoring.facts import State
from tests.registry import people as p

PEOPLE = [p.WANG, p.LI, p.SUN, p.ZHAO, p.QIAN, p.SCHOOL]
HEAD_TOO = acts.Actor(account="wu", role="head", name="吴局长")
ACTS = sorted({one.act for one in TRANSITIONS if one.source})
UNDOING = ("dismiss", "drop", "annul", "close", "expire", "withdraw", "refuse", "reject", "refer")
MOSTLY = 9  # of ten choices, so that a course is often taken to its end
PAPERS = {
    "document_no": "甬教〔2026〕1号",
    "organ": "海曙区教育局",
    "reason": "事实清楚",
    **p.FINE,
    **p.NOTICES,
    **p.TWO,
}
JUMPS = (0, 1, 8, 16, 31, 200)
LATE = (0, 0, 0, 4, 40)  # days between what is done and its record


class Course(RuleBasedStateMachine):
    """The matters of one institution, and people who do anything to them, allowed or not."""

    engine: Engine
    made = 0

    @initialize()
    def begin(self) -> None:
        type(self).made += 1
        with writing(self.engine) as session:
            if type(self).made == 1:
                p.city(session)
                for one in (*PEOPLE[:-1], HEAD_TOO):
                    account(session, one)
            name = f"宁波市海曙区第{type(self).made}培训学校"
            self.institution = p.institution(session, name=name)
            found = p.finding(session, self.institution, code="F05", seen_on="2024-03-02")
            filed = p.case(session, self.institution, found)
            listing = p.listing(session, self.institution, filed, on="2026-03-21")
            fault = p.finding(session, self.institution, seen_on="2024-03-02")
            self.spot = p.spot(
                session, fault, on="2024-03-04", document_no=f"当罚{type(self).made}"
            )
            complaint = ComplaintSheet(
                institution=self.institution, on=date(2024, 3, 1), text="不退费"
            )
            acts.receive_complaint(session, complaint, by=p.WANG, now=p.NOW)
            told = [Loss(institution=self.institution, because="没有有效的保险。")]
            (self.loss,) = acts.tell_of_losses(session, told, "2026-11", by=p.QIAN, now=p.NOW)
            self.finding, self.penalty, self.listing = found, filed, listing
            self.ticks = 0

    def moment(self, on: date) -> datetime:
        """A moment of a day, later than every one before it on that day."""
        self.ticks += 1
        return datetime.combine(on, p.NOW.timetz()) + timedelta(seconds=self.ticks)

    def sheets(self) -> list[MatterSheet]:
        with reading(self.engine) as session:
            lines = queries.matters(session, institution=self.institution)
            return [queries.matter(session, one) for one in sorted(line.id for line in lines)]

    @rule(
        which=st.integers(0, 9),
        act=st.sampled_from(ACTS),
        by=st.sampled_from(PEOPLE),
        papers=st.booleans(),
        days=st.sampled_from((-1, *JUMPS)),
        late=st.sampled_from(LATE),
    )
    def take_any_step(
        self, which: int, act: str, by: acts.Actor, *, papers: bool, days: int, late: int
    ) -> None:
        sheets = self.sheets()
        self._attempt(sheets[which % len(sheets)], act, by, PAPERS if papers else {}, days, late)

    @rule(
        which=st.integers(0, 9),
        choice=st.integers(0, 9),
        who=st.integers(0, 9),
        days=st.sampled_from(JUMPS),
        late=st.sampled_from(LATE),
    )
    def take_a_likely_step(self, which: int, choice: int, who: int, days: int, late: int) -> None:
        sheets = self.sheets()
        sheet = sheets[which % len(sheets)]
        if chosen := likely(sheet, choice):
            self._attempt(sheet, chosen, able(sheet, chosen, who), PAPERS, days, late)

    @rule(choice=st.integers(0, 9), who=st.integers(0, 9), at=st.integers(0, 25))
    def be_killed_in_the_middle_of_an_act(self, choice: int, who: int, at: int) -> None:
        """A worker process dies at its n-th statement, or as it commits: the act has not happened."""
        before = self.sheets()
        sheet = before[choice % len(before)]
        act = likely(sheet, choice)
        if not act:
            return
        form = form_of(sheet, act, PAPERS, 8)
        by = able(sheet, act, who)

        now = self.moment(form.on)

        def work(session: Session) -> None:
            acts.take_step(session, sheet.line.id, act, form, by=by, now=now)

        killed = killed_at(self.engine, at, work)
        after = self.sheets()
        assert (after == before) or not killed

    @rule(on=st.sampled_from(("finding", "penalty", "listing", "spot")))
    def object(self, on: str) -> None:
        about = getattr(self, on)
        form = ObjectionSheet(about=about, on=date(2026, 11, 2), text="事实有误")
        self._acted(lambda session: acts.object_to(session, form, by=p.SCHOOL, now=p.NOW))

    @rule(about=st.sampled_from(("loss", "penalty", "listing")))
    def answer(self, about: str) -> None:
        with reading(self.engine) as session:
            on = queries.matter(session, getattr(self, about)).steps[-1].on
        form, now = (
            DefenceSheet(about=getattr(self, about), on=on, text="已经改好"),
            self.moment(on),
        )
        self._acted(lambda session: str(acts.defend(session, form, by=p.SCHOOL, now=now)))

    @rule(on=st.sampled_from(("penalty", "listing")))
    def ask_for_repair(self, on: str) -> None:
        about = self.penalty if on == "penalty" else self.listing
        form = RepairSheet(about=about, on=date(2026, 11, 2), proof="凭证", undertaking="承诺")
        self._acted(lambda session: acts.apply_for_repair(session, form, by=p.SCHOOL, now=p.NOW))

    @rule()
    def warn(self) -> None:
        form = AlertSheet(
            institution=self.institution,
            finding=self.finding,
            on=date(2026, 11, 2),
            text="已停止授课",
            reason="现场关闭",
        )
        self._acted(lambda session: acts.propose_alert(session, form, by=p.WANG, now=p.NOW))

    def _acted(self, work: Callable[[Session], str]) -> str | RegistryError:
        try:
            with writing(self.engine) as session:
                return work(session)
        except RegistryError as refused:
            return refused

    def _attempt(
        self,
        sheet: MatterSheet,
        act: str,
        by: acts.Actor,
        papers: dict[str, Any],
        days: int,
        late: int,
    ) -> None:
        form = form_of(sheet, act, papers, days)
        now = self.moment(form.on + timedelta(days=late))
        done = self._acted(
            lambda session: acts.take_step(session, sheet.line.id, act, form, by=by, now=now)
        )
        allowed = edge(sheet.line.kind, sheet.line.state, act)
        if isinstance(done, str):
            assert allowed is not None
            assert done == allowed.target
            assert by.role in allowed.roles
            assert form.on <= p.NOW.date()
            for need in allowed.needs:
                assert getattr(form, "second_officer" if need == "two_officers" else need)
            mine = {one.act for one in sheet.steps if one.recorded_by == by.account}
            assert not mine & set(allowed.not_by)
        elif allowed is None:
            assert isinstance(done, StepRefused)
        elif by.role not in allowed.roles:
            assert isinstance(done, NotAllowed | StepRefused | RegistryError)
        else:
            assert str(done).endswith("。")

    @invariant()
    def the_record_keeps_its_promises(self) -> None:
        if not hasattr(self, "institution"):
            return
        sheets = self.sheets()
        with reading(self.engine) as session:
            entries = queries.ledger_entries(session, institution=self.institution, limit=1000)
            facts = queries.facts_of(session, self.institution, p.NOW.date())
        told: dict[str, list[str]] = {}
        for one in reversed(entries):
            body = json.loads(one.body)
            if isinstance(body, dict) and "to" in body and "." in one.act:
                told.setdefault(one.subject, []).append(body["to"])
        for sheet in sheets:
            follows_the_table(sheet)
            nobody_was_unheard(sheet)
            # The ledger alone tells every state a matter has been in.
            assert told[sheet.line.id] == [one.state for one in sheet.steps]
            if sheet.line.open:
                assert sheet.line.due_on is not None, sheet.line
                assert sheet.line.owner, sheet.line
        courses = {one.line.id: [step.state for step in one.steps] for one in sheets}
        final = "final" in courses[self.penalty]
        counted = any(
            step.state == State.FINAL
            for record in facts.records
            if record.kind == "decision"
            for step in record.events
        )
        # What was decided on the spot is no fact, whatever becomes of it.
        assert self.spot not in {record.id for record in facts.records}
        repaired = any(one.line.kind == "repair" and one.line.state == "granted" for one in sheets)
        assert counted == final or repaired
        if courses[self.listing][-1] == "effective":
            assert courses[self.penalty][-1] == "final"
        for listing in facts.listings:
            assert final
            assert listing.document_no
            assert listing.ended_on is not None or courses[self.penalty][-1] == "final"

    def teardown(self) -> None:
        with reading(self.engine) as session:
            assert check(session) == []


def killed_at(engine: Engine, at: int, work: Callable[[Session], None]) -> bool:
    """Lets a process of its own do the work and die at its n-th statement, or as it commits.

    Whether it was killed: work that is refused, or commits after all, ends by itself.
    """
    address = engine.url.render_as_string(hide_password=False)
    schema = engine.get_execution_options().get("city", "")
    engine.dispose()  # a child must not inherit open connections
    child = os.fork()
    if child == 0:
        try:
            own = open_database(address, schema)
            left = [at]

            def die(*_: object) -> None:
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

            event.listen(own, "before_cursor_execute", die)
            event.listen(own, "commit", lambda _: os.kill(os.getpid(), signal.SIGKILL))
            with writing(own) as session:
                work(session)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def test_an_act_killed_at_any_of_its_statements_has_not_happened(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        decided = p.penalty(session, id)
        listing = p.listed(session, id, decided)

    def annul(session: Session) -> None:
        form = StepSheet(on=date(2026, 11, 20), document_no="1", reason="事实不清")
        acts.take_step(session, decided, "annul", form, by=p.ZHAO, now=p.NOW)

    def states() -> tuple[str, str, int]:
        with reading(engine) as session:
            both = [queries.matter(session, one).line.state for one in (decided, listing)]
            return both[0], both[1], len(queries.ledger_entries(session, limit=1000))

    before = states()
    for at in (0, 1, 3, 5, 8, 13, 21, 34, 1000):  # the last one dies as it commits
        assert killed_at(engine, at, annul)
        assert states() == before
    with writing(engine) as session:
        annul(session)
        assert check(session) == []
    assert states() == ("annulled", "ended", before[2] + 2)


def account(session: Session, actor: acts.Actor) -> None:
    sheet = {"id": actor.account, "name": actor.name, "password": "long-enough-1"}
    form = read_form(AccountForm, {**sheet, "role": actor.role})
    create_account(session, form, by=p.ADMIN, now=p.NOW.replace(year=2024, month=1))


def likely(sheet: MatterSheet, choice: int) -> str:
    """A step from where a matter stands, mostly one that leads on."""
    edges = edges_from(sheet.line.kind, sheet.line.state)
    onward = [one for one in edges if one.act not in UNDOING]
    possible = onward if onward and choice < MOSTLY else list(edges)
    return possible[choice % len(possible)].act if possible else ""


def able(sheet: MatterSheet, act: str, who: int) -> acts.Actor:
    """Somebody who may take a step; where nobody may, anybody tries, and is refused."""
    chosen = edge(sheet.line.kind, sheet.line.state, act)
    barred = {one.recorded_by for one in sheet.steps if chosen and one.act in chosen.not_by}
    people = [*PEOPLE, HEAD_TOO]
    found = [
        one for one in people if chosen and one.role in chosen.roles and one.account not in barred
    ]
    found = found or people
    return found[who % len(found)]


def form_of(sheet: MatterSheet, act: str, papers: dict[str, Any], days: int) -> StepSheet:
    on = min(sheet.steps[-1].on + timedelta(days=days), p.NOW.date())
    chosen = edge(sheet.line.kind, sheet.line.state, act)
    due = on + timedelta(days=30) if papers and chosen and "due_on" in chosen.needs else None
    return StepSheet(on=on, due_on=due, **papers)


def nobody_was_unheard(sheet: MatterSheet) -> None:
    """Five working days lie between the day a notice could be read here and what rests on its term."""
    notice = None
    for one in sheet.steps:
        if one.state in ("notified", "told_after"):
            notice = one
            assert one.due_on == WEEKENDS_ONLY.after(max(one.on, one.recorded_at.date()), 5)
        before = sheet.steps[one.seq - 2].state
        if one.act in ("review", "lapse") and before != "hearing_held":
            assert notice is not None
            assert notice.due_on is not None
            assert one.on > notice.due_on


def follows_the_table(sheet: MatterSheet) -> None:
    """Every step of a matter is an edge from the one before, numbered and dated in order."""
    state = ""
    for number, one in enumerate(sheet.steps, 1):
        found = edge(sheet.line.kind, state, one.act)
        assert found is not None, (sheet.line.id, state, one.act)
        assert (one.seq, one.state) == (number, found.target)
        state = one.state
    days = [one.on for one in sheet.steps]
    assert days == sorted(days)
    assert sheet.line.state == state


def test_only_edges_of_the_table_are_ever_taken_whoever_is_killed(engine: Engine) -> None:
    class OfThisEngine(Course):
        pass

    OfThisEngine.engine = engine
    run_state_machine_as_test(
        OfThisEngine,
        settings=settings(
            max_examples=6,
            stateful_step_count=35,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
