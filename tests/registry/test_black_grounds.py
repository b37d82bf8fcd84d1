"""What a black listing may rest on and for how long it may stand, when it is proposed and when it is decided."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import Engine
from sqlmodel import Session

from registry import acts
from registry.database import writing
from registry.errors import FormRefused, StepRefused, read_form
from registry.forms import LicenceForm, ListingSheet, StepSheet
from scoring import Policy, load_policy
from tests.registry import people as p
from tests.registry.test_requests import confirmed

POLICY = load_policy(Path("config/policy/NB-2026-1.toml").read_bytes())
BY_GRADE = structs.replace(
    POLICY, bands=(*POLICY.bands[:-1], structs.replace(POLICY.bands[-1], proposes="black"))
)
DECIDED = {"document_no": "甬教信〔2026〕1号", "organ": "宁波市海曙区教育局", **p.TWO}


def proposed(
    session: Session, code: str, policy: Policy | None = POLICY, **changed: Any
) -> tuple[str, str]:
    """A proposal that rests on a penalty over a fault of a code; the institution and the matter."""
    id = p.city(session)
    decision = p.penalty(session, id, confirmed(session, id, code=code))
    return id, proposal(session, id, decision, policy, **changed)


def proposal(
    session: Session, id: str, decision: str, policy: Policy | None = POLICY, **changed: Any
) -> str:
    sheet = {
        "institution": id,
        "list": "black",
        "ground": "恶意停业",
        "statement": "经决定处罚",
        "article": "第十七条",
        "decision": decision,
        "on": "2026-10-21",
        **changed,
    }
    form = read_form(ListingSheet, sheet)
    return acts.open_listing(session, form, by=p.WANG, now=p.NOW, policy=policy)


@pytest.mark.parametrize(
    ("code", "policy", "changed"),
    [
        ("F05", POLICY, {}),
        ("T04", POLICY, {"months": 36}),
        ("F05", POLICY, {"until": "2027-10-20"}),
        # Without a licence, whatever the fault that was punished.
        ("C01", POLICY, {"ground": "擅自举办校外培训机构"}),
        # Of a scheme in which a grade leads to a case the codes say nothing.
        ("C01", BY_GRADE, {}),
    ],
)
def test_a_ground_of_the_policy_and_a_lawful_term_open_a_case(
    engine: Engine, code: str, policy: Policy, changed: dict[str, Any]
) -> None:
    with writing(engine) as session:
        assert proposed(session, code, policy, **changed)[1]


@pytest.mark.parametrize(
    ("code", "changed", "said"),
    [
        ("C01", {}, "只以 F05、P01、T04 作为列入黑名单的依据"),
        ("C01", {"ground": "F05"}, "不得另增列入情形"),
        ("F05", {"months": 11}, "期限是 12 到 36 个月"),
        ("F05", {"months": 37}, "请写不大于 36 的数"),
        ("F05", {"until": "2027-10-19"}, "应当在 2027-10-20 和 2029-10-20 之间"),
        ("F05", {"until": "2029-10-21"}, "应当在 2027-10-20 和 2029-10-20 之间"),
    ],
)
def test_no_other_ground_and_no_other_term_opens_one(
    engine: Engine, code: str, changed: dict[str, Any], said: str
) -> None:
    with writing(engine) as session, pytest.raises(FormRefused, match=said):
        proposed(session, code, **changed)


def test_whoever_has_a_licence_is_not_listed_as_having_none(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        term = {"number": "1", "since": "2025-01-01", "until": "2028-12-31"}
        acts.record_licence(session, id, read_form(LicenceForm, term), by=p.LI, now=p.NOW)
        finding = confirmed(session, id, code="C01")
        with pytest.raises(FormRefused, match="不得另增列入情形"):
            proposal(session, id, p.penalty(session, id, finding), ground="擅自举办培训机构")


def step(session: Session, matter: str, act: str, on: date, **papers: Any) -> str:
    form = read_form(StepSheet, {"on": on, **DECIDED, **papers})
    return acts.take_step(session, matter, act, form, by=p.ZHAO, now=p.NOW, policy=POLICY)


def test_what_was_proposed_on_no_ground_is_not_decided(engine: Engine) -> None:
    """A proposal may be older than the check, or than the policy."""
    with writing(engine) as session:
        _, matter = proposed(session, "C01", policy=None)
        p.step(session, matter, "notify", p.LI, "2026-10-22", document_no="告1")
        p.step(session, matter, "hear", p.WANG, "2026-11-02", reason="未提出")
        p.step(session, matter, "review", p.SUN, "2026-11-03", reason="清楚")
        with pytest.raises(StepRefused, match="请办理“不予列入”"):
            step(session, matter, "decide", date(2026, 11, 4))


def test_it_is_decided_for_no_shorter_term_than_the_law_has(engine: Engine) -> None:
    with writing(engine) as session:
        _, matter = proposed(session, "F05")
        p.step(session, matter, "notify", p.LI, "2026-10-22", document_no="告1")
        p.step(session, matter, "hear", p.WANG, "2026-11-02", reason="未提出")
        p.step(session, matter, "review", p.SUN, "2026-11-03", reason="清楚")
        with pytest.raises(FormRefused, match="12 到 36 个月"):
            step(session, matter, "decide", date(2026, 11, 4), months=6)
        assert step(session, matter, "decide", date(2026, 11, 4), months=12) == "decided"
