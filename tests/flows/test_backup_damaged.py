"""A backup that is not as it was made restores nothing and says which member; a process that dies leaves nothing half."""

import contextlib
import gzip
import importlib
import io
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from config.keeping.backup import check_target
from config.keeping.checked import digest_of
from config.keeping.errors import BackupDamaged, KeyNeeded, TargetRefused, WrongKey
from config.register import HalfRestored, open_register
from config.settings import Settings
from publisher.signing import create_key
from tests.flows.kept_city import (
    backed_up,
    brought_back,
    built_city,
    kept_city,
    key_pair,
    lose,
)

ROOT = Path(__file__).parents[2]
EDITION = "data/editions/2026-11/entries.jsonl"
Members = list[tuple[tarfile.TarInfo, bytes]]


@pytest.fixture(scope="module")
def lite(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A city on SQLite that nobody changes."""
    return built_city(tmp_path_factory.mktemp("lite") / "data")


@pytest.fixture(scope="module")
def plain(lite: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its backup in clear."""
    return backed_up(lite, tmp_path_factory.mktemp("plain") / "out/a.backup").file


def opened(file: Path) -> Members:
    with tarfile.open(file) as tar:
        return [(one, (tar.extractfile(one) or io.BytesIO()).read()) for one in tar]


def closed(file: Path, members: Members) -> Path:
    with gzip.open(file, "wb", 1) as out, tarfile.open(fileobj=out, mode="w|") as tar:
        for info, content in members:
            if info.isreg():
                info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return file


def changed(members: Members) -> None:
    at = next(n for n, (info, _) in enumerate(members) if info.name == EDITION)
    members[at] = members[at][0], members[at][1].replace(b"white", b"black", 1)


def missing(members: Members) -> None:
    members[:] = [one for one in members if one[0].name != EDITION]


def named(name: str, kind: bytes = tarfile.REGTYPE) -> Callable[..., None]:
    def add(members: Members) -> None:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, "/etc/passwd"
        members.insert(0, (info, b"x" if kind == tarfile.REGTYPE else b""))

    return add


def signed_by_another(members: Members) -> None:
    at = next(n for n, (info, _) in enumerate(members) if info.name == "manifest.json.sig")
    members[at] = members[at][0], bytes(64)


@pytest.mark.parametrize(
    ("harm", "said"),
    ids=map(str, range(10)),
    argvalues=[
        (changed, f"成员 {EDITION} 与清单不符"),
        (missing, f"缺少成员 {EDITION}"),
        (named("data/editions/extra.html"), "多出成员 data/editions/extra.html"),
        (named("data/../../out"), "名称不合规定"),
        (named("data/a%2F..%2F..%2Fout"), "名称不合规定"),
        (named("/etc/cron.d/x"), "名称不合规定"),
        (named("elsewhere/x"), "名称不合规定"),
        (named("data/link", tarfile.SYMTYPE), "不是普通文件"),
        (named("data/pipe", tarfile.FIFOTYPE), "不是普通文件"),
        (signed_by_another, "没有 bureau.pub 的签名"),
    ],
)
def test_a_backup_that_was_changed_restores_nothing_and_names_the_member(
    harm: Callable[[Members], None],
    said: str,
    lite: Settings,
    plain: Path,
    tmp_path: Path,
) -> None:
    members = opened(plain)
    harm(members)
    file = closed(tmp_path / "b.backup", members)
    city = elsewhere(lite, tmp_path)
    with pytest.raises(BackupDamaged, match=said):
        brought_back(city, file)
    assert not city.data.exists()
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.9999])
def test_a_backup_that_was_cut_short_restores_nothing(
    share: float, lite: Settings, plain: Path, tmp_path: Path
) -> None:
    raw = plain.read_bytes()
    file = tmp_path / "b.backup"
    file.write_bytes(raw[: int(len(raw) * share)])
    city = elsewhere(lite, tmp_path)
    with pytest.raises(BackupDamaged, match="截断"):
        brought_back(city, file)
    assert not city.data.exists()


