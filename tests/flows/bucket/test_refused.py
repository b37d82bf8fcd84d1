"""What the bureau did not release, or no longer shows, is told and never shown by a copy."""

import json
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

import config.commands  # noqa: F401 registers them
from config.bucket.bringing import OtherKey, bring
from config.bucket.bucket import Bucket
from config.bucket.errors import BucketAway, BucketClosed, BucketError, NotThere, OwnEditions
from config.bucket.sending import send
from config.settings import Settings
from publisher.signing import create_key, sign
from publisher.site.store import Store
from tests.flows.bucket.conftest import FIRST, SECOND, whole
from tests.flows.bucket.s3 import S3, WRITER, listed, stored


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
