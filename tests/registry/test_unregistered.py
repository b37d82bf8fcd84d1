"""A complaint about somebody the register does not hold: it lies in a district until it is found out who it is."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from registry import acts, queries
from registry.acts.owners import hand_over, people_for
from registry.database import writing
from registry.errors import FormRefused, NotAllowed, NotFound, read_form
from registry.forms import ComplaintSheet, HandoverForm, IdentificationForm
from registry.queries.private import private_of
from registry.queries.touched import belated, touched
from tests.registry import people as p
from tests.registry.test_requests import account

DOOR = {
    "jurisdiction": "330203",
    "named": "小星星托管",
    "address": "海曙区孙家巷 8 号二楼",
    "on": "2026-11-20",
    "text": "没有招牌证照，收了二十个孩子",
    "contact": "13900000000",
}


def reported(session: Session, **changed: Any) -> str:
    form = read_form(ComplaintSheet, {**DOOR, **changed})
    return acts.receive_complaint(session, form, by=p.WANG, now=p.NOW).matter


def meaning(institution: str) -> IdentificationForm:
    return IdentificationForm(institution=institution, reason="到现场看了营业执照")


def test_it_lies_in_a_district_with_an_owner_and_a_clock_and_touches_no_institution(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        p.neighbour(session)
        account(session, p.WANG, "330203")
        matter = reported(session)
        line = queries.matter(session, matter).line
        assert (line.institution, line.jurisdiction, line.owner) == ("", "330203", "wang")
        assert line.name == "（未登记）小星星托管"
        assert line.due_on == date(2026, 11, 25)
        assert [one.id for one in queries.matters(session, jurisdictions=("330203",))] == [matter]
        assert queries.matters(session, jurisdictions=("330205",)) == []
        assert queries.matters(session, institution=id) == []
        assert queries.matters(session, institution="") == [line]  # no filter at all
        assert people_for(session, "", ("inspector",), p.NOW, "330203") == ["wang"]
        assert people_for(session, "", ("inspector",), p.NOW, "330205") == []
        assert "" not in touched(session, p.NOW, date(2026, 1, 1), date(2026, 11, 30))
        assert "" not in belated(session, p.NOW, date(2026, 11, 30))
        entries = queries.ledger_entries(session, act="complaint.receive")
        assert not any(word in one.body for one in entries for word in ("1390", "小星星", "孙家巷"))


def test_everything_that_makes_it_impossible_to_go_there_is_told_at_once(engine: Engine) -> None:
    with writing(engine) as session:
        p.city(session)
        with pytest.raises(FormRefused) as refused:
            reported(session, jurisdiction="", address="")
        assert [one.field for one in refused.value.problems] == ["jurisdiction", "address"]
        with pytest.raises(NotFound, match="999999"):
            reported(session, jurisdiction="999999")
        assert queries.matters(session) == []


def test_who_is_found_out_has_it_in_its_record_and_each_finding_is_kept(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        other = p.institution(session, name="宁波市海曙区小星星培训学校")
        matter = reported(session)
        with pytest.raises(FormRefused, match="机构编号"):
            acts.identify(session, matter, meaning("NB-0000-0"), by=p.LI, now=p.NOW)
        acts.identify(session, matter, meaning(other), by=p.LI, now=p.NOW)
        with pytest.raises(FormRefused, match="不必再记"):
            acts.identify(session, matter, meaning(other), by=p.LI, now=p.NOW)
        acts.identify(session, matter, meaning(id), by=p.LI, now=p.NOW)
        assert queries.matters(session, institution=other) == []
        (line,) = queries.matters(session, institution=id)
        assert (line.id, line.name) == (matter, "宁波市海曙区晨光艺术培训学校")
        assert queries.matter(session, matter).content["named"] == "小星星托管"
        assert [one.key for one in private_of(session, id)] == [f"complaint-{matter}"]
        assert private_of(session, other) == []
        found = queries.ledger_entries(session, institution=other, act="identify")
        assert [one.subject for one in found] == [matter]
        # Its course goes on, now entered with the institution.
        p.step(session, matter, "accept", p.LI, "2026-11-21")
        (entry,) = queries.ledger_entries(session, institution=id, act="complaint.accept")
        assert entry.subject == matter
        acts.read_contact(session, matter, "核实", by=p.LI, now=p.NOW)
        assert [one.purpose for one in queries.readings(session, id)] == ["核实"]


def test_a_complaint_about_the_wrong_institution_is_put_right_too(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        other = p.institution(session, name="宁波市海曙区小星星培训学校")
        matter = reported(session, institution=id)
        assert queries.matter(session, matter).content["address"] == ""
        acts.identify(session, matter, meaning(other), by=p.LI, now=p.NOW)
        assert queries.matters(session, institution=id) == []
        assert [one.id for one in queries.matters(session, institution=other)] == [matter]


def test_only_whoever_is_responsible_there_has_it(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        p.neighbour(session)
        account(session, p.WANG, "330203")
        account(session, p.LI, "330205")
        account(session, p.SUN, "330203")
        matter = reported(session)
        with pytest.raises(NotAllowed, match="330203"):
            p.step(session, matter, "accept", p.LI, "2026-11-21")
        with pytest.raises(NotAllowed, match="330203"):
            acts.read_contact(session, matter, "看看", by=p.LI, now=p.NOW)
        with pytest.raises(NotAllowed):
            acts.identify(session, matter, meaning(id), by=p.LI, now=p.NOW)
        with pytest.raises(FormRefused, match="新负责人"):
            hand_over(session, matter, HandoverForm(owner="li", reason="x"), by=p.WANG, now=p.NOW)
        hand_over(session, matter, HandoverForm(owner="sun", reason="x"), by=p.WANG, now=p.NOW)
        assert queries.matter(session, matter).line.owner == "sun"
        assert acts.read_contact(session, matter, "核实", by=p.SUN, now=p.NOW) == "13900000000"
