"""Repair: asked for after the shortest term of what a decision punishes, once, with its papers."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from registry import acts, queries
from registry.acts import Filed
from registry.acts.applications import repairable
from registry.database import writing
from registry.errors import Conflict, FormRefused, NotFound, read_form
from registry.forms import (
    RepairForm,
    RepairSheet,
    StepForm,
    StepSheet,
)
from registry.portal.rights import is_repairable
from scoring import Policy, load_policy
from tests.registry import people as p

TODAY = p.NOW.date()
FILE = Filed(name="凭证.jpg", sha256="ab" * 32, media="image/jpeg", size=3)
APPROVED = StepForm(on=TODAY)
CHECKED = StepSheet(on=TODAY, policy_checked=True)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(Path("config/policy/NB-2026-1.toml").read_bytes())


def application(session: Session, id: str, about: str, policy: Policy, **more: Any) -> str:
    values = {
        "about": about,
        "on": TODAY,
        "proof": "罚款已缴清",
        "signer": "张三",
        "promised": True,
    }
    form = read_form(RepairForm, {**values, **more})
    name = "宁波市海曙区晨光艺术培训学校"
    return acts.apply_with_papers(
        session, form, (id, name), [FILE], policy=policy, by=p.SCHOOL, now=p.NOW
    )


def test_repair_is_asked_for_after_the_shortest_term_and_once(
    engine: Engine, policy: Policy
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        finding = p.finding(session, id)
        case = p.penalty(session, id, finding)
        found = repairable(session, queries.shown_matter(session, id, case), policy, TODAY)
        assert found is not None
        assert (found.determined_on, found.missing) == (p.day("2026-04-15"), ())
        matter = queries.shown_matter(session, id, finding)
        assert repairable(session, matter, policy, TODAY) is None
        early = repairable(
            session, queries.shown_matter(session, id, case), policy, p.day("2026-07-14")
        )
        assert early is not None
        assert early.first_day == p.day("2026-07-15")
        assert "2026年7月15日起" in early.missing[0]
        with pytest.raises(NotFound):
            application(session, id, finding, policy)
        with pytest.raises(FormRefused, match="信用承诺"):
            application(session, id, case, policy, promised=False)
        made = application(session, id, case, policy)
        shown = queries.shown_matter(session, id, made)
        assert shown.state == "lodged"
        assert "宁波市海曙区晨光艺术培训学校就宁波市海曙区教育局" in shown.content["undertaking"]
        assert shown.content["undertaking"].endswith("张三")
        with pytest.raises(Conflict, match=made):
            application(session, id, case, policy)
        p.step(session, made, "accept", p.WANG, "2026-11-24")
        paper = {"document_no": "甬教修〔2026〕1号", "reason": "已经履行"}
        p.step(session, made, "grant", p.ZHAO, "2026-11-24", **paper)
        shown = queries.shown_matter(session, id, case)
        assert shown.repaired_on == TODAY
        assert not is_repairable(shown)
        done = repairable(session, shown, policy, TODAY)
        assert done is not None
        assert done.missing == ("已于2026年11月24日准予修复，不用再申请。",)
        with pytest.raises(Conflict, match="已于2026年11月24日准予修复"):
            application(session, id, case, policy)


@pytest.mark.parametrize(
    ("codes", "severity", "first_day"),
    [
        (["L04"], "严重", "2027-04-15"),
        (["S01", "L04"], "严重", "2027-04-15"),
        (["S01"], "一般", "2026-07-15"),
        (["X99"], "严重", "2027-04-15"),
    ],
    ids=["a grave fault", "one of two", "a minor fault", "a code the policy does not know"],
)
def test_repair_waits_for_the_gravest_of_what_a_decision_punishes(
    engine: Engine, policy: Policy, codes: list[str], severity: str, first_day: str
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        findings = [p.finding(session, id, code=code, statement=code) for code in codes]
        case = p.penalty(session, id, *findings)
        found = repairable(session, queries.shown_matter(session, id, case), policy, TODAY)
        assert found is not None
        assert (found.severity, found.first_day) == (severity, p.day(first_day))
        sheet = {"about": case, "on": "2026-07-14", "proof": "已改正", "undertaking": "承诺"}
        with pytest.raises(FormRefused, match=first_day):
            acts.apply_for_repair(
                session, read_form(RepairSheet, sheet), by=p.SCHOOL, now=p.NOW, policy=policy
            )


def test_a_black_listing_waits_a_year_for_repair(engine: Engine, policy: Policy) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.listed(session, id, p.penalty(session, id, p.finding(session, id)))
        found = repairable(session, queries.shown_matter(session, id, matter), policy, TODAY)
        assert found is not None
        assert (found.severity, found.first_day) == ("严重", p.day("2027-11-03"))
        assert is_repairable(queries.shown_matter(session, id, matter))
        with pytest.raises(Conflict, match="2027年11月3日起"):
            application(session, id, matter, policy)
        annulled = {"document_no": "甬教撤〔2026〕1号", "reason": "事实不清"}
        p.step(session, matter, "annul", p.ZHAO, "2026-11-20", **annulled)
        assert not is_repairable(queries.shown_matter(session, id, matter))
