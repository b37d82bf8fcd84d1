"""Signing in: right and wrong passwords, throttling, revoked and expired tokens, ended grants."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from registry import queries
from registry.access import PERMISSIONS, ROLES, allowed
from registry.accounts import (
    account_of,
    accounts,
    close_account,
    create_account,
    sign_in,
    sign_out,
)
from registry.database import writing
from registry.errors import Conflict, FormRefused, NotAllowed, read_form
from registry.forms import AccountForm
from registry.procedure import TRANSITIONS
from tests.registry import people as p

PASSWORD = "correct horse battery"  # noqa: S105 a test's


def opened(session: Session, **changed: Any) -> str:
    sheet = {"id": "wang", "name": "王检查", "password": PASSWORD, "role": "inspector"}
    form = read_form(AccountForm, {**sheet, **changed})
    return create_account(session, form, by=p.ADMIN, now=p.NOW)


def test_a_right_password_gives_a_token_that_names_the_person(engine: Engine) -> None:
    with writing(engine) as session:
        p.city(session)
        opened(session, jurisdiction="330203")
        done = sign_in(session, " WANG ", PASSWORD, p.NOW)
        person = account_of(session, done.token, p.NOW)
        assert person is not None
        assert (person.account, person.role, person.jurisdiction) == (
            "wang",
            "inspector",
            "330203",
        )
        assert person.actor == msgspec.structs.replace(p.WANG, strong=False)
        assert person.capacity == "检查员（海曙区）"
        assert account_of(session, done.token + "x", p.NOW) is None
        assert account_of(session, "", p.NOW) is None


def test_neither_password_nor_token_is_kept(engine: Engine) -> None:
    with writing(engine) as session:
        opened(session)
        token = sign_in(session, "wang", PASSWORD, p.NOW).token
    with engine.connect() as connection:
        kept = str(
            [
                connection.execute(text(f'SELECT * FROM "{table}"')).all()  # noqa: S608 our names
                for table in ("account", "session", "ledger")
            ]
        )
    assert PASSWORD not in kept
    assert token not in kept


def test_an_unknown_name_and_a_wrong_password_are_told_alike(engine: Engine) -> None:
    with writing(engine) as session:
        opened(session)
        wrong = sign_in(session, "wang", "wrong", p.NOW)
        unknown = sign_in(session, "nobody", PASSWORD, p.NOW)
        assert wrong == unknown
        assert wrong.token == ""


def test_five_failures_close_the_door_for_a_quarter_of_an_hour(engine: Engine) -> None:
    with writing(engine) as session:
        opened(session)
        for _ in range(5):
            assert "密码不对" in sign_in(session, "wang", "wrong", p.NOW).refused
    with writing(engine) as session:
        assert "15 分钟" in sign_in(session, "wang", PASSWORD, p.NOW).refused
        later = p.NOW + timedelta(minutes=16)
        assert sign_in(session, "wang", PASSWORD, later).token


def test_a_token_ends_by_signing_out_by_time_and_by_closing(engine: Engine) -> None:
    with writing(engine) as session:
        opened(session)
        first, second = (sign_in(session, "wang", PASSWORD, p.NOW).token for _ in range(2))
        sign_out(session, first, p.NOW)
        assert account_of(session, first, p.NOW) is None
        assert account_of(session, second, p.NOW) is not None
        assert account_of(session, second, p.NOW + timedelta(hours=12)) is None
        close_account(session, "wang", by=p.ADMIN, now=p.NOW)
        assert account_of(session, second, p.NOW) is None
        assert sign_in(session, "wang", PASSWORD, p.NOW).token == ""
        assert accounts(session, p.NOW) == []


def test_a_grant_that_has_ended_opens_nothing(engine: Engine) -> None:
    with writing(engine) as session:
        opened(session)
        token = sign_in(session, "wang", PASSWORD, p.NOW).token
        session.connection().execute(text("UPDATE \"grant\" SET until = '2026-11-24'"))
        session.expire_all()
        assert account_of(session, token, p.NOW) is not None
        assert account_of(session, token, p.NOW + timedelta(days=1)) is None


def test_only_an_administrator_opens_accounts_and_no_name_twice(engine: Engine) -> None:
    with writing(engine) as session:
        opened(session)
        with pytest.raises(Conflict, match="wang"):
            opened(session)
        form = AccountForm(id="sun", name="孙", password=PASSWORD, role="head")
        with pytest.raises(NotAllowed):
            create_account(session, form, by=p.ZHAO, now=p.NOW)
        entry = queries.ledger_entries(session, act="create_account")[0]
        assert entry.subject == "wang"


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"password": "short"}, "密码"),
        ({"role": "king"}, "角色"),
        ({"id": "王"}, "账户名"),
        ({"role": "institution"}, "所属机构"),
        ({"institution": "NB-1"}, "所属机构"),
    ],
)
def test_an_account_sheet_with_a_mistake_is_refused(
    engine: Engine, changed: dict[str, str], word: str
) -> None:
    with writing(engine) as session, pytest.raises(FormRefused, match=word):
        opened(session, **changed)


def test_a_refused_password_is_not_repeated() -> None:
    sheet = {"id": "wang", "name": "王", "password": "hunter2", "role": "head"}
    with pytest.raises(FormRefused, match="密码") as caught:
        read_form(AccountForm, sheet)
    assert "hunter2" not in str(caught.value)


def test_an_auditor_changes_nothing() -> None:
    assert not any(allowed("auditor", f"{one.kind}.{one.act}") for one in TRANSITIONS)
    readable = {act for act in PERMISSIONS if allowed("auditor", act)}
    assert readable == {"browse_ledger", "browse_readings", "browse_sign_ins", "read_register"}


def test_every_role_named_anywhere_exists() -> None:
    named = {role for one in TRANSITIONS for role in one.roles}
    named |= {role for roles in PERMISSIONS.values() for role in roles}
    assert named == set(ROLES)
    assert not allowed("head", "no_such_act")
    assert not allowed("nobody", "create_account")
