"""Editions in a real S3-compatible store: what is released is there and nothing else, and no half of it shows."""

import json
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path

import httpx
import msgspec
import pytest
from click.testing import CliRunner

import config.commands  # noqa: F401 registers them
from config.alarms import current_alarms
from config.bucket.bringing import OtherKey, bring
from config.bucket.bucket import Bucket
from config.bucket.clock import LATE_AFTER, Bringing, Sending, send_now
from config.bucket.errors import BucketAway, BucketClosed, BucketError, NotThere, OwnEditions
from config.bucket.sending import send
from config.cli import xinyong
from config.month import renderers
from config.register import open_register
from config.settings import Settings, SettingsError, load_settings
from publisher.edition import is_withdrawn, read_edition
from publisher.signing import create_key, sign
from publisher.site.store import Store
from publisher.verify import verify
from publisher.withdraw import Withdrawn, bury
from tests.conftest import served
from tests.flows.kept_city import PERIODS, built_city
from tests.flows.s3 import READER, S3, WRITER, killed, listed, s3_server, stored

FIRST, SECOND = PERIODS
FOLDERS = count(1)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with s3_server() as server:
        yield server


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A city with two editions, which nobody changes."""
    return built_city(tmp_path_factory.mktemp("city") / "data")


@pytest.fixture(scope="module")
def later(released: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The editions folder after one institution's entry was withdrawn from the second edition."""
    data = tmp_path_factory.mktemp("later") / "data"
    shutil.copytree(released.data, data, symlinks=True)
    someone = json.loads(read_edition(released.editions / SECOND).lines[3])["institution"]
    today = date(2026, 11, 20)
    gone = {someone: Withdrawn(institution=someone, on=today, reason="原决定被撤销")}
    at = datetime(2026, 11, 20, 9, tzinfo=released.zone)
    again = renderers(released, at, papers=False)
    assert bury(data / "editions" / SECOND, data / "keys", gone, today, lambda _: again)
    return data / "editions"


@pytest.fixture
def office(s3: S3, released: Settings, tmp_path: Path) -> Settings:
    """The office that publishes, with a folder of the bucket for itself."""
    shutil.copytree(released.data, tmp_path / "data", symlinks=True)
    own = msgspec.structs.replace(
        released, data=tmp_path / "data", database=f"sqlite:///{tmp_path / 'data/register.db'}"
    )
    return stored(own, s3.endpoint, f"city{next(FOLDERS)}", WRITER)


@pytest.fixture
def node(office: Settings) -> Settings:
    """A public node: it may read, and has the folder's name from the same city.toml."""
    return msgspec.structs.replace(office, store_key=READER[0], store_secret=READER[1])


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    (tmp_path / "copy").mkdir()
    return tmp_path / "copy"


def objects(office: Settings) -> dict[str, bytes]:
    """Everything in the office's folder of the bucket."""
    bucket = Bucket(office)
    return {name: bucket.get(name) for name in bucket.listed()}


def whole(copy: Path) -> list[str]:
    """The editions a copy shows, each of them just as it was signed."""
    names = Store(copy).names()
    for name in names:
        assert verify(copy / name, copy / "bureau.pub").problems == ()
    return names


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


def tampered_file(office: Settings) -> str:
    """A file is replaced, and the catalogue says there is something new."""
    bucket = Bucket(office)
    raw = bucket.get(f"{SECOND}/list.csv")
    bucket.put(f"{SECOND}/list.csv", raw + b"NB-0001\n")
    return "文件 list.csv 与签名的不符"


def tampered_list(office: Settings) -> str:
    """A file and the list that names it are replaced."""
    bucket = Bucket(office)
    files = json.loads(bucket.get(f"{SECOND}/renderings.json"))
    _replace(bucket, SECOND, files | {"more.html": sha256(b"x").hexdigest()})
    return "renderings.json 的签名不符"


def signed_by_another(office: Settings) -> str:
    """All of an edition is signed anew by somebody else."""
    bucket = Bucket(office)
    create_key(office.data / "other")
    files = json.loads(bucket.get(f"{SECOND}/renderings.json"))
    raw = _replace(bucket, SECOND, files)
    bucket.put(f"{SECOND}/renderings.json.sig", sign(raw, office.data / "other/bureau.key"))
    return "renderings.json 的签名不符"


def missing_file(office: Settings) -> str:
    """A file is gone."""
    Bucket(office).delete(f"{SECOND}/list.csv")
    return f"没有 {SECOND}/list.csv"


def outside(office: Settings) -> str:
    """The bureau's own key, stolen, signs a list that would write beside the copy."""
    bucket = Bucket(office)
    files = json.loads(bucket.get(f"{SECOND}/renderings.json"))
    raw = _replace(bucket, SECOND, files | {"../../over": sha256(b"x").hexdigest()})
    bucket.put(f"{SECOND}/renderings.json.sig", sign(raw, office.keys / "bureau.key"))
    return "文件名“../../over”不能用"


def another_month(office: Settings) -> str:
    """One month's folder is given for another's."""
    bucket = Bucket(office)
    for name in bucket.listed():
        if name.startswith(f"{FIRST}/"):
            bucket.put(f"{SECOND}/{name.partition('/')[2]}", bucket.get(name))
    _name(bucket, SECOND, bucket.get(f"{FIRST}/renderings.json"))
    return f"里面写的是 {FIRST}"


def _replace(bucket: Bucket, edition: str, files: dict[str, str]) -> bytes:
    raw = json.dumps(files).encode()
    bucket.put(f"{edition}/renderings.json", raw)
    _name(bucket, edition, raw)
    return raw


