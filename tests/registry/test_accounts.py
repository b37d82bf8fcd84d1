"""Signing in: right and wrong passwords, throttling, revoked and expired tokens, ended grants."""

from datetime import timedelta
from typing import Any

import msgspec
import pyotp
import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from registry import queries
from registry.access import PERMISSIONS, Actor, allowed
from registry.accounts import (
    SecondFactorLocked,
    Vault,
    Visitor,
    account_of,
    account_row,
    accounts,
    change_email,
    close_account,
    create_account,
    grant_role,
    invitation_of,
    invitations,
    invite,
    reset_password,
    revoke_invitation,
    second,
    show_second,
    sign_in,
    sign_out,
    touch,
)
from registry.accounts.passwords import password_problem
from registry.accounts.person import stage_of
from registry.accounts.vault import SEALED, kept_secrets, seal_all
from registry.database import writing
from registry.errors import Conflict, FormRefused, NotAllowed, NotFound, read_form
from registry.forms import AccountForm, EmailForm, GrantForm
from registry.procedure import ROLES, TRANSITIONS
from registry.queries.people import holders
from registry.tables import Account
from tests.registry import people as p

PASSWORD = "correct horse battery"  # noqa: S105 a test's
VAULT = Vault(lambda: b"k" * 32)
LOST = Vault(lambda: b"")


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
        with pytest.raises(Conflict, match="已经停用"):
            close_account(session, "wang", by=p.ADMIN, now=p.NOW + timedelta(days=9))
        assert account_row(session, "wang").closed_at == p.NOW


def test_a_grant_that_has_ended_opens_nothing(engine: Engine) -> None:
    with writing(engine) as session:
        opened(session)
        token = sign_in(session, "wang", PASSWORD, p.NOW).token
        session.connection().execute(text("UPDATE \"grant\" SET until = '2026-11-24'"))
        session.expire_all()
        assert account_of(session, token, p.NOW) is not None
        assert account_of(session, token, p.NOW + timedelta(days=1)) is None


def test_a_district_does_not_keep_who_is_about_to_hold_more_than_it(engine: Engine) -> None:
    with writing(engine) as session:
        p.city(session)
        opened(session, id="here", role="administrator", jurisdiction="330203")
        opened(session, jurisdiction="330203")
        here = Actor(account="here", role="administrator", name="区管理员")
        assert reset_password(session, "wang", by=here, now=p.NOW)
        tomorrow = p.NOW.date() + timedelta(days=1)
        grant_role(
            session, "wang", GrantForm(role="publisher", since=tomorrow), by=p.ADMIN, now=p.NOW
        )
        with pytest.raises(NotAllowed, match="超出本区县"):
            reset_password(session, "wang", by=here, now=p.NOW)
        assert reset_password(session, "wang", by=p.ADMIN, now=p.NOW)


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
        ({"email": "wang"}, "电子邮箱"),
    ],
)
def test_an_account_sheet_with_a_mistake_is_refused(
    engine: Engine, changed: dict[str, str], word: str
) -> None:
    with writing(engine) as session, pytest.raises(FormRefused, match=word):
        opened(session, **changed)


def test_an_address_of_mail_is_set_by_its_person_or_whoever_keeps_accounts(engine: Engine) -> None:
    with writing(engine) as session:
        opened(session, email="ｗang@bureau.example ")
        assert account_row(session, "wang").email == "wang@bureau.example"
        own, theirs = (EmailForm(email=f"{one}@bureau.example") for one in ("own", "theirs"))
        change_email(session, "wang", own, by=p.WANG, now=p.NOW)
        assert holders(session, p.NOW)[0].reached
        with pytest.raises(NotAllowed, match="电子邮箱"):
            change_email(session, "wang", theirs, by=p.SUN, now=p.NOW)
        assert account_row(session, "wang").email == "own@bureau.example"
        change_email(session, "wang", EmailForm(), by=p.ADMIN, now=p.NOW)
        assert not holders(session, p.NOW)[0].reached
        entries = queries.ledger_entries(session)
        told = [(one.account, one.body) for one in entries if one.act == "change_email"]
        assert told == [("admin", '{"given":false}'), ("wang", '{"given":true}')]
        assert not any("bureau.example" in one.body for one in entries)


def test_a_refused_password_is_not_repeated() -> None:
    sheet = {"id": "wang", "name": "王", "password": "hunter2", "role": "head"}
    with pytest.raises(FormRefused, match="密码") as caught:
        read_form(AccountForm, sheet)
    assert "hunter2" not in str(caught.value)


