"""Editions in a real S3-compatible store: what is released is there and nothing else, and no half of it shows."""

import json
import shutil
from datetime import datetime
from pathlib import Path

import httpx
import msgspec
import pytest
from click.testing import CliRunner

import config.commands  # noqa: F401 registers them
from config.alarms import current_alarms
from config.bucket.bringing import bring
from config.bucket.bucket import Bucket
from config.bucket.clock import LATE_AFTER, Bringing, Sending, send_now
from config.bucket.errors import NotThere
from config.bucket.sending import send
from config.cli import xinyong
from config.register import open_register
from config.settings import Settings, SettingsError, load_settings
from publisher.edition import is_withdrawn, read_edition
from tests.conftest import served
from tests.flows.bucket.conftest import FIRST, SECOND, city_folder, objects, whole
from tests.flows.bucket.s3 import READER, WRITER, killed, listed, s3_server, stored
from tests.flows.kept_city import PERIODS


def test_a_copy_is_what_was_released_and_nothing_is_sent_or_brought_twice(
    office: Settings, node: Settings, copy: Path
) -> None:
    first = send(office.editions, Bucket(office))
    assert first.problems == ()
    assert send(office.editions, Bucket(office)).put == 0
    assert send(office.editions, Bucket(office), thorough=True).put == 0
    brought = bring(Bucket(node), copy)
    assert (brought.editions, brought.problems) == (PERIODS, ())
    assert listed(copy) == listed(office.editions)
    assert (copy / "current").readlink() == Path(SECOND)
    assert whole(copy) == [SECOND, FIRST]
    again = bring(Bucket(node), copy)
    assert (again.editions, again.got) == ((), 0)


def test_what_is_not_public_never_leaves(office: Settings) -> None:
    editions = office.editions
    for name in ("0-staging-2026-12/secret", "notes/secret", f"{FIRST}/secret", "2026-13/secret"):
        (editions / name).parent.mkdir(exist_ok=True)
        (editions / name).write_text("not for the public")
    (editions / "secret").write_text("not for the public")
    shutil.copytree(editions / SECOND, editions / "2026-12")
    (editions / "2026-12/edition.json.sig").write_bytes(b"\0" * 64)
    done = send(editions, Bucket(office))
    assert len(done.problems) == 1
    assert "2026-12 没有送出" in done.problems[0]
    assert "签名不符" in done.problems[0]
    there = objects(office)
    assert {name.partition("/")[0] for name in there} == {*PERIODS, "bureau.pub", "editions.json"}
    assert b"not for the public" not in there.values()


def test_a_file_that_was_changed_is_named_and_the_rest_is_sent(
    office: Settings, node: Settings, copy: Path
) -> None:
    spoiled = office.editions / FIRST / "list.csv"
    kept = spoiled.read_bytes()
    spoiled.write_bytes(kept + b"one more line\n")
    done = send(office.editions, Bucket(office))
    assert len(done.problems) == 1
    assert "文件 list.csv 缺少或者被改动" in done.problems[0]
    assert bring(Bucket(node), copy).editions == (SECOND,)
    spoiled.write_bytes(kept)
    assert send(office.editions, Bucket(office)).problems == ()
    assert bring(Bucket(node), copy).editions == (FIRST,)
    assert whole(copy) == [SECOND, FIRST]


def test_a_withdrawal_reaches_the_store_and_every_copy(
    office: Settings, node: Settings, later: Path, copy: Path
) -> None:
    send(office.editions, Bucket(office))
    bring(Bucket(node), copy)
    line = read_edition(office.editions / SECOND).lines[3]
    sent = send(later, Bucket(office))
    there = objects(office)
    assert 0 < sent.put < len(there)
    brought = bring(Bucket(node), copy)
    assert brought.editions == (SECOND,)
    # What a withdrawal leaves as it was is taken over, not brought.
    assert brought.got < len(listed(copy))
    assert listed(copy) == listed(later)
    assert {**there, "editions.json": b""} == {**listed(later), "editions.json": b""}
    assert sum(map(is_withdrawn, read_edition(copy / SECOND).lines)) == 1
    assert not any(line in one for name, one in there.items() if name.startswith(SECOND))