def test_only_the_right_private_key_opens_an_encrypted_backup(
    lite: Settings, tmp_path: Path
) -> None:
    private, public = key_pair(tmp_path)
    other, _ = key_pair(tmp_path, "other.txt")
    file = backed_up(lite, tmp_path / "out/a.backup.age", public).file
    raw = file.read_bytes()
    city = elsewhere(lite, tmp_path)
    with pytest.raises(KeyNeeded, match="--key"):
        brought_back(city, file)
    (tmp_path / "letter").write_text("no key at all")
    for key in (other, tmp_path / "letter"):
        with pytest.raises(WrongKey, match="私钥"):
            brought_back(city, file, key=key)
    touched = bytearray(raw)
    touched[len(raw) // 2] ^= 1
    for harmed in (bytes(touched), raw[: len(raw) // 2], raw[:300]):
        file.write_bytes(harmed)
        with pytest.raises(BackupDamaged, match="截断或者改动"):
            brought_back(city, file, key=private)
        assert not city.data.exists()
    file.write_bytes(raw)
    assert brought_back(city, file, key=private).checked.problems == ()


def test_a_backup_of_another_bureau_is_told_by_the_key_kept_elsewhere(
    lite: Settings, plain: Path, tmp_path: Path
) -> None:
    city = elsewhere(lite, tmp_path)
    create_key(tmp_path / "keys")
    with pytest.raises(BackupDamaged, match="不是本局做的备份"):
        brought_back(city, plain, signer=tmp_path / "keys/bureau.pub")
    assert brought_back(city, plain, signer=lite.keys / "bureau.pub").checked.problems == ()


def test_where_a_backup_may_not_lie_is_said_before_anything_is_done(
    lite: Settings, tmp_path: Path
) -> None:
    private, public = key_pair(tmp_path)
    (tmp_path / "open").mkdir(mode=0o755)
    (tmp_path / "own").mkdir(mode=0o700)
    (tmp_path / "own/there").touch()
    for file, to, said in (
        (tmp_path / "nowhere/a", public, "不存在"),
        (lite.data / "a", public, "数据文件夹里面"),
        (tmp_path / "own/there", "", "已经存在"),
        (tmp_path / "open/a", "", "chmod 700"),
        (tmp_path / "own/a", str(private), "私钥"),
        (tmp_path / "own/a", private.read_text().splitlines()[-1], "私钥"),
        (tmp_path / "own/a", "age1nonsense", "不能用"),
        (tmp_path / "own/a", str(tmp_path / "none.pub"), "不能用"),
    ):
        with pytest.raises(TargetRefused, match=said):
            check_target(lite, file, to)
    assert not (lite.data / ".backup").exists()


HOSTILE = ("a b", "名单；$(reboot).txt", "back\\slash", "new\nline", "per%cent", "-rf", "q'\"q")


def test_names_of_files_come_back_whatever_they_hold(lite: Settings, tmp_path: Path) -> None:
    city = elsewhere(lite, tmp_path)
    shutil.copytree(lite.data, city.data, symlinks=True)
    names = [os.fsencode(one) for one in HOSTILE] + [b"not utf-8 \xff\xfe"]
    for name in names:
        (city.data / "uploads" / os.fsdecode(name)).write_bytes(name)
    file = backed_up(city, tmp_path / "out/a.backup", checking=True).file
    lose(city)
    brought_back(city, file)
    for name in names:
        assert (city.data / "uploads" / os.fsdecode(name)).read_bytes() == name


def test_a_full_disk_leaves_no_backup_and_says_so(lite: Settings, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o700)
    line = ["bash", "-c", 'ulimit -f 300; exec "$@"', "bash", sys.executable, "-m", "config"]
    done = subprocess.run(
        [*line, "backup", tmp_path / "out/a.backup"],
        env={**os.environ, "XINYONG_DATA": str(lite.data)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "磁盘已满" in done.stderr
    assert list((tmp_path / "out").iterdir()) == []
    assert not (lite.data / ".backup").exists()


def elsewhere(settings: Settings, folder: Path) -> Settings:
    """The same city with a data folder of its own."""
    data = folder / "data"
    return replace(settings, data=data, database=f"sqlite:///{data / 'register.db'}")


def killed(where: str, after: int, run: Callable[[], object]) -> None:
    """Runs something in a process that is killed as it comes to a function for the n-th time."""
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            module, _, name = where.rpartition(".")
            target, seen = importlib.import_module(module), 0
            real = getattr(target, name)

            def dying(*words: Any, **named: Any) -> Any:
                nonlocal seen
                seen += 1
                if seen == after:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*words, **named)

            setattr(target, name, dying)
            run()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"{where} was not reached"


@pytest.fixture(params=["sqlite", "postgresql"])
def city(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    with kept_city(request, tmp_path / "data") as settings:
        yield settings


def test_a_process_that_dies_leaves_nothing_half_and_can_be_repeated(
    city: Settings, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir(mode=0o700)
    for where, after in (
        ("config.keeping.backup.copy_register", 1),
        ("config.keeping.packed._Hashed", 9),
        ("config.keeping.backup.rehearse", 1),
        ("config.keeping.restore.check", 1),
        ("os.replace", 1),
    ):
        killed(where, after, lambda: backed_up(city, out / "a.backup", checking=True))
        assert [one.name for one in out.iterdir() if not one.name.startswith(".")] == []
    file = backed_up(city, out / "a.backup", checking=True).file
    files = {one: digest_of(one) for one in city.editions.rglob("*") if one.is_file()}
    lose(city)
    steps = ["config.keeping.restore.unpack", "config.keeping.restore.check", "os.rename"]
    if city.schema:
        steps[1:1] = ["config.keeping.restore.fill_schema"]
    for where in steps:
        killed(where, 1, lambda: brought_back(city, file))
        assert not city.data.exists()
    if city.schema:
        # The city's folder is renamed first, then the whole, and then the schema.
        for where in ("_switch_schema", "_unbar"):
            step = f"config.keeping.restore.{where}"
            killed(step, 1, lambda: brought_back(city, file))
            with pytest.raises(HalfRestored, match="xinyong restore"):
                open_register(city)
    assert brought_back(city, file).checked.problems == ()
    assert {one: digest_of(one) for one in files} == files
    assert [one.name for one in tmp_path.iterdir() if "restoring" in one.name] == []
