"""Alerts: on a confirmed fact, for a term, and over with either."""

from datetime import date

import pytest
from sqlalchemy import Engine

from registry import acts, queries
from registry.calendar import Calendar
from registry.database import writing
from registry.errors import FormRefused, StepRefused
from registry.reminders import end_what_has_run_out
from tests.registry import people as p
from tests.registry.test_requests import PAPER, confirmed


def test_an_alert_rests_on_a_confirmed_fact_and_ends_by_itself(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        with pytest.raises(StepRefused, match="没有确认"):
            p.alert(session, id, p.finding(session, id))
        found = confirmed(session, id)
        matter = p.alert(session, id, found)
        p.step(session, matter, "issue", p.ZHAO, "2026-10-10", document_no="示1")
        for on, many in (
            ("2026-10-09", 0),
            ("2026-10-10", 1),
            ("2026-11-09", 1),
            ("2026-11-10", 0),
        ):
            assert len(queries.alerts_in_force(session, p.day(on))) == many, on
        with pytest.raises(FormRefused, match="2026-11-09 结束"):
            p.step(session, matter, "renew", p.ZHAO, "2026-11-10", **PAPER)
        clock = acts.Actor(account="schedule", role="publisher", name="定时")
        for _ in range(2):
            end_what_has_run_out(session, by=clock, now=p.NOW, calendar=Calendar({}))
        steps = queries.matter(session, matter).steps
        assert [one.act for one in steps] == ["propose", "issue", "lapse"]
        assert steps[-1].on == date(2026, 11, 10)


def test_a_renewed_alert_runs_on_and_falls_with_its_fact(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        found = confirmed(session, id)
        matter = p.alert(session, id, found)
        p.step(session, matter, "issue", p.ZHAO, "2026-10-10", document_no="示1")
        p.step(session, matter, "renew", p.ZHAO, "2026-11-09", **PAPER)
        (line,) = queries.alerts_in_force(session, date(2026, 11, 20))
        assert (line.until, line.issued_on) == (date(2026, 12, 9), date(2026, 10, 10))
        p.step(session, found, "annul", p.ZHAO, "2026-11-21", **PAPER)
        assert queries.alerts_in_force(session, date(2026, 11, 21)) == []