# Of the objects of a release or of a withdrawal that are on their way when the process is killed.
SHARES = (0.4, 0.95)


@pytest.mark.parametrize("share", SHARES)
def test_a_sender_killed_at_any_step_shows_no_half_and_is_gone_on_with(
    share: float, office: Settings, node: Settings, later: Path, copy: Path, tmp_path: Path
) -> None:
    """Killed while it sends both editions, and again while it sends one after a withdrawal."""
    beside = Bucket(_beside(office))
    killed("send", office.editions, office, round(share * send(office.editions, beside).put))
    with pytest.raises(NotThere):  # nothing is named before all of it lies there
        bring(Bucket(node), copy)
    assert whole(copy) == []
    send(office.editions, Bucket(office))
    assert bring(Bucket(node), copy).editions == PERIODS
    before = listed(copy)
    killed("send", later, office, round(share * send(later, beside).put))
    bring(Bucket(node), copy)
    assert listed(copy) == before  # until the store names the new one, the old one stands
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    bring(Bucket(node), fresh)
    assert FIRST in whole(fresh)
    send(later, Bucket(office))
    assert objects(office) == objects(_beside(office))
    for one in (copy, fresh):
        assert bring(Bucket(node), one).problems == ()
        assert listed(one) == listed(later)


def _beside(office: Settings) -> Settings:
    """The same city with another folder of the bucket."""
    store = office.city.store
    assert store is not None
    own = msgspec.structs.replace(store, url=f"{store.url}-beside")
    return msgspec.structs.replace(office, city=msgspec.structs.replace(office.city, store=own))


@pytest.mark.parametrize("share", SHARES)
def test_a_copy_killed_at_any_step_shows_no_half_and_is_gone_on_with(
    share: float, office: Settings, node: Settings, later: Path, copy: Path, tmp_path: Path
) -> None:
    (tmp_path / "beside").mkdir()
    send(office.editions, Bucket(office))
    all_of_it = bring(Bucket(node), tmp_path / "beside").got
    # Each object is got, and then put in its place: two steps.
    killed("bring", copy, node, round(share * 2 * all_of_it))
    assert set(whole(copy)) <= {SECOND, FIRST}
    assert bring(Bucket(node), copy).got < all_of_it  # the rest alone
    bring(Bucket(node), copy)
    assert listed(copy) == listed(office.editions)
    send(later, Bucket(office))
    killed("bring", copy, node, round(share * 2 * bring(Bucket(node), tmp_path / "beside").got))
    assert whole(copy) == [SECOND, FIRST]
    bring(Bucket(node), copy)
    assert listed(copy) == listed(later)
    assert whole(copy) == [SECOND, FIRST]


def test_the_link_is_moved_forward_only(office: Settings, node: Settings, copy: Path) -> None:
    send(office.editions, Bucket(office))
    bring(Bucket(node), copy)
    bucket = Bucket(office)
    catalogue = json.loads(bucket.get("editions.json"))
    bucket.put("editions.json", json.dumps(catalogue | {"current": FIRST}).encode())
    assert bring(Bucket(node), copy).current == FIRST
    assert (copy / "current").readlink() == Path(SECOND)


def test_a_store_that_dies_is_gone_on_with_and_the_administrator_told_when_it_is_late(
    office: Settings, node: Settings, copy: Path
) -> None:
    engine = open_register(office)
    now = datetime.now(office.zone)
    with s3_server() as dying:
        folder = "mortal"
        office, node = (
            stored(one, dying.endpoint, folder, (one.store_key, one.store_secret))
            for one in (office, node)
        )
        sending = Sending(engine, office, lambda: now)
        dying.stop()
        sending.tick()
        assert "连不上" in sending.telling.said
        later = now + LATE_AFTER
        kinds = [one for one in current_alarms(engine, office, later) if one.kind == "store"]
        assert "没有全部送到对象存储" in kinds[0].sentence
        assert not [one for one in current_alarms(engine, office, now) if one.kind == "store"]
        dying.start()
        sending.tick()
        assert sending.telling.said == ""
        assert not [one for one in current_alarms(engine, office, later) if one.kind == "store"]
        bringing = Bringing(node, copy, lambda: now)
        bringing.tick()
        assert bringing.telling.said == ""
        dying.stop()
        bringing.tick()
        assert "连不上" in bringing.telling.said
        sending.tick()  # nothing was released since, and nothing is asked
        assert sending.telling.said == ""
    assert whole(copy) == [SECOND, FIRST]
    engine.dispose()