def _name(bucket: Bucket, edition: str, raw: bytes) -> None:
    catalogue = json.loads(bucket.get("editions.json"))
    catalogue["editions"][edition] = sha256(raw).hexdigest()
    bucket.put("editions.json", json.dumps(catalogue).encode())


SPOILED = (
    tampered_file,
    tampered_list,
    signed_by_another,
    missing_file,
    outside,
    another_month,
)


@pytest.mark.parametrize("spoil", SPOILED, ids=[one.__name__ for one in SPOILED])
def test_what_the_bureau_did_not_release_is_told_and_never_shown(
    spoil: object, office: Settings, node: Settings, copy: Path
) -> None:
    assert callable(spoil)
    send(office.editions, Bucket(office))
    said = spoil(office)
    found = bring(Bucket(node), copy)
    assert len(found.problems) == 1
    assert said in found.problems[0]
    assert whole(copy) == [FIRST]
    assert not (copy.parent / "over").exists()
    assert Store(copy).names() == [FIRST]
    # The office puts it right, for it compares every object.
    send(office.editions, Bucket(office), thorough=True)
    assert bring(Bucket(node), copy).problems == ()
    assert listed(copy) == listed(office.editions)


@pytest.mark.parametrize(
    "catalogue",
    [
        b"no JSON",
        b"{}",
        b'{"current": "../x", "editions": {"../x": "00"}}',
        b'{"current": "2026-11", "editions": {"2026-11": "00", "2026-11/..": "00"}}',
        b'{"current": "2026-12", "editions": {"2026-11": "00"}}',
    ],
)
def test_a_catalogue_that_cannot_be_used_brings_nothing(
    catalogue: bytes, office: Settings, node: Settings, copy: Path
) -> None:
    send(office.editions, Bucket(office))
    Bucket(office).put("editions.json", catalogue)
    with pytest.raises(BucketError, match=r"editions\.json"):
        bring(Bucket(node), copy)
    assert whole(copy) == []


def test_what_was_withdrawn_does_not_come_back(
    office: Settings, node: Settings, later: Path, copy: Path
) -> None:
    """Whoever holds the bucket, or an office restored from an old backup, cannot undo a withdrawal."""
    send(later, Bucket(office))
    bring(Bucket(node), copy)
    send(office.editions, Bucket(office))
    found = bring(Bucket(node), copy)
    assert len(found.problems) == 1
    assert "已经撤回的条目在对象存储里又出现了" in found.problems[0]
    assert listed(copy) == listed(later)


def test_another_key_is_told_before_anything_is_brought(
    office: Settings, node: Settings, copy: Path, tmp_path: Path
) -> None:
    send(office.editions, Bucket(office))
    create_key(tmp_path / "other")
    with pytest.raises(OtherKey, match="打电话核对公钥"):
        bring(Bucket(node), copy, tmp_path / "other/bureau.pub")
    assert listed(copy) == {}
    assert bring(Bucket(node), copy, office.keys / "bureau.pub").problems == ()
    Bucket(office).put("bureau.pub", (tmp_path / "other/bureau.pub").read_bytes())
    with pytest.raises(OtherKey, match="不同"):
        bring(Bucket(node), copy)
    Bucket(office).put("bureau.pub", b"no key")
    (tmp_path / "fresh").mkdir()
    with pytest.raises(Exception, match="不是可用的 Ed25519 密钥"):
        bring(Bucket(node), tmp_path / "fresh")


def test_the_office_brings_no_copy_over_its_own(office: Settings) -> None:
    send(office.editions, Bucket(office))
    before = listed(office.editions)
    with pytest.raises(OwnEditions, match="另一个文件夹"):
        bring(Bucket(office), office.editions)
    assert listed(office.editions) == before


def test_who_may_not_and_what_is_not_there_are_told_apart(
    office: Settings, node: Settings, copy: Path, s3: S3
) -> None:
    with pytest.raises(BucketClosed, match="XINYONG_STORE_KEY"):
        send(office.editions, Bucket(node))
    wrong = msgspec.structs.replace(node, store_secret="wrong")  # noqa: S106 a test's
    with pytest.raises(BucketClosed, match="SignatureDoesNotMatch"):
        bring(Bucket(wrong), copy)
    nobody = msgspec.structs.replace(node, store_key="", store_secret="")
    with pytest.raises(BucketClosed, match="AccessDenied"):
        bring(Bucket(nobody), copy)
    with pytest.raises(NotThere, match=r"editions\.json.*editions push"):
        bring(Bucket(node), copy)
    nowhere = stored(office, "http://127.0.0.1:9", "x", WRITER)
    with pytest.raises(BucketAway, match="endpoint"):
        send(office.editions, Bucket(nowhere))


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
        assert "连不上" in sending.said
        later = now + LATE_AFTER
        kinds = [one for one in current_alarms(engine, office, later) if one.kind == "store"]
        assert "没有全部送到对象存储" in kinds[0].sentence
        assert not [one for one in current_alarms(engine, office, now) if one.kind == "store"]
        dying.start()
        sending.tick()
        assert sending.said == ""
        assert not [one for one in current_alarms(engine, office, later) if one.kind == "store"]
        bringing = Bringing(node, copy)
        bringing.tick()
        assert bringing.said == ""
        dying.stop()
        bringing.tick()
        assert "连不上" in bringing.said
        sending.tick()  # nothing was released since, and nothing is asked
        assert sending.said == ""
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


def city_folder(office: Settings, folder: Path) -> Path:
    """A city's folder whose city.toml names the store."""
    shutil.copytree(
        office.city_folder, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__")
    )
    store = office.city.store
    assert store is not None
    with (folder / "city.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[store]\nurl = "{store.url}"\nendpoint = "{store.endpoint}"\n')
    return folder


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
