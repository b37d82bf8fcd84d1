"""What the desk says of an institution's duties: gaps, names, places, money, classes, reports."""

from datetime import date
from pathlib import Path

from msgspec import structs
from sqlalchemy import Engine
from sqlmodel import Session

from registry import acts, queries
from registry.database import writing
from registry.errors import read_form
from registry.forms import AnnualInspectionForm, CustodyForm, NameForm, PremisesForm
from scoring import load_policy
from tests.registry import people as p
from tests.registry.test_duties import ON, cover

POLICY = load_policy((Path(__file__).parents[2] / "config/policy/NB-2026-1.toml").read_bytes())


def sheet(session: Session, id: str) -> queries.DutySheet:
    return queries.duty_sheet(session, id, ON, POLICY)


def test_a_gap_of_one_day_between_two_policies_is_seen(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        cover(session, id, policy_no="P1", since="2025-06-01", until="2026-05-31")
        cover(session, id, policy_no="P2", since="2026-06-02", until="2027-06-01")
        warnings = sheet(session, id).warnings
        assert "场所责任保险在 2026-06-01 这一天中断。" in warnings
        assert "没有有效的履约保险。" in warnings
        cover(session, id, policy_no="P3", since="2026-06-01", until="2026-06-01")
        assert not any("中断" in one for one in sheet(session, id).warnings)


def test_a_cover_without_an_end_leaves_no_gap(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        cover(session, id, policy_no="P1", since="2025-06-01", until="9999-12-31")
        cover(session, id, policy_no="P2", since="2026-06-02", until="2027-06-01")
        assert not any("中断" in one for one in sheet(session, id).warnings)


def test_what_makes_a_cover_worthless_is_said_beside_it(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        form = NameForm(kind="legal", text="宁波晨曦艺术培训学校", since=date(2026, 6, 1))
        acts.rename(session, id, form, by=p.QIAN, now=p.NOW)
        cover(session, id, policy_no="P1", premium_paid=False)
        cover(session, id, policy_no="P2", insured_name="别家学校")
        cover(session, id, policy_no="P3", insured_name="宁波市海曙区晨光艺术培训学校")
        number = cover(session, id, policy_no="P4")
        acts.cancel_cover(session, number, date(2026, 3, 1), by=p.LI, now=p.NOW)
        said = {
            one.policy_no: (one.state, "".join(one.problems)) for one in sheet(session, id).covers
        }
        assert said["P1"] == ("不起作用", "保费未缴，不算在保。")
        assert "“别家学校”不是本机构" in said["P2"][1]
        assert said["P3"][0] == "在保"
        assert "曾用名" in said["P3"][1]
        assert said["P4"] == ("已退保", "已于 2026-03-01 退保。")


def test_one_of_three_places_and_a_wrong_class_are_seen(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        for number in (2, 3):
            form = PremisesForm(address=f"海曙区解放南路{number}号", since=date(2020, 3, 1))
            acts.record_premises(session, id, form, by=p.QIAN, now=p.NOW)
        cover(session, id, addresses=["海曙区中山西路1号"])
        cover(session, id, cover_class="accident", policy_no="P2")
        warnings = sheet(session, id).warnings
        assert "场所责任保险没有承保“海曙区解放南路2号”。" in warnings
        assert "没有有效的履约保险，在保的学员意外保险不能代替。" in warnings
        cover(session, id, policy_no="P3", addresses=["解放南路二号", "解放南路3号"])
        assert not any("没有承保" in one for one in sheet(session, id).warnings)


def test_no_insurance_is_missing_that_nobody_asks_of_this_kind(engine: Engine) -> None:
    rule = next(one for one in POLICY.white if one.kind == "cover")
    free = structs.replace(POLICY, white=(structs.replace(rule, except_kinds=("民办幼儿园",)),))
    with writing(engine) as session:
        p.city(session)
        for kind, missing in (("民办幼儿园", False), ("培训机构", True)):
            id = p.institution(session, kind=kind, name=f"{kind}一所")
            warnings = queries.duty_sheet(session, id, ON, free).warnings
            assert any("保险" in one for one in warnings) is missing, (kind, warnings)


def test_terms_and_years_are_shown_the_newest_first(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session, code=p.CODE)
        account = {"institution": id, "bank": "甬银行", "since": "2026-09-01"}
        acts.record_custody(session, read_form(CustodyForm, account), by=p.LI, now=p.NOW)
        for year in (2024, 2025):
            form = AnnualInspectionForm(
                institution=id, year=year, result="合格", on=date(year + 1, 5, 1)
            )
            acts.record_annual_inspection(session, form, by=p.LI, now=p.NOW)
        found = sheet(session, id)
        assert [one.what for one in found.terms] == ["法人登记", "监管专户"]
        assert found.terms[1].note == "还没有报送余额"
        assert [one.year for one in found.years] == [2025, 2024]
        assert any("监管专户余额应在 2026-10-16 前报送" in one for one in found.warnings)