def test_two_nodes_of_an_office_do_not_send_at_once(office: Settings) -> None:
    from config.keeping.alone import SENDING, alone
    from config.keeping.errors import Busy

    engine = open_register(office)
    now = datetime.now(office.zone)
    with alone(office.data, "送出版次", engine, SENDING), pytest.raises(Busy):
        send_now(engine, office, now)
    with alone(office.data, "备份", engine):  # a backup is no hindrance
        assert send_now(engine, office, now).problems == ()
    engine.dispose()


def test_by_command_and_from_a_node_that_serves(
    office: Settings, node: Settings, copy: Path, tmp_path: Path
) -> None:
    there = {"XINYONG_CITY": str(city_folder(office, tmp_path / "city"))}
    keys = {
        one: {"XINYONG_STORE_KEY": who[0], "XINYONG_STORE_SECRET": who[1]}
        for one, who in {"office": WRITER, "node": READER}.items()
    }
    office_env = {**there, **keys["office"], "XINYONG_DATA": str(office.data)}
    pushed = CliRunner(env=office_env).invoke(xinyong, ["editions", "push", "--json"])
    assert pushed.exit_code == 0, pushed.output
    assert json.loads(pushed.output)["problems"] == []
    (tmp_path / "by-hand").mkdir()
    words = [
        "editions",
        "pull",
        str(tmp_path / "by-hand"),
        "--key",
        str(office.keys / "bureau.pub"),
    ]
    pulled = CliRunner(env={**there, **keys["node"], "XINYONG_DATA": ""}).invoke(xinyong, words)
    assert pulled.exit_code == 0, pulled.output
    assert f"取回版次：{FIRST}、{SECOND}" in pulled.output
    assert listed(tmp_path / "by-hand") == listed(office.editions)
    environ = {**there, **keys["node"], "XINYONG_DATA": "/nowhere"}
    with served("--public", copy, "--from-store", **environ) as url:
        for _ in range(600):
            answer = httpx.get(f"{url}/editions/{SECOND}/list.csv")
            if answer.status_code == 200:
                break
        assert answer.content == (office.editions / SECOND / "list.csv").read_bytes()
    env = {"XINYONG_CITY": "", "XINYONG_DATA": str(office.data)}
    refused = CliRunner(env=env).invoke(xinyong, ["editions", "push"])
    assert "没有写 [store]" in str(refused.exception)
    for words in (["serve", "--from-store"], ["serve", "--public", str(copy), "--from-store"]):
        refused = CliRunner(env=env).invoke(xinyong, words)
        assert refused.exit_code != 0
        assert "--public" in refused.output or "[store]" in str(refused.exception)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "https://bucket/ningbo"),
        ("url", "s3://"),
        ("url", "s3://bucket/../other"),
        ("endpoint", "s3.example.cn"),
        ("endpoint", "https://somebody:secret@s3.example.cn"),
    ],
)
def test_a_wrong_address_is_named(field: str, value: str, office: Settings, tmp_path: Path) -> None:
    folder = city_folder(office, tmp_path / "city")
    file = folder / "city.toml"
    store = office.city.store
    assert store is not None
    right = getattr(store, field)
    file.write_text(file.read_text("utf-8").replace(f'"{right}"', f'"{value}"'), "utf-8")
    with pytest.raises(SettingsError, match=f"store.{field}") as refused:
        load_settings(folder, {})
    assert value in str(refused.value)
