"""Standing duties: what lapses when, and what a cover, an account or a licence is worth on a day."""

from datetime import date
from typing import Any

import pytest
from msgspec import UNSET
from sqlalchemy import Engine
from sqlmodel import Session

from registry import acts, queries
from registry.database import writing
from registry.errors import Conflict, read_form
from registry.forms import (
    CoverSheet,
    CustodyForm,
    CustodyReportForm,
    LicenceForm,
    NameForm,
    PremisesForm,
    ProfileForm,
)
from registry.queries.duties import last_day
from tests.registry import people as p

ON = date(2026, 11, 24)


def cover(session: Session, id: str, **changed: Any) -> int:
    """A premises cover of the year."""
    sheet = {
        "institution": id,
        "cover_class": "premises",
        "insurer": "示例保险",
        "policy_no": "P1",
        "since": "2026-01-01",
        "until": "2026-12-31",
        **changed,
    }
    return acts.record_cover(session, read_form(CoverSheet, sheet), by=p.LI, now=p.NOW)


def said(session: Session, within: int = 60) -> list[tuple[str, int]]:
    return [(one.what, one.days_left) for one in queries.lapses(session, ON, within)]


@pytest.mark.parametrize(
    ("terms", "last"),
    [
        ([], None),
        ([("2026-01-01", "2026-12-31")], "2026-12-31"),
        ([("2026-01-01", "2026-12-31"), ("2027-01-01", "2027-12-31")], "2027-12-31"),
        ([("2026-01-01", "2026-12-31"), ("2027-01-02", "2027-12-31")], "2026-12-31"),
        ([("2025-01-01", "2026-10-31"), ("2026-12-01", "2027-12-31")], "2026-10-31"),
        ([("2020-01-01", "2020-12-31"), ("2026-01-01", None)], "9999-12-31"),
        ([("2027-01-01", "2027-12-31")], None),
    ],
)
def test_terms_without_a_day_between_are_one(
    terms: list[tuple[str, str | None]], last: str | None
) -> None:
    read = [(p.day(since), p.day(until) if until else None) for since, until in terms]
    assert last_day(read, ON) == (p.day(last) if last else None)