def test_an_auditor_changes_nothing() -> None:
    assert not any(allowed("auditor", f"{one.kind}.{one.act}") for one in TRANSITIONS)
    readable = {act for act in PERMISSIONS if allowed("auditor", act)}
    own = {"browse_ledger", "browse_readings", "browse_sign_ins", "read_register"}
    assert readable == own | {"watch_editions"}


def test_every_role_named_anywhere_exists() -> None:
    named = {role for one in TRANSITIONS for role in one.roles}
    named |= {role for roles in PERMISSIONS.values() for role in roles}
    assert named == set(ROLES)
    assert not allowed("head", "no_such_act")
    assert not allowed("nobody", "create_account")


def test_a_session_ends_idle_and_a_code_of_the_second_factor_works_once(engine: Engine) -> None:
    with writing(engine) as session:
        opened(session)
        token = sign_in(session, "wang", PASSWORD, p.NOW).token
        person = account_of(session, token, p.NOW + timedelta(minutes=119))
        assert person is not None
        assert person.stale
        assert account_of(session, token, p.NOW + timedelta(hours=2)) is None
        touch(session, person.session, p.NOW + timedelta(minutes=119))
        assert account_of(session, token, p.NOW + timedelta(hours=3)) is not None
        secret = second.begin(session, person.session, VAULT)
        assert second.pending(session, person.session, VAULT) == secret
        code = pyotp.TOTP(secret).at(p.NOW)
        step = second.step_of(secret, code, p.NOW)
        assert (
            second.step_of(secret, f" {code[:3]} {code[3:]}", p.NOW + timedelta(seconds=30)) == step
        )
        assert second.step_of(secret, code, p.NOW + timedelta(minutes=2)) == 0
        row = account_row(session, "wang")
        codes = second.enrol(session, row, secret, step, VAULT, by=p.WANG, now=p.NOW)
        assert second.shown(session, row, code, p.NOW, VAULT) == ""
        later = p.NOW + timedelta(minutes=1)
        assert second.shown(session, row, pyotp.TOTP(secret).at(later), later, VAULT) == "second"
        assert second.shown(session, row, codes[3], later, VAULT) == "recovery"
        assert second.shown(session, row, codes[3], later, VAULT) == ""


def enrolled(session: Session, vault: Vault) -> tuple[str, str, list[str]]:
    """Somebody who has set up a second factor: the half-open session's token, the secret, the codes."""
    opened(session)
    token = sign_in(session, "wang", PASSWORD, p.NOW).token
    person = account_of(session, token, p.NOW)
    assert person is not None
    secret = second.begin(session, person.session, vault)
    row = account_row(session, "wang")
    codes = second.enrol(session, row, secret, 1, vault, by=p.WANG, now=p.NOW)
    return sign_in(session, "wang", PASSWORD, p.NOW).token, secret, codes


def test_a_secret_lies_nowhere_in_clear_and_is_bound_to_its_account(engine: Engine) -> None:
    with writing(engine) as session:
        _, secret, _ = enrolled(session, VAULT)
        kept = kept_secrets(session)["wang"]
        pending = session.connection().execute(text("SELECT pending FROM session")).scalars().all()
        assert secret not in "".join((kept, *pending))
        assert all(one.startswith(SEALED) for one in (kept, *filter(None, pending)))
        assert VAULT.open(kept, "wang") == secret
        assert VAULT.seal(secret, "wang") != kept, "twice the same is not the same"
        for vault, account in ((VAULT, "zhao"), (Vault(lambda: b"j" * 32), "wang"), (LOST, "wang")):
            with pytest.raises(SecondFactorLocked):
                vault.open(kept, account)
        for spoilt in (kept[:-4] + "AAAA", SEALED, f"{SEALED}???", kept[:20]):
            with pytest.raises(SecondFactorLocked):
                VAULT.open(spoilt, "wang")


def test_a_secret_of_an_earlier_version_works_and_is_sealed_when_it_is_used(engine: Engine) -> None:
    plain = pyotp.random_base32()
    with writing(engine) as session:
        opened(session)
        opened(session, id="zhao", role="head")
        for id in ("wang", "zhao"):
            account_row(session, id).totp_secret = plain
        token = sign_in(session, "wang", PASSWORD, p.NOW).token
        code = pyotp.TOTP(plain).at(p.NOW)
        here = Visitor()
        done = show_second(session, token, code, p.NOW, here, vault=VAULT, lenient=False)
        assert done.person is not None
        kept = kept_secrets(session)
        assert (kept["wang"].startswith(SEALED), kept["zhao"]) == (True, plain)
        assert seal_all(session, VAULT) == 1
        assert seal_all(session, VAULT) == 0
        assert {VAULT.open(one, id) for id, one in kept_secrets(session).items()} == {plain}


