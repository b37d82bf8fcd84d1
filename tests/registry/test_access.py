"""Who may act where: roles, jurisdictions, and the trace a look at personal data leaves."""

from datetime import date

import pytest
from sqlalchemy import Engine

from registry import acts, queries
from registry.database import writing
from registry.errors import FormRefused, NotAllowed, NotFound
from registry.forms import AccountForm, ReplyForm, StepForm
from tests.registry import people as p


def test_a_look_at_personal_data_needs_a_purpose_and_leaves_a_trace(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        with pytest.raises(FormRefused, match="目的"):
            acts.log_reading(session, id, "专户余额", " ", by=p.LI, now=p.NOW)
        acts.log_reading(session, id, "专户余额", "核查退费投诉", by=p.LI, now=p.NOW)
        (line,) = queries.readings(session, id)
        assert (line.account, line.what, line.purpose) == ("li", "专户余额", "核查退费投诉")


@pytest.mark.parametrize("role", ["auditor", "institution", "administrator", "publisher"])
def test_a_role_that_may_not_record_is_refused(engine: Engine, role: str) -> None:
    with writing(engine) as session:
        id = p.city(session)
        other = acts.Actor(account="other", role=role)
        with pytest.raises(NotAllowed, match="无权"):
            acts.take_step(
                session,
                p.finding(session, id),
                "hear",
                StepForm(on=date(2026, 3, 5), reason="x"),
                by=other,
                now=p.NOW,
            )


def test_a_grant_reaches_its_jurisdiction_and_no_further(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        p.neighbour(session)
        for account, place in (("wang", "330203"), ("other", "330205")):
            form = AccountForm(
                id=account,
                name="检查员",
                password="correct horse",  # noqa: S106 a test's
                role="inspector",
                jurisdiction=place,
            )
            acts.create_account(session, form, by=p.ADMIN, now=p.NOW)
        p.finding(session, id)
        stranger = acts.Actor(account="other", role="inspector", name="外区检查员")
        with pytest.raises(NotAllowed, match="权限不包括"):
            acts.record_finding(
                session,
                p.read_form(
                    p.FindingSheet,
                    {"institution": id, "code": "S01", "seen_on": "2026-03-02", **p.TWO},
                ),
                by=stranger,
                now=p.NOW,
            )


def test_a_district_registers_in_its_own_jurisdiction_only(engine: Engine) -> None:
    with writing(engine) as session:
        p.city(session)
        p.neighbour(session)
        form = AccountForm(
            id="qian",
            name="钱发布",
            password="correct horse",  # noqa: S106 a test's
            role="publisher",
            jurisdiction="330205",
        )
        acts.create_account(session, form, by=p.ADMIN, now=p.NOW)
        with pytest.raises(NotAllowed, match="330203"):
            p.institution(session)
        with pytest.raises(NotFound, match="330299"):
            p.institution(session, jurisdiction="330299")


def test_an_institution_answers_for_itself_only(engine: Engine) -> None:
    with writing(engine) as session:
        own, other = p.city(session), p.institution(session)
        form = AccountForm(
            id="school",
            name="学校",
            password="correct horse",  # noqa: S106 a test's
            role="institution",
            institution=own,
        )
        acts.create_account(session, form, by=p.ADMIN, now=p.NOW)
        reply = ReplyForm(about=p.finding(session, own), on=date(2026, 3, 4), text="已改正")
        assert acts.reply_to(session, reply, by=p.SCHOOL, now=p.NOW)
        stray = ReplyForm(about=p.finding(session, other), on=date(2026, 3, 4), text="已改正")
        with pytest.raises(NotAllowed):
            acts.reply_to(session, stray, by=p.SCHOOL, now=p.NOW)
