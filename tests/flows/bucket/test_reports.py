"""The years' accounts in the store: sent and brought as editions are, whole, signed, and never put back."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import httpx
import msgspec
import pytest
from sqlalchemy import Engine

from config.bucket.bringing import bring
from config.bucket.bucket import Bucket
from config.bucket.sending import send
from config.register import open_register
from config.settings import Settings
from config.yearly import release_account, year_of
from publisher.signing import sign
from publisher.year_files import FILES, LISTING
from tests.conftest import served
from tests.flows.bucket.conftest import objects

OVER, LATER = (datetime.fromisoformat(f"2027-0{one}-15T10:00:00+08:00") for one in (1, 2))
TEXT = "登记较晚。"


@pytest.fixture
def register(office: Settings) -> Iterator[Engine]:
    engine = open_register(office)
    yield engine
    engine.dispose()


@dataclass(frozen=True)
class Accounts:
    """Two accounts of 2026, of which the second corrects the first, by their folders."""

    office: Settings
    release: Callable[[], str]
    correct: Callable[[], str]


@pytest.fixture
def accounts(office: Settings, register: Engine) -> Accounts:
    found = year_of(register, office, 2026, OVER, TEXT)
    other = msgspec.structs.replace(found, problems=("原来写错了。",))

    def release() -> str:
        return release_account(register, office, found, by="publisher", now=OVER)[0].name

    def correct() -> str:
        given = {"by": "publisher", "now": LATER, "because": "原文有误"}
        return release_account(register, office, other, **given)[0].name  # type: ignore[arg-type]

    return Accounts(office, release, correct)


def files(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in sorted(folder.iterdir())}


def test_an_account_and_its_correction_reach_every_copy(
    accounts: Accounts, node: Settings, copy: Path
) -> None:
    office = accounts.office
    before = send(office.editions, Bucket(office))
    assert b"reports" not in Bucket(office).get("editions.json")
    first = accounts.release()
    sent = send(office.editions, Bucket(office))
    assert (sent.put, sent.problems) == (len(FILES) + 1, before.problems)
    brought = bring(Bucket(node), copy)
    assert (brought.reports, brought.problems) == ((first,), ())
    assert files(copy / "reports" / first) == files(office.data / "reports" / first)
    assert (copy / "reports/2026").readlink() == Path(first)
    assert send(office.editions, Bucket(office)).put == 0
    assert bring(Bucket(node), copy).got == 0
    second = accounts.correct()
    send(office.editions, Bucket(office))
    assert bring(Bucket(node), copy).reports == (second,)
    assert (copy / "reports/2026").readlink() == Path(second)
    with served("--public", copy, XINYONG_DATA="/nowhere") as url:
        for name, folder in {"2026": second, first: first}.items():
            answer = httpx.get(f"{url}/reports/{name}/report.json")
            assert answer.content == (office.data / "reports" / folder / "report.json").read_bytes()
        assert httpx.get(f"{url}/reports/2026/report.pdf").content.startswith(b"%PDF")


def test_what_lies_beside_an_account_or_is_unsound_is_not_sent(accounts: Accounts) -> None:
    office = accounts.office
    name = accounts.release()
    folder = office.data / "reports" / name
    (folder / "secret").write_text("not for the public")
    (office.data / "reports/notes").mkdir()
    (office.data / "reports/notes/report.json").write_text("not for the public")
    kept = (folder / "report.pdf").read_bytes()
    (folder / "report.pdf").write_bytes(kept + b"%")
    (said,) = send(office.editions, Bucket(office)).problems
    assert f"reports/{name} 没有送出：文件 report.pdf 缺少或者被改动" in said
    assert b"reports" not in Bucket(office).get("editions.json")
    (folder / "report.pdf").write_bytes(kept)
    assert send(office.editions, Bucket(office)).problems == ()
    there = objects(office)
    assert {one for one in there if one.startswith("reports/")} == {
        f"reports/{name}/{one}" for one in FILES
    }


def test_one_from_before_there_were_lists_is_told_and_sent_once_it_has_one(
    accounts: Accounts,
) -> None:
    office = accounts.office
    name = accounts.release()
    for one in LISTING:
        (office.data / "reports" / name / one).unlink()
    (said,) = send(office.editions, Bucket(office)).problems
    assert "缺少 renderings.json" in said
    assert "xinyong report year" in said
    assert accounts.release() == name
    assert send(office.editions, Bucket(office)).problems == ()


def another_text(office: Settings, name: str) -> str:
    """Somebody who holds the bucket changes a page."""
    Bucket(office).put(f"reports/{name}/index.html", b"<p>all is well</p>")
    return "文件 index.html 与签名的不符"


def another_signature(office: Settings, name: str) -> str:
    """A page and the list are changed alike."""
    bucket = Bucket(office)
    listing = json.loads(bucket.get(f"reports/{name}/renderings.json"))
    bucket.put(f"reports/{name}/index.html", b"<p>all is well</p>")
    changed = {**listing, "index.html": sha256(b"<p>all is well</p>").hexdigest()}
    _name(bucket, name, json.dumps(changed).encode())
    return "renderings.json 的签名不符"


def another_year(office: Settings, name: str) -> str:
    """The bureau's own key, stolen, signs one account under the name of another."""
    bucket = Bucket(office)
    other = f"2025-{name.partition('-')[2]}"
    for one in FILES:
        bucket.put(f"reports/{other}/{one}", bucket.get(f"reports/{name}/{one}"))
    _name(bucket, other, bucket.get(f"reports/{name}/renderings.json"))
    return f"里面的是 {name}"