def test_without_its_key_a_code_is_neither_right_nor_wrong(engine: Engine) -> None:
    with writing(engine) as session:
        token, secret, codes = enrolled(session, VAULT)
        right = pyotp.TOTP(secret).at(p.NOW)
        for _ in range(20):  # it is nobody's guess, so nobody is slowed down
            done = show_second(session, token, right, p.NOW, Visitor(), vault=LOST, lenient=False)
            assert done.person is None
            assert "密钥" in done.refused
            assert "备用码" in done.refused
        done = show_second(session, token, codes[0], p.NOW, Visitor(), vault=LOST, lenient=False)
        assert done.person is not None
        again = sign_in(session, "wang", PASSWORD, p.NOW).token
        found = show_second(session, again, right, p.NOW, Visitor(), vault=VAULT, lenient=False)
        assert found.person is not None


@pytest.mark.parametrize(
    ("roles", "lenient", "stage"),
    [
        (["inspector"], False, ""),
        (["head"], False, "enrol"),
        (["inspector", "publisher"], False, "enrol"),
        (["head"], True, ""),
    ],
)
def test_who_decides_must_enrol_except_in_a_fictional_city(
    roles: list[str], lenient: bool, stage: str
) -> None:
    account = Account(id="a", name="甲", password_hash="", recorded_at=p.NOW, recorded_by="x")
    assert stage_of(account, roles, strong=False, lenient=lenient) == stage
    account.totp_secret = "A" * 32
    assert stage_of(account, roles, strong=False, lenient=lenient) == "second"
    assert stage_of(account, roles, strong=True, lenient=lenient) == ""


def test_a_stranger_slows_a_person_down_nowhere_but_where_the_stranger_is(engine: Engine) -> None:
    home, stranger = Visitor(address="10.0.0.1"), Visitor(address="203.0.113.9")
    with writing(engine) as session:
        opened(session)
        assert sign_in(session, "wang", PASSWORD, p.NOW, home).token
        for _ in range(5):
            sign_in(session, "wang", "wrong", p.NOW, stranger)
        assert sign_in(session, "wang", PASSWORD, p.NOW, stranger).retry_after == 900
        for number in range(60):  # from everywhere
            place = Visitor(address=f"198.51.100.{number}")
            sign_in(session, "wang", "wrong", p.NOW, place)
        fresh = Visitor(address="192.0.2.1")
        assert sign_in(session, "wang", PASSWORD, p.NOW, fresh).retry_after
        assert sign_in(session, "wang", PASSWORD, p.NOW, home).token


def test_a_password_that_serves_once_is_over_after_three_days(engine: Engine) -> None:
    with writing(engine) as session:
        opened(session)
        once = reset_password(session, "wang", by=p.ADMIN, now=p.NOW)
        assert not sign_in(session, "wang", PASSWORD, p.NOW).token
        done = sign_in(session, "wang", once, p.NOW)
        assert done.person is not None
        assert done.person.stage == "password"
        late = sign_in(session, "wang", once, p.NOW + timedelta(days=3))
        assert "已过期" in late.refused


@pytest.mark.parametrize(
    "password", ["short", "1q2w3e4r5t", "QwertyUIOP", "wang-and-more", "x" * 201]
)
def test_a_password_that_is_easily_guessed_is_refused(password: str) -> None:
    problem = password_problem(password, "wang-and")
    assert problem is not None
    assert password not in problem.sentence
    assert password_problem("forty green frogs", "wang-and") is None


def test_an_invitation_is_one_institutions_and_ends(engine: Engine) -> None:
    with writing(engine) as session:
        own, other = p.city(session), p.institution(session)
        token = invite(session, own, "张", by=p.SCHOOL, now=p.NOW)
        with pytest.raises(NotAllowed):
            invite(session, own, "张", by=p.WANG, now=p.NOW)
        (line,) = invitations(session, own, p.NOW)
        with pytest.raises(NotFound):
            revoke_invitation(session, other, line.key, by=p.SCHOOL, now=p.NOW)
        with pytest.raises(NotFound):
            invitation_of(session, token, p.NOW + timedelta(days=7))
        revoke_invitation(session, own, line.key, by=p.SCHOOL, now=p.NOW)
        with pytest.raises(NotFound):
            invitation_of(session, token, p.NOW)