def test_a_premium_that_is_paid_later_is_told_of_the_same_cover(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        cover(session, id, premium_paid=False)
        assert [one.premium_paid for one in queries.facts_of(session, id, ON).covers] == [False]
        paid = cover(session, id)
        assert [one.premium_paid for one in queries.facts_of(session, id, ON).covers] == [True]
        with pytest.raises(Conflict, match="登记过"):
            cover(session, id)
        cover(session, id, addresses=["海曙区中山西路 1 号"])
        with pytest.raises(Conflict, match=str(paid)):
            acts.cancel_cover(session, paid, p.day("2026-05-01"), by=p.LI, now=p.NOW)
        (line,) = queries.covers(session, id)
        acts.cancel_cover(session, line.id, p.day("2026-05-01"), by=p.LI, now=p.NOW)
        with pytest.raises(Conflict, match="2026-05-01 退保"):
            cover(session, id)


def test_what_lapsed_comes_first_and_what_is_renewed_does_not_lapse(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session, charges_in_advance=True)
        licence = LicenceForm(number="教民1", since=date(2020, 1, 1), until=date(2026, 11, 1))
        acts.record_licence(session, id, licence, by=p.QIAN, now=p.NOW)
        cover(session, id)
        cover(session, id, cover_class="accident", policy_no="P2", until="2026-11-24")
        assert said(session) == [("办学许可证", -23), ("学员意外保险", 0), ("场所责任保险", 37)]
        assert said(session, 7) == [("办学许可证", -23), ("学员意外保险", 0)]
        first = queries.lapses(session, ON, 60)[0]
        assert first.sentence == "办学许可证已于 2026-11-01 到期，超期 23 天。"
        assert (first.institution, first.jurisdiction) == (id, "330203")
        renewed = LicenceForm(number="教民1", since=date(2026, 11, 2), until=date(2030, 1, 1))
        acts.record_licence(session, id, renewed, by=p.QIAN, now=p.NOW)
        cover(session, id, policy_no="P3", since="2027-01-01", until="2027-12-31")
        assert said(session) == [("学员意外保险", 0)]
        closed = ProfileForm(jurisdiction="330203", status="closed", since=ON)
        acts.change_profile(session, id, closed, by=p.QIAN, now=p.NOW)
        assert said(session) == []


def test_an_unpaid_or_cancelled_cover_protects_nobody(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        cover(session, id, premium_paid=False)
        assert said(session) == []
        number = cover(session, id, policy_no="P2")
        acts.cancel_cover(session, number, date(2026, 11, 20), by=p.LI, now=p.NOW)
        assert said(session) == [("场所责任保险", -5)]


def test_a_bank_that_has_not_reported_for_long_is_told(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        account = {"institution": id, "bank": "甬银行", "since": "2026-09-01"}
        acts.record_custody(session, read_form(CustodyForm, account), by=p.LI, now=p.NOW)
        assert said(session) == [("专户余额报送", -39)]
        report = {"institution": id, "bank": "甬银行", "on": "2026-11-01"}
        acts.record_custody_report(
            session, read_form(CustodyReportForm, report), by=p.LI, now=p.NOW
        )
        (found,) = queries.lapses(session, ON, 60)
        assert (found.kind, found.last_on, found.days_left) == (
            "custody_report",
            date(2026, 12, 16),
            22,
        )
        assert queries.lapses(session, ON, 60, ["NB-0000-0"]) == []


NAME = "宁波市海曙区晨光艺术培训学校"
LATER = "宁波晨曦艺术培训学校"


@pytest.mark.parametrize(
    ("insured", "since", "matches"),
    [
        ({"insured_name": NAME}, "2026-01-01", True),
        ({"insured_name": "寧波市海曙區晨光藝術培訓學校 "}, "2026-01-01", True),
        ({"insured_name": LATER}, "2026-01-01", True),
        ({"insured_name": NAME}, "2026-07-01", False),
        ({"insured_name": LATER}, "2026-07-01", True),
        ({"insured_name": "宁波市海曙区晨光美术培训学校"}, "2026-01-01", False),
        ({"insured_code": p.CODE.lower()}, "2026-01-01", True),
        ({"insured_code": "91330203MA0000037W", "insured_name": NAME}, "2026-01-01", False),
        ({"insured_matches": False}, "2026-01-01", False),
        ({"insured_matches": False, "insured_name": NAME}, "2026-01-01", True),
    ],
)
def test_the_insured_is_compared_with_the_names_borne_in_the_policys_days(
    engine: Engine, insured: dict[str, object], since: str, matches: bool
) -> None:
    with writing(engine) as session:
        id = p.city(session, code=p.CODE)
        form = NameForm(kind="legal", text=LATER, since=date(2026, 6, 1))
        acts.rename(session, id, form, by=p.QIAN, now=p.NOW)
        cover(session, id, since=since, **insured)
        (found,) = queries.facts_of(session, id, ON).covers
        assert found.insured_matches is matches
        assert (said(session) == []) is not matches
        if since < "2026-06-01" and insured.get("insured_name") == LATER:
            before = queries.facts_of(session, id, date(2026, 5, 31)).covers
            assert [one.insured_matches for one in before] == [False]


def test_a_premises_cover_says_which_place_in_use_it_leaves_out(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        for number, since in (("2", "2020-03-01"), ("3", "2026-09-01")):
            form = PremisesForm(address=f"海曙区解放南路{number}号5楼", since=p.day(since))
            acts.record_premises(session, id, form, by=p.QIAN, now=p.NOW)
        cover(session, id, cover_class="performance", addresses=["别处9号"])
        first = ["宁波市海曙区中山西路1号", "解放南路二号"]
        number = cover(session, id, policy_no="P2", addresses=first)

        def left(on: date) -> list[object]:
            covers = queries.facts_of(session, id, on).covers
            return [one.leaves_out for one in covers if one.cover_class == "premises"]

        assert left(date(2026, 8, 31)) == [UNSET]
        assert left(ON) == [("海曙区解放南路3号5楼",)]
        acts.cancel_cover(session, number, date(2026, 11, 20), by=p.LI, now=p.NOW)
        assert left(ON) == [("海曙区解放南路3号5楼",)]