def outside(office: Settings, name: str) -> str:
    """The stolen key signs a list that would write beside the copy."""
    bucket = Bucket(office)
    listing = json.loads(bucket.get(f"reports/{name}/renderings.json"))
    raw = json.dumps({**listing, "../../../over": sha256(b"x").hexdigest()}).encode()
    _name(bucket, name, raw)
    bucket.put(f"reports/{name}/renderings.json.sig", sign(raw, office.keys / "bureau.key"))
    return "文件名“../../../over”不能用"


def _name(bucket: Bucket, name: str, listing: bytes) -> None:
    bucket.put(f"reports/{name}/renderings.json", listing)
    catalogue = json.loads(bucket.get("editions.json"))
    catalogue["reports"][name] = sha256(listing).hexdigest()
    bucket.put("editions.json", json.dumps(catalogue).encode())


@pytest.mark.parametrize(
    "spoil", [another_text, another_signature, another_year, outside], ids=lambda one: one.__name__
)
def test_what_the_bureau_did_not_release_is_told_and_never_shown(
    spoil: Callable[[Settings, str], str], accounts: Accounts, node: Settings, copy: Path
) -> None:
    name = accounts.release()
    send(accounts.office.editions, Bucket(accounts.office))
    said = spoil(accounts.office, name)
    (problem,) = bring(Bucket(node), copy).problems
    assert said in problem
    assert not any(b"all is well" in one.read_bytes() for one in copy.glob("reports/2*/index.html"))
    assert not (copy.parent / "over").exists()
    assert not (copy / "over").exists()
    shown = [one.name for one in (copy / "reports").glob("2*/report.json")]
    assert set(shown) <= {"report.json"}
    assert not (copy / "reports" / f"2025-{name.partition('-')[2]}").exists()


def test_a_correction_is_not_taken_back_by_whoever_holds_the_bucket(
    accounts: Accounts, node: Settings, copy: Path, tmp_path: Path
) -> None:
    office, first = accounts.office, accounts.release()
    second = accounts.correct()
    send(office.editions, Bucket(office))
    bring(Bucket(node), copy)
    bucket = Bucket(office)
    catalogue = json.loads(bucket.get("editions.json"))
    catalogue["years"] = {"2026": first}
    bucket.put("editions.json", json.dumps(catalogue).encode())
    (said,) = bring(Bucket(node), copy).problems
    assert "不是这里现有报告的更正" in said
    assert (copy / "reports/2026").readlink() == Path(second)
    for years in ({"../x": first}, {"2025": first}, {"2026": "2026-000000000000"}):
        bucket.put("editions.json", json.dumps({**catalogue, "years": years}).encode())
        with pytest.raises(Exception, match=r"editions\.json 里，版次"):
            bring(Bucket(node), copy)
    fresh = tmp_path / "fresh"
    shutil.copytree(copy, fresh, symlinks=True)
    send(office.editions, Bucket(office))
    assert bring(Bucket(node), fresh).problems == ()
