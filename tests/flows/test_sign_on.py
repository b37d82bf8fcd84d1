"""Single sign-on over real HTTP against a real provider: linked, unknown, repeated, made up, and away."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from shutil import copytree
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from config.register import OPERATOR, open_register
from config.settings import SettingsError, load_settings
from registry.accounts import link_subject
from registry.database import reading, writing
from registry.queries import sign_ins
from tests.flows.small_city import HTML, Town, now, town

CITY = Path(__file__).parents[2] / "config"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def provider(port: int) -> Iterator[str]:
    """The provider's address, while it runs."""
    words = [Path(sys.executable).with_name("oidc-provider-mock"), "--port", str(port)]
    process = subprocess.Popen(
        [*words, "--require-nonce", "true"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    issuer = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                httpx.get(f"{issuer}/.well-known/openid-configuration")
                break
            except httpx.HTTPError:
                assert process.poll() is None, "the provider ended"
                time.sleep(0.05)
        yield issuer
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def city(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Town, int]]:
    """The small city with a provider's address in its settings."""
    on = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    port, folder = free_port(), tmp_path_factory.mktemp("linked")
    home = folder / "city"
    home.mkdir()
    for name in ("policy", "holidays", "imports"):
        copytree(CITY / name, home / name)
    said = f'[sign_on]\nissuer = "http://127.0.0.1:{port}"\nclient = "xinyong"\n'
    text = (CITY / "city.toml").read_text("utf-8")
    (home / "city.toml").write_text(text.replace("[publication]", f"{said}\n[publication]"))
    environ = {"XINYONG_CITY": str(home), "XINYONG_SIGN_ON_SECRET": "a secret"}
    with town(folder, on, **environ) as made:
        yield made, port


def agreed(client: httpx.Client, sub: str) -> str:
    """Goes out to the provider, says who one is there; gives the address one is sent back to."""
    out = client.get("/sign-in/other?path=/desk/institutions/")
    assert out.status_code == 303, out.text
    asked = parse_qs(urlsplit(out.headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["nonce"] != asked["state"]
    back = httpx.post(out.headers["Location"], data={"sub": sub})
    return back.headers["Location"].removeprefix(str(client.base_url).rstrip("/"))


def linked(town: Town, account: str, subject: str) -> None:
    engine = open_register(town.settings)
    with writing(engine) as session:
        link_subject(session, account, subject, by=OPERATOR, now=now())
    engine.dispose()


def test_a_linked_person_comes_in_and_a_stranger_gets_no_account(city: tuple[Town, int]) -> None:
    there, port = city
    with provider(port) as issuer:
        stranger = there.fresh()
        refused = stranger.get(agreed(stranger, "ming"))
        assert refused.status_code == 403
        assert f"{issuer}|ming" in unescape(refused.text)
        assert stranger.get("/desk/").status_code == 401
        linked(there, "city.inspector", f"{issuer}|ming")
        client = there.fresh()
        way = agreed(client, "ming")
        done = client.get(way)
        assert done.status_code == 303
        assert done.headers["Location"].endswith("desk/institutions/")
        assert client.get("/desk/").status_code == 200
        again = client.get(way)
        assert again.status_code == 403  # a handshake serves once
        assert "已经用过" in again.text
        elsewhere = there.fresh().get(agreed(client, "ming"))
        assert elsewhere.status_code == 403  # it was begun in another browser
        assert "不是从本浏览器开始" in elsewhere.text
    engine = open_register(there.settings)
    with reading(engine) as session:
        assert {one.outcome for one in sign_ins(session)} >= {"sso", "sso_unknown"}
    engine.dispose()


def test_a_provider_with_new_keys_is_believed_and_one_that_refuses_is_told(
    city: tuple[Town, int],
) -> None:
    there, port = city
    linked(there, "city.reviewer", f"http://127.0.0.1:{port}|hua")
    for _ in range(2):  # each start of the provider makes keys that nobody has seen
        with provider(port):
            client = there.fresh()
            assert client.get(agreed(client, "hua")).status_code == 303
            assert client.get("/desk/").status_code == 200
    with provider(port):
        client = there.fresh()
        out = client.get("/sign-in/other").headers["Location"]
        denied = httpx.post(out, data={"action": "deny"}).headers["Location"]
        said = client.get(denied.removeprefix(there.url))
        assert said.status_code == 403
        assert "没有完成登录" in said.text
        made_up = agreed(client, "hua")
        wrong = re.sub(r"code=[^&]+", "code=made-up", made_up)
        assert client.get(wrong).status_code == 403


def test_while_the_provider_is_away_the_password_way_stays(city: tuple[Town, int]) -> None:
    there, _ = city
    client = there.fresh()
    assert "用统一身份认证登录" in client.get("/sign-in/").text
    away = client.get("/sign-in/other")
    assert away.status_code == 502
    assert "连不上统一身份认证" in away.text
    assert 'name="password"' in away.text
    assert there.browser("city.auditor").get("/desk/").status_code == 200


def test_a_token_meant_for_another_moment_or_system_is_refused() -> None:
    from registry.sign_on import SignOn, SignOnRefused, _claims

    with provider(free_port()) as issuer:
        known = httpx.get(f"{issuer}/.well-known/openid-configuration", headers=HTML).json()
        ours = SignOn(issuer=issuer, client="xinyong")
        for token in ("", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtaW5nIn0."):
            with pytest.raises(SignOnRefused, match="没有通过核对"):
                _claims(ours, known, token, "nonce", now())


@pytest.mark.parametrize(
    ("issuer", "client", "field"),
    [
        ("http://sso.example", "x", "issuer"),
        ("", "x", "issuer"),
        ("https://sso.example", " ", "client"),
    ],
)
def test_a_provider_that_is_written_wrong_is_refused(
    tmp_path: Path, issuer: str, client: str, field: str
) -> None:
    text = (CITY / "city.toml").read_text("utf-8")
    said = f'[sign_on]\nissuer = "{issuer}"\nclient = "{client}"\n'
    (tmp_path / "city.toml").write_text(f"{text}\n{said}")
    with pytest.raises(SettingsError, match=f"sign_on.{field}"):
        load_settings(tmp_path, {})
