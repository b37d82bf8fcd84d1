"""Push from the desk to a receiver over real HTTP: proven, told of a release and a withdrawal, replayed."""

import html
import json
import re
from collections.abc import Iterator
from datetime import datetime

import httpx
import msgspec
import pytest
from sqlalchemy import Engine
from standardwebhooks import Webhook as Verifier

from config.month import approve_month, prepare_month, release_month
from config.push import Pushing, caller_of
from config.register import OPERATOR, existing_register
from config.settings import Settings, SettingsError, load_settings
from publisher.edition import read_edition
from registry import acts, queries
from registry.accounts import create_account
from registry.calling import Target, read_networks
from registry.database import reading, writing
from registry.errors import Conflict, NotFound, read_form
from registry.forms import AccountForm, InstitutionForm, ProfileForm, WithdrawalForm
from tests.conftest import demo_city, served
from tests.registry.receivers import Subscriber, running

LOCAL = "127.0.0.0/8"
PASSWORD = "three plain words"  # noqa: S105 a test's
FIRST, SECOND = "2026-10", "2026-11"
LOADER = acts.Actor(account="demo", role="publisher", name="演示数据")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def city(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """A demo city with one edition, which the tests go on from in order."""
    with demo_city(request, tmp_path_factory.mktemp("push"), 5, 24, FIRST) as settings:
        yield msgspec.structs.replace(settings, push_networks=read_networks(LOCAL))


@pytest.fixture(scope="module")
def receiver(city: Settings) -> Iterator[Subscriber]:
    """One receiver for each city, for what it was told is counted."""
    with running(Subscriber()) as server:
        yield server


def now(city: Settings) -> datetime:
    return datetime.now(city.zone)


def test_one_is_added_at_the_desk_proven_and_told_of_a_release(
    city: Settings, receiver: Subscriber
) -> None:
    engine = existing_register(city)
    sheet = {"id": "keeper", "name": "管理员<b>", "password": PASSWORD, "role": "administrator"}
    with writing(engine) as session:
        create_account(session, read_form(AccountForm, sheet), by=OPERATOR, now=now(city))
    environ = {
        "XINYONG_DATA": str(city.data),
        "XINYONG_DATABASE": city.database if city.schema else "",
        "XINYONG_PUSH_NETWORKS": LOCAL,
    }
    with served("--no-schedule", **environ) as url, httpx.Client(base_url=url, timeout=60) as desk:
        desk.post("/sign-in", data={"account": "keeper", "password": PASSWORD})
        form = {"url": receiver.url, "contact": "<script>李工", "scope": "city", "what": ""}
        page = desk.post("/desk/subscriptions", data=form).text
        assert "&lt;script&gt;李工" in page
        (secret,) = re.findall(r"whsec_[A-Za-z0-9+/=]+", html.unescape(page))
        (id,) = set(re.findall(r"TS-[0-9a-f]{8}", page))
        assert "whsec_" not in desk.get(f"/desk/subscriptions/{id}/").text
        receiver.echoes = False
        refused = desk.post(f"/desk/subscriptions/{id}/verify")
        assert (refused.status_code, "没有通过核验" in refused.text) == (502, True)
        receiver.echoes = True
        assert desk.post(f"/desk/subscriptions/{id}/verify").status_code == 303
        assert "在用" in desk.get("/desk/subscriptions/").text
        wrong = desk.post("/desk/subscriptions", data={**form, "url": "http://x y/"})
        assert (wrong.status_code, "接收地址" in wrong.text) == (422, True)
    assert Pushing(engine, city, lambda: now(city)).run() == 0  # what was before is not told
    _release(city, engine)
    many = Pushing(engine, city, lambda: now(city)).run()
    assert many == len(receiver.calls) > 0
    edition = read_edition(city.editions / SECOND)
    for headers, body in receiver.calls:
        Verifier(secret).verify(body.decode(), headers)
        data = json.loads(body)["data"]
        assert data["edition"]["digest"] == edition.digest
        assert data["changed"]
        assert data["reason"]
    assert Pushing(engine, city, lambda: now(city)).run() == 0
    engine.dispose()


def _release(city: Settings, engine: Engine) -> None:
    """Another month, in which one is new and one has suspended its teaching."""
    at = now(city)
    sheet = {"name": "宁波市新来艺术培训学校", "jurisdiction": "330203", "opened_on": "2026-10-05"}
    id = min(one.institution for one in read_edition(city.editions / FIRST).entries)
    changed = {"jurisdiction": "330203", "status": "suspended", "since": "2026-10-20"}
    with writing(engine) as session:
        new = read_form(InstitutionForm, sheet)
        acts.register_institution(session, new, by=LOADER, now=at, prefix=city.prefix)
        acts.change_profile(session, id, read_form(ProfileForm, changed), by=LOADER, now=at)
    prepare_month(engine, city, SECOND, by="publisher", now=at)
    approve_month(engine, city, SECOND, by="signer", now=at)
    release_month(engine, city, SECOND, by="publisher", now=at)


def test_a_withdrawal_is_told_to_whoever_was_told_of_the_entry(
    city: Settings, receiver: Subscriber
) -> None:
    engine = existing_register(city)
    pushing = Pushing(engine, city, lambda: now(city))
    changed = [one["data"] for one in receiver.said if one["data"]["kind"] == "changed"]
    id = changed[0]["institution"]["id"]
    before = len(receiver.calls)
    with writing(engine) as session:
        sheet = {
            "period": SECOND,
            "institution": id,
            "reason": "所依据的决定已撤销",
            "document_no": "甬教撤〔2026〕1号",
            "on": "2026-11-26",
        }
        form = read_form(WithdrawalForm, sheet)
        acts.withdraw_entry(session, form, by=LOADER, now=now(city))
    assert pushing.run() == 1
    said = receiver.said[before]
    assert said["type"] == "entry.withdrawn"
    assert said["data"]["institution"]["id"] == id
    assert said["data"]["references"][0]["document_no"] == "甬教撤〔2026〕1号"
    engine.dispose()


def test_a_replay_sends_from_an_edition_on_under_the_same_ids(
    city: Settings, receiver: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = existing_register(city)
    with reading(engine) as session:
        (line,) = queries.subscriptions(session)
    pushing = Pushing(engine, city, lambda: now(city))
    first, withdrawn = set(receiver.ids), receiver.said[-1]["data"]["institution"]["id"]
    receiver.calls.clear()
    with pytest.raises(NotFound):
        pushing.replay(line.id, "2020-01", OPERATOR)
    many = pushing.replay(line.id, SECOND, OPERATOR)
    assert pushing.run() == many == len(receiver.calls)
    # The change of the entry withdrawn since is not told again; its withdrawal is.
    assert set(receiver.ids) < first
    about = [one for one in receiver.said if one["data"]["institution"]["id"] == withdrawn]
    assert [one["type"] for one in about] == ["entry.withdrawn"]
    receiver.calls.clear()
    many = pushing.replay(line.id, FIRST, OPERATOR)
    assert pushing.run() == many
    assert many > 20  # the whole first edition, which came before the subscription
    engine.dispose()


def test_a_folder_that_is_not_as_it_was_released_stops_the_queue(
    city: Settings, receiver: Subscriber
) -> None:
    engine = existing_register(city)
    with reading(engine) as session:
        (line,) = queries.subscriptions(session)
    file = city.editions / SECOND / "entries.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"white", b"black", 1))
    with pytest.raises(Conflict, match="被改动过"):
        Pushing(engine, city, lambda: now(city)).replay(line.id, SECOND, OPERATOR)
    file.write_bytes(whole)
    engine.dispose()


def test_scopes_and_commands(city: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    import config.commands  # noqa: F401 registers them
    from config.cli import xinyong

    for name, value in {
        "XINYONG_DATA": str(city.data),
        "XINYONG_DATABASE": city.database if city.schema else "",
        "XINYONG_PUSH_NETWORKS": LOCAL,
    }.items():
        monkeypatch.setenv(name, value)

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(xinyong, list(words))
        assert done.exit_code == code, (done.output, done.exception)
        return done.output

    with running(Subscriber()) as server:
        words = ("subscription", "add", server.url, "--contact", "李工")
        said = run(*words, "--search", "新来艺术")
        (id,) = re.findall(r"TS-[0-9a-f]{8}(?= 已登记)", said)
        run(*words, "--search", "甲", "--district", "330203", code=2)
        assert "已启用" in run("subscription", "verify", id)
        assert "1 条已重新排队" in run("push", "replay", id, "--since", SECOND)
        assert "送达 1 条" in run("push", "send")
        (call,) = server.said
        assert call["data"]["kind"] == "added"
        assert call["data"]["institution"]["name"] == "宁波市新来艺术培训学校"
        assert "已暂停" in run("subscription", "pause", id)
        told = json.loads(run("subscription", "list", "--json"))
        assert {one["state"] for one in told if one["id"] == id} == {"paused"}
        run("subscription", "remove", id)
        assert id not in run("subscription", "list")
        assert id in run("subscription", "list", "--all")


def test_an_address_in_a_private_network_is_refused_by_default(city: Settings) -> None:
    strict = load_settings(None, {"XINYONG_DATA": str(city.data)})
    with running(Subscriber()) as server:
        target = Target(id="TS-1", url=server.url, generation=1)
        outcome = caller_of(strict, lambda: now(city)).challenge(target)
        assert "没有呼叫" in outcome.error
        assert server.asked == []
    with pytest.raises(SettingsError, match="XINYONG_PUSH_NETWORKS"):
        load_settings(None, {"XINYONG_PUSH_NETWORKS": "everything"})
