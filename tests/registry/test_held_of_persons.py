"""An impact assessment states what is held today: neither what was erased nor whoever has left."""

from datetime import date, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from registry import acts, queries
from registry.accounts import close_account, create_account
from registry.database import reading, writing
from registry.errors import read_form
from registry.forms import AccountForm, ComplaintSheet, CustodyForm
from registry.tables import Grant, Reading
from tests.registry import people as p

FORM = {"name": "某某", "password": "correct horse battery"}


def opened(session: Session, id: str, role: str, **more: str) -> None:
    form = read_form(AccountForm, {**FORM, "id": id, "role": role, **more})
    create_account(session, form, by=p.ADMIN, now=p.NOW)


def test_what_is_held_is_counted_by_class_and_role(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session, legal_representative="王校长", code=p.CODE)
        p.institution(session, name="宁波市海曙区没有代表人的培训学校", address="海曙区解放路 2 号")
        opened(session, "wang", "inspector", jurisdiction="330203")
        opened(session, "sun", "inspector", jurisdiction="330203")
        opened(session, "li", "reviewer", jurisdiction="330203")
        opened(session, "gone", "inspector", jurisdiction="330203")
        past = {"since": date(2025, 1, 1), "until": date(2026, 3, 1), "recorded_by": "admin"}
        session.add(Grant(account="li", role="head", recorded_at=p.NOW, **past))
        close_account(session, "gone", by=p.ADMIN, now=p.NOW)
        for contact in ("13800000000", ""):
            sheet = {
                "institution": id,
                "on": f"{p.NOW:%Y-%m-%d}",
                "text": "退费难",
                "channel": "电话",
            }
            form = read_form(ComplaintSheet, {**sheet, "contact": contact})
            acts.receive_complaint(session, form, by=p.WANG, now=p.NOW)
        for bank, account_no in (("甬银行", "3301040160000000001"), ("海银行", "")):
            account = {"institution": id, "bank": bank, "account_no": account_no}
            form = read_form(CustodyForm, {**account, "since": "2026-03-01"})
            acts.record_custody(session, form, by=p.LI, now=p.NOW)
        for days in (1, 400):
            at = p.NOW - timedelta(days=days)
            session.add(Reading(account="li", institution=id, what="投诉人", purpose="核实", at=at))
    with reading(engine) as session:
        held = queries.held_of_persons(session, p.NOW)
    assert (held.institutions, held.representatives, held.complainants) == (2, 1, 1)
    assert (held.readings, held.accounts, held.second) == (1, 3, 0)
    assert held.bank_accounts == 1
    assert held.roles == {"inspector": 2, "reviewer": 1}
