"""Signing in over real HTTP: second factors, one-time passwords, throttling, sessions, people, looks."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape

import httpx
import pyotp
import pytest

from config.key_files import rekey
from config.register import OPERATOR, open_register
from registry import acts
from registry.access import Actor
from registry.database import reading, writing
from registry.errors import read_form
from registry.forms import CustodyForm
from registry.queries import LedgerFilter, ledger_entries
from tests.conftest import served
from tests.flows.small_city import HTML, PASSWORD, Town, account, town

CODES = re.compile(r'<li class="code">([A-Z2-7-]{19})</li>')


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def real(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """A city that is not fictional: who decides must show a second factor."""
    on = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    with town(tmp_path_factory.mktemp("real"), on, fictional=False) as made:
        yield made


def opened(city: Town, id: str, **changed: str) -> None:
    """A further account."""
    engine = open_register(city.settings)
    with writing(engine) as session:
        account(session, datetime.now(city.settings.zone), id, **changed)
    engine.dispose()


def signing_in(city: Town, id: str, password: str = PASSWORD, **more: str) -> httpx.Client:
    client = city.fresh()
    client.post("/sign-in", data={"account": id, "password": password, **more})
    return client


def enrolled(client: httpx.Client, **carried: str) -> tuple[str, list[str], str]:
    """Sets a second factor up; gives its secret, the codes for a lost phone, and the last page."""
    page = client.post("/me/second", data={"act": "begin", **carried}).text
    found = re.search(r'<p class="code"><b>([A-Z2-7 ]+)</b></p>', page)
    assert found, page
    secret = found[1].replace(" ", "")
    assert '<svg role="img" aria-label="两步验证的二维码"' in page
    wrong = client.post("/me/second", data={"act": "confirm", "otp": "12345"})
    assert wrong.status_code == 422
    done = client.post(
        "/me/second", data={"act": "confirm", "otp": pyotp.TOTP(secret).now(), **carried}
    )
    codes = CODES.findall(done.text)
    assert len(codes) == 10, done.text
    return secret, codes, done.text


def test_who_decides_sets_up_a_second_factor_before_anything_else(real: Town) -> None:
    opened(real, "ruling", role="head")
    client = real.fresh()
    asked = client.post("/sign-in", data={"account": "ruling", "password": PASSWORD})
    assert "请先设置两步验证" in asked.text
    for path in ("/desk/", "/me/", "/desk/institutions/"):
        shut = client.get(path)
        assert shut.status_code == 403
        assert "请先设置两步验证" in shut.text
    before = client.cookies["xinyong"]
    secret, codes, _ = enrolled(client)
    assert client.cookies["xinyong"] != before  # what it may do has changed, so has the token
    assert client.get("/desk/").status_code == 200

    again = real.fresh()
    page = again.post("/sign-in", data={"account": "ruling", "password": PASSWORD}).text
    assert "输入验证码" in page
    assert again.get("/desk/").status_code == 403
    assert again.post("/me/password", data={}).status_code == 403
    assert again.post("/me/second", data={"act": "begin"}).status_code == 403
    used = pyotp.TOTP(secret).now()
    assert again.post("/sign-in/second", data={"otp": used}).status_code == 403  # serves once
    assert again.post("/sign-in/second", data={"otp": codes[0].lower()}).status_code == 303
    assert again.get("/desk/").status_code == 200
    third = signing_in(real, "ruling")
    assert third.post("/sign-in/second", data={"otp": codes[0]}).status_code == 403
    assert "还有 9 个备用码" in again.get("/me/").text


def test_a_lost_key_of_the_second_factors_is_told_and_replaced_on_demand(real: Town) -> None:
    opened(real, "locked", role="head")
    secret, codes, _ = enrolled(signing_in(real, "locked"))
    key = real.settings.keys / "second.key"
    assert secret.encode() not in b"".join(
        one.read_bytes() for one in real.settings.data.glob("register.db*")
    )
    held = key.read_bytes()
    key.unlink()
    client = signing_in(real, "locked")
    told = client.post("/sign-in/second", data={"otp": pyotp.TOTP(secret).now()})
    assert told.status_code == 403
    assert "您的手机没有问题" in told.text
    assert "xinyong doctor" in told.text
    assert client.post("/sign-in/second", data={"otp": codes[0]}).status_code == 303
    key.write_bytes(held)  # from the backup: nothing has to be started anew
    again = signing_in(real, "locked")
    at = datetime.now(real.settings.zone) + timedelta(seconds=30)
    assert again.post("/sign-in/second", data={"otp": pyotp.TOTP(secret).at(at)}).status_code == 303
    key.unlink()
    engine = open_register(real.settings)
    gone = rekey(real.settings, engine, by=OPERATOR, now=at)
    assert "locked" in gone
    assert rekey(real.settings, engine, by=OPERATOR, now=at) == []
    assert (len(key.read_bytes()), key.stat().st_mode & 0o777) == (32, 0o600)
    engine.dispose()
    fresh = signing_in(real, "locked")
    assert "请先设置两步验证" in fresh.get("/desk/").text
    assert len(enrolled(fresh)[1]) == 10


def test_what_was_typed_survives_every_step_of_signing_in(real: Town) -> None:
    opened(real, "typing", role="publisher")
    client = real.fresh()
    asked = client.post("/desk/visits", data={"note": "写了一半"})
    fields = dict(re.findall(r'name="(path|kept)" value="([^"]*)"', asked.text))
    carried = {key: unescape(one) for key, one in fields.items()}
    client.post("/sign-in", data={"account": "typing", "password": PASSWORD, **carried})
    _, _, page = enrolled(client, **carried)
    fields = dict(re.findall(r'name="(path|kept)" value="([^"]*)"', page))
    last = client.post("/sign-in/go-on", data={key: unescape(one) for key, one in fields.items()})
    assert 'value="写了一半"' in last.text


def test_wrong_codes_are_slowed_down_and_say_for_how_long(real: Town) -> None:
    opened(real, "guessed", role="head")
    enrolled(signing_in(real, "guessed"))
    client = signing_in(real, "guessed")
    answers = [client.post("/sign-in/second", data={"otp": "1"}).status_code for _ in range(10)]
    assert answers == [403] * 10
    slow = client.post("/sign-in/second", data={"otp": "1"})
    assert slow.status_code == 429
    assert 0 < int(slow.headers["Retry-After"]) <= 15 * 60


def test_an_act_that_decides_needs_the_second_factor_itself(real: Town) -> None:
    engine = open_register(real.settings)
    weak = Actor(account="system", role="publisher", strong=False)
    with writing(engine) as session, pytest.raises(acts_refused(), match="两步验证"):
        acts.approve_edition(
            session, "2026-01", 0, "", by=weak, now=datetime.now(real.settings.zone)
        )
    engine.dispose()


def acts_refused() -> type[Exception]:
    from registry.errors import NotAllowed

    return NotAllowed


def administrator(city: Town, id: str) -> httpx.Client:
    opened(city, id, role="administrator")
    client = signing_in(city, id)
    enrolled(client)
    return client


def test_an_administrator_opens_grants_resets_and_closes(real: Town) -> None:
    admin = administrator(real, "keeper")
    page = admin.post(
        "/desk/accounts",
        data={"id": "newcomer", "name": "新人", "role": "inspector", "jurisdiction": "330212"},
    ).text
    once = re.search(r'<p class="code once"><b>([^<]+)</b>', page)
    assert once, page
    client = signing_in(real, "newcomer", once[1])
    assert "请先设置自己的密码" in client.get("/desk/").text
    own = {"password": once[1], "password_new": "forty green frogs", "password_again": "forty"}
    refused = client.post("/me/password", data=own)
    assert refused.status_code == 422
    assert "两次输入的新密码不同" in refused.text
    for common in ("1234567890", "newcomer-2026", "short"):
        bad = own | {"password_new": common, "password_again": common}
        assert client.post("/me/password", data=bad).status_code == 422, common
    good = own | {"password_again": own["password_new"], "path": "/desk/"}
    assert client.post("/me/password", data=good).status_code == 303
    assert client.get("/desk/").status_code == 200

    home, foreign = (real.ids["institution"][one] for one in ("own", "foreign"))
    assert client.get(f"/desk/i/{home}/").status_code == 200
    assert client.get(f"/desk/i/{foreign}/").status_code == 403
    there = "/desk/accounts/a/newcomer"
    wrong = admin.post(f"{there}/grants", data={"role": "auditor", "jurisdiction": "000000"})
    assert wrong.status_code == 422
    granted = admin.post(f"{there}/grants", data={"role": "reviewer", "jurisdiction": "330203"})
    assert granted.status_code == 303
    assert "换身份" in client.get("/me/").text
    number = max(map(int, re.findall(r"grants/(\d+)/end", admin.get(f"{there}/").text)))
    assert admin.post(f"{there}/grants/{number}/end").status_code == 303
    assert "换身份" not in client.get("/me/").text

    assert admin.post(f"{there}/sessions").status_code == 303
    assert client.get("/desk/").status_code == 401
    assert admin.post(f"{there}/reset").status_code == 200
    assert signing_in(real, "newcomer", "forty green frogs").get("/desk/").status_code == 401
    assert admin.post(f"{there}/close").status_code == 303
    assert "已停用" in admin.get(f"{there}/").text
    assert admin.post("/desk/accounts/a/keeper/close").status_code == 409


def test_where_mail_reaches_a_person_is_said_by_them_by_an_administrator_or_on_the_command_line(
    real: Town,
) -> None:
    admin, there = administrator(real, "postmaster"), "/desk/accounts/a/reached"

    def shown(path: str) -> str:
        found = re.search(r'name="email" type="email" value="([^"]*)"', admin.get(path).text)
        assert found, path
        return found[1]

    new = {"id": "reached", "name": "甲", "role": "inspector", "email": "not mail"}
    refused = admin.post("/desk/accounts", data=new)
    assert refused.status_code == 422
    assert "请写一个电子邮箱" in refused.text
    assert 'value="not mail"' in refused.text
    new["email"] = "reached@bureau.example"
    assert admin.post("/desk/accounts", data=new).status_code == 200
    assert shown(f"{there}/") == new["email"]
    for path in (f"{there}/email", "/me/email"):
        refused = admin.post(path, data={"email": "office"})
        assert refused.status_code == 422
        assert "请写一个电子邮箱" in refused.text
    assert admin.post(f"{there}/email", data={"email": " "}).status_code == 303
    assert shown(f"{there}/") == ""
    assert admin.post("/me/email", data={"email": "own@bureau.example"}).status_code == 303
    assert shown("/me/") == "own@bureau.example"
    settings = real.settings
    env = {"XINYONG_DATA": str(settings.data), "XINYONG_DATABASE": settings.database}
    who = ["--name", "乙", "--role", "auditor", "--email", "typed@bureau.example"]
    said = [sys.executable, "-m", "config", "user", "invite", "typed", *who]
    done = subprocess.run(said, env=os.environ | env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert shown("/desk/accounts/a/typed/") == "typed@bureau.example"


def test_a_districts_administrator_gives_nothing_beyond_the_district(real: Town) -> None:
    opened(real, "local", role="administrator", jurisdiction="330212")
    local = signing_in(real, "local")
    enrolled(local)
    new = {"id": "inside", "name": "甲", "role": "head", "jurisdiction": "3302A2"}
    assert local.post("/desk/accounts", data=new).status_code == 200
    for place in ("", "330203"):
        wide = new | {"id": "outside", "jurisdiction": place}
        assert local.post("/desk/accounts", data=wide).status_code == 403, place
    assert local.post("/desk/accounts/a/city.head/reset").status_code == 403
    assert local.get("/desk/accounts/a/city.head/").status_code == 403


def test_sessions_are_seen_ended_and_rotated(real: Town) -> None:
    opened(real, "mobile", role="inspector")
    first, second = signing_in(real, "mobile"), signing_in(real, "mobile")
    old = second.cookies["xinyong"]
    second.post("/sign-in", data={"account": "mobile", "password": PASSWORD})
    assert second.cookies["xinyong"] != old
    stale = httpx.get(f"{real.url}/desk/", headers=HTML, cookies={"xinyong": old})
    assert stale.status_code == 401
    page = first.get("/me/").text
    (key,) = re.findall(r'name="key" value="(\w+)"', page)
    assert first.post("/me/sessions/end", data={"key": key}).status_code == 303
    assert second.get("/desk/").status_code == 401
    assert first.get("/desk/").status_code == 200
    others = [signing_in(real, "mobile") for _ in range(2)]
    assert first.post("/me/sessions/end").status_code == 303
    assert [one.get("/desk/").status_code for one in (*others, first)] == [401, 401, 200]


def test_failures_of_a_stranger_do_not_shut_a_person_out_and_are_seen(real: Town) -> None:
    opened(real, "watched", role="inspector")
    environ = {
        "XINYONG_DATA": str(real.settings.data),
        "XINYONG_DATABASE": real.settings.database,
        "FORWARDED_ALLOW_IPS": "127.0.0.1",
    }

    def attempt(url: str, address: str, password: str) -> httpx.Response:
        return httpx.post(
            f"{url}/sign-in",
            data={"account": "watched", "password": password},
            headers={**HTML, "X-Forwarded-For": address, "X-Forwarded-Proto": "https"},
        )

    with served("--no-schedule", **environ) as proxied:
        for _ in range(5):
            assert attempt(proxied, "203.0.113.9", "wrong").status_code == 403
        for _ in range(9):  # which are one line: whoever keeps trying fills no register
            assert attempt(proxied, "203.0.113.9", "wrong").status_code == 429
        slow = attempt(proxied, "203.0.113.9", PASSWORD)
        assert slow.status_code == 429
        assert 0 < int(slow.headers["Retry-After"]) <= 15 * 60
        mine = attempt(proxied, "198.51.100.7", PASSWORD)
        assert mine.status_code == 303
        cookie = mine.headers["Set-Cookie"]
        assert cookie.startswith("__Host-xinyong=")
        assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
        assert "max-age=" in mine.headers["Strict-Transport-Security"]
    # Without a proxy that the operator names, a visitor's own word on an address counts for nothing.
    plain = attempt(real.url, "203.0.113.77", "wrong")
    assert plain.status_code == 403
    admin = administrator(real, "watcher")
    lines = admin.get("/desk/accounts/sign-ins/?account=watched").text
    assert 6 <= lines.count("203.0.113.9") <= 8
    assert "203.0.113.77" not in lines
    assert "被要求等候" in lines
    assert "198.51.100.7" in lines


def test_an_institution_invites_its_people_by_a_link_that_serves_once(real: Town) -> None:
    own = signing_in(real, "institution")
    assert own.post("/my/people", data={"name": " "}).status_code == 422
    links = []
    for name in ("张会计", "李校长", "王校长"):
        page = own.post("/my/people", data={"name": name}).text
        found = re.search(r'<p class="code once">https?://[^/]+(/join/[^<]+)</p>', page)
        assert found, page
        links.append(found[1])
    guest = real.fresh()
    assert "张会计" in guest.get(links[0]).text
    sheet = {"id": "zhang", "name": "张会计", "password": "1234567890"}
    assert guest.post(links[0].rstrip("/"), data=sheet).status_code == 422
    sheet["password"] = PASSWORD
    assert guest.post(links[0].rstrip("/"), data=sheet).status_code == 303
    assert "学校" in guest.get("/my/").text
    assert real.fresh().get(links[0]).status_code == 404

    opened(real, "principal", role="inspector", jurisdiction="330203")
    other = signing_in(real, "principal")
    assert other.post(f"{links[1].rstrip('/')}/mine").status_code == 303
    assert "机构" in other.get("/me/").text

    key = re.findall(r"invitations/(\w+)/revoke", own.get("/my/people/").text)[0]
    assert own.post(f"/my/people/invitations/{key}/revoke").status_code == 303
    assert real.fresh().get(links[2]).status_code == 404

    for id in ("principal", "zhang"):
        assert own.post(f"/my/people/{id}/remove").status_code == 303
    assert guest.get("/my/").status_code == 401
    warned = own.post("/my/people/institution/remove")
    assert warned.status_code == 422
    assert "最后一名" in warned.text
    gone = own.post("/my/people/institution/remove", data={"confirmed": "yes"})
    assert gone.status_code == 303
    assert own.get("/my/").status_code == 401


def test_what_is_not_public_is_masked_until_somebody_says_what_for(real: Town) -> None:
    id, number = real.ids["institution"]["own"], "3901110019200123456"
    engine = open_register(real.settings)
    now = datetime.now(real.settings.zone)
    values = {"institution": id, "bank": "宁波银行", "account_no": number, "since": "2024-01-01"}
    with writing(engine) as session:
        by = Actor(account="system", role="publisher")
        acts.record_custody(session, read_form(CustodyForm, values), by=by, now=now)
    client = signing_in(real, "home.inspector")
    page = client.get(f"/desk/i/{id}/private/").text
    assert number not in page
    assert "390**************56" in page
    key = re.findall(r'name="key" value="([^"]+)"', page)[0]
    there = f"/desk/i/{id}/private"
    without = client.post(there, data={"key": key, "purpose": " "})
    assert without.status_code == 422
    assert number not in without.text
    shown = client.post(there, data={"key": key, "purpose": "核查退费投诉"})
    assert number in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    auditor = signing_in(real, "city.auditor")
    lines = auditor.get(f"/desk/readings/?institution={id}").text
    assert "核查退费投诉" in lines
    assert "home.inspector" in lines
    assert number not in lines
    with reading(engine) as session:
        assert ledger_entries(session, LedgerFilter(act="sign_in", subject="home.inspector"))
    engine.dispose()
    assert OPERATOR.strong
