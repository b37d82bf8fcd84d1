"""Whatever the office does, in any order: only edges of the table are taken, and all is in the ledger."""

import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Engine
from sqlmodel import Session

from registry import acts, queries
from registry.database import migrate, open_database, writing
from registry.errors import NotAllowed, RegistryError, StepRefused
from registry.forms import DecisionSheet, StepForm
from registry.ledger import check
from registry.procedure import TRANSITIONS, edge, edges_from, states_of
from scoring.facts import State
from tests.registry import people as p

PEOPLE = [p.WANG, p.LI, p.SUN, p.ZHAO, p.SCHOOL, p.QIAN]
ACTS = sorted({one.act for one in TRANSITIONS if one.source})
UNDOING = ("dismiss", "drop", "annul", "close", "expire")
MOSTLY = 9  # of ten choices, so that a course is often taken to its end
PAPERS = {"document_no": "甬教〔2026〕1号", "organ": "海曙区教育局", "reason": "事实清楚"}


class Course(RuleBasedStateMachine):
    """Three matters and a model of them: the list of states each has gone through."""

    engine: Engine

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.engine = open_database(f"sqlite:///{Path(self.folder.name) / 'register.db'}")
        migrate(self.engine)
        with writing(self.engine) as session:
            self.institution = p.city(session)
            found = p.finding(session, self.institution, code="F05")
            filed = p.case(session, self.institution, found)
            listing = p.listing(session, self.institution, filed, on="2026-03-21")
        self.kinds = {found: "finding", filed: "penalty", listing: "listing"}
        self.courses = {found: ["discovered"], filed: ["filed"], listing: ["proposed"]}
        self.hands: dict[str, list[tuple[str, str]]] = {
            found: [("record", "wang")],
            filed: [("file", "li")],
            listing: [("propose", "wang")],
        }
        self.on = date(2026, 3, 22)

    def _acted(self, work: Callable[[Session], str]) -> str | RegistryError:
        try:
            with writing(self.engine) as session:
                return work(session)
        except RegistryError as refused:
            return refused

    @rule(
        which=st.integers(0, 2),
        act=st.sampled_from(ACTS),
        by=st.sampled_from(PEOPLE),
        sheet=st.sampled_from([{}, PAPERS, p.TWO, {**PAPERS, **p.TWO}]),
        days=st.integers(-1, 200),
    )
    def take_any_step(
        self, which: int, act: str, by: acts.Actor, sheet: dict[str, str], days: int
    ) -> None:
        self._attempt(sorted(self.courses)[which], act, by, sheet, days)

    @rule(which=st.integers(0, 2), choice=st.integers(0, 9), who=st.integers(0, 9))
    def take_a_likely_step(self, which: int, choice: int, who: int) -> None:
        matter = sorted(self.courses)[which]
        edges = edges_from(self.kinds[matter], self.courses[matter][-1])
        onward = [one for one in edges if one.act not in UNDOING]
        possible = onward if onward and choice < MOSTLY else edges
        if possible:
            chosen = possible[choice % len(possible)]
            barred = {who for one, who in self.hands[matter] if one in chosen.not_by}
            able = [one for one in PEOPLE if one.role in chosen.roles and one.account not in barred]
            # Where everybody has had a hand in it, anybody tries, and is refused.
            able = able or PEOPLE
            days = 190 if chosen.act == "finalise" else 1
            self._attempt(matter, chosen.act, able[who % len(able)], {**PAPERS, **p.TWO}, days)

    def _attempt(
        self, matter: str, act: str, by: acts.Actor, sheet: dict[str, str], days: int
    ) -> None:
        on = self.on + timedelta(days=days)
        values: dict[str, Any] = {**sheet, "on": on}
        if "reason" in sheet:
            values["due_on"] = on + timedelta(days=30)
        done = self._acted(lambda session: self._step(session, matter, act, values, by))
        self._judge(matter, act, by, done, values)

    def _step(
        self, session: Session, matter: str, act: str, values: dict[str, Any], by: acts.Actor
    ) -> str:
        if self.kinds[matter] == "penalty" and act == "decide" and "organ" in values:
            content = {"code": "D02", "fine_fen": 1000}
            sheet = {key: value for key, value in values.items() if key != "due_on"}
            if "first_officer" in sheet:
                form = DecisionSheet(**content, **sheet)
                return acts.record_decision(session, matter, form, by=by, now=p.NOW)
        return acts.take_step(session, matter, act, StepForm(**values), by=by, now=p.NOW)

    def _judge(
        self,
        matter: str,
        act: str,
        by: acts.Actor,
        done: str | RegistryError,
        values: dict[str, Any],
    ) -> None:
        kind, course = self.kinds[matter], self.courses[matter]
        allowed = edge(kind, course[-1], act)
        if isinstance(done, str):
            assert allowed is not None
            assert done == allowed.target
            assert by.role in allowed.roles
            assert values["on"] <= p.NOW.date()
            for need in allowed.needs:
                assert values.get("second_officer" if need == "two_officers" else need)
            mine = {one for one, who in self.hands[matter] if who == by.account}
            assert not mine & set(allowed.not_by)
            course.append(done)
            self.hands[matter].append((act, by.account))
            self.on = max(self.on, values["on"])
        elif allowed is None:
            assert isinstance(done, StepRefused)
        elif by.role not in allowed.roles:
            assert isinstance(done, NotAllowed | StepRefused)
        else:
            assert str(done).endswith("。")

    @invariant()
    def the_record_is_what_was_done(self) -> None:
        if not hasattr(self, "courses"):
            return
        with writing(self.engine) as session:
            for matter, course in self.courses.items():
                sheet = queries.matter(session, matter)
                assert [one.state for one in sheet.steps] == course
                assert [one.seq for one in sheet.steps] == list(range(1, len(course) + 1))
                assert set(course) <= states_of(self.kinds[matter])
                days = [one.on for one in sheet.steps]
                assert days == sorted(days)
            assert check(session) == []
            self._nothing_counts_too_early(session)

    def _nothing_counts_too_early(self, session: Session) -> None:
        facts = queries.facts_of(session, self.institution, p.NOW.date())
        (penalty,) = (course for id, course in self.courses.items() if self.kinds[id] == "penalty")
        final = any(
            event.state == State.FINAL
            for record in facts.records
            if record.kind == "decision"
            for event in record.events
        )
        assert final == ("final" in penalty)
        for listing in facts.listings:
            assert "final" in penalty
            assert listing.document_no
            if "annulled" in penalty:
                assert listing.ended_on is not None

    def teardown(self) -> None:
        if hasattr(self, "courses"):
            self.engine.dispose()
            self.folder.cleanup()


Course.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
test_only_edges_of_the_table_are_ever_taken = Course.TestCase
