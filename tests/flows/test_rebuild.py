"""What `xinyong rebuild` says of an edition that was tampered with: in its folder, in its row, or in the register."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

import pytest
from msgspec import UNSET, structs
from sqlalchemy import text

from config import freezing
from config.keeping.rebuild import Again, freeze_again, make_missing
from config.register import existing_register
from config.settings import Settings
from publisher.edition import read_edition, read_manifest
from publisher.signing import sign
from registry.calendar import Calendar, load_calendar
from scoring.canonical import canonical
from scoring.words import chinese
from tests.flows.faults import rewrite_ledger
from tests.flows.kept_city import PERIODS, built_city, quiet

FIRST, LAST = PERIODS


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return built_city(tmp_path_factory.mktemp("rebuilt") / "data")


@pytest.fixture
def city(built: Settings, tmp_path: Path) -> Iterator[Settings]:
    """The city with all it has, as it is again after each test."""
    kept = tmp_path / "kept"
    shutil.copytree(built.data, kept, symlinks=True)
    yield built
    shutil.rmtree(built.data)
    shutil.copytree(kept, built.data, symlinks=True)


def found(settings: Settings) -> Again:
    engine = existing_register(settings)
    (one,) = freeze_again(engine, settings, (LAST,), quiet)
    engine.dispose()
    return one


def changed(name: str, old: bytes, new: bytes) -> Callable[[Settings], None]:
    def change(settings: Settings) -> None:
        file = settings.editions / LAST / name
        content = file.read_bytes()
        assert old in content
        file.write_bytes(content.replace(old, new, 1))

    return change


def stated(sql: str) -> Callable[[Settings], None]:
    def change(settings: Settings) -> None:
        engine = existing_register(settings)
        with engine.begin() as connection:
            assert connection.execute(text(sql)).rowcount
        engine.dispose()

    return change


def another_folder(settings: Settings) -> None:
    shutil.rmtree(settings.editions / LAST)
    shutil.copytree(settings.editions / FIRST, settings.editions / LAST)


def another_salt(settings: Settings) -> None:
    file = settings.keys / "salt.key"
    file.chmod(0o600)
    file.write_bytes(bytes(len(file.read_bytes())))


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (changed("entries.jsonl", b'"grade":"', b'"grade":"X'), "文件 entries.jsonl 被改动"),
        (changed("policy.toml", b"points = ", b"points = 1"), "文件 policy.toml 被改动"),
        (changed("edition.json", b'"program":"', b'"program":"0'), "edition.json 的签名不符"),
        (changed("edition.json", b"{", b""), "签名时的样子：edition.json 的签名不符"),
        (another_folder, f"文件夹里放的是 {FIRST}"),
        (
            stated(f"UPDATE edition SET digest = 'ff' WHERE period = '{LAST}'"),  # noqa: S608 our own words
            "登记册里这一版的校验码与签名的",
        ),
        (
            stated(f"UPDATE edition SET cut_off = '2026-10-30' WHERE period = '{LAST}'"),  # noqa: S608
            "登记册里这一版的截止日 2026-10-30 与签名的 2026-10-31 不同",
        ),
        (
            stated("UPDATE profile SET charges_in_advance = NOT charges_in_advance"),
            "的是否预收费与签发时不同，登记册被改动",
        ),
        (stated("UPDATE name SET text = text || '甲'"), "的公示信息与签发时不同，登记册被改动"),
        (rewrite_ledger, "条目都相同，台账与签发时不同，登记册被改动"),
        (another_salt, "salt.key 不是签发时的那一个"),
    ],
)
def test_tampering_is_named_by_what_was_tampered_with(
    tamper: Callable[[Settings], None], told: str, city: Settings
) -> None:
    assert found(city).why == ""
    tamper(city)
    one = found(city)
    assert not one.same
    assert told in one.why


def test_what_was_signed_before_places_were_counted_is_frozen_the_same(city: Settings) -> None:
    folder = city.editions / LAST
    said = read_manifest(folder)
    assert all(one.counts is not UNSET for one in said.jurisdictions)
    uncounted = tuple(structs.replace(one, counts=UNSET) for one in said.jurisdictions)
    raw = canonical(structs.replace(said, jurisdictions=uncounted))
    (folder / "edition.json").write_bytes(raw)
    (folder / "edition.json.sig").write_bytes(sign(raw, city.keys / "bureau.key"))
    digest = sha256(raw).hexdigest()
    stated(f"UPDATE edition SET digest = '{digest}' WHERE period = '{LAST}'")(city)  # noqa: S608
    assert (found(city).why, found(city).digest) == ("", digest)


def test_what_was_signed_before_the_next_days_off_were_announced_says_so_and_is_made_again(
    tmp_path: Path,
) -> None:
    def unannounced(folder: Path) -> Calendar:
        return Calendar({2024: load_calendar(folder).years[2024]})

    with patch.object(freezing, "load_calendar", unannounced):
        city = built_city(tmp_path / "data")
    gone = city.editions / LAST
    said, digest = read_manifest(gone), read_edition(gone).digest
    assert said.next_provisional is True
    assert f"下一版 {chinese(date(2026, 12, 3))}（暂定）。" in (gone / "index.html").read_text()
    shutil.rmtree(gone)
    engine = existing_register(city)
    assert make_missing(engine, city, (), datetime.now(city.zone)) == [LAST]
    engine.dispose()
    assert read_edition(gone).digest == digest
