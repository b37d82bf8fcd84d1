"""Where a subscription may point: never to a private network, only by https, and for what scope."""

import pytest
from sqlalchemy import Engine

from registry import acts
from registry.calling import Target, read_networks
from registry.database import writing
from registry.errors import FormRefused, NotAllowed, NotFound, read_form
from registry.forms import SubscriptionForm
from tests.registry import people as p
from tests.registry.pushing import Clock, caller
from tests.registry.receivers import Subscriber, running

PRIVATE = [
    "https://127.0.0.1/",
    "https://10.1.2.3/",
    "https://192.168.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fe80::1]/",
    "https://[fd00::1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://localhost/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://224.0.0.1/",
]


@pytest.mark.parametrize("url", PRIVATE)
def test_a_private_network_is_never_called(url: str) -> None:
    outcome = caller(Clock(), ()).post(Target(id="TS-1", url=url, generation=1), "e", "{}")
    assert outcome.verdict == "unreachable"
    assert "没有呼叫" in outcome.error


def test_an_allowed_network_is_called_and_a_public_one_only_by_https() -> None:
    with running(Subscriber()) as server:
        target = Target(id="TS-1", url=server.url.replace("127.0.0.1", "localhost"), generation=1)
        both = read_networks("127.0.0.0/8, ::1/128")
        assert caller(Clock(), both).post(target, "e", '{"type":"x"}').verdict == "arrived"
    plain = Target(id="TS-1", url="http://93.184.215.14/", generation=1)
    assert "https://" in caller(Clock(), ()).post(plain, "e", "{}").error
    with pytest.raises(ValueError, match="10/8x"):
        read_networks("10.0.0.0/8,10/8x")


HOSTILE = [
    "ftp://example.com/",
    "https://user:secret@example.com/",
    "https://example.com/#x",
    "https://例.com/",
    "https://exa mple.com/",
    "https://example.com:99999/",
    "https:///path",
    "javascript:alert(1)//",
    "https://[::1/",
    "https://example.com:0/",
    "https://" + "a" * 600,
    "https://example.com/\r\nX: y",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_an_address_that_is_none_is_refused_with_its_reason(url: str) -> None:
    with pytest.raises(FormRefused) as refused:
        read_form(SubscriptionForm, {"url": url, "contact": "李工", "scope": "city"})
    assert "接收地址" in str(refused.value) or "控制字符" in str(refused.value)


def test_a_scope_says_what_it_is_for(engine: Engine) -> None:
    base = {"url": "https://example.com/", "contact": "李工"}
    for sheet in ({"scope": "city", "what": "330203"}, {"scope": "search"}, {"scope": "all"}):
        with pytest.raises(FormRefused):
            read_form(SubscriptionForm, base | sheet)
    for scope in ("institution", "jurisdiction"):
        form = read_form(SubscriptionForm, base | {"scope": scope, "what": "none"})
        with writing(engine) as session, pytest.raises(NotFound):
            acts.add_subscription(session, form, by=p.ADMIN, now=p.NOW)
    form = read_form(SubscriptionForm, base | {"scope": "city"})
    with writing(engine) as session, pytest.raises(NotAllowed):
        acts.add_subscription(session, form, by=p.WANG, now=p.NOW)
