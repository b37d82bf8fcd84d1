"""Who a matter belongs to: handed over, ownerless, taken up."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from registry import acts, queries
from registry.accounts import capacities, close_account, create_account, end_grant
from registry.database import writing
from registry.errors import FormRefused, NotAllowed, read_form
from registry.forms import AccountForm, HandoverForm
from tests.registry import people as p
from tests.registry.test_requests import account, confirmed, objection


def owner(session: Session, matter: str) -> str:
    return queries.matter(session, matter).line.owner


def test_a_matter_changes_hands_and_a_closed_account_owns_nothing(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        for one in (p.WANG, p.LI, p.SUN):
            account(session, one, "330203")
        account(session, p.ZHAO, "330203")
        found = p.finding(session, id)
        assert owner(session, found) == "wang"
        to = HandoverForm(owner="sun", reason="调岗")
        acts.hand_over(session, found, to, by=p.WANG, now=p.NOW)
        assert owner(session, found) == "sun"
        assert [one.id for one in queries.matters(session, owner="sun")] == [found]
        assert queries.matters(session, owner="wang") == []
        with pytest.raises(NotAllowed, match="sun"):
            acts.hand_over(session, found, to, by=p.WANG, now=p.NOW)
        told = queries.notices(session, account="sun")
        assert [one.kind for one in told] == ["handover"]
        close_account(session, "sun", by=p.ADMIN, now=p.NOW)
        assert owner(session, found) == ""
        assert [one.id for one in queries.matters(session, ownerless=True)] == [found]
        with pytest.raises(FormRefused, match="新负责人"):
            acts.hand_over(session, found, to, by=p.LI, now=p.NOW)
        # Whoever takes up what nobody has is its owner from then on.
        p.step(session, found, "hear", p.LI, "2026-03-05", reason="无异议")
        assert owner(session, found) == "li"


def test_what_an_institution_asks_for_belongs_to_somebody_of_its_office(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        found = confirmed(session, id)
        account(session, p.SUN)
        account(session, p.LI, "330203")
        close = {"id": "wang", "name": "王", "password": "long-enough-1", "role": "inspector"}
        create_account(session, read_form(AccountForm, close), by=p.ADMIN, now=p.NOW)
        close_account(session, "wang", by=p.ADMIN, now=p.NOW)
        asked = objection(session, found)
        assert owner(session, asked) == "li"
        assert queries.notices(session, account="li")[0].link == f"desk/matters/{asked}/"


def taken_away(session: Session, account: str) -> None:
    """Ends every role an account has."""
    for one in capacities(session, account, p.NOW):
        end_grant(session, account, one.id, by=p.ADMIN, now=p.NOW)


def test_whose_role_was_taken_away_is_given_nothing_any_more(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        found = confirmed(session, id)
        for one in (p.LI, p.SUN, p.WANG):
            account(session, one, "330203")
        taken_away(session, "li")
        taken_away(session, "wang")
        assert [one.account for one in queries.officers(session, p.NOW.date())] == ["sun"]
        asked = objection(session, found)
        assert owner(session, asked) == "sun"
        to = HandoverForm(owner="li", reason="交接")
        with pytest.raises(FormRefused, match="新负责人"):
            acts.hand_over(session, asked, to, by=p.SUN, now=p.NOW)


def test_what_an_institution_does_is_told_to_whoever_owns_the_matter_now(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        for one in (p.LI, p.SUN):
            account(session, one, "330203")
        asked = objection(session, confirmed(session, id))
        to = HandoverForm(owner="sun", reason="调岗")
        acts.hand_over(session, asked, to, by=p.LI, now=p.NOW)
        p.step(session, asked, "withdraw", p.SCHOOL, "2026-11-12", reason="已经改正")
        said = {one.kind for one in queries.notices(session, account="sun")}
        assert said == {"handover", "step"}
