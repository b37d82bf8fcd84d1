"""A visit recorded for the wrong institution: undone by two people, for every day, and told wherever it was printed."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from registry import acts, queries
from registry.database import writing
from registry.errors import Conflict, FormRefused, NotAllowed, NotFound, read_form
from registry.forms import CampaignForm, StepForm, VoidForm
from scoring import assess
from tests.registry import people as p
from tests.registry.test_campaigns import staff, task

TODAY = p.NOW.date()


def ask(session: Session, visit: str, by: acts.Actor = p.WANG, reason: str = "选错了机构") -> str:
    form = read_form(VoidForm, {"reason": reason})
    return acts.ask_void(session, visit, form, by=by, now=p.NOW)


def decide(session: Session, matter: str, act: str = "apply", by: acts.Actor = p.ZHAO) -> datetime:
    """Decides the day after; gives the instant."""
    now = p.NOW + timedelta(days=1)
    form = StepForm(on=now.date(), reason="" if act == "apply" else "确实去过")
    acts.take_step(session, matter, act, form, by=by, now=now)
    return now


def seen_by(session: Session, id: str, on: date, known: datetime | None = None) -> list[str]:
    return [one.id for one in queries.facts_of(session, id, on, known).inspections]


def grade(session: Session, id: str) -> str:
    return assess(queries.facts_of(session, id, TODAY), p.POLICY, TODAY).grade


def test_a_voided_visit_never_was_on_any_day_and_lifts_no_grade(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session, code=p.CODE, licence_no="教民1", licence_since="2020-01-01")
        old = p.inspection(session, id, on="2024-01-10", key="phone-0000")
        wrong = p.inspection(session, id, on="2026-03-02")
        assert grade(session, id) == "A"
        matter = ask(session, wrong)
        assert seen_by(session, id, TODAY) == [old, wrong]
        decide(session, matter)
        for on in (TODAY, date(2026, 3, 2)):
            assert seen_by(session, id, on) == [old]
        assert seen_by(session, id, TODAY, p.NOW) == [old, wrong]
        assert grade(session, id) == "N"
        assert queries.visit(session, wrong).voided_by == matter
        assert {one.id: one.voided for one in queries.inspections(session, id)} == {
            wrong: True,
            old: False,
        }
        (entry,) = queries.ledger_entries(session, act="void_inspection")
        assert (entry.subject, entry.institution, entry.account) == (wrong, id, "zhao")


def test_every_edition_that_printed_it_is_looked_at_again(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        wrong = p.inspection(session, id, on="2026-03-02")
        before = decide(session, ask(session, wrong))
        assert id in queries.touched(session, before, TODAY, TODAY)
        assert id in queries.belated(session, before, date(2026, 4, 30))
        # An edition whose days were over before the visit says nothing of it.
        assert id not in queries.belated(session, before, date(2026, 3, 1))


def test_who_asks_may_not_approve_and_a_rejected_one_stands(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        visit = p.inspection(session, id)
        matter = ask(session, visit, p.LI)
        with pytest.raises(NotAllowed, match="另一人"):
            decide(session, matter, by=p.LI)
        with pytest.raises(Conflict, match="在等核准"):
            ask(session, visit)
        decide(session, matter, "reject")
        assert seen_by(session, id, TODAY) == [visit]
        decide(session, ask(session, visit))
        assert seen_by(session, id, TODAY) == []
        with pytest.raises(Conflict, match="作废，不必再提"):
            ask(session, visit)


def test_what_was_seen_there_is_undone_first_and_nothing_more_is_recorded(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        visit = p.inspection(session, id)
        found = p.finding(session, id, inspection=visit)
        with pytest.raises(Conflict, match=f"{found} 还没有撤销"):
            ask(session, visit)
        p.step(session, found, "hear", p.WANG, "2026-03-03", reason="不是我们学校")
        p.step(session, found, "dismiss", p.LI, "2026-03-04", reason="记错了机构")
        decide(session, ask(session, visit))
        with pytest.raises(Conflict, match="请记到实际的那次检查"):
            p.finding(session, id, inspection=visit)


def test_mistakes_are_told_and_only_those_who_record_visits_ask(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        visit = p.inspection(session, id)
        with pytest.raises(FormRefused) as refused:
            ask(session, visit, reason=" ")
        assert [one.field for one in refused.value.problems] == ["reason"]
        with pytest.raises(NotFound, match="JC2026-999999"):
            ask(session, "JC2026-999999")
        with pytest.raises(NotAllowed):
            ask(session, visit, p.ZHAO)


def test_it_is_counted_nowhere_and_its_task_is_open_again(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        form = read_form(
            CampaignForm, {"name": "秋季", "since": "2026-01-01", "until": "2026-12-31"}
        )
        campaign = acts.open_campaign(session, form, by=p.LI, now=p.NOW)
        staff(session, "ann", "bob")
        acts.assign_task(session, campaign, task(id, "ann", "bob"), by=p.LI, now=p.NOW)
        visit = p.inspection(session, id, campaign=campaign)
        assert queries.campaign(session, campaign).visited == 1
        span = (date(2026, 1, 1), date(2026, 12, 31))
        assert queries.year_facts(session, *span).inspected == 1
        assert queries.fieldwork(session, "inspector", *span).visits == 1
        decide(session, ask(session, visit))
        assert queries.year_facts(session, *span).inspected == 0
        assert queries.fieldwork(session, "inspector", *span).visits == 0
        assert queries.campaign(session, campaign).visited == 0
