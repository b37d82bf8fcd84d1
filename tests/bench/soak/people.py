"""The office at work: whatever is open goes its way before its term ends, each step by who may take it."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from msgspec import Struct
from sqlalchemy import Engine

from registry import acts, queries
from registry.access import Actor
from registry.calendar import Calendar
from registry.database import reading, writing
from registry.errors import Conflict, FormRefused, StepRefused, read_form
from registry.forms import CaseSheet, DecisionSheet, ListingSheet, StepSheet
from registry.queries import MatterLine
from scoring import Policy, in_force

TWO = {"first_officer": "王检查", "second_officer": "孙检查"}
FINE = {"code": "D02", "kinds": "罚款", "fine_fen": 5_000_000}
GRAVE = {**FINE, "code": "F05"}  # what the policy names as a ground of the black list
NOTICES = {"repair_notice_no": "甬教修告〔2027〕1号", "publication_told": True}
SAID = {"reason": "未提出不同意见"}
LISTED_GROUND = {
    "list": "black",
    "ground": "F05",
    "statement": "恶意停业、拒不退费",
    "article": "《校外培训行政处罚暂行办法》第十七条",
}


class Way(Struct, frozen=True):
    """What is done at a state: the act, by whom, after how many days, with which papers."""

    act: str
    by: str
    days: int = 0
    papers: dict[str, Any] = {}
    paper: str = ""
    term: int = 0


WAYS = {
    ("finding", "discovered"): Way("hear", "inspector", papers=SAID),
    ("finding", "heard"): Way("confirm", "reviewer"),
    ("finding", "confirmed"): Way("order", "reviewer", paper="甬教改", term=30),
    ("finding", "ordered"): Way("pass", "inspector", 12, TWO),
    ("finding", "passed"): Way("close", "reviewer", papers=SAID),
    ("penalty", "filed"): Way("investigate", "inspector", 3, TWO),
    ("penalty", "investigated"): Way("notify", "reviewer", 1, FINE, "甬教罚告"),
    ("penalty", "notified"): Way("hear", "inspector", 6, SAID),
    ("penalty", "heard"): Way("review", "other reviewer", papers=SAID),
    ("penalty", "reviewed"): Way("decide", "head", 1, {**FINE, **TWO}, "甬教罚"),
    ("penalty", "discussed"): Way("decide", "head", 1, {**FINE, **TWO}, "甬教罚"),
    ("penalty", "decided"): Way("serve", "inspector", 1, NOTICES, "送达回证"),
    ("penalty", "served"): Way("finalise", "reviewer", 185),
    ("listing", "proposed"): Way("notify", "reviewer", paper="甬教信告"),
    ("listing", "notified"): Way("hear", "inspector", 6, SAID),
    ("listing", "heard"): Way("review", "other reviewer", papers=SAID),
    ("listing", "reviewed"): Way("decide", "head", 1, TWO, "甬教信"),
    ("listing", "discussed"): Way("decide", "head", 1, TWO, "甬教信"),
    ("listing", "decided"): Way("serve", "inspector", 1, NOTICES, "送达回证"),
    ("complaint", "received"): Way("accept", "inspector"),
    ("complaint", "accepted"): Way("answer", "inspector", 5, SAID),
    ("complaint", "answered"): Way("finish", "reviewer"),
}
ORGAN = "宁波市教育局"


def _is_grave(line: MatterLine) -> bool:
    """Whether a case turns out to be a grave one, about every second."""
    return sum(line.id.encode()) % 2 == 0


class Office:
    """The people of the desk; `done` counts their acts, `refused` what they were told to wait with."""

    def __init__(
        self, engine: Engine, calendar: Calendar, policies: Sequence[Policy], seed: int
    ) -> None:
        self.engine, self.calendar, self.policies = engine, calendar, policies
        self.dice = Random(seed)  # noqa: S311 play
        self.done, self.refused = Counter[str](), Counter[str]()
        self.numbers = 0
        self.people = {
            "inspector": Actor(account="inspector", role="inspector", name="王检查"),
            "reviewer": Actor(account="reviewer", role="reviewer", name="李审核"),
            "other reviewer": Actor(account="reviewer2", role="reviewer", name="孙审核"),
            "head": Actor(account="head", role="head", name="赵局长"),
        }

    def work(self, now: datetime) -> None:
        """One day: every open matter whose time has come takes one step."""
        with reading(self.engine) as session:
            lines = queries.matters(session, open_only=True, limit=100_000)
        for line in lines:
            way = WAYS.get((line.kind, line.state))
            if way is None or now.date() < line.since + timedelta(days=way.days):
                continue
            self._try(f"{line.kind}.{way.act}", partial(self._step, line, way, now))
        self._after(now)

    def _step(self, line: MatterLine, way: Way, now: datetime) -> None:
        sheet: dict[str, Any] = {"on": now.date().isoformat(), **way.papers}
        if way.paper:
            sheet["document_no"] = self._number(way.paper, now.date())
        if way.act == "notify":
            sheet |= {"served_on": sheet["on"], "service_proof": "送达回证"}
        if way.term:
            sheet["due_on"] = (now.date() + timedelta(days=way.term)).isoformat()
        if "fine_fen" in sheet and _is_grave(line):
            sheet |= GRAVE
        by = self.people[way.by]
        given: dict[str, Any] = {"by": by, "now": now, "calendar": self.calendar}
        with writing(self.engine) as session:
            if way.act == "decide" and line.kind == "penalty":
                decision = read_form(DecisionSheet, {**sheet, "organ": ORGAN})
                acts.record_decision(session, line.id, decision, **given)
                return
            if way.act == "decide":
                sheet["organ"] = ORGAN
            form = read_form(StepSheet, sheet)
            acts.take_step(
                session, line.id, way.act, form, policy=in_force(self.policies, now.date()), **given
            )

    def _after(self, now: datetime) -> None:
        """Some findings become cases; some final penalties a listing, and some are undone."""
        with reading(self.engine) as session:
            closed = queries.matters(session, kinds=["finding"], open_only=True, limit=100_000)
            penalties = queries.matters(session, kinds=["penalty"], limit=100_000)
        for line in closed:
            if line.state == "confirmed" and self.dice.random() < 0.04:
                self._try("penalty.file", partial(self._file, line, now))
        for line in penalties:
            if line.state != "final" or line.since != now.date():
                continue
            chance = self.dice.random()
            if chance < 0.3:
                self._try("penalty.annul", partial(self._annul, line, now))
            elif chance < 0.9 and _is_grave(line):
                self._try("listing.propose", partial(self._propose, line, now))

    def _file(self, line: MatterLine, now: datetime) -> None:
        sheet = {"institution": line.institution, "findings": [line.id], "on": f"{now.date()}"}
        form = read_form(CaseSheet, {**sheet, **TWO})
        with writing(self.engine) as session:
            by = self.people["reviewer"]
            acts.open_case(session, form, by=by, now=now, calendar=self.calendar)

    def _annul(self, line: MatterLine, now: datetime) -> None:
        paper = self._number("甬教撤", now.date())
        form = read_form(
            StepSheet, {"on": f"{now.date()}", "document_no": paper, "reason": "事实不清"}
        )
        with writing(self.engine) as session:
            by = self.people["head"]
            acts.take_step(session, line.id, "annul", form, by=by, now=now, calendar=self.calendar)

    def _propose(self, line: MatterLine, now: datetime) -> None:
        sheet = {"institution": line.institution, "decision": line.id, "on": f"{now.date()}"}
        form = read_form(ListingSheet, {**LISTED_GROUND, **sheet})
        with writing(self.engine) as session:
            by = self.people["inspector"]
            policy = in_force(self.policies, now.date())
            acts.open_listing(session, form, by=by, now=now, calendar=self.calendar, policy=policy)

    def _try(self, what: str, act: Callable[[], None]) -> None:
        try:
            act()
            self.done[what] += 1
        except (StepRefused, Conflict, FormRefused) as wait:
            # What is refused for ever is a term missed in the end, and is told there.
            self.refused[f"{what}：{str(wait)[:60]}"] += 1

    def _number(self, word: str, on: date) -> str:
        self.numbers += 1
        return f"{word}〔{on.year}〕{self.numbers}号"
